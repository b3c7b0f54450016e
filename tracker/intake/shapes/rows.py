"""The rows of one problem list: wrapped ones rejoined, cells split into problems, the doubtful set aside.

Must never move a cell to another column: a row that lost a cell is unread, because nobody can say which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from tracker.intake.document import Line
from tracker.intake.encodings import CUT
from tracker.intake.model import Finding, Leftover, MediaAccount, Source
from tracker.intake.quantities import quantity_of
from tracker.intake.shapes.columns import Columns, Problem, heading
from tracker.intake.shapes.lists import Entry, is_closed, one_line, split_cell, without_markup
from tracker.intake.spool import Spool

_TOTAL = re.compile(r"合计|总计|小计|共计")
_HANZI = re.compile(r"[\u3400-\u9fff]")
_WHY_CUT = "文件在此处中断，内容可能不完整，请对照原文核对"
_WHY_WRAPPED = "与第{line}行同属表格的一行"
_WHY_NOTHING, _WHY_TOTAL = "这一行没有写问题", "合计行"
_WHY_NO_UNIT = "所在行没有写明责任单位"


@dataclass
class Table:
    """One problem list as gathered: where it stands, and its lines under all its repeated headings.

    `unit`: whom its caption names, for a sheet about one unit that has no column of units.
    """

    columns: Columns
    annex: str | None
    group_hint: str | None
    unit: str | None = None
    lines: Spool[Line] = field(default_factory=Spool)

    @cached_property
    def keeps_blanks(self) -> bool:
        """Whether blank cells at the end of a row are kept: then a short row has lost a cell somewhere."""
        width = self.columns.width
        return any(len(row.cells) >= width and not row.cells[-1].strip() for row, _ in _rejoined(self))

    @cached_property
    def others_end(self) -> bool:
        """Whether every row but the last closes its last cell like a sentence: then the last one was cut."""
        closed = [is_closed(row.cells[-1]) for row, _ in _rejoined(self)]
        return len(closed) > 1 and all(closed[:-1])


@dataclass
class Outcome:
    """What the rows of all tables gave."""

    findings: Spool[Finding] = field(default_factory=Spool)
    unassigned: Spool[Leftover] = field(default_factory=Spool)
    unread: Spool[Leftover] = field(default_factory=Spool)
    context: Spool[Leftover] = field(default_factory=Spool)


class _Row(NamedTuple):
    """A row of exactly the heading's width. `cut_at`: the cell in whose middle the file ends, if it does.

    `unit` is whom the row names; a sheet about one unit has no such column, but a caption.
    """

    line: int
    number: int
    unit: str
    cells: tuple[str, ...]
    cut_at: int | None

    def cell(self, index: int | None) -> str:
        return "" if index is None else _plain(self.cells[index])


@lru_cache(maxsize=4096)
def _plain(cell: str) -> str:
    """A name as one line without markup; a long list repeats the names of its units and domains."""
    return one_line(without_markup(cell))


def read_table(table: Table, last: Line | None, filename: str, outcome: Outcome) -> None:
    """Add every row to the outcome; `last` is the document's last line if the file may be cut there."""
    for row in _rows(table, last, outcome):
        if _TOTAL.fullmatch(row.unit):
            outcome.context.append(Leftover(" ".join(filter(None, row.cells)), row.line, _WHY_TOTAL))
            continue
        says_nothing = True
        for problem in table.columns.problems:
            for entry in _entries(row, problem):
                says_nothing = False
                if isinstance(entry, Leftover):
                    outcome.unread.append(entry)
                elif row.unit:
                    outcome.findings.append(_finding(entry, row, problem, table, filename))
                else:
                    outcome.unassigned.append(Leftover(entry.text, row.line, _WHY_NO_UNIT))
        if says_nothing:
            outcome.context.append(Leftover(" ".join(filter(None, row.cells)), row.line, _WHY_NOTHING))


def _rows(table: Table, last: Line | None, outcome: Outcome) -> Iterator[_Row]:
    columns = table.columns
    for running, (line, end) in enumerate(_rejoined(table), start=1):
        if end > line.number:
            why = _WHY_WRAPPED.format(line=line.number)
            outcome.context.extend(Leftover("", number, why) for number in range(line.number + 1, end + 1))
        is_end = last is not None and end == last.number
        missing = columns.width - len(line.cells)
        if (missing < 0 and any(cell.strip() for cell in line.cells[columns.width :])) or (
            missing > 0 and not is_end and (table.keeps_blanks or line.is_prose)
        ):
            why = f"列数与表头不符：表头{columns.width}列，此行{len(line.cells)}列"
            outcome.unread.append(Leftover(line.text, line.number, why))
            continue
        tail = line.cells[-1]
        is_cut = is_end and (
            tail.endswith(CUT) or (not is_closed(tail) and (missing > 0 or table.others_end))
        )
        if is_end and missing > 0 and (table.keeps_blanks or is_cut):
            outcome.unread.append(Leftover(_fragment(tail) or line.text, line.number, _WHY_CUT))
        cells = line.cells[: columns.width] + ("",) * missing if missing else line.cells
        number = "" if columns.number is None else cells[columns.number].strip()
        row = int(number) if number.isdecimal() else running
        unit = table.unit or "" if columns.unit is None else _plain(cells[columns.unit])
        yield _Row(line.number, row, unit, cells, len(line.cells) - 1 if is_cut else None)


def _fragment(tail: str) -> str:
    entries = split_cell(tail)
    return entries[-1].text if entries else ""


def _rejoined(table: Table) -> Iterator[tuple[Line, int]]:
    """Rows with the number of their last line; a row broken inside a cell goes on in the line right below."""
    pieces: list[Line] = []
    width = 0
    for line in table.lines:
        if pieces and line.number == pieces[-1].number + 1 and _goes_on(width, line, table.columns):
            pieces.append(line)
            width += len(line.cells) - 1
            continue
        if pieces:
            yield _joined(pieces), pieces[-1].number
        pieces, width = [line], len(line.cells)
    if pieces:
        yield _joined(pieces), pieces[-1].number


def _joined(pieces: list[Line]) -> Line:
    """One row; the first cell of each line goes on from the last of the line above."""
    first, *others = pieces
    if not others:
        return first
    cells = [[cell] for cell in first.cells]
    for line in others:
        cells[-1].append(line.cells[0])
        cells += [[cell] for cell in line.cells[1:]]
    return Line(first.number, tuple(map("\n".join, cells)))


def _goes_on(cells_above: int, line: Line, columns: Columns) -> bool:
    width = cells_above + len(line.cells) - 1
    if width > columns.width or not line.cells[0].strip():
        return False
    if columns.number == 0 and line.cells[0].strip().isdecimal():
        return False
    if columns.number != 0 and len(line.cells) > 1:
        return False  # nothing tells the rest of a wrapped row from a new one
    # A full row can only go on in its last column, and only a column of problems may take more text.
    return cells_above < columns.width or columns.problems[-1].index == columns.width - 1


def _entries(row: _Row, problem: Problem) -> Iterator[Entry | Leftover]:
    """The cell's problems; what is in the cell but states none is unread, its repeated title is nothing."""
    entries = split_cell(row.cells[problem.index])
    for position, entry in enumerate(entries):
        is_last = position + 1 == len(entries)
        if heading(entry.text).rstrip(":：") == problem.title:
            continue
        if is_last and problem.index == row.cut_at:
            continue  # half a problem: noted with the cut
        if not _HANZI.search(entry.text):
            yield Leftover(entry.text, row.line, "问题栏中没有文字说明")
        elif entry.text.endswith((":", "：")) and not is_last:
            yield Leftover(entry.text, row.line, "问题前的引导语，未作为问题")
        else:
            yield entry


def _finding(entry: Entry, row: _Row, problem: Problem, table: Table, filename: str) -> Finding:
    account = row.cell(table.columns.account)
    return Finding(
        unit_as_written=row.unit,
        group_hint=_group(row, table),
        domain=problem.domain or row.cell(table.columns.domain) or None,
        text=entry.text,
        quantity=quantity_of(entry.text),
        source=Source(filename, table.annex, row.number, entry.ordinal, row.line),
        account=MediaAccount(account, None, None) if account else None,
    )


def _group(row: _Row, table: Table) -> str | None:
    """A 区划 column beside a unit column says it row by row; else the table's title does."""
    columns = table.columns
    region = "" if columns.unit_is_region else row.cell(columns.region)
    if not region:
        return table.group_hint
    return "市直" if re.search(r"[市州县]直|本级", region) else "各区"
