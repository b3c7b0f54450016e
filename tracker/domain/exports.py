"""What an export may say about items: whether it can be trusted to leave something out, and what follows.

Must never let an export that shrank, or covers other days, lower or close anything: that takes a person's
word. The same for one unit's part of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Extent:
    """How much an export holds: rows that were judged, first and last day of its cases, rows of which a cell
    could not be read. has_strays: there is a case that was not judged and that may be any unit's.
    """

    rows: int
    first_on: date | None
    last_on: date | None
    unreadable: int = 0
    has_strays: bool = False


class Doubt(StrEnum):
    """Why what is missing from an export may not be gone."""

    UNREADABLE = "unreadable"
    UNIT_UNKNOWN = "unit_unknown"
    SHRUNK = "shrunk"
    OTHER_DAYS = "other_days"
    UNIT_ABSENT = "unit_absent"
    UNIT_SHRUNK = "unit_shrunk"
    UNIT_SHORT = "unit_short"
    BEGINS_LATER = "begins_later"
    UNIT_UNJUDGED = "unit_unjudged"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    Doubt.UNREADABLE: "导出中有读不出的行",
    Doubt.UNIT_UNKNOWN: "导出中有未能判断、又看不出是哪个单位的行",
    Doubt.SHRUNK: "导出的行数比上一次少得多",
    Doubt.OTHER_DAYS: "导出的起止日期没有覆盖上一次的",
    Doubt.UNIT_ABSENT: "导出中没有该单位的办件",
    Doubt.UNIT_SHRUNK: "导出中该单位的办件比以前少得多",
    Doubt.UNIT_SHORT: "导出中该单位的办件比事项所列的还少",
    Doubt.BEGINS_LATER: "导出中只有事项列出之后的办件",
    Doubt.UNIT_UNJUDGED: "该单位有未能判断的行",
}


def doubts_about(new: Extent, last: Extent | None, least_percent: int) -> tuple[Doubt, ...]:
    """Compare an export with the last trusted one of its source; `least_percent` of its rows are enough."""
    doubts = [Doubt.UNREADABLE] if new.unreadable else []
    if new.has_strays:
        doubts.append(Doubt.UNIT_UNKNOWN)
    if last is None:
        return tuple(doubts)
    if _is_shrunk(new.rows, last.rows, least_percent):
        doubts.append(Doubt.SHRUNK)
    if not _covers(new, last):
        doubts.append(Doubt.OTHER_DAYS)
    return tuple(doubts)


def shrunk_units(new: Mapping[int, int], before: Mapping[int, int], least_percent: int) -> set[int]:
    """The units, by id, of whose rows too few are left. One that is absent altogether is not among them."""
    return {unit for unit, rows in new.items() if _is_shrunk(rows, before.get(unit, 0), least_percent)}


def _is_shrunk(rows: int, before: int, least_percent: int) -> bool:
    return rows * 100 < before * least_percent


def _covers(new: Extent, last: Extent) -> bool:
    if last.first_on is None or last.last_on is None:
        return True
    if new.first_on is None or new.last_on is None:
        return False
    return new.first_on <= last.first_on and last.last_on <= new.last_on


class Move(StrEnum):
    """What an export makes of a unit's item of one class."""

    NOTHING = "nothing"
    COUNT = "count"  # the number changes
    CLEAR = "clear"  # all cases are gone: evidence of a fix
    DOUBT = "doubt"  # it would change or clear, if what is missing were gone


@dataclass(frozen=True)
class Tracked:
    """An item at work, as far as it matters here: what it counts, and what is said to be left."""

    quantity: int | None
    remaining: int | None


@dataclass(frozen=True)
class Trust:
    """How far what an export leaves out is gone. `rows` of each unit in it, by id; None: a person has said
    that the unit's are complete. `doubts` are about the whole of it, `unit_doubts` about all that it says of
    a unit: a row that could not be judged may be the one that seems gone. first_on: its first case's day.
    """

    rows: Mapping[int, int | None]
    doubts: tuple[Doubt, ...]
    unit_doubts: Mapping[int, Doubt] = field(default_factory=dict)
    first_on: date | None = None

    def doubts_of(self, unit_id: int, quantity: int | None, issued_on: date) -> tuple[Doubt, ...]:
        """Why an item of so many, listed on that day, may not be gone or fewer: an export with fewer rows
        than that, or of later cases only, cannot tell.
        """
        if self.doubts:
            return self.doubts
        if unit_id in self.unit_doubts:
            return (self.unit_doubts[unit_id],)
        if unit_id not in self.rows:
            return (Doubt.UNIT_ABSENT,)
        rows = self.rows[unit_id]
        if rows is None:
            return ()
        if self.first_on is not None and self.first_on >= issued_on:
            return (Doubt.BEGINS_LATER,)
        return (Doubt.UNIT_SHORT,) if rows < (quantity or 1) else ()


def move_for(tracked: Tracked, standing: int, proven: int, doubts: Collection[Doubt]) -> Move:
    """What becomes of an item: `standing` are the faulty cases that nothing proves gone, `proven` those of
    them that exports still show. A doubt hinders a lower count as it does the end, but never a higher one.
    """
    shown = 0 if tracked.remaining == 0 else tracked.quantity
    if standing and (shown is None or standing > shown):
        return Move.COUNT
    if proven == shown:
        return Move.NOTHING
    if doubts:
        return Move.DOUBT
    return Move.COUNT if standing else Move.CLEAR
