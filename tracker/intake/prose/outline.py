"""A text's paragraphs and sentences, each with the headings it stands under.

Must never lose a line: a wrapped line joins the paragraph it goes on from, and is remembered there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from tracker.intake.document import Line

_NUMERALS = "一二三四五六七八九十"
_MARKERS = (
    re.compile(rf"\s*(?:第?[{_NUMERALS}]{{1,3}}[、.．]|第[{_NUMERALS}]{{1,3}}[部章节])\s*"),
    re.compile(rf"\s*[（(][{_NUMERALS}]{{1,3}}[)）][、.．]?\s*"),
    re.compile(r"\s*\d{1,2}(?:[.．、](?!\d)|[)）])\s*"),
    re.compile(r"\s*[（(]\d{1,2}[)）]\s*"),
    re.compile(r"\s*[①-⑳]\s*"),
)
ORDINAL = re.compile(rf"\s*(?:[{_NUMERALS}]{{1,2}}是|首先|其次|再次|最后)[，,、]?\s*")
_TITLE_LENGTH = 30
_LONGEST_SENTENCE = 1500  # no drafter writes more; damaged text without any end mark is cut there
_WRAPPED_LENGTH = 24
_END = re.compile(r"[。！？!?；;：:”」）)]\s*$")
_WITHIN = re.compile(r"[。，,；;]")  # told in sentences: no title, which a blank line would end
_NO_SENTENCE = re.compile(r"://|(?:通报|清单|情况|结果|通知|报告|台账)$")
_OPENING = re.compile(
    r"\s*(?:各|全[省市州县区]|请|现将|根据|按照?|为|针对|近期|近日|上面|以上|同时|此外|另外|下一步|今后|在今后|截至|联系)"
)
_STOP = re.compile(r"[。！？!?]")
_QUOTED = re.compile(
    r"“[^”]{0,200}”|‘[^’]{0,200}’|「[^」]{0,200}」|《[^》]{0,200}》|[（(][^()（）]{0,100}[)）]"
)


class Section(Enum):
    """What a part of the text is about, as its headings say; the first one that fits from the innermost."""

    TOPICS = re.compile(r"热点|(?:诉求|来电|受理|投诉|工单)(?:事项)?(?:热点)?(?:类型|分类|内容)|群众反映")
    DEMANDS = re.compile(
        r"要求|下一步|工作安排|工作建议|有关事项|努力方向|工作措施|整改措施|工作计划|下阶段|整改建议"
    )
    DONE = re.compile(r"整改(?:落实|完成|进展)?(?:情况|成效|结果)|已整改|处理情况|采取的措施|落实情况")
    PRAISE = re.compile(r"亮点|成效|成绩|先进|表扬|好的做法|主要做法|特点|经验")
    PROBLEMS = re.compile(r"问题|不足|短板|薄弱|差距|检查结果|抽查结果|不合格|不达标|逾期|隐患")
    OVERVIEW = re.compile(r"总体|基本情况|概况|总的|运行情况|分析|统计|数据|受理情况")
    UNKNOWN = re.compile("")


@dataclass(frozen=True)
class Heading:
    """One heading: its rank (0 一、 1 （一） 2 1. …) and its words without number and end mark."""

    rank: int
    title: str


@dataclass(frozen=True)
class Sentence:
    """One sentence without its marker and end mark; `opens`: the first of its paragraph; `ended`: marked."""

    text: str
    line: int
    opens: bool
    ended: bool
    is_listed: bool


@dataclass(frozen=True)
class Paragraph:
    """One paragraph under its headings (outermost first); `own` is the one it
    brings itself, `title` too if it is nothing but that heading."""

    text: str
    lines: tuple[int, ...]
    headings: tuple[Heading, ...]
    own: Heading | None
    title: Heading | None
    sentences: tuple[Sentence, ...]

    @property
    def section(self) -> Section:
        for heading in reversed(self.headings):
            for section in Section:
                if section is not Section.UNKNOWN and section.value.search(heading.title):
                    return section
        return Section.UNKNOWN


def paragraphs_of(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """The paragraphs in order, each knowing the headings above it."""
    stack: list[Heading] = []
    for text, numbers in _joined(lines):
        heading, rest = _heading(text)
        if heading is not None:
            stack = [each for each in stack if each.rank < heading.rank] + [heading]
        title = heading if heading is not None and not rest else None
        yield Paragraph(text, numbers, tuple(stack), heading, title, tuple(_sentences(text, numbers[0])))


def without_marker(text: str) -> str:
    """The text without its list number (一、 (一) 1. ① 一是)."""
    for pattern in (*_MARKERS, ORDINAL):
        if match := pattern.match(text):
            return text[match.end() :]
    return text.strip()


def is_numbered(text: str) -> bool:
    """Whether a text begins with a list number."""
    return any(pattern.match(text) for pattern in (*_MARKERS, ORDINAL))


def _joined(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Paragraphs: a long line without an end mark goes on in the next, if that one is not numbered
    and stands right below, or below a blank line in the middle of a sentence."""
    text, numbers = "", list[int]()
    for line in lines:
        goes_on = (
            numbers
            and len(text) >= _WRAPPED_LENGTH
            and not _END.search(text)
            and not _NO_SENTENCE.search(text)
            and (line.number == numbers[-1] + 1 or (_WITHIN.search(text) and _goes_on(line.text)))
            and not is_numbered(line.text)
            and not line.text.startswith("【")
        )
        if numbers and not goes_on:
            yield text, tuple(numbers)
            text, numbers = "", []
        text, numbers = text + line.text, [*numbers, line.number]
    if numbers:
        yield text, tuple(numbers)


def _goes_on(text: str) -> bool:
    """Whether a line below a blank one reads like the rest of a sentence: it is long, or it ends one."""
    if _OPENING.match(text):
        return False
    return len(text) >= _WRAPPED_LENGTH or _END.search(text) is not None


def _heading(text: str) -> tuple[Heading | None, str]:
    """The heading a paragraph begins with, and what follows it; a numbered sentence is no heading."""
    for rank, pattern in enumerate(_MARKERS):
        match = pattern.match(text)
        if match is None:
            continue
        rest = text[match.end() :]
        end = re.search(r"[。：:；;]|$", rest)
        title = rest[: end.start()] if end else rest
        if len(title) <= _TITLE_LENGTH and "，" not in title and "," not in title:
            return Heading(rank, title.strip()), rest[end.end() if end else len(rest) :].strip()
        return Heading(rank, ""), rest
    return None, text


def _sentences(text: str, line: int) -> Iterator[Sentence]:
    """Split at end marks outside quotes and brackets."""
    shielded = _QUOTED.sub(lambda match: "□" * len(match[0]), text)
    start, opens = 0, True
    stops = [match.end() for match in _STOP.finditer(shielded)]
    for stop in sorted({*stops, *range(_LONGEST_SENTENCE, len(text), _LONGEST_SENTENCE), len(text)}):
        piece = text[start:stop]
        body = piece.rstrip("。！？!? ")
        if without_marker(body):
            yield Sentence(without_marker(body), line, opens, body != piece, is_numbered(body))
            opens = False
        start = stop
