"""Tables of figures as rows of numbers under headings, however the file kept them.

Must never shift a cell to make a row fit: a row with lost cells is only known to have lost some.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise

from tracker.intake.document import Document, Line
from tracker.intake.spool import Spool

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?%?")
_NAME = re.compile(r"单位|部门|区划|地区|名称|县区|区县|乡镇")
_RANK = re.compile(r"排名|名次|位次")
_TOTAL = re.compile(r"^(?:综合|最终|考核|合计|总)?(?:得分|总分|总得分|总计|合计|成绩)")
_FULL = re.compile(r"[(（](?:满分)?(\d{1,4}(?:\.\d{1,2})?)分[)）]")
_GROUP = re.compile(r"[(（](\d{1,3})项[，,、](\d{1,4})分[)）]")
QUOTED_LENGTH = 100


@dataclass(frozen=True)
class Group:
    """A heading over several columns: 服务成效(14项,54分)."""

    text: str
    columns: int
    full: Decimal


@dataclass(frozen=True)
class Grid:
    """One table, or one page of it. `full` are the full marks of its columns in order, if they are stated,
    and `scored` the titles that state them; `groups` the headings above them; `rows` the lines below."""

    header: Line
    titles: tuple[str, ...]
    full: tuple[Decimal, ...]
    scored: tuple[str, ...]
    groups: tuple[Group, ...]
    rows: Sequence[Line]

    @property
    def is_two_level(self) -> bool:
        return bool(self.groups)

    def column(self, pattern: re.Pattern[str]) -> int | None:
        return next((place for place, title in enumerate(self.titles) if pattern.search(title)), None)

    def is_aligned(self, row: Line) -> bool:
        """Whether each cell stands under its own title: one header line, and no cell lost at its end."""
        return not self.is_two_level and len(row.cells) <= len(self.titles)

    def name(self, row: Line) -> str:
        place = self.column(_NAME)
        return compact(row.cells[place]) if place is not None and place < len(row.cells) else ""

    def rank(self, row: Line) -> int | None:
        place = self.column(_RANK)
        text = compact(row.cells[place]) if place is not None and place < len(row.cells) else ""
        return int(text) if text.isascii() and text.isdecimal() else None

    def values(self, row: Line) -> tuple[list[Decimal], Decimal] | None:
        """A row's parts and its total, or None if it has none; lost cells are simply not there."""
        name = self.column(_NAME)
        if name is None:
            return None
        place = self.column(_TOTAL)
        if self.is_aligned(row) and place is not None:
            if place >= len(row.cells) or (total := number(row.cells[place])) is None:
                return None
            others = [
                cell
                for at, cell in enumerate(row.cells)
                if at > name and at != place and _full(self.titles[at])
            ]
            return [value for cell in others if (value := number(cell)) is not None], total
        found = [number(cell) for cell in row.cells[name + 1 :] if cell.strip()]
        numbers = [value for value in found if value is not None]
        if len(numbers) != len(found) or len(numbers) < 2:
            return None
        return numbers[:-1], numbers[-1]


def number(cell: str) -> Decimal | None:
    """The cell's number, without its percent sign; None for anything else."""
    text = compact(cell).replace("％", "%").replace(",", "")
    return Decimal(text.rstrip("%")) if _NUMBER.fullmatch(text) else None


def compact(text: str) -> str:
    return re.sub(r"\s+", "", text)


def quoted(row: Line) -> str:
    return row.text[:QUOTED_LENGTH]


def grids(document: Document) -> Iterator[list[Grid]]:
    """The tables in order; the pages of one table (nothing but its header between them) together."""
    pages: list[Grid] = []
    block: Spool[Line] = Spool()
    for line in document.lines:
        if not line.is_prose:
            block.append(line)
        elif block:
            pages = list(_pages(block))
            block = Spool()
            if pages:
                yield pages
    if block and (pages := list(_pages(block))):
        yield pages


def _pages(block: Sequence[Line]) -> Iterable[Grid]:
    starts = [place for place, line in enumerate(block) if _is_header(line)]
    for start, end in pairwise([*starts, len(block)]):
        header, first = block[start], start + 1
        titles = tuple(compact(cell) for cell in header.cells)
        groups = tuple(
            Group(title, int(match[1]), Decimal(match[2]))
            for title in titles
            if (match := _GROUP.search(title))
        )
        marked = titles
        if first < end and groups and not block[first].cells[0].strip():
            marked, first = tuple(compact(cell) for cell in block[first].cells), first + 1
        scored = tuple(title for title in marked if _full(title) is not None)
        full = tuple(mark for title in marked if (mark := _full(title)) is not None)
        yield Grid(header, titles, full, scored, groups, Spool(islice(block, first, end)))


def _is_header(line: Line) -> bool:
    titles = [compact(cell) for cell in line.cells]
    is_named = any(_NAME.search(title) and len(title) <= 8 for title in titles)
    return is_named and not any(number(title) is not None for title in titles)


def _full(title: str) -> Decimal | None:
    match = _FULL.search(title)
    return Decimal(match[1]) if match else None
