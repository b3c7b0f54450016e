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
from tracker.intake.shapes.columns import columns_of, is_number_title, is_title
from tracker.intake.spool import Spool, together

_BAR = re.compile(r"\|\s*$")
_LONE_BARS = re.compile(r"[\s|]*\|[\s|]*")
_END_OF_TABLE = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|附\s*件|备注|注[:：])"
)
_WHY_UNEVEN = "表格每格一行，但格数不是列数（{width}）的整数倍，无法确定每行从哪里开始，请改用原表格文件"
_WHY_FIGURES = "统计表，没有问题栏"
_WHY_TORN = "表格最后一行不完整"
_WHY_BAR = "表格分隔线"
_FEWEST_COLUMNS, _MOST_COLUMNS = 2, 16
_FEWEST_FIGURES = 6


@dataclass(frozen=True)
class _Cell:
    """One cell and the line it stands on."""

    text: str
    line: int


@dataclass(frozen=True)
class _Block:
    """The cells of one table, heading first; `width` 0: no problem list. `end`: the line behind it.

    `bars`: the lines that hold nothing but bars.
    """

    cells: tuple[_Cell, ...]
    width: int
    end: int
    bars: tuple[int, ...]


def read(document: Document, filename: str, lexicon: Lexicon) -> Harvest:
    """Rebuild each such table and read it as any other; what is no table goes on to the next shape."""
    lines, position = document.lines, 0
    rest: Spool[Line] = Spool()
    harvests: list[Harvest] = []
    while position < len(lines):
        block = _block(lines, position)
        if block is None:
            rest.append(lines[position])
            position += 1
            continue
        captions = rest[-3:]
        is_end = block.end == len(lines)
        harvests.append(_table(block, captions, filename, lexicon, is_end=is_end))
        position = block.end
    return Harvest(
        findings=together(harvest.findings for harvest in harvests),
        unassigned=together(harvest.unassigned for harvest in harvests),
        unread=together(harvest.unread for harvest in harvests),
        rest=rest,
        has_problem_list=any(harvest.has_problem_list for harvest in harvests),
        context=together(harvest.context for harvest in harvests),
    )


def _block(lines: Sequence[Line], start: int) -> _Block | None:
    """The table whose heading begins here: as many columns as are titles, the widest heading first."""
    end = _end_of_bars(lines, start)
    cells = _barred(lines[start:end]) if end else _plain(lines, start)
    width = _width_by_number(cells)
    while width < min(len(cells), _MOST_COLUMNS) and is_title(cells[width].text):
        width += 1
    behind = end or start + len(cells)
    bars = tuple(line.number for line in lines[start:end] if _LONE_BARS.fullmatch(line.text))
    for columns in range(width, _FEWEST_COLUMNS - 1, -1):
        found = columns_of([cell.text for cell in cells[:columns]])
        if found is not None and found.problems and len(cells) > columns and (found.unit is not None or end):
            return _Block(cells, columns, behind, bars)
    return _Block(cells, 0, behind, bars) if end and len(cells) >= _FEWEST_FIGURES else None


def _width_by_number(cells: Sequence[_Cell]) -> int:
    """Where the first row is numbered 1, the heading ends there, whatever its titles; else 0."""
    places = [place for place, cell in enumerate(cells[: _MOST_COLUMNS + 1]) if cell.text == "1"]
    return places[0] if places and is_number_title(cells[0].text) else 0


def _end_of_bars(lines: Sequence[Line], start: int) -> int:
    """The end of a run of cells closed by bars, on their own lines or the next; 0 if none begins here."""
    end = start
    while end < len(lines) and lines[end].is_prose:
        is_barred = _BAR.search(lines[end].text) is not None
        is_ended = end + 1 < len(lines) and _LONE_BARS.fullmatch(lines[end + 1].text) is not None
        is_last = end > start and end + 1 == len(lines) and not _END_OF_TABLE.match(lines[end].text)
        if not is_barred and not is_ended and not is_last:
            break
        end += 1
    return end if end - start >= _FEWEST_FIGURES else 0


def _barred(lines: Sequence[Line]) -> tuple[_Cell, ...]:
    """Each bar ends one cell, be it empty."""
    cells: list[_Cell] = []
    text, place = "", None
    for line in lines:
        pieces = line.text.split("|")
        for piece in pieces[:-1]:
            cells.append(_Cell((text + piece).strip(), place or line.number))
            text, place = "", None
        if pieces[-1].strip():
            text, place = text + pieces[-1].strip(), place or line.number
    if text and place is not None:
        cells.append(_Cell(text, place))
    return tuple(cells)


def _plain(lines: Sequence[Line], start: int) -> tuple[_Cell, ...]:
    """Cells as paragraphs, up to a heading, a note or a real table row."""
    cells: list[_Cell] = []
    if is_title(lines[start].text):
        for place in range(start, len(lines)):
            line = lines[place]
            if not line.is_prose or _END_OF_TABLE.match(line.text):
                break
            cells.append(_Cell(line.text, line.number))
    return tuple(cells)


def _table(
    block: _Block, captions: Sequence[Line], filename: str, lexicon: Lexicon, *, is_end: bool
) -> Harvest:
    cells = block.cells
    if not block.width:
        figures = [Leftover(cell.text, cell.line, _WHY_FIGURES) for cell in cells]
        figures += [Leftover("|", number, _WHY_BAR) for number in block.bars]
        return Harvest((), (), (), (), has_problem_list=False, context=tuple(figures))
    if len(cells) % block.width and not is_end:
        why = _WHY_UNEVEN.format(width=block.width)
        unread = tuple(Leftover(cell.text, cell.line, why) for cell in cells)
        return Harvest((), (), unread, (), has_problem_list=True)
    rows = tuple(_rows(cells, block.width))
    harvest = tables.read(Document((*captions, *rows), open_ended=is_end), filename, lexicon)
    context = [leftover for leftover in harvest.context if leftover.line >= rows[0].number]
    context += [Leftover("|", number, _WHY_BAR) for number in block.bars]
    for index, cell in enumerate(cells):
        row = rows[index // block.width]
        if cell.line != row.number:
            context.append(Leftover(cell.text, cell.line, f"与第{row.number}行同属表格的一行"))
    torn = [Leftover(line.text, line.number, _WHY_TORN) for line in harvest.rest if line in rows]
    return Harvest(
        findings=harvest.findings,
        unassigned=harvest.unassigned,
        unread=(*harvest.unread, *torn),
        rest=(),
        has_problem_list=True,
        context=tuple(context),
    )


def _rows(cells: Sequence[_Cell], width: int) -> Iterator[Line]:
    for start in range(0, len(cells), width):
        row = cells[start : start + width]
        yield Line(row[0].line, tuple(cell.text for cell in row))
