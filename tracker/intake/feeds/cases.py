"""An export of cases in one pass: how many rows each unit has, and which cases are faulty.

Memory follows units and kinds of promise, not rows.
Must never keep an applicant, a telephone number or what a case says: there stay its row and a digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import and_, itemgetter, not_
from typing import NamedTuple

from tracker.domain.cases import CELLS, CaseJudge, Fault
from tracker.intake.feeds.noted import Noted, digest_of
from tracker.intake.feeds.rows import Row, Unreadable

NEEDED = ("unit",)
_TELLING = {
    Fault.OVERDUE_ACCEPTANCE: {"applied", "accepted"},
    Fault.OVERDUE_COMPLETION: {"finished", "promised"},
    Fault.UNEVALUATED: {"finished", "rating"},
    Fault.LATE_RETURN: {"finished", "returned"},
}
_OF_A_CASE = ("case_id", "applied", "accepted", "finished")
_DIGIT = re.compile(r"\d")
_CUT_NUMBER = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")
_KEPT_REJECTIONS = 1000
_BLOCK = 100  # rows: a cell may be long


class Rejected(NamedTuple):
    """A row that was not judged, and why (Chinese)."""

    row: int
    reason: str


def judgeable(columns: Mapping[str, int]) -> frozenset[Fault]:
    """The faults that an export with these columns can tell of."""
    return frozenset(fault for fault, fields in _TELLING.items() if fields <= columns.keys())


@dataclass
class Tally:
    """What one pass found. `units`: written name → rows; `rejected` are the first ones of `rejected_rows`.
    unreadable: how many of these a database could not even write out. unjudged: whose rows they are, as
    written ("": nobody's) → whether one looks like a case, not a total, a remark or the header once more.
    """

    units: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    rejected_rows: int = 0
    unreadable: int = 0
    unjudged: dict[str, bool] = field(default_factory=dict)
    faulty: Noted = field(default_factory=Noted)

    @property
    def rows(self) -> int:
        """Rows that were judged."""
        return sum(self.units.values())

    def reject(self, row: int, reason: str) -> None:
        self.rejected_rows += 1
        if len(self.rejected) < _KEPT_REJECTIONS:
            self.rejected.append(Rejected(row, reason))

    def reject_of(self, unit: str, row: int, reason: str, *, is_case: bool) -> None:
        self.unjudged[unit] = is_case or self.unjudged.get(unit, False)
        self.reject(row, reason)

    def close(self) -> None:
        self.faulty.close()


def tally(rows: Iterable[Row], columns: Mapping[str, int], judge: CaseJudge, found: Tally) -> None:
    """Judge each row behind the header into `found`.

    What is plainly in order, nearly every row, is only counted, many rows at a time; the others, and the
    first of each unit, are looked at one by one.
    """
    one_by_one, units, at = _one_by_one(columns, judge, found), found.units, columns["unit"]
    places, coming = [columns.get(name) for name in CELLS], iter(rows)
    while block := list(islice(coming, _BLOCK)):
        try:
            cells = list(zip(*(row for _, row in block), strict=False))
            nothing = ("",) * len(block)
            judged = [nothing if place is None else cells[place] for place in places]
            plain = list(map(and_, judge.in_order(judged), map(units.__contains__, cells[at])))
            for unit in compress(cells[at], plain):
                units[unit] += 1
        except IndexError:  # a row ends before the columns that are judged
            plain = [False] * len(block)
        for number, row in compress(block, map(not_, plain)):
            one_by_one(number, row)


def _one_by_one(
    columns: Mapping[str, int], judge: CaseJudge, found: Tally
) -> Callable[[int, Sequence[str]], None]:
    """What judges one row by its number."""
    faults_of = judge.faults
    cells, identify = _picker(columns), _identifier(columns)
    telling = [columns[name] for name in _OF_A_CASE if name in columns]
    at, units, blanks = columns["unit"], found.units, [""] * (max(columns.values()) + 1)

    def look(number: int, row: Sequence[str]) -> None:
        try:
            unit, faults = row[at], faults_of(cells(row))
        except (IndexError, ValueError):
            if isinstance(row, Unreadable):
                found.unreadable += 1
                return found.reject(number, row.reason)
            if not any(map(str.strip, row)):
                return None
            tidy = [*map(str.strip, row), *blanks]  # short, or with blanks around its cells
            unit = tidy[at]
            try:
                faults = faults_of(cells(tidy))
            except ValueError as problem:
                is_case = any(_DIGIT.search(tidy[place]) for place in telling)
                return found.reject_of(unit, number, str(problem), is_case=is_case)
        if not unit.strip():
            return found.reject_of("", number, "没有承办单位", is_case=True)
        if faults:
            try:
                digest, has_number = identify(row)
            except ValueError as problem:
                return found.reject_of(unit, number, str(problem), is_case=True)
            for fault in faults:
                found.faulty.add(fault, unit, number, digest, has_number=has_number)
        units[unit] = units.get(unit, 0) + 1
        return None

    return look


def _picker(columns: Mapping[str, int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """The six cells that are judged, "" for those that the export has no column for."""
    places = [columns.get(name) for name in CELLS]
    known = [place for place in places if place is not None]
    if len(known) == len(places):
        return itemgetter(*known)
    return lambda row: ["" if place is None else row[place] for place in places]


def _identifier(columns: Mapping[str, int]) -> Callable[[Sequence[str]], tuple[bytes, bool]]:
    """What stands for a case, and whether that is its number; without one it is its unit, matter and day.

    Raises ValueError for a number that an office program has cut: it would stand for many cases.
    """
    at = columns.get("case_id")
    places = [columns[name] for name in ("unit", "matter", "applied") if name in columns]

    def identify(row: Sequence[str]) -> tuple[bytes, bool]:
        number = row[at].strip() if at is not None and at < len(row) else ""
        if _CUT_NUMBER.fullmatch(number):
            raise ValueError(f"办件编号“{number}”已变成科学计数，编号不全，请将该列设为文本后重新导出")
        if number:
            return digest_of(number), True
        return digest_of("\x1f".join(row[place].strip() for place in places if place < len(row))), False

    return identify
