"""Looks at each sheet of an xlsx before it is laid out: how large is its grid, does it hide its values?

Must never trust what a sheet states about its own range.
"""

from __future__ import annotations

import re

from tracker.domain.errors import IntakeError
from tracker.intake.office_package import parts

_CELLS = 5_000_000  # the grid a reader would have to lay out, blank cells included
_TAGS = 40_000_000
_CERTAIN_ROWS, _CERTAIN_COLUMNS = 99_999, 26
# The usual way to write a cell, which a search finds fast; _REFERENCE is all that XML allows.
_USUAL = b'<c r="'
_BEYOND_COLUMNS = re.compile(rb'<c r="[A-Z]{2,3}\d')
_FAR_ROW = re.compile(rb'<c r="[A-Z]{1,3}(\d{6,7})"')
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_FORMULA = (b"<f", b":f")
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


def check_workbook(content: bytes, filename: str) -> None:
    """Return if it may be read. Raises IntakeError: no workbook, encrypted, damaged, too large, no values."""
    for _, part in parts(content, filename):
        if part.count(b"<") > _TAGS:
            raise IntakeError(f"{filename}：工作簿内容过多，请拆分后重试")
        if b"sheetData" in part:  # wherever the workbook keeps its sheets
            _check_sheet(part, filename)


def _check_sheet(xml: bytes, filename: str) -> None:
    height, width = _extent(xml)
    if width * height > _CELLS:
        raise IntakeError(
            f"{filename}：工作表范围过大（{height} 行 × {width} 列），请删去表格外的单元格后重试"
        )
    if any(sign in xml for sign in _FORMULA) and (cell := _UNCOMPUTED.search(xml)):
        place = cell[1].decode()
        raise IntakeError(
            f"{filename} 单元格{place}：公式没有计算结果，请用 Excel 或 WPS 打开、保存后重试",
            details={"cell": place},
        )


def _extent(xml: bytes) -> tuple[int, int]:
    """Rows and columns that the sheet's cells may span, at least; exact where a cheap look leaves doubt."""
    if _is_usual(xml) and not _BEYOND_COLUMNS.search(xml):
        rows = max(map(int, _FAR_ROW.findall(xml)), default=_CERTAIN_ROWS)
        if rows * _CERTAIN_COLUMNS <= _CELLS:
            return rows, _CERTAIN_COLUMNS
    columns: set[bytes] = set()
    height = 0
    for match in _REFERENCE.finditer(xml):
        columns.add(match[1])
        height = max(height, int(match[2]))
    return height, max(map(_column, columns), default=0)


def _is_usual(xml: bytes) -> bool:
    """Whether each cell is written the usual way; <col> may stand beside them, anything else costs time."""
    return xml.count(b"<c") - xml.count(b"<col") == xml.count(_USUAL) and b":c" not in xml


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
