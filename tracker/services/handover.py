"""What waits for somebody who has left, or is reached otherwise: it goes to those who stand in the role now.

Must never say anything twice to one person, touch a message of which a part was tried, or name one person
to another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from notifiers.base import Letter, Notifier, Wording
from tracker.domain.escalation import PLANNED, MessageKind
from tracker.domain.lifecycle import State
from tracker.rendering.forms import COMMON_FACTS, NONE
from tracker.rendering.messages import greeting
from tracker.services import digest_letters
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.routing import Routes, Standing, Way
from tracker.services.wording import (
    FORMS,
    Setting,
    about_items,
    compose,
    digest,
    first_line,
    item_line,
    mentions,
    salutation,
    segments,
    without_own_link,
)
from tracker.store import Connection, endpoints, items, mailbox, outbox, reminders, supersede
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage, StoredMessage


def pass_on(
    connection: Connection,
    office: Office,
    left: Sequence[Recipient],
    now: datetime,
    *,
    endpoint_ids: Collection[int] | None = None,
) -> None:
    """Take back what waits for these recipients: reminders are due again, everything else goes out in the
    same words to the role's present holders, a digest with its files. Call it under the planner's turn, with
    the list as it is now.

    `endpoint_ids`: only what waits there; what goes by another of their addresses is on its way.
    """
    if not left:
        return
    by_label = {each.label: each for each in left}
    book, routes = address_book(connection), Routes(connection, office)
    heirs = {label: book.recipients(gone.unit_id, gone.audience) for label, gone in by_label.items()}
    lock_for(connection, office, by_label, [each for some in heirs.values() for each in some])
    taken = supersede.supersede_for(connection, by_label, now, endpoint_ids=endpoint_ids)
    reminders.wake(connection, taken.rungs)
    if endpoint_ids is None:
        _drop_reserves(connection, by_label, now)
    news = [each for each in taken.messages if each.kind not in PLANNED]
    if not news:
        return
    news = _without_digests(connection, office, news, heirs, now)
    told = mailbox.told_at(connection, {each.created_at for each in news})
    copier = _Copier(
        connection, office, routes, now, mailbox.items_of(connection, [each.id for each in news])
    )
    # By `dedup`: the parts of one message carry the same text, and two channels may end in one.
    copies: dict[str, NewMessage] = {}
    for each in news:
        for recipient in heirs[each.recipient]:
            if (recipient.label, each.kind, each.reason, each.created_at) not in told:
                copies |= {row.dedup: row for row in copier.copied(each, by_label[each.recipient], recipient)}
    outbox.enqueue(connection, list(copies.values()), now)


def lock_for(
    connection: Connection,
    office: Office,
    labels: Collection[str],
    told: Sequence[Recipient],
    more: Collection[int] = (),
) -> None:
    """Lock the endpoints at which something waits for these, and all at which these may be told: at once, as
    senders do. Who locked some more afterwards could wait in a ring with them.
    """
    own = [(each.contact, ADDRESSES[name]) for each in told if each.contact for name in ADDRESSES]
    reached = {(name, address(who) or "") for who, address in own for name in office.channels}
    known = endpoints.known(connection, reached).values()
    endpoints.lock(connection, {*supersede.endpoints_for(connection, labels), *known, *more})


def _without_digests(
    connection: Connection,
    office: Office,
    news: Sequence[StoredMessage],
    heirs: Mapping[str, Sequence[Recipient]],
    now: datetime,
) -> list[StoredMessage]:
    """What is left to be copied: digests are worded anew from what was published, with their files."""
    people: dict[str, dict[str, Contact]] = {}  # by serial and label: a letter may have several parts
    for each in news:
        if each.kind == digest_letters.KIND:
            found = people.setdefault(each.serial, {})
            found |= {heir.label: heir.contact for heir in heirs[each.recipient] if heir.contact}
    reissued = set()
    for serial, some in people.items():
        if some and (edition := digest_letters.reissued(connection, office, serial)):
            digest_letters.enqueue(connection, office, edition, list(some.values()), now)
            reissued.add(serial)
    return [each for each in news if each.kind != digest_letters.KIND or each.serial not in reissued]


def _drop_reserves(connection: Connection, labels: Collection[str], now: datetime) -> None:
    """What only stands by must not reach whoever has left, nor an address that is not theirs any more; the
    letter itself was perhaps seen, and is not said again.
    """
    if waiting := supersede.reserves(connection, labels):
        theirs = Standing(connection).of(waiting)
        supersede.drop_reserves(connection, [each for each in waiting if each.id not in theirs], now)


@dataclass(frozen=True)
class _Copier:
    """Makes the same text, under the same serial, for somebody else. spoken_of: items by message."""

    connection: Connection
    office: Office
    routes: Routes
    now: datetime
    spoken_of: Mapping[int, Collection[int]]

    def copied(self, old: StoredMessage, gone: Recipient, recipient: Recipient) -> Iterator[NewMessage]:
        """By the same channel if that reaches the recipient."""
        way, text = self._way(old, gone, recipient)
        notifier = way.notifier
        key = (old.kind, old.reason, old.created_at.isoformat(), recipient.label)
        serial = old.serial.partition("/")[0]
        letter = Letter(
            text,
            mentions(recipient.contact),
            serial,
            digest(*key),
            old.kind,
            subject=first_line(text),
            facts=self._facts(old, recipient, serial) if notifier.wording is Wording.SMS else {},
        )
        payloads, failure = compose(notifier, letter)
        for part, payload in enumerate(payloads, start=1):
            yield NewMessage(
                dedup=digest(*key, notifier.channel, str(part)),
                letter=letter.key,
                serial=serial + (f"/{part}" if len(payloads) > 1 else ""),
                kind=old.kind,
                recipient=recipient.label,
                channel=notifier.channel,
                address=way.address,
                hint=notifier.hint(way.address),
                text=text,
                payload=payload,
                reason=old.reason,
                send_after=old.send_after,
                numbers=tuple(self.spoken_of.get(old.id, ())),
                segments=segments(notifier, text),
                failure=failure,
            )

    def _way(self, old: StoredMessage, gone: Recipient, recipient: Recipient) -> tuple[Way, str]:
        """How it goes, and in which words. Where they do not fit, or would name one person to others, the
        sandbox.
        """
        channels, text = self.office.channels, without_own_link(old.text)
        way = self.routes.of(recipient, [old.channel])[0]
        was = channels.get(old.channel)
        said = _readdressed(text, gone, recipient, way.notifier)
        names = [] if gone.contact is None or gone.contact == recipient.contact else [gone.contact.name]
        if was and way.notifier.wording is was.wording and not any(name in said for name in names):
            return way, said
        way = Way(channels[SANDBOX], recipient.label)
        return way, _readdressed(text, gone, recipient, way.notifier)

    def _facts(self, old: StoredMessage, recipient: Recipient, serial: str) -> Mapping[str, str]:
        """For gateways that fill templates: as the items stand now, else what the message itself tells."""
        found = items.by_numbers(self.connection, self.spoken_of.get(old.id, ()))
        lines = [
            replace(item_line(self.office, each, self.now), closed=each.standing.state is State.STRUCK_OFF)
            for each in found
        ]
        words = about_items(self.office, recipient, MessageKind(old.kind), lines, self.now)
        try:
            return words(Setting(FORMS[Wording.SMS], serial, None, "")).facts
        except ValueError:  # not a message about items
            own = {"kind": first_line(old.text).partition("：")[0], "unit": recipient.unit, "serial": serial}
            return dict.fromkeys(COMMON_FACTS, NONE) | own | {"count": str(max(1, len(found)))}


def _readdressed(text: str, old: Recipient, new: Recipient, notifier: Notifier) -> str:
    """A text whose salutation speaks to somebody else, as far as it has one."""
    named = old.contact.name if old.contact else ""
    before = {greeting(name, old.audience.value) for name in (named, "")}
    after = greeting(salutation(new.contact, notifier), new.audience.value)
    return "\n".join(after if line in before else line for line in text.split("\n"))
