"""The document's prose as sentences, and the counts in them: 已整改148条, 29个不合格.

Must never change the words that are quoted: folding and cutting brackets serve the checks alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from tracker.intake.document import Document, Line

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"

_WIDTHS = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BRACKETED = re.compile(r"\([^()]{0,200}\)")
# No sentence is that long: a text without end marks is cut, so that no check meets all of it at once.
LONGEST = 2000
_SENTENCE = re.compile(rf"[^。；！？]{{1,{LONGEST}}}[。；！？]?")
_ENDS = tuple("。；;：:！？!?|】")
_SHORTEST_BROKEN_LINE = 25  # a shorter line without an end mark is a heading, not half a sentence
_LIST_MARK = re.compile(r"(?:[（(]?[一二三四五六七八九十\d]+[)）、．]|附件|备注)")
_COUNT = re.compile(
    rf"(?<![\d.第〔\-,至～~])(?P<number>{NUMBER})"
    r"(?:(?P<measure>[个件条项次份家本人处户篇起宗例名])(?!工作日|小时|月|季度|百分点|星期|一级|二级)|(?=[，。；、]|$))"
)


@dataclass(frozen=True, eq=False)  # two counts are never one, however alike
class Count:
    """A counted thing. `label` is the text between the count before (or the sentence's start) and the
    number, `tail` the text after it up to the next comma; `start` its place in the sentence."""

    value: Decimal
    measure: str
    label: str
    tail: str
    start: int

    @cached_property
    def clause(self) -> str:
        """The label's last part: what stands directly before the number."""
        return re.split("[，：]", self.label)[-1]

    def alike(self, other: Count) -> bool:
        """Counted in the same measure word, or one of the two in none."""
        return self.measure == other.measure or not (self.measure and other.measure)


@dataclass(frozen=True)
class Sentence:
    """`quote` as written, without blanks and bold marks; `text` folded (digits and brackets half-width,
    commas full-width) and without brackets; `passage` numbers the paragraph it stands in."""

    quote: str
    text: str
    line: int
    passage: int

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        found: list[Count] = []
        end = 0
        for match in _COUNT.finditer(self.text):
            value = Decimal(match["number"].replace(",", ""))
            tail = re.split("[，、：。；]", self.text[match.end() : match.end() + 40])[0]
            label = self.text[end : match.start()]
            found.append(Count(value, match["measure"] or "", label, tail, match.start()))
            end = match.end()
        return tuple(found)


def sentences(document: Document) -> tuple[Sentence, ...]:
    """All sentences of the prose in order; a paragraph broken over lines is put together again."""
    found: list[Sentence] = []
    for number, lines in enumerate(_passages(document.lines)):
        pieces, starts, length = [], [], 0
        for line in lines:
            piece = re.sub(r"[\s*]+", "", line.text)
            starts.append(length)
            pieces.append(piece)
            length += len(piece)
        text = "".join(pieces)
        for sentence, start in _cut(text):
            place = lines[bisect_right(starts, start) - 1].number
            found.append(replace(sentence, line=place, passage=number))
    return tuple(found)


def _cut(compact: str) -> Iterator[tuple[Sentence, int]]:
    masked = _BRACKETED.sub(lambda match: "\0" * len(match[0]), _folded(compact))
    for match in _SENTENCE.finditer(masked):
        text = match[0].replace("\0", "")
        if any(character.isdigit() for character in text) or "：" in text or "、" in text:
            yield Sentence(compact[match.start() : match.end()], text, 0, 0), match.start()


def _folded(text: str) -> str:
    """Sign for sign, so that places stay; a comma between digits stays a thousands' sign."""
    signs = list(text.translate(_WIDTHS))
    thousands = {match.start() for match in _THOUSANDS.finditer(text)}
    for place, sign in enumerate(signs):
        if sign == "," and place not in thousands:
            signs[place] = "，"
        elif sign in ";:!?":
            signs[place] = {";": "；", ":": "：", "!": "！", "?": "？"}[sign]
    return "".join(signs)


def _passages(lines: Iterable[Line]) -> Iterator[list[Line]]:
    passage: list[Line] = []
    for line in lines:
        is_text = line.is_prose and not line.text.endswith("|")
        if passage and (not is_text or not _goes_on(passage[-1].text, line.text)):
            yield passage
            passage = []
        if is_text:
            passage.append(line)
    if passage:
        yield passage


def _goes_on(above: str, below: str) -> bool:
    is_open = len(above) >= _SHORTEST_BROKEN_LINE and not above.rstrip("* ").endswith(_ENDS)
    return is_open and not _LIST_MARK.match(below)
