"""Which open items are due on another day, or by another rule, than is written: found, not yet changed.

Must never name an item whose deadline a person has set: an extension, a date, a clock that a return started.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from tracker.domain.deadlines import (
    Deadline,
    DeadlineKind,
    DeadlineRule,
    deadline_from,
    not_by_surprise,
    recounted,
)
from tracker.domain.items import Item
from tracker.domain.lifecycle import Standing
from tracker.services.office import Office
from tracker.store import Connection, deadlines, items
from tracker.store.deadlines import OpenDeadline


@dataclass(frozen=True)
class Change:
    """One item, as it was, and its deadline from now on; the day may stay where mark or rule change."""

    item: Item
    deadline: Deadline
    rule: DeadlineRule

    @property
    def moves(self) -> bool:
        return self.item.standing.due_on != self.deadline.due_on

    @cached_property
    def standing(self) -> Standing:
        return replace(self.item.standing, due_on=self.deadline.due_on, due_at=self.deadline.due_at)

    @property
    def detail(self) -> Mapping[str, object]:
        """Old and new of what differs, for the reader of the history."""
        old = DeadlineRule.parse(self.item.rule, "rule")
        pairs: dict[str, tuple[object, object]] = {
            "due_on": (_iso(self.item.standing.due_on), _iso(self.deadline.due_on)),
            "provisional": (self.item.provisional, self.deadline.provisional),
            "rule": (old.in_words(), self.rule.in_words()),
        }
        return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def changed_by_calendar(connection: Connection, office: Office, now: datetime) -> tuple[Change, ...]:
    """All open items whose own rule gives another day, or another certainty, by today's calendar."""
    calendar = office.rules.calendar
    today = calendar.today(now)
    wanted: dict[OpenDeadline, tuple[Deadline, DeadlineRule]] = {}
    for each in deadlines.open_deadlines(connection):
        rule = each.rule
        new = recounted(rule, each.start, each.deadline, today, calendar)
        if (new.due_on, new.provisional) != (each.due_on, each.provisional):
            wanted[each] = new, rule
    found = dict(deadlines.items_due(connection, wanted))
    counted = [number for number, each in found.items() if each.rule.kind is DeadlineKind.WORKING_DAYS]
    stay = _older_than_extension(connection, found, counted)
    return _changes(
        connection, {number: wanted[each] for number, each in found.items() if number not in stay}
    )


def changed_by_rule(
    connection: Connection, office: Office, code: str, now: datetime
) -> tuple[tuple[Change, ...], tuple[int, ...]]:
    """The open items of a class for which its rule of today matters, and those that a person has set."""
    calendar, rule = office.rules.calendar, office.rules.deadlines[code]
    today = calendar.today(now)
    everything = set(deadlines.open_deadlines(connection, code))
    found = dict(deadlines.items_due(connection, everything, code))
    kept = {n for n, each in found.items() if each.restarted or each.rule.kind is DeadlineKind.FIXED}
    kept |= _older_than_extension(connection, found, found.keys() - kept)
    wanted: dict[int, tuple[Deadline, DeadlineRule]] = {}
    for number, each in found.items():
        new = not_by_surprise(each.due_on, deadline_from(rule, each.start, calendar), today, calendar)
        if number not in kept and (new.due_on, new.provisional, rule) != (
            each.due_on,
            each.provisional,
            each.rule,
        ):
            wanted[number] = new, rule
    return _changes(connection, wanted), tuple(sorted(kept))


def _older_than_extension(
    connection: Connection, found: Mapping[int, OpenDeadline], numbers: Iterable[int]
) -> set[int]:
    """Items extended before the extension became their rule: what is stored would take it back."""
    return {n for n in deadlines.granted_without_a_rule(connection, numbers) if not found[n].restarted}


def _changes(
    connection: Connection, wanted: Mapping[int, tuple[Deadline, DeadlineRule]]
) -> tuple[Change, ...]:
    found = items.by_numbers(connection, wanted)
    return tuple(Change(item, *wanted[item.number]) for item in found)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
