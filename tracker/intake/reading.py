"""From the bytes of one file to its reading: open it, let each shape take its lines, account for the rest.

Must never let a line vanish: prose is context only where a problem list holds the detail, else it is unread.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePath

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Line
from tracker.intake.model import Leftover, Reading
from tracker.intake.readers import open_document
from tracker.intake.roles import Harvest
from tracker.intake.shapes import SHAPES

NO_WORDS = Lexicon()  # names are then told by their endings alone

_TITLE_LINES = 40
_TITLE_LENGTH = 60
_SENTENCE = re.compile(r"[。；;]|[:：]\s*$|^\s*[（(]?[一二三四五六七八九十\d]+[)）、.．]|://")
_FULL_TITLE = re.compile(r"关于.*(?:通报|清单)|.*(?:情况|结果|问题|工作).*通报|.*通报.*(?:情况|结果)")
_ANY_TITLE = re.compile(r".*(?:通报|问题清单|整改清单|整改台账)")
_DATE_LINE = re.compile(
    r"(?:[（(]|.*?(?:日期|时间)\s*[:：]\s*)?(\d{4})\s*[年\-./]\s*(\d{1,2})\s*[月\-./]\s*(\d{1,2})\s*日?(?![\d年月]).*"
)
_DATE_LINE_LENGTH = 60
_WHY_PROSE = "未识别出问题清单表格，正文段落请人工录入"


def read_document(content: bytes, filename: str, lexicon: Lexicon = NO_WORDS) -> Reading:
    """Read one document. Raises IntakeError (Chinese: file, place, reason) when it cannot be read at all.

    Without any problem list, every line after the title is `unread`.
    """
    filename = PurePath(filename).name
    whole = document = open_document(content, filename)
    title, body = _title(document.lines)
    issued_on = _issued_on(document.lines)
    harvests: list[Harvest] = []
    for shape in SHAPES:
        harvest = shape.read(document, filename, lexicon)
        harvests.append(harvest)
        document = replace(document, lines=harvest.rest)
    unread = [leftover for harvest in harvests for leftover in harvest.unread]
    if not any(harvest.has_problem_list for harvest in harvests):
        after_title = set(body)
        prose = [line for line in document.lines if line in after_title]
        unread += [Leftover(line.text, line.number, _WHY_PROSE) for line in prose]
    return Reading(
        title=title or PurePath(filename).stem,
        issued_on=issued_on,
        sha256=hashlib.sha256(content).hexdigest(),
        filename=filename,
        document=whole,
        findings=tuple(finding for harvest in harvests for finding in harvest.findings),
        replies=tuple(reply for harvest in harvests for reply in harvest.replies),
        unassigned=tuple(leftover for harvest in harvests for leftover in harvest.unassigned),
        unread=tuple(sorted(unread, key=lambda leftover: leftover.line)),
        context=tuple(leftover for harvest in harvests for leftover in harvest.context),
    )


def _title(lines: Sequence[Line]) -> tuple[str, Sequence[Line]]:
    """The title and the lines after it; "" and all lines if none looks like one.

    The red head (通报 with nothing about whose or what) only counts when no fuller title follows.
    """
    head = [
        (position, line.text)
        for position, line in enumerate(lines[:_TITLE_LINES])
        if line.is_prose and len(line.text) <= _TITLE_LENGTH and not _SENTENCE.search(line.text)
    ]
    for form in (_FULL_TITLE, _ANY_TITLE):
        for position, text in head:
            if form.match(text):
                return text, lines[position + 1 :]
    return "", lines


def _issued_on(lines: Sequence[Line]) -> date | None:
    """The first line that is just a date, at the head or as the signature; labelled dates count too."""
    for line in lines:
        is_short = line.is_prose and len(line.text) <= _DATE_LINE_LENGTH
        if is_short and (match := _DATE_LINE.fullmatch(line.text)) is not None:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue  # 2026年13月: a slip of the pen dates nothing
    return None
