"""What waits for somebody who has left, or is reached otherwise: it goes to those who stand in the role now.

Must never say anything twice to one person, nor touch a message of which a part was tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from notifiers.base import Letter
from tracker.domain.escalation import PLANNED
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.routing import Routes, Way
from tracker.services.wording import compose, digest, first_line, mentions, segments, without_own_link
from tracker.store import Connection, mailbox, outbox, reminders
from tracker.store.outbox import NewMessage, StoredMessage
from tracker.store.supersede import supersede_for


def pass_on(
    connection: Connection,
    office: Office,
    left: Sequence[Recipient],
    now: datetime,
    *,
    endpoint_ids: Collection[int] | None = None,
) -> None:
    """Take back what waits for these recipients: reminders are due again, everything else goes out in the
    same words to the role's present holders. Call it under the planner's turn, with the list as it is now.

    `endpoint_ids`: only what waits there; what goes by another of their addresses is on its way.
    """
    by_label = {each.label: each for each in left}
    taken = supersede_for(connection, by_label, now, endpoint_ids=endpoint_ids)
    reminders.wake(connection, taken.rungs)
    news = [each for each in taken.messages if each.kind not in PLANNED]
    if not news:
        return
    book, routes = address_book(connection), Routes(connection, office)
    told = mailbox.told_at(connection, {each.created_at for each in news})
    spoken_of = mailbox.items_of(connection, [each.id for each in news])
    # By `dedup`: the parts of one message carry the same text, and two channels may end in one.
    copies: dict[str, NewMessage] = {}
    for each in news:
        gone = by_label[each.recipient]
        for recipient in book.recipients(gone.unit_id, gone.audience):
            if (recipient.label, each.kind, each.reason, each.created_at) not in told:
                copies |= {row.dedup: row for row in _copied(office, routes, each, recipient, spoken_of)}
    outbox.enqueue(connection, list(copies.values()), now)


def _copied(
    office: Office,
    routes: Routes,
    old: StoredMessage,
    recipient: Recipient,
    spoken_of: Mapping[int, Collection[int]],
) -> Iterator[NewMessage]:
    """The same text under the same serial, by the same channel if that reaches the recipient."""
    [way] = routes.of(recipient, [old.channel])
    worded_for = office.channels.get(old.channel)
    if worded_for is None or way.notifier.wording is not worded_for.wording:
        way = Way(office.channels[SANDBOX], recipient.label)
    notifier, text = way.notifier, without_own_link(old.text)
    key = (old.kind, old.reason, old.created_at.isoformat(), recipient.label)
    letter = Letter(
        text, mentions(recipient.contact), old.serial, digest(*key), old.kind, subject=first_line(text)
    )
    payloads, failure = compose(notifier, letter)
    for part, payload in enumerate(payloads, start=1):
        yield NewMessage(
            dedup=digest(*key, notifier.channel, str(part)),
            letter=letter.key,
            serial=old.serial.partition("/")[0] + (f"/{part}" if len(payloads) > 1 else ""),
            kind=old.kind,
            recipient=recipient.label,
            channel=notifier.channel,
            address=way.address,
            hint=notifier.hint(way.address),
            text=text,
            payload=payload,
            reason=old.reason,
            send_after=old.send_after,
            numbers=tuple(spoken_of.get(old.id, ())),
            segments=segments(notifier, text),
            failure=failure,
        )
