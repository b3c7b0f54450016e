"""Telling the bureau that somebody cannot be reached: a robot removed, a number wrong, a channel without
access.

What waits for whoever is cut off goes another way if there is one. Must never tell twice of one trouble,
nor by the very address it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.alarms import AlarmView, Fault, render_alarm
from tracker.rendering.forms import Rendered
from tracker.services.handover import pass_on
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.routing import Routes
from tracker.services.wording import Outgoing, Setting, Words, Writer
from tracker.store import Connection, contacts, endpoints, outbox, pauses
from tracker.store.contacts import Contact


def raise_alarms(connection: Connection, office: Office, now: datetime) -> None:
    """One message to each of the bureau's people about all that went wrong since the last one.

    A city that has named nobody sees it on the first page and in `rectify doctor`.
    """
    cut_off = endpoints.unalarmed(connection)
    resting = [each for each in pauses.pauses(connection) if each.alarmed_at is None]
    if not cut_off and not resting:
        return
    people = contacts.find(connection)
    local = office.rules.calendar.local
    faults, affected = [], []
    for endpoint, address in cut_off:
        theirs = [each for each in people if _address(each, endpoint.channel) == address]
        affected += theirs
        since = local(endpoint.disabled_at or now)
        faults.append(Fault(endpoint.channel, endpoint.hint, _roles(theirs), endpoint.reason or "", since))
    for pause in resting:
        theirs = [each for each in people if _address(each, pause.channel)]
        faults.append(Fault(pause.channel, "", _roles(theirs), pause.reason, local(pause.since)))
    dead = [endpoint.id for endpoint, _ in cut_off]
    pass_on(connection, office, [recipient_of(each) for each in affected], now, endpoint_ids=dead)
    _tell_bureau(connection, office, faults, now)
    endpoints.note_alarm(connection, dead, now)
    for pause in resting:
        pauses.note_alarm(connection, pause.channel, now)


def _address(contact: Contact, channel: str) -> str | None:
    address = ADDRESSES.get(channel)
    return address(contact) if address else None


def _roles(people: Sequence[Contact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{each.unit}{each.role}" for each in people))


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
