"""Telling the bureau that somebody cannot be reached: a robot removed, a number wrong, a channel without
access.

What waits for whoever is cut off goes another way if there is one. An address that has taken nothing for as
long as a message is tried is told of as well, once until it works again. Must never tell twice of one
trouble, nor by the very address it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from tracker.domain.delivery import GAPS
from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.alarms import AlarmView, Fault, render_alarm
from tracker.rendering.forms import Rendered
from tracker.services.handover import lock_for, pass_on
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.routing import Routes, holders, roles_of
from tracker.services.wording import Outgoing, Setting, Words, Writer
from tracker.store import Connection, contacts, decisions, endpoints, outbox, pauses, supersede
from tracker.store.contacts import Contact
from tracker.store.endpoints import Endpoint
from tracker.store.pauses import Pause

_GIVEN_UP = len(GAPS) + 1  # calls in vain by which a message is over
_Found = tuple[Endpoint, str]  # with its address


def raise_alarms(connection: Connection, office: Office, now: datetime) -> None:
    """One message to each of the bureau's people about all that went wrong since the last one.

    A city that has named nobody sees it on the first page and in `rectify doctor`.
    """
    cut_off = endpoints.unalarmed(connection)
    failing = [endpoints.find(connection, each) for each in decisions.given_up(connection, _GIVEN_UP)]
    mute = [each for each in failing if each is not None]
    resting = [each for each in pauses.pauses(connection) if each.alarmed_at is None]
    if not cut_off and not mute and not resting:
        return
    people = contacts.find(connection)
    affected = [recipient_of(each) for _, whose in _with_owners(cut_off, people) for each in whose]
    troubled = [*cut_off, *mute]
    dead, told = ([endpoint.id for endpoint, _ in some] for some in (cut_off, troubled))
    roles = {(each.unit_id, each.audience.value) for each in affected}
    others = [
        each for each in people if each.role != Audience.CONTACT.value or (each.unit_id, each.role) in roles
    ]
    lock_for(
        connection, office, {each.label for each in affected}, [recipient_of(each) for each in others], told
    )
    pass_on(connection, office, affected, now, endpoint_ids=dead)
    supersede.close_remains(connection, dead, now)
    _tell_bureau(connection, office, _faults(office, people, troubled, resting, now), now)
    endpoints.note_alarm(connection, told, now)
    for pause in resting:
        pauses.note_alarm(connection, pause.channel, now)


def _with_owners(
    found: Sequence[_Found], people: Sequence[Contact]
) -> Iterator[tuple[Endpoint, list[Contact]]]:
    whose = holders(people, [(endpoint.channel, address) for endpoint, address in found])
    for endpoint, address in found:
        yield endpoint, whose[endpoint.channel, address]


def _faults(
    office: Office,
    people: Sequence[Contact],
    troubled: Sequence[_Found],
    resting: Sequence[Pause],
    now: datetime,
) -> list[Fault]:
    """Addresses that were refused, those that take nothing for hours, and channels that rest."""
    local, faults = office.rules.calendar.local, []
    for endpoint, theirs in _with_owners(troubled, people):
        since = local(endpoint.disabled_at or endpoint.failing_since or now)
        why = (endpoint.reason if endpoint.disabled_at else endpoint.last_error) or ""
        faults.append(Fault(endpoint.channel, endpoint.hint, roles_of(theirs), why, since))
    for pause in resting:
        address = ADDRESSES.get(pause.channel)
        theirs = [each for each in people if address and address(each)]
        faults.append(Fault(pause.channel, "", roles_of(theirs), pause.reason, local(pause.since)))
    return faults


def _tell_bureau(connection: Connection, office: Office, faults: Sequence[Fault], now: datetime) -> None:
    told = [recipient_of(each) for each in contacts.find(connection, roles=[Audience.BUREAU.value])]
    writer = Writer(connection, office, now)
    what = "\x1f".join(f"{each.channel} {each.hint} {each.since.isoformat()}" for each in faults)
    messages = [
        Outgoing(
            recipient=recipient,
            kind=MessageKind.ALARM,
            numbers=(),
            reason=f"{len(faults)}处无法送达",
            key=f"alarm\x1f{what}",
            words=_words(office, faults, now),
            channels=_another_way(office, writer.routes, recipient, {each.channel for each in faults}),
            send_after=office.rules.quiet.release(now, office.rules.calendar),
        )
        for recipient in told
    ]
    outbox.enqueue(connection, [row for message in messages for row in writer.write(message)], now)


def _another_way(
    office: Office, routes: Routes, recipient: Recipient, troubled: Collection[str]
) -> tuple[str, ...]:
    """The first channel that is not troubled and reaches them; else their usual one, at another address."""
    for name in office.channels:
        if name != SANDBOX and name not in troubled and routes.reaches(recipient, name):
            return (name,)
    return ()


def _words(office: Office, faults: Sequence[Fault], now: datetime) -> Words:
    today = office.rules.calendar.today(now)

    def words(setting: Setting) -> Rendered:
        return render_alarm(AlarmView(tuple(faults), today, setting.serial, setting.link), setting.form)

    return words
