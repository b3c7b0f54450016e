"""Problem lists as tables: one row per unit or per problem, split over pages, with wrapped rows and cut ends.

Must never drop a row of a problem list: what gives no finding is unassigned, unread, or says nothing at all.
Tables of scores, ranks and metrics state no problem and are passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Document, Line
from tracker.intake.model import Leftover
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.names import NameFinder, name_finder
from tracker.intake.roles import Harvest
from tracker.intake.shapes.columns import Columns, columns_of, with_told_problems
from tracker.intake.shapes.rows import Outcome, Table, read_table
from tracker.intake.spool import Spool

_ANNEX = re.compile(r"附\s*件\s*([0-9０-９一二三四五六七八九十]{1,3})\s*[:：.、]?\s*(.*)")
_CAPTION_LENGTH = 40
_WHY_STRAY = "在问题清单所在的附件中，但不在表格里，请对照原文核对"
_WHY_TITLES, _WHY_FIGURES = "表头", "得分、排名或统计表的一行，不是问题"
_DEPARTMENTS = re.compile(r"[市州县区省]直|[市州县]级|机关部门")
_DISTRICTS = re.compile(r"各[区县市]|县区|区县|乡镇|街道")
_PAGE_FURNITURE = re.compile(r"[-—－\s]*第?\s*\d+\s*页?[-—－\s]*|[（(]?续表?[)）]?")
_UNIT_LABEL = re.compile(r"(?:单位|部门)(?:名称)?\s*[:：]\s*")
_SHEET = re.compile(r"得分|评分|考核|测评|问题|整改|清单|台账|扣分")
_NOTE = re.compile(r"(?:备注|注|说明)\s*[:：]")


@dataclass
class _Gathering:
    """The walk through the document: what is open, and what has been put where."""

    finder: NameFinder
    tables: list[Table] = field(default_factory=list)
    prose: Spool[Line] = field(default_factory=Spool)
    strays: Counter[Line] = field(default_factory=Counter)  # prose between two rows of a list
    captions: Spool[str] = field(default_factory=Spool)  # prose since the last table
    unread: Spool[Leftover] = field(default_factory=Spool)
    context: Spool[Leftover] = field(default_factory=Spool)
    between: Spool[Line] = field(default_factory=Spool)  # prose since the open table's last row
    open: Columns | None = None
    annex: str | None = None
    group_hint: str | None = None

    def take(self, line: Line) -> None:
        """Put one line where it belongs."""
        if (heading := columns_of(line.cells)) is not None:
            self._start(heading)
            self.context.append(Leftover(line.text, line.number, _WHY_TITLES))
        elif line.is_prose:
            self._take_prose(line)
        elif self.open is None:
            self.unread.append(Leftover(line.text, line.number, "这一行像表格，但前面没有可识别的表头"))
        elif self.open.problems or self.open.unit is not None:
            self._take_row(line)
        else:
            self.context.append(Leftover(line.text, line.number, _WHY_FIGURES))

    def _start(self, columns: Columns) -> None:
        self.open, self.between = columns, Spool()
        if not columns.problems and columns.unit is None:
            return
        hint = "各区" if columns.unit_is_region else self.group_hint
        last = self.tables[-1] if self.tables else None
        if last is None or (last.columns, last.annex, last.group_hint) != (columns, self.annex, hint):
            unit = _unit_named(self.captions, self.finder) if columns.unit is None else None
            self.tables.append(Table(columns, self.annex, hint, unit))
            self.captions = Spool()

    def _take_row(self, line: Line) -> None:
        for stray in self.between:
            if not _PAGE_FURNITURE.fullmatch(stray.text) and not _NOTE.match(stray.text):
                self.strays[stray] += 1
                self.unread.append(
                    Leftover(stray.text, stray.number, "夹在问题清单两行之间，不知属于哪个单位")
                )
        if self.between:
            self.between = Spool()
        self.tables[-1].lines.append(line)

    def without_strays(self) -> Iterator[Line]:
        for line in self.prose:
            if self.strays[line]:
                self.strays[line] -= 1
            else:
                yield line

    def settle(self) -> None:
        """Of tables whose titles name no problem, keep those whose cells state some."""
        for table in list(self.tables):
            if table.columns.problems:
                continue
            table.columns = with_told_problems(table.columns, (line.cells for line in table.lines))
            if not table.columns.problems:
                self.tables.remove(table)
                self.context.extend(Leftover(line.text, line.number, _WHY_FIGURES) for line in table.lines)

    def _take_prose(self, line: Line) -> None:
        self.captions.append(line.text)
        if (annex := _ANNEX.fullmatch(line.text)) is not None:
            self.open, self.between, self.group_hint = None, Spool(), _group_hint(annex[2])
            self.annex = f"附件{annex[1]}"
        elif self._continues(line):
            self.tables[-1].lines.append(line)
            return
        elif hint := _group_hint(line.text):
            self.group_hint = hint
            if self.open is not None and (self.open.problems or self.open.unit is not None):
                self._start(self.open)
        elif self.open is not None and (self.open.problems or self.open.unit is not None):
            self.between.append(line)
        self.prose.append(line)

    def _continues(self, line: Line) -> bool:
        """Whether prose follows a row of the open list without a blank line: the rest of a wrapped cell."""
        if self.open is None or not self.tables or not self.tables[-1].lines or len(line.cells) > 1:
            return False
        return self.tables[-1].lines[-1].number + 1 == line.number and not _NOTE.match(line.text)


def read(document: Document, filename: str, lexicon: Lexicon) -> Harvest:
    """Findings of all problem lists; `rest` is the prose around the tables."""
    gathering = _Gathering(name_finder(lexicon))
    for line in document.lines:
        gathering.take(line)
    last = document.lines[-1] if document.lines and document.open_ended else None
    gathering.settle()
    rest: Spool[Line] = Spool()
    first = _first_row(gathering.tables)
    for line in gathering.without_strays():
        # Behind the first row of an annexed list what is no caption is a cell that fell out of its table.
        if first is not None and line.number > first and not _is_caption(line):
            gathering.unread.append(Leftover(line.text, line.number, _WHY_STRAY))
        else:
            rest.append(line)
    outcome = Outcome(unread=gathering.unread, context=gathering.context)
    for table in gathering.tables:
        read_table(table, last, filename, outcome)
    return Harvest(
        findings=outcome.findings,
        unassigned=outcome.unassigned,
        unread=outcome.unread,
        rest=rest,
        has_problem_list=any(table.annex for table in gathering.tables),
        context=outcome.context,
    )


def _first_row(tables: Iterable[Table]) -> int | None:
    return min((table.lines[0].number for table in tables if table.annex and table.lines), default=None)


def _is_caption(line: Line) -> bool:
    text = line.text
    if any(form.match(text) for form in (_ANNEX, _PAGE_FURNITURE, _NOTE)):
        return True
    return len(text) <= _CAPTION_LENGTH and tone(text) is not Tone.FAULT


def _unit_named(captions: Sequence[str], finder: NameFinder) -> str | None:
    """The unit that a sheet is about, from the nearest caption that names one (被测评单位：…; …局得分表)."""
    for caption in reversed(captions):
        if len(caption) > _CAPTION_LENGTH:
            continue
        label = _UNIT_LABEL.search(caption)
        start = label.end() if label else 0
        end = finder.end(caption, start)
        if end is not None and (label or _SHEET.search(caption, end)):
            return caption[start:end]
    return None


def _group_hint(caption: str) -> str | None:
    """市直 or 各区 if a title (short, no sentence, no list entry) names exactly one of the two groups."""
    if len(caption) > _CAPTION_LENGTH or re.search(r"[，,。；;]|^[-\d]", caption):
        return None
    departments, districts = _DEPARTMENTS.search(caption), _DISTRICTS.search(caption)
    if bool(departments) == bool(districts):
        return None
    return "市直" if departments else "各区"
