"""A plain list as a file that Excel and WPS open: csv or xlsx, by the file's name.

Must never let a cell become a formula, nor leave half a file where a whole one stood.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from tracker.domain.errors import RectifyError

SUFFIXES = (".csv", ".xlsx")
_WIDTH = 24
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CELL = 32_767  # characters that a cell of a workbook holds
_SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Row = Sequence[str | int]


def write_sheet(target: Path, headings: Sequence[str], rows: Iterable[Row]) -> None:
    """Write the list; `target` ends in one of SUFFIXES. Raises RectifyError when it cannot be written."""
    write = _write_csv if target.suffix.lower() == ".csv" else _write_xlsx
    try:
        with TemporaryDirectory(prefix=".sheet-", dir=target.parent) as room:
            made = Path(room) / target.name
            write(made, chain([headings], rows))
            made.replace(target)
    except OSError as error:
        raise RectifyError(f"文件无法写入：{error}") from error


def _write_csv(target: Path, rows: Iterable[Row]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as file:  # Excel knows UTF-8 by its mark only
        csv.writer(file).writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: str | int) -> str | int:
    """Excel takes what begins with such a character for a formula, quoted or not."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _write_xlsx(target: Path, rows: Iterable[Row]) -> None:
    with xlsxwriter.Workbook(str(target), _SAFE) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows):
            if not place:
                sheet.set_column(0, len(row) - 1, _WIDTH)
            # Each row leaves the memory when the next one comes.
            sheet.write_row(place, 0, [_fitting(cell) for cell in row], None if place else bold)


def _fitting(cell: str | int) -> str | int:
    return cell if isinstance(cell, int) or len(cell) <= _CELL else f"{cell[: _CELL - 1]}…"
