"""What an export may say about items: whether it can be trusted to leave something out, and what follows.

Must never let an export that shrank, or covers other days, close anything: that takes a person's word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Extent:
    """How much an export holds: rows that were judged, first and last day of its cases, rows of which a cell
    could not be read.
    """

    rows: int
    first_on: date | None
    last_on: date | None
    unreadable: int = 0


class Doubt(StrEnum):
    """Why what is missing from an export may not be gone."""

    UNREADABLE = "unreadable"
    SHRUNK = "shrunk"
    OTHER_DAYS = "other_days"
    UNIT_ABSENT = "unit_absent"
    UNIT_SHORT = "unit_short"
    UNIT_UNJUDGED = "unit_unjudged"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    Doubt.UNREADABLE: "导出中有读不出的行",
    Doubt.SHRUNK: "导出的行数比上一次少得多",
    Doubt.OTHER_DAYS: "导出的起止日期没有覆盖上一次的",
    Doubt.UNIT_ABSENT: "导出中没有该单位的办件",
    Doubt.UNIT_SHORT: "导出中该单位的办件比事项所列的还少",
    Doubt.UNIT_UNJUDGED: "该单位有未能判断的行",
}


def doubts_about(new: Extent, last: Extent | None, least_percent: int) -> tuple[Doubt, ...]:
    """Compare an export with the last trusted one of its source; `least_percent` of its rows are enough."""
    doubts = [Doubt.UNREADABLE] if new.unreadable else []
    if last is None:
        return tuple(doubts)
    if new.rows * 100 < last.rows * least_percent:
        doubts.append(Doubt.SHRUNK)
    if not _covers(new, last):
        doubts.append(Doubt.OTHER_DAYS)
    return tuple(doubts)


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
    that the unit's are complete. `doubts` are about the whole of it. unjudged: units with a row that could
    not be judged, which may be the one that seems gone.
    """

    rows: Mapping[int, int | None]
    doubts: tuple[Doubt, ...]
    unjudged: frozenset[int] = frozenset()

    def doubts_of(self, unit_id: int, quantity: int | None) -> tuple[Doubt, ...]:
        """Why an item of so many may not be gone; an export with fewer rows than that cannot tell."""
        if self.doubts:
            return self.doubts
        if unit_id in self.unjudged:
            return (Doubt.UNIT_UNJUDGED,)
        if unit_id not in self.rows:
            return (Doubt.UNIT_ABSENT,)
        rows = self.rows[unit_id]
        return (Doubt.UNIT_SHORT,) if rows is not None and rows < (quantity or 1) else ()


def move_for(tracked: Tracked, standing: int, proven: int, doubts: Collection[Doubt]) -> Move:
    """What becomes of an item: `standing` are the faulty cases that nothing proves gone, `proven` those of
    them that exports still show. Fewer rows than the item counts hinder no lower count, only the end of it.
    """
    shown = 0 if tracked.remaining == 0 else tracked.quantity
    if standing and (shown is None or standing > shown):
        return Move.COUNT
    if proven == shown:
        return Move.NOTHING
    if set(doubts) - ({Doubt.UNIT_SHORT} if standing else set()):
        return Move.DOUBT
    return Move.COUNT if standing else Move.CLEAR
