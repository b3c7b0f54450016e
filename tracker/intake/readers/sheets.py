"""Tables as files: csv (UTF-8 or GBK), xlsx and xls. A sheet becomes the same lines as a text's table.

Must never compute a formula, follow a link or run a macro, nor unpack what the safety check has not seen.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import PurePath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from tracker.domain.errors import IntakeError
from tracker.intake.document import Document, Line
from tracker.intake.encodings import decode, split_lines
from tracker.intake.office_package import COMPOUND, is_package
from tracker.intake.quarantine import read_apart
from tracker.intake.spool import Spool, together
from tracker.intake.workbook_safety import check_workbook

_LONGEST_CELL = 1024 * 1024
_MERGED_ROWS = 1_000_000

Rows = Iterator[tuple[int, list[str]]]


def recognises(content: bytes, filename: str) -> bool:
    """Workbooks by their first bytes, csv by its name (its content cannot tell)."""
    return _is_workbook(content) or PurePath(filename).suffix.lower() == ".csv"


def read(content: bytes, filename: str) -> Document:
    """Every non-blank row of every visible sheet; rows are padded to the sheet's width.

    In a workbook of several sheets each sheet's name stands before its rows, as its title.
    """
    if content.startswith(COMPOUND):
        return read_apart(f"{__name__}:read_sheets", content, filename)
    return read_sheets(content, filename)


def read_sheets(content: bytes, filename: str) -> Document:
    """`read` without bounds on what an xls may ask for."""
    sheets = list(_sheets(content, filename))
    parts: list[Sequence[Line]] = []
    for name, lines, widths in sheets:
        if len(sheets) > 1:
            parts.append([Line(1, (name,))])
        parts.append(lines if len(widths) == 1 else Spool(_padded(lines, max(widths))))
    return Document(together(parts))


def read_rows(content: bytes, filename: str) -> list[list[str]]:
    """The non-blank rows of the first sheet that has any, as text; [] for an empty table.

    Dates come as ISO 8601, whole numbers without ".0". Raises IntakeError when it is no table.
    """
    return [row for _, row in read_numbered_rows(content, filename)]


def read_numbered_rows(content: bytes, filename: str) -> Rows:
    """The same, each with its number in the sheet, from 1; read while they are gone through."""
    if not recognises(content, filename):
        raise IntakeError(f"{filename}：不是表格文件，请提供 csv、xlsx 或 xls")
    return _first_with_rows(_tables(content, filename))


def _is_workbook(content: bytes) -> bool:
    return is_package(content) or content.startswith(COMPOUND)


def _sheets(content: bytes, filename: str) -> Iterator[tuple[str, Spool[Line], set[int]]]:
    """Name, numbered non-blank rows and the widths of these, of each sheet that has any."""
    for name, rows in _tables(content, filename):
        widths: set[int] = set()
        lines = Spool(_filled(rows, widths))
        if lines:
            yield name, lines, widths


def _tables(content: bytes, filename: str) -> Iterator[tuple[str, Rows]]:
    return (
        _workbook(content, filename) if _is_workbook(content) else iter([("", _csv_rows(content, filename))])
    )


def _first_with_rows(tables: Iterator[tuple[str, Rows]]) -> Rows:
    for _, rows in tables:
        has_rows = False
        for number, row in rows:
            if any(map(str.strip, row)):
                has_rows = True
                yield number, row
        if has_rows:
            return


def _filled(rows: Rows, widths: set[int]) -> Iterator[Line]:
    for number, row in rows:
        if any(map(str.strip, row)):
            widths.add(len(row))
            yield Line(number, tuple(row))


def _padded(lines: Iterable[Line], width: int) -> Iterator[Line]:
    return (Line(number, (*cells, *[""] * (width - len(cells)))) for number, cells in lines)


def _csv_rows(content: bytes, filename: str) -> Rows:
    text = decode(content, filename)
    first = next(split_lines(text), "")
    # Excel's "Unicode text" is a csv by name with tabulators inside.
    delimiter = "\t" if "\t" in first and "," not in first else ","
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(split_lines(text), delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error:
        raise IntakeError(
            f"{filename} 第{start}行：csv 格式有误（单元格过长或引号不配对）", details={"line": start}
        ) from None


def _workbook(content: bytes, filename: str) -> Iterator[tuple[str, Rows]]:
    if not content.startswith(COMPOUND):
        check_workbook(content, filename)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ is SheetTypeEnum.WorkSheet:
                    yield meta.name, _rendered(workbook.get_sheet_by_name(meta.name), filename)
    except PasswordError:
        raise IntakeError(f"{filename}：文件已加密，请去掉密码后重试") from None
    except CalamineError as problem:
        raise IntakeError(
            f"{filename}：不是可读的 Excel 工作簿，文件可能已损坏或被截断（{problem}）"
        ) from None


def _rendered(sheet: CalamineSheet, filename: str) -> Rows:
    start = sheet.start or (0, 0)
    margin = [""] * start[1]  # iter_rows keeps the empty rows above the first cell, not the columns
    merged = sheet.merged_cell_ranges or []
    if sum(max(bottom - top, 0) for (top, _), (bottom, _) in merged) > _MERGED_ROWS:
        raise IntakeError(f"{filename} 工作表“{sheet.name}”：合并的单元格过多，请取消合并后重试")
    spans: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for (top, left), (bottom, _) in merged:
        spans[top].append((left, bottom))
    # One unit beside several problems is one merged cell: its name belongs to each of its rows.
    open_: dict[int, tuple[int, str]] = {}
    for place, values in enumerate(sheet.iter_rows()):
        # Most are text already.
        row = margin + [value if type(value) is str else _as_text(value) for value in values]
        if not spans:
            yield place + 1, row
            continue
        open_ = {left: (bottom, name) for left, (bottom, name) in open_.items() if place <= bottom}
        for left, (_, name) in open_.items():
            row[left] = name
        open_ |= {left: (bottom, row[left]) for left, bottom in spans.get(place, ()) if left < len(row)}
        yield place + 1, row


def _as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
