"""The rectification ledger (整改台账) as an xlsx: one item a row, for filtering, printing, taking in again.

A text of the source stays text: no cell may ever become a formula or a link, and no row may be
dropped in silence. Must never hold all rows in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, auto
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.domain.errors import RectifyError

# Excel's limit is 32,767 UTF-16 units a cell, two for a rare character; the writer cuts there without a word.
_LONGEST = 16_000
_CUT = "……（原文过长，此处截断，全文见系统）"
# The writer keeps every row's height until the end; a ledger longer than this is filtered, not printed.
_HEIGHTS_UNTIL = 10_000
_LINE_HEIGHT = 15  # points
_MOST_LINES = 27  # Excel's limit is 409 points a row
_STANDING = "长期坚持"
_REPORT_EVERY = 1_000

_Cells = tuple[int | str | date | None, ...]


class Look(Enum):
    """How a column's cells are set."""

    TEXT = auto()  # wrapped
    SHORT = auto()  # centred
    DAY = auto()  # centred, a date


@dataclass(frozen=True)
class Column:
    """`width` in characters of the default font."""

    header: str
    width: int
    look: Look = Look.TEXT


_COLUMNS = (
    Column("编号", 7, Look.SHORT),
    Column("责任单位", 20),
    Column("组别", 8, Look.SHORT),
    Column("领域", 12),
    Column("问题类别", 16),
    Column("问题描述", 48),
    Column("数量", 9, Look.SHORT),
    Column("状态", 8, Look.SHORT),
    Column("下发日期", 11, Look.DAY),
    Column("整改时限", 11, Look.DAY),
    Column("是否暂定", 9, Look.SHORT),
    Column("是否逾期", 9, Look.SHORT),
    Column("销号日期", 11, Look.DAY),
    Column("来源", 16),
    Column("来源通报", 24),
    Column("备注", 18),
)
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
    "default_format_properties": {
        "font_name": "宋体",
        "font_scheme": False,
        "font_size": 10,
        "valign": "top",
    },
}


@dataclass(frozen=True)
class LedgerRow:
    """One item as the ledger shows it; all texts are Chinese.

    quantity: `982件` or empty. source: annex, row and number in its cell, `附件4/3/2`. due_on: None for
    a standing duty (长期坚持). struck_off_on: None, an empty cell, while the item is open.
    """

    number: int
    unit: str
    group: str
    domain: str
    class_name: str
    text: str
    quantity: str
    state: str
    issued_on: date | None
    due_on: date | None
    provisional: bool
    overdue: bool
    struck_off_on: date | None
    source: str
    bulletin: str
    note: str


def write_ledger(
    target: BinaryIO | Path,
    rows: Iterable[LedgerRow],
    title: str,
    as_of: str,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write `rows` in their order and return their number; equal input gives equal bytes.

    progress: called with the number of rows so far, every 1,000 rows. The target gets the finished
    file or nothing. Raises RectifyError when it cannot be written or the rows do not fit on a sheet.
    """
    beside = target.parent if isinstance(target, Path) else None
    try:
        with TemporaryDirectory(prefix=".ledger-", dir=beside) as room:
            made = Path(room) / "ledger.xlsx"
            with xlsxwriter.Workbook(str(made), {**_OPTIONS, "tmpdir": room}) as book:
                # A fixed moment: the writer's own would make every file differ.
                created = datetime(2000, 1, 1, tzinfo=UTC)
                book.set_properties({"title": title, "comments": as_of, "created": created})
                sheet = book.add_worksheet("整改台账")
                _lay_out(book, sheet, title, as_of)
                written = _fill(sheet, rows, progress)
                _finish(book, sheet, written)
            if isinstance(target, Path):
                made.replace(target)
            else:
                with made.open("rb") as finished:
                    shutil.copyfileobj(finished, target)
    except (OSError, XlsxWriterException) as error:
        raise RectifyError(f"台账文件无法写入：{error}") from error
    return written


def _fill(sheet: Worksheet, rows: Iterable[LedgerRow], progress: Callable[[int], None] | None) -> int:
    place = 0
    for place, row in enumerate(rows, start=1):
        cells = _cells(row)
        if place <= _HEIGHTS_UNTIL:
            _set_height(sheet, place, cells)
        if sheet.write_row(place, 0, cells):
            raise RectifyError(
                f"台账写到编号 {row.number} 时失败：行数超过一张工作表的上限，请缩小范围后再导出"
            )
        if progress and place % _REPORT_EVERY == 0:
            progress(place)
    return place


def _set_height(sheet: Worksheet, place: int, cells: _Cells) -> None:
    """Give a row of several lines its height; Excel would find it when opening, LibreOffice would not."""
    pairs = zip(cells, _COLUMNS, strict=True)
    # A Chinese character is two of a column's width units wide.
    lines = max(ceil(2 * len(str(cell)) / column.width) for cell, column in pairs if column.look is Look.TEXT)
    if lines > 1:
        sheet.set_row(place, _LINE_HEIGHT * min(lines, _MOST_LINES))


def _cells(row: LedgerRow) -> _Cells:
    return (
        row.number, row.unit, row.group, row.domain, row.class_name, _cut(row.text), row.quantity, row.state,
        row.issued_on, row.due_on or _STANDING, _yes(row.provisional), _yes(row.overdue), row.struck_off_on,
        row.source, row.bulletin, _cut(row.note),
    )  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT


def _yes(flag: bool) -> str:
    return "是" if flag else "否"


def _lay_out(book: Workbook, sheet: Worksheet, title: str, as_of: str) -> None:
    """Header row, widths and paper: A4 landscape, one page wide, the header row on each page."""
    formats = {
        Look.TEXT: book.add_format({"text_wrap": True}),
        Look.SHORT: book.add_format({"text_wrap": True, "align": "center"}),
        Look.DAY: book.add_format({"num_format": "yyyy-mm-dd", "align": "center"}),
    }
    head = book.add_format(
        {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#D9E2EC", "border": 1}
    )
    for place, column in enumerate(_COLUMNS):
        sheet.set_column(place, place, column.width, formats[column.look])
        sheet.write_string(0, place, column.header, head)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.hide_gridlines(0)
    sheet.set_header(f"&L&14{_printed(title)}&R{_printed(as_of)}")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _finish(book: Workbook, sheet: Worksheet, written: int) -> None:
    """What needs the last row: the filter, and the tint of overdue rows (bold too: paper may be grey)."""
    last = len(_COLUMNS) - 1
    sheet.autofilter(0, 0, written, last)
    if written:
        place = [column.header for column in _COLUMNS].index("是否逾期")
        rule = f'={xl_rowcol_to_cell(1, place, col_abs=True)}="{_yes(True)}"'
        look = book.add_format({"bg_color": "#FBE5D6", "bold": True})
        sheet.conditional_format(1, 0, written, last, {"type": "formula", "criteria": rule, "format": look})


def _printed(text: str) -> str:
    """`text` for a printed header, where `&` starts a code and 255 characters are the limit of the line."""
    return text[:80].replace("&", "&&")
