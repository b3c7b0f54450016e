"""The rectification ledger (整改台账) as an xlsx: one item a row, to filter, print, edit and take back in.

A text of the source stays text: no cell may ever become a formula or a link, and no row may be
dropped in silence. Must never hold all rows in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.domain.classes import ProblemClass
from tracker.domain.errors import RectifyError
from tracker.domain.ledger import FORMAT, Field
from tracker.rendering.ledger_guide import add_guide
from tracker.rendering.ledger_row import COLUMNS, Cells, LedgerRow, Look
from tracker.rendering.ledger_rules import colour, guard

# The writer keeps every row's height until the end; a ledger longer than this is filtered, not printed.
_HEIGHTS_UNTIL = 10_000
_LINE_HEIGHT = 15  # points
_MOST_LINES = 27  # Excel's limit is 409 points a row
_EDITABLE, _READ_ONLY = "#FFF2CC", "#D9E2EC"  # the tint of a column's heading
_REPORT_EVERY = 1_000

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


def write_ledger(
    target: BinaryIO | Path,
    rows: Iterable[LedgerRow],
    title: str,
    as_of: str,
    progress: Callable[[int], None] | None = None,
    *,
    classes: Sequence[ProblemClass] = (),
    units: Sequence[str] = (),
    near_until: date | None = None,
) -> int:
    """Write `rows` in their order and return their number; equal input gives equal bytes.

    classes, units: what the drop-downs of 问题类别 and 责任单位 offer; without, there is none. near_until:
    what is due by then is tinted as near. progress: called with the number of rows so far, every
    1,000 rows. The target gets the finished file or nothing. Raises RectifyError when it cannot be written
    or the rows do not fit on a sheet.
    """
    beside = target.parent if isinstance(target, Path) else None
    try:
        with TemporaryDirectory(prefix=".ledger-", dir=beside) as room:
            made = Path(room) / "ledger.xlsx"
            with xlsxwriter.Workbook(str(made), {**_OPTIONS, "tmpdir": room}) as book:
                # A fixed moment: the writer's own would make every file differ.
                created = datetime(2000, 1, 1, tzinfo=UTC)
                book.set_properties({"title": title, "comments": as_of, "created": created})
                book.set_custom_property("整改台账格式", FORMAT, "text")
                sheet = book.add_worksheet("整改台账")
                _lay_out(book, sheet, title, as_of)
                offers = add_guide(book, as_of, classes, units, _heading(book, _READ_ONLY))
                written = _fill(sheet, rows, progress)
                # The hidden column is in it: sorted by the filter's arrows, a row must keep its fingerprint.
                sheet.autofilter(0, 0, written, len(COLUMNS) - 1)
                if written:
                    guard(sheet, written, offers)
                    colour(book, sheet, written, near_until)
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
        cells = row.cells
        if place <= _HEIGHTS_UNTIL:
            _set_height(sheet, place, cells)
        if sheet.write_row(place, 0, cells):
            raise RectifyError(
                f"台账写到编号 {row.number} 时失败：行数超过一张工作表的上限，请缩小范围后再导出"
            )
        if progress and place % _REPORT_EVERY == 0:
            progress(place)
    return place


def _set_height(sheet: Worksheet, place: int, cells: Cells) -> None:
    """Give a row of several lines its height; Excel would find it when opening, LibreOffice would not."""
    pairs = zip(cells, COLUMNS, strict=True)
    # A Chinese character is two of a column's width units wide.
    lines = max(ceil(2 * len(str(cell)) / column.width) for cell, column in pairs if column.look is Look.TEXT)
    if lines > 1:
        sheet.set_row(place, _LINE_HEIGHT * min(lines, _MOST_LINES))


def _lay_out(book: Workbook, sheet: Worksheet, title: str, as_of: str) -> None:
    """Header row, widths and paper: A4 landscape, one page wide, the header row on each page."""
    formats = {
        Look.TEXT: book.add_format({"text_wrap": True}),
        Look.SHORT: book.add_format({"text_wrap": True, "align": "center"}),
        Look.DAY: book.add_format({"num_format": "yyyy-mm-dd", "align": "center"}),
    }
    edited = {field.heading for field in Field}
    heads = {is_edited: _heading(book, _EDITABLE if is_edited else _READ_ONLY) for is_edited in (True, False)}
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, formats[column.look], {"hidden": column.hidden})
        sheet.write_string(0, place, column.header, heads[column.header in edited])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.hide_gridlines(0)
    sheet.set_header(f"&L&14{_printed(title)}&R{_printed(as_of)}")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _heading(book: Workbook, colour: str) -> Format:
    return book.add_format(
        {"bold": True, "text_wrap": True, "align": "center", "bg_color": colour, "border": 1}
    )


def _printed(text: str) -> str:
    """`text` for a printed header, where `&` starts a code and 255 characters are the limit of the line."""
    return text[:80].replace("&", "&&")
