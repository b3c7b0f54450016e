"""The ledger's second sheet (填写说明): how it may be edited, and the classes that its drop-down offers.

Must never say what the taking back in does not do; the words are `templates/documents/ledger/guide.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook

from tracker.domain.classes import ProblemClass
from tracker.resources import shipped

_NAME = "填写说明"
_WIDTHS = (30, 30, 40)  # the text runs over all of them
_LINE_HEIGHT = 15  # points
_TITLE_SIZE = 14


def add_guide(book: Workbook, as_of: str, classes: Sequence[ProblemClass], head: Format) -> str:
    """Write the sheet; returns where the names of the classes stand, empty if there are none."""
    sheet = book.add_worksheet(_NAME)
    for place, width in enumerate(_WIDTHS):
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
    row = len(words) + 3
    for place, heading in enumerate(("问题类别", "代码", "领域")):
        sheet.write_string(row, place, heading, head)
    for place, each in enumerate(classes, start=row + 1):
        sheet.write_row(place, 0, (each.name, each.code, each.domain or "各领域"))
    if not classes:
        return ""
    return f"={_NAME}!{xl_range_abs(row + 1, 0, row + len(classes), 0)}"
