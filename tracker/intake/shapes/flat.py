"""Tables that lost their grid: one cell per line or paragraph, perhaps with a `|` behind each.

Must never guess how many columns there were: when the cells do not fill whole rows, all of them are unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Document, Line
from tracker.intake.model import Leftover
from tracker.intake.roles import Harvest
from tracker.intake.shapes import tables
from tracker.intake.shapes.columns import columns_of, is_title

_BAR = re.compile(r"\s*\|+\s*$")
_END_OF_TABLE = re.compile(r"\s*(?:第?[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|附\s*件|备注|注[:：])")
_WHY_UNEVEN = "表格每格一行，但格数不是列数（{width}）的整数倍，无法确定每行从哪里开始，请改用原表格文件"
_WHY_FIGURES = "统计表，没有问题栏"
_FEWEST_COLUMNS, _MOST_COLUMNS = 2, 16


@dataclass(frozen=True)
class _Block:
    """A heading's cells and the cells below it, as places in the document's lines."""

    start: int
    width: int
    end: int


def read(document: Document, filename: str, lexicon: Lexicon) -> Harvest:
    """Rebuild each such table and read it as any other; what is no table goes on to the next shape."""
    lines, position = document.lines, 0
    rest: list[Line] = []
    harvests: list[Harvest] = []
    while position < len(lines):
        block = _block(lines, position)
        if block is None:
            rest.append(lines[position])
            position += 1
            continue
        captions = tuple(rest[-3:])
        is_end = block.end == len(lines)
        harvests.append(_table(lines, block, captions, filename, lexicon, is_end=is_end))
        position = block.end
    return Harvest(
        findings=tuple(finding for harvest in harvests for finding in harvest.findings),
        unassigned=tuple(leftover for harvest in harvests for leftover in harvest.unassigned),
        unread=tuple(leftover for harvest in harvests for leftover in harvest.unread),
        rest=tuple(rest),
        has_problem_list=any(harvest.has_problem_list for harvest in harvests),
        context=tuple(leftover for harvest in harvests for leftover in harvest.context),
    )


def _cell(line: Line) -> str:
    return _BAR.sub("", line.text)


def _block(lines: Sequence[Line], start: int) -> _Block | None:
    """The table whose heading begins here: as many columns as fill whole rows, the widest heading first."""
    width = 0
    while start + width < len(lines) and width < _MOST_COLUMNS and _is_heading_cell(lines[start + width]):
        width += 1
    bars = _BAR.search(lines[start].text) is not None
    for columns in range(width, _FEWEST_COLUMNS - 1, -1):
        found = columns_of([_cell(line) for line in lines[start : start + columns]])
        if found is None or found.unit is None or not found.problems:
            continue
        end = _end(lines, start + columns, bars=bars)
        if end > start + columns:
            return _Block(start, columns, end)
    return _figures(lines, start)


def _is_heading_cell(line: Line) -> bool:
    return line.is_prose and is_title(_cell(line))


def _end(lines: Sequence[Line], start: int, *, bars: bool) -> int:
    position = start
    while position < len(lines):
        line = lines[position]
        if not line.is_prose or _END_OF_TABLE.match(line.text) or (bars and not _BAR.search(line.text)):
            break
        position += 1
    return position


def _figures(lines: Sequence[Line], start: int) -> _Block | None:
    """Six or more cells with bars in a row that hold no column of problems: figures."""
    end = start
    while end < len(lines) and lines[end].is_prose and _BAR.search(lines[end].text):
        end += 1
    return _Block(start, 0, end) if end - start >= 6 else None  # noqa: PLR2004 - fewer are no table


def _table(
    lines: Sequence[Line], block: _Block, captions: Sequence[Line], filename: str, lexicon: Lexicon, *, is_end: bool
) -> Harvest:
    cells = lines[block.start : block.end]
    if not block.width:
        context = tuple(Leftover(line.text, line.number, _WHY_FIGURES) for line in cells)
        return Harvest((), (), (), (), has_problem_list=False, context=context)
    count = len(cells) - block.width
    if count % block.width and not is_end:
        why = _WHY_UNEVEN.format(width=block.width)
        unread = tuple(Leftover(_cell(line), line.number, why) for line in cells)
        return Harvest((), (), unread, (), has_problem_list=True)
    rows = tuple(_rows(cells, block.width))
    harvest = tables.read(Document((*captions, *rows), open_ended=is_end), filename, lexicon)
    context = [leftover for leftover in harvest.context if leftover.line >= rows[0].number]
    for row, line in ((rows[index // block.width], line) for index, line in enumerate(cells)):
        if line.number != row.number:
            context.append(Leftover(_cell(line), line.number, f"与第{row.number}行同属表格的一行"))
    return Harvest(
        harvest.findings, harvest.unassigned, harvest.unread, (), has_problem_list=True, context=tuple(context)
    )


def _rows(cells: Sequence[Line], width: int) -> Iterator[Line]:
    for start in range(0, len(cells), width):
        row = cells[start : start + width]
        yield Line(row[0].number, tuple(_cell(line) for line in row))
