"""What a document's first and last lines say of itself: its title and its day of issue.

Must never guess a year: a date without one only counts beside a day of issue that has one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from tracker.intake.document import Line

_TITLE_LINES = 40
_TITLE_LENGTH = 60
_SENTENCE = re.compile(r"[。；;]|[:：]\s*$|^\s*[（(]?[一二三四五六七八九十\d]+[)）、.．]|://")
_FULL_TITLE = re.compile(r"关于.*(?:通报|清单)|.*(?:情况|结果|问题|工作).*通报|.*通报.*(?:情况|结果)")
_ANY_TITLE = re.compile(r".*(?:通报|问题清单|整改清单|整改台账)")
_DATE_LINE = re.compile(
    r"(?:[（(]|.*?(?:日期|时间)\s*[:：]\s*)?(\d{4})\s*[年\-./]\s*(\d{1,2})\s*[月\-./]\s*(\d{1,2})\s*日?(?![\d年月]).*"
)
_DATE_LINE_LENGTH = 60
_DAY = re.compile(r"(?:(?P<year>\d{4})\s*[年\-./])?\s*(?P<month>\d{1,2})\s*[月\-./]\s*(?P<day>\d{1,2})\s*日?")


def title_of(lines: Sequence[Line]) -> str:
    """The title; "" if no line looks like one.

    The red head (通报 with nothing about whose or what) only counts when no fuller title follows.
    """
    head = [
        line.text
        for line in lines[:_TITLE_LINES]
        if line.is_prose and len(line.text) <= _TITLE_LENGTH and not _SENTENCE.search(line.text)
    ]
    for form in (_FULL_TITLE, _ANY_TITLE):
        for text in head:
            if form.match(text):
                return text
    return ""


def issued_on(lines: Sequence[Line]) -> date | None:
    """The first line that is just a date, at the head or as the signature; labelled dates count too."""
    for line in lines:
        is_short = line.is_prose and len(line.text) <= _DATE_LINE_LENGTH
        if is_short and (match := _DATE_LINE.fullmatch(line.text)) is not None:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue  # 2026年13月: a slip of the pen dates nothing
    return None


def date_in(text: str, beside: date | None) -> date | None:
    """The first date in a text; one without a year lies at or before the day of issue (rule 17)."""
    match = _DAY.search(text)
    if match is None or not (match["year"] or beside):
        return None
    try:
        if match["year"] or beside is None:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        found = date(beside.year, int(match["month"]), int(match["day"]))
        return found if found <= beside else found.replace(year=beside.year - 1)
    except ValueError:
        return None
