"""Telling units at once what has just been done to their items, in the transaction that does it.

Reminders are planned; a notice follows from a step, and leaves when messages may leave. Must never be called
but under the planner's turn ("remind"): by it the day's serials are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.messages import MessageLine
from tracker.services.office import Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.wording import Outgoing, Serials, about_items, word
from tracker.store import Connection, outbox


@dataclass(frozen=True)
class Notice:
    """What one unit is told. `reason` says in Chinese why, for staff who look at the outbox."""

    unit_id: int
    kind: MessageKind
    lines: tuple[MessageLine, ...]
    reason: str


def tell(connection: Connection, office: Office, notices: Iterable[Notice], *, now: datetime) -> list[str]:
    """Put one message for each contact of each unit into the outbox; returns who is told.

    Notices of one kind and reason to one unit are one message. A unit without a contact is told in the
    sandbox, where staff see it.
    """
    merged = _merged(notices)
    if not merged:
        return []
    book = address_book(connection)
    serials = Serials(connection, office, now)
    messages = [
        _outgoing(office, notice, recipient, now)
        for notice in merged
        for recipient in book.recipients(notice.unit_id, Audience.CONTACT)
    ]
    rows = [row for message in messages for row in word(office, message, serials.next, now)]
    outbox.enqueue(connection, rows, now)
    return [message.recipient.label for message in messages]


def _merged(notices: Iterable[Notice]) -> list[Notice]:
    found: dict[tuple[int, MessageKind, str], Notice] = {}
    for notice in notices:
        key = (notice.unit_id, notice.kind, notice.reason)
        before = found.get(key)
        found[key] = replace(before, lines=before.lines + notice.lines) if before else notice
    return list(found.values())


def _outgoing(office: Office, notice: Notice, recipient: Recipient, now: datetime) -> Outgoing:
    numbers = tuple(line.number for line in notice.lines)
    return Outgoing(
        recipient=recipient,
        kind=notice.kind,
        numbers=numbers,
        reason=notice.reason,
        # By its moment: a step is taken once, and the same step taken again later is news again.
        key="\x1f".join((notice.kind, notice.reason, now.isoformat(), *map(str, numbers))),
        text=about_items(office, recipient, notice.kind, notice.lines, now),
        send_after=office.rules.quiet.release(now, office.rules.calendar),
    )
