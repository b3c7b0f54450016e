"""The next bulletin as a Word document: its wording, and the problem lists as tables that an import reads.

Must never count: every figure arrives as it is printed. Its words: `templates/documents/bulletin/body.txt`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from tracker.domain.rates import Rate
from tracker.rendering.digest import unfinished_sentence
from tracker.rendering.official import Look, Paper, day_words
from tracker.resources import shipped

Cell = tuple[str, ...]
"""The paragraphs of a cell."""

_NUMBERS = "零一二三四五六七八九十"
_CHAPTER, _SECTION = re.compile(r"[一二三四五六七八九十]+、"), re.compile(r"（[一二三四五六七八九十]+）")
_NARROW, _WIDE = 12, 32  # millimetres: the running number; the unit, its domain, the remarks
_FIXED = {"序号": _NARROW, "责任单位": _WIDE, "账号名称": _WIDE, "领域": _WIDE, "备注": _WIDE}


@dataclass(frozen=True)
class GroupRate:
    """市直部门 or 各区, and how much of what it was given is rectified."""

    name: str
    rate: Rate


@dataclass(frozen=True)
class Progress:
    """What was given to whom and what became of it; `unfinished` are units with what is left to them."""

    groups: tuple[GroupRate, ...]
    unfinished: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DomainFindings:
    """One domain's part of the lists: units, problems, and the problems by the names of their classes."""

    title: str
    units: int
    count: int
    classes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ProblemTable:
    """One table of an annex; every row is as wide as the headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Annex:
    """One problem list: of 市直部门, or of 各区."""

    title: str
    tables: tuple[ProblemTable, ...]


@dataclass(frozen=True)
class BulletinView:
    """All that the document says. `quarter` is `2021年第三季度`; `listed` counts the annexes' problems."""

    title: str
    quarter: str
    as_of: date
    issued_on: date
    issued: Progress
    carried: Progress
    listed: int
    open_groups: tuple[tuple[str, int], ...]
    recurring: int
    deferred: int
    domains: tuple[DomainFindings, ...]
    annexes: tuple[Annex, ...]


def render_bulletin(view: BulletinView) -> bytes:
    """The document (docx): title, body, signature, and each problem list on pages of its own."""
    paper = Paper(view.title)
    paper.add(view.title, Look.TITLE)
    paper.add(f"〔{view.issued_on.year}〕　　号", Look.SERIAL)
    *lines, last = filter(None, map(str.strip, _body().render(view=view).splitlines()))
    for line in lines:
        paper.add(line, _look(line))
    paper.add(last, Look.BODY_KEPT)  # a signature without a line of the text is none
    for place, annex in enumerate(view.annexes, start=1):
        paper.add(f"{'附件：' if place == 1 else '　　　'}{place}.{annex.title}", Look.BODY_KEPT)
    paper.add("（印发机关）", Look.SIGNATURE)
    paper.add(day_words(view.issued_on), Look.DATE)
    if view.annexes:
        paper.begin_landscape()
    for place, annex in enumerate(view.annexes, start=1):
        paper.add(f"附件{place}", Look.ANNEX if place == 1 else Look.NEXT_ANNEX)
        paper.add(annex.title, Look.ANNEX_TITLE)
        for table in annex.tables:
            paper.add_table(table.headings, table.rows, _widths(table.headings))
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


@cache
def _body() -> Template:
    made = Environment(
        loader=FileSystemLoader(shipped("templates") / "documents/bulletin"),
        autoescape=False,  # noqa: S701 - a Word document's text, not a page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": day_words, "unfinished": unfinished_sentence, "chinese": _chinese}
    return made.get_template("body.txt")


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (_NUMBERS[tens] if tens > 1 else "") + ("十" if tens else "") + (_NUMBERS[ones] if ones else "")


def _look(line: str) -> Look:
    if _CHAPTER.match(line):
        return Look.CHAPTER
    return Look.SECTION if _SECTION.match(line) else Look.BODY


def _widths(headings: Sequence[str]) -> list[int]:
    """Millimetres: the columns of problems share what the others leave."""
    fixed = [_FIXED.get(heading) for heading in headings]
    left = Paper.LANDSCAPE_WIDTH - sum(filter(None, fixed))
    return [width or left // fixed.count(None) for width in fixed]
