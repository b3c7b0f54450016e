"""An office program that edits a ledger: opens the exported workbook, changes cells, saves it again."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook


class Sheet:
    """The ledger's first sheet; `cell(12, "备注")` is found by number and heading."""

    def __init__(self, xlsx: bytes | Path) -> None:
        content = xlsx.read_bytes() if isinstance(xlsx, Path) else xlsx
        found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("整改台账")
        self.rows: list[list[object]] = [list(row) for row in found.to_python()]

    @property
    def headings(self) -> list[object]:
        return self.rows[0]

    def row(self, number: int) -> list[object]:
        place = self.headings.index("编号")
        return next(row for row in self.rows[1:] if row[place] == number)

    def cell(self, number: int, heading: str) -> object:
        return self.row(number)[self.headings.index(heading)]

    def edit(self, number: int, **cells: object) -> Sheet:
        """Overwrite cells by heading."""
        row = self.row(number)
        for heading, value in cells.items():
            row[self.headings.index(heading)] = value
        return self

    def without(self, heading: str) -> Sheet:
        """Take a column out."""
        place = self.headings.index(heading)
        self.rows = [row[:place] + row[place + 1 :] for row in self.rows]
        return self

    def reordered(self, order: list[int]) -> Sheet:
        """Move the columns about."""
        self.rows = [[row[place] for place in order] for row in self.rows]
        return self

    def as_xlsx(self) -> bytes:
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as book:
            sheet, day = book.add_worksheet("台账"), book.add_format({"num_format": "yyyy-mm-dd"})
            for place, row in enumerate(self.rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(place, column, value, day)
                    elif isinstance(value, str):
                        sheet.write_string(place, column, value)
                    else:
                        sheet.write(place, column, value)
        return target.getvalue()

    def as_csv(self, encoding: str = "utf-8-sig") -> bytes:
        """As Chinese Excel saves it: dates with slashes."""
        target = io.StringIO()
        writer = csv.writer(target)
        for row in self.rows:
            writer.writerow(
                f"{each.year}/{each.month}/{each.day}"
                if isinstance(each, date)
                else int(each)
                if isinstance(each, float)
                else each
                for each in row
            )
        return target.getvalue().encode(encoding)
