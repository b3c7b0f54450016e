"""The ledger's second sheet (填写说明): how it may be edited, and what its drop-downs offer.

Must never say what the taking back in does not do; the words are `templates/documents/ledger/guide.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook

from tracker.domain.classes import ProblemClass
from tracker.domain.ledger import Field
from tracker.resources import shipped

_NAME = "填写说明"
_WIDTHS = (30, 30, 40)  # the text runs over all of them
_UNITS = len(_WIDTHS)  # the column beside it
_LINE_HEIGHT = 15  # points
_TITLE_SIZE = 14


def add_guide(
    book: Workbook, as_of: str, classes: Sequence[ProblemClass], units: Sequence[str], head: Format
) -> dict[Field, str]:
    """Write the sheet; returns where the choices of a field stand, for those that have any."""
    sheet = book.add_worksheet(_NAME)
    for place, width in enumerate((*_WIDTHS, _WIDTHS[0])):
        sheet.set_column(place, place, width)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, _NAME, book.add_format({"bold": True, "font_size": _TITLE_SIZE}))
    sheet.write_string(1, 0, f"导出时刻：{as_of}")
    wrapped = book.add_format({"text_wrap": True})
    words = (shipped("templates") / "documents/ledger/guide.txt").read_text("utf-8").splitlines()
    for row, line in enumerate(words, start=2):
        # A merged cell does not grow with its text; a Chinese character is two units wide.
        sheet.set_row(row, _LINE_HEIGHT * (2 * len(line) // sum(_WIDTHS) + 1))
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, line, wrapped)
    first = len(words) + 4
    for place, heading in enumerate(("问题类别", "代码", "领域", "责任单位")):
        sheet.write_string(first - 1, place, heading, head)
    # Row by row: the writer keeps no row that it has left.
    for row, (each, unit) in enumerate(zip_longest(classes, units), start=first):
        if each:
            sheet.write_row(row, 0, (each.name, each.code, each.domain or "各领域"))
        if unit:
            sheet.write_string(row, _UNITS, unit)
    choices = {Field.PROBLEM_CLASS: (0, len(classes)), Field.UNIT: (_UNITS, len(units))}
    return {
        field: f"={_NAME}!{xl_range_abs(first, column, first + count - 1, column)}"
        for field, (column, count) in choices.items()
        if count
    }
