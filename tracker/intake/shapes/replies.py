"""A unit's report on what it has mended (整改情况报告): news of items, never new ones.

Must never turn the problems that such a report repeats into findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Document, Line
from tracker.intake.model import Leftover, Reply
from tracker.intake.prose.names import NameFinder, name_finder
from tracker.intake.prose.outline import Paragraph, Section, paragraphs_of, without_marker
from tracker.intake.roles import Harvest

_HEAD_LINES = 12
_TITLE = re.compile(r"整改(?:落实|完成|工作|进展|反馈)?(?:情况)?(?:的)?(?:报告|汇报|回复|反馈|说明|函|总结)")
_WE = re.compile(r"我[局委办乡镇院校区县市州厅处站所中公单街队司]|本单位")
_STATED = re.compile(r"(?P<problem>[^：:]{0,160}?问题)\s*[：:。，,]\s*(?P<text>.{4,})", re.DOTALL)
_QUOTED_FAULT = re.compile(r"[“‘「]([^”’」]+)[”’」](?:的)?问题$")
_VERBS = "|".join(
    (
        "整改|完成|更新|公开|发布|公示|补|修|删|改|注销|关停|设置|开设|恢复|挂接|纠正|调整|建立|完善|清理",
        "上线|下架|处理|办结|制作",
    )
)
_LATELY = "经|全部|均|都|于[^，,。；;]{1,12}|按[^，,。；;]{1,10}|重新|及时"
_DONE = re.compile(rf"(?<![未没])已(?:{_LATELY})*(?:{_VERBS})|整改到位")
_NOT_YET = re.compile(
    r"将(?!原)|拟|预计|计划|尚|仍|正在|月底前|前(?:完成|全部|发布|整改)|再完成|逐步|下一步|未(?!来)|没有|无法|不能|难以|暂"
)
_WHY_REPORT = "整改情况报告的其他内容"


def read(document: Document, filename: str, lexicon: Lexicon) -> Harvest:
    """The replies of a report; a document that is none is handed on untouched."""
    head = [line.text for line in document.lines[:_HEAD_LINES]]
    is_report = any(_TITLE.search(text) for text in head) and any(
        _WE.search(line.text) for line in document.lines
    )
    if not is_report:
        return Harvest((), (), (), document.lines, has_problem_list=False)
    unit = _unit(document.lines, name_finder(lexicon))
    replies = []
    context = []
    for paragraph in paragraphs_of(document.lines):
        reply = _reply(paragraph, unit)
        if reply is not None:
            replies.append(reply)
        else:
            context.append(Leftover(paragraph.text, paragraph.lines[0], _WHY_REPORT))
        context += [Leftover("", number, "与上一行同属一段") for number in paragraph.lines[1:]]
    return Harvest((), (), (), (), has_problem_list=True, context=tuple(context), replies=tuple(replies))


def _reply(paragraph: Paragraph, unit: str) -> Reply | None:
    if paragraph.section is Section.DEMANDS or paragraph.own is None:
        return None
    match = _STATED.match(without_marker(paragraph.text))
    if match is None:
        return None
    problem, text = match["problem"].removeprefix("关于"), match["text"].strip()
    if quoted := _QUOTED_FAULT.search(problem):
        problem = quoted[1]
    return Reply(unit, problem, text, _is_done(text), paragraph.lines[0])


def _is_done(text: str) -> bool:
    """Whether the report ends with something done and nothing left: in doubt a person decides."""
    done = list(_DONE.finditer(text))
    return bool(done) and _NOT_YET.search(text, done[-1].end()) is None and not _NOT_YET.match(text)


def _unit(lines: Sequence[Line], finder: NameFinder) -> str:
    """Who reports: named at the start of the title or in the signature; "" if nowhere."""
    for text in _signatures(lines):
        end = finder.end(text, 0)
        if end is not None and (end == len(text) or _TITLE.search(text, end)):
            return text[:end]
    return ""


def _signatures(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines[:_HEAD_LINES]:
        if _TITLE.search(line.text):
            yield line.text.strip()
    for line in lines[-4:]:
        yield line.text.strip()
