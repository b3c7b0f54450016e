"""Dates that cannot be: checked until a day after the issue, or two days of issue.

Must never know the day of issue better than the document: without one, nothing is compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.passages import Sentence
from tracker.intake.document import Document

_UNTIL = re.compile(r"截[至止]到?(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
_ALONE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:印发)?")
_QUARTER = re.compile(r"第?([一二三四1-4])季度")
_QUARTERS = "一二三四"


def check_dates(
    sentences: Sequence[Sentence], document: Document, title: str, issued_on: date | None
) -> list[Claim]:
    """Cut-off days against the day of issue, dates standing alone against one another, quarters."""
    claims = list(_signatures(document))
    for sentence in sentences:
        if issued_on is not None:
            claims += _cut_offs(sentence, issued_on)
        claims += _quarter(sentence, title)
    return claims


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None  # 13月: a slip of the pen that other checks do not need


def _cut_offs(sentence: Sentence, issued_on: date) -> Iterator[Claim]:
    for match in _UNTIL.finditer(sentence.text):
        day = _day(int(match["year"] or issued_on.year), int(match["month"]), int(match["day"]))
        if day is None or (match["year"] is None and day.month - issued_on.month > 6):
            continue  # 12月 in a document of January is last year's
        holds = day <= issued_on
        note = "" if holds else f"晚于印发日期{issued_on}"
        yield Claim(sentence.quote, Kind.DATE, match[0], str(issued_on), holds, sentence.line, note=note)


def _signatures(document: Document) -> Iterator[Claim]:
    """The lines that are nothing but a date: the head's and the signature's."""
    found: list[tuple[date, str, int]] = []
    for line in document.lines:
        text = re.sub(r"\s", "", line.text)
        match = _ALONE.fullmatch(text) if line.is_prose else None
        day = _day(int(match[1]), int(match[2]), int(match[3])) if match else None
        if day is not None:
            found.append((day, text, line.number))
    for day, text, number in found[1:]:
        same = day == found[0][0]
        note = "" if same else "文首与落款的日期不同，请核对"
        yield Claim(text, Kind.DATE, text, str(found[0][0]), True if same else None, number, note=note)


def _quarter(sentence: Sentence, title: str) -> Iterator[Claim]:
    """A sentence that opens with another quarter than the title's: often the period before, so only shown."""
    ours, theirs = _QUARTER.search(title), _QUARTER.match(sentence.text)
    if ours and theirs and _number(ours[1]) != _number(theirs[1]):
        note = f"标题为{ours[0]}，此处写{theirs[0]}，请核对是否同一次检查"
        yield Claim(sentence.quote, Kind.DATE, theirs[0], ours[0], None, sentence.line, note=note)


def _number(quarter: str) -> str:
    return _QUARTERS[int(quarter) - 1] if quarter.isdecimal() else quarter
