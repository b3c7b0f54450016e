"""Telling units at once what has just been done to their items, in the transaction that does it.

Reminders are planned; a notice follows from a step, and leaves when messages may leave. Must never be called
but under the planner's turn ("remind"): by it the day's serials are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.messages import MessageLine
from tracker.services.office import Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.wording import Outgoing, Writer, about_items
from tracker.store import Connection, outbox


@dataclass(frozen=True)
class Notice:
    """What one unit is told. `reason` says in Chinese why, for staff who look at the outbox.

    paper: see `ReminderMessage`. Where lines are closed, the others only say what is left.
    """

    unit_id: int
    kind: MessageKind
    lines: tuple[MessageLine, ...]
    reason: str
    paper: str = ""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The items that it is about."""
        closed = tuple(line.number for line in self.lines if line.closed)
        return closed or tuple(line.number for line in self.lines)


Addressed = tuple[Notice, Recipient]


def tell(connection: Connection, office: Office, notices: Iterable[Notice], *, now: datetime) -> list[str]:
    """Put one message for each contact of each unit into the outbox; returns who is told.

    Notices of one kind and reason to one unit are one message. A unit without a contact is told in the
    sandbox, where staff see it.
    """
    return post(connection, office, addressed(connection, notices), now=now)


def addressed(connection: Connection, notices: Iterable[Notice]) -> list[Addressed]:
    """Each notice, merged, with each of those who are to have it."""
    merged = _merged(notices)
    if not merged:
        return []
    book = address_book(connection, {notice.unit_id for notice in merged})
    return [
        (notice, recipient)
        for notice in merged
        for recipient in book.recipients(notice.unit_id, Audience.CONTACT)
    ]


def post(
    connection: Connection,
    office: Office,
    messages: Sequence[Addressed],
    *,
    now: datetime,
    at_once: bool = False,
) -> list[str]:
    """Put notices to these recipients into the outbox; returns who is told.

    They leave when messages may leave; `at_once` is for what the recipient waits for.
    """
    writer = Writer(connection, office, now)
    decided = (_outgoing(office, notice, recipient, now) for notice, recipient in messages)
    if at_once:
        decided = (replace(message, send_after=now) for message in decided)
    outbox.enqueue(connection, [row for message in decided for row in writer.write(message)], now)
    return [recipient.label for _, recipient in messages]


def _merged(notices: Iterable[Notice]) -> list[Notice]:
    found: dict[tuple[int, MessageKind, str], Notice] = {}
    for notice in notices:
        key = (notice.unit_id, notice.kind, notice.reason)
        before = found.get(key)
        found[key] = replace(before, lines=before.lines + notice.lines) if before else notice
    return list(found.values())


def _outgoing(office: Office, notice: Notice, recipient: Recipient, now: datetime) -> Outgoing:
    return Outgoing(
        recipient=recipient,
        kind=notice.kind,
        numbers=notice.numbers,
        reason=notice.reason,
        # By its moment: a step is taken once, and the same step taken again later is news again.
        key="\x1f".join((notice.kind, notice.reason, now.isoformat(), *map(str, notice.numbers))),
        words=about_items(office, recipient, notice.kind, notice.lines, now, paper=notice.paper),
        send_after=office.rules.quiet.release(now, office.rules.calendar),
    )
