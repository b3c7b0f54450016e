"""What waits for somebody who has left, or is reached otherwise: it goes to those who stand in the role now.

Must never say anything twice to one person, nor touch a message of which a part was tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from tracker.domain.escalation import MessageKind
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.wording import compose, routes
from tracker.store import Connection, mailbox, outbox, reminders
from tracker.store.outbox import NewMessage, StoredMessage
from tracker.store.supersede import supersede_for

# Planning says these again by itself, to whom the ladder has reached then.
_PLANNED = frozenset(
    {
        MessageKind.REMINDER,
        MessageKind.DUE_TODAY,
        MessageKind.OVERDUE,
        MessageKind.ESCALATION,
        MessageKind.STAFF,
    }
)


def pass_on(connection: Connection, office: Office, left: Sequence[Recipient], now: datetime) -> None:
    """Take back what waits for these recipients: reminders are due again, everything else goes out in the
    same words to the role's present holders. Call it under the planner's turn, with the list as it is now.
    """
    by_label = {each.label: each for each in left}
    taken = supersede_for(connection, by_label, now)
    reminders.wake(connection, taken.rungs)
    news = [each for each in taken.messages if each.kind not in _PLANNED]
    if not news:
        return
    book = address_book(connection)
    told = mailbox.told_at(connection, {each.created_at for each in news})
    spoken_of = mailbox.items_of(connection, [each.id for each in news])
    # By `dedup`: the parts of one message carry the same text, and two channels may end in one.
    copies: dict[str, NewMessage] = {}
    for each in news:
        gone = by_label[each.recipient]
        for recipient in book.recipients(gone.unit_id, gone.audience):
            if (recipient.label, each.kind, each.reason, each.created_at) not in told:
                copies |= {row.dedup: row for row in _copied(office, each, recipient, spoken_of)}
    outbox.enqueue(connection, list(copies.values()), now)


def _copied(
    office: Office, old: StoredMessage, recipient: Recipient, spoken_of: Mapping[int, Collection[int]]
) -> Iterator[NewMessage]:
    """The same text under the same serial, by the same channel if that reaches the recipient."""
    [(notifier, address)] = routes(office, recipient, [old.channel])
    worded_for = office.channels.get(old.channel)
    if worded_for is None or notifier.template != worded_for.template:
        notifier, address = office.channels[SANDBOX], recipient.label
    payloads, failure = compose(notifier, old.text, recipient.contact)
    for part, payload in enumerate(payloads, start=1):
        what = (old.kind, old.reason, old.created_at.isoformat(), recipient.label, notifier.channel, part)
        yield NewMessage(
            dedup=hashlib.sha256("\x1f".join(map(str, what)).encode()).hexdigest(),
            serial=old.serial.partition("/")[0] + (f"/{part}" if len(payloads) > 1 else ""),
            kind=old.kind,
            recipient=recipient.label,
            channel=notifier.channel,
            address=address,
            text=old.text,
            payload=payload,
            reason=old.reason,
            send_after=old.send_after,
            numbers=tuple(spoken_of.get(old.id, ())),
            failure=failure,
        )
