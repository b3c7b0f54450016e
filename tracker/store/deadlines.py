"""How open items are due, by the few ways in which they were counted, and by which calendar that was.

Must never load an item whose deadline stays: a hundred thousand items share a handful of deadlines.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Text, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.domain.deadlines import Deadline, DeadlineRule
from tracker.domain.lifecycle import FINAL, Event
from tracker.domain.step_back import BEFORE
from tracker.store.conditions import among
from tracker.store.schema import fingerprint, history, item

_IN_FORCE = "calendar"


class OpenDeadline(NamedTuple):
    """What some items that are not finished have in common.

    `words` are the rule's snapshot as stored; `restarted`: it counts from a later day than that of issue.
    """

    words: str
    start: date
    restarted: bool
    due_on: date | None
    due_at: datetime | None
    provisional: bool

    @property
    def rule(self) -> DeadlineRule:
        return DeadlineRule.parse(json.loads(self.words), "rule")

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_on, self.due_at, self.provisional)


# As text: PostgreSQL cannot compare JSON, and SQLite keeps it as such.
_WORDS = cast(item.c.rule, Text)
_COLUMNS = (
    _WORDS,
    func.coalesce(item.c.counted_from, item.c.issued_on),
    item.c.counted_from.is_not(None),
    item.c.due_on,
    item.c.due_at,
    item.c.provisional,
)


def open_deadlines(connection: Connection, problem_class: str | None = None) -> list[OpenDeadline]:
    """Each distinct one, of one class or of all."""
    query = _of_class(select(*_COLUMNS).distinct(), problem_class)
    return [OpenDeadline(*row) for row in connection.execute(query)]


def items_due(
    connection: Connection, wanted: Collection[OpenDeadline], problem_class: str | None = None
) -> Iterator[tuple[int, OpenDeadline]]:
    """The numbers of the items that have one of these."""
    if wanted:
        alike = among(connection, _WORDS, {each.words for each in wanted})
        query = _of_class(select(item.c.number, *_COLUMNS).where(alike), problem_class)
        for number, *values in connection.execute(query.order_by(item.c.number)):
            if (found := OpenDeadline(*values)) in wanted:
                yield number, found


def _of_class(query: Select[Any], problem_class: str | None) -> Select[Any]:
    query = query.where(item.c.state.not_in([state.value for state in FINAL]))
    return query if problem_class is None else query.where(item.c["class"] == problem_class)


def count_provisional(connection: Connection) -> int:
    """How many open items have a day that a notice may still move."""
    query = _of_class(select(func.count()).select_from(item).where(item.c.provisional), None)
    found: int = connection.execute(query).scalar_one()
    return found


def granted_without_a_rule(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Those once extended by a step that did not make the extension their rule.

    Such a step is of a time when steps did not keep what was before them; by the rule that is stored the
    extension would be taken back.
    """
    query = select(history.c.item_number, history.c.detail).where(history.c.event == Event.GRANT.value)
    found = connection.execute(query.where(among(connection, history.c.item_number, set(numbers))))
    return {number for number, detail in found if BEFORE not in detail}


class NewDeadline(NamedTuple):
    """What is written of one item."""

    number: int
    deadline: Deadline
    rule: Mapping[str, object]
    next_reminder_at: datetime | None


def save(connection: Connection, changes: Sequence[NewDeadline]) -> None:
    """Write the deadlines of many items at once."""
    names = ("due_on", "due_at", "provisional", "rule", "next_reminder_at")
    statement = update(item).where(item.c.number == bindparam("which"))
    statement = statement.values({name: bindparam(f"new_{name}") for name in names})
    if changes:
        connection.execute(
            statement,
            [
                {
                    "which": each.number,
                    "new_due_on": each.deadline.due_on,
                    "new_due_at": each.deadline.due_at,
                    "new_provisional": each.deadline.provisional,
                    "new_rule": each.rule,
                    "new_next_reminder_at": each.next_reminder_at,
                }
                for each in changes
            ],
        )


def calendar_in_force(connection: Connection) -> str | None:
    """The digest of the calendar by which all open items are counted; None before the first count."""
    return connection.execute(
        select(fingerprint.c.digest).where(fingerprint.c.name == _IN_FORCE)
    ).scalar_one_or_none()


def was_in_force(connection: Connection, digest: str) -> bool:
    """Whether items were ever counted by this calendar, now or before another one."""
    query = select(fingerprint.c.digest).where(fingerprint.c.name == _name(digest))
    return connection.execute(query).first() is not None


def put_in_force(connection: Connection, digest: str) -> None:
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    for name in (_IN_FORCE, _name(digest)):
        new = dialect_insert(fingerprint).values(name=name, digest=digest)
        connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"digest": digest}))


def _name(digest: str) -> str:
    """Fits the column; forty digits tell two calendars apart as well as sixty-four."""
    return f"{_IN_FORCE} {digest[:40]}"
