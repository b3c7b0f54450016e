"""The problems inside one cell: numbered runs, paragraphs, plain sentences, with or without markup.

Must never split at a number that does not continue the run 1, 2, 3…: `2.16个` is number 2 and sixteen things,
`45.8%` is neither. Must never change the source's wording beyond list numbers, markup and line breaks.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tracker.intake.prose.judgement import Tone, tone

_BLOCK_TAG = re.compile(r"</?(?:p|li|ol|ul|div|tr|td|h\d)\b[^<>]*(?:>|$)", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\b[^<>]*(?:>|$)", re.IGNORECASE)
_OTHER_TAG = re.compile(r"</?[a-z][^<>]*(?:>|$)", re.IGNORECASE)
_BLOCK = "\f"  # what a block tag leaves behind: a break that always parts
_BREAK = re.compile(r"[\n\f]")
_AFTER_END = re.compile(r"(?<=[；;。])")
_END_MARKS = tuple("。；;！!？?")
_NOTHING = re.compile(r"(?:无|暂无|没有|/|-+|—+|－+)[。.]?")
_CHINESE_NUMBERS = "一二三四五六七八九十"
_START = r"(?:^|(?<=[\s。；;！!？?：:]))"


class Entry(NamedTuple):
    """One piece of a cell: its list number, if any, and its text."""

    ordinal: int | None
    text: str


@dataclass(frozen=True)
class _Style:
    """One way of numbering: where a number may stand, and what it says."""

    pattern: re.Pattern[str]
    value: Callable[[str], int]


def _chinese(number: str) -> int:
    tens, ten, ones = number.rpartition("十")
    return (10 * (_CHINESE_NUMBERS.find(tens) + 1 if tens else 1) if ten else 0) + (
        _CHINESE_NUMBERS.index(ones) + 1 if ones else 0
    )


_STYLES = (
    # Between two problems the end mark may be missing: then only a Chinese word may follow the number.
    _Style(re.compile(_START + r"(\d{1,3})[.．、)）]|(?<=[^\s\d.A-Za-z(（-])(\d{1,3})[.．](?=[^\s\d])"), int),
    _Style(re.compile(_START + r"[（(]\s*(\d{1,3})\s*[)）]"), int),
    _Style(re.compile(_START + r"([①-⑳])"), lambda mark: ord(mark) - ord("①") + 1),
    _Style(re.compile(_START + rf"([{_CHINESE_NUMBERS}]{{1,3}})、"), _chinese),
    _Style(re.compile(_START + rf"[（(]([{_CHINESE_NUMBERS}]{{1,3}})[)）]"), _chinese),
    _Style(re.compile(rf"(?:^|(?<=[\s。；;，,：:]))([{_CHINESE_NUMBERS}]{{1,2}})是"), _chinese),
)
# What a run of any style starts with: most cells of a long list need no search for each style.
_FIRST_NUMBER = re.compile(r"(?:^|[\s。；;！!？?：:，,])[（(]?\s*[0０]*[1１①一]")
_DECIMAL = re.compile(r"\d+(?:\.\d+)?\s*[%％倍万亿分]")


def split_cell(cell: str) -> list[Entry]:
    """The entries of a cell in order; [] for an empty cell or one that says 无.

    Text before the first number is an entry of its own without a number.
    """
    text = without_markup(cell)
    run = _best_run(text)
    if not run:
        return _unnumbered(text)
    entries = _unnumbered(text[: run[0].start()])
    ends = [mark.start() for mark in run[1:]] + [len(text)]
    for ordinal, (mark, end) in enumerate(zip(run, ends, strict=True), start=1):
        if words := one_line(text[mark.end() : end]):
            entries.append(Entry(ordinal, words))
    return entries


def without_markup(text: str) -> str:
    """The text without tags, closed or not, and with entities resolved; block tags leave a form feed."""
    if "<" in text:
        text = _OTHER_TAG.sub("", _BREAK_TAG.sub("\n", _BLOCK_TAG.sub(_BLOCK, text)))
    if "&" in text:
        text = html.unescape(text)
    return text.replace("\xa0", " ").strip()


def is_closed(text: str) -> bool:
    """Whether a text ends the way a finished sentence does."""
    return text.rstrip().endswith(_END_MARKS)


def _best_run(text: str) -> list[re.Match[str]]:
    """The numbering that starts first: what stands inside its items is theirs."""
    if _FIRST_NUMBER.search(text) is None:
        return []
    runs = [run for style in _STYLES if (run := _run(style, text))]
    return min(runs, key=lambda run: run[0].start(), default=[])


def _run(style: _Style, text: str) -> list[re.Match[str]]:
    run: list[re.Match[str]] = []
    for match in style.pattern.finditer(text):
        starts_item = match[1] is not None
        if style.value(match[1] or match[2]) == len(run) + 1 and (run or starts_item):
            run.append(match)
    if len(run) == 1 and _DECIMAL.match(text, run[0].end()):
        return []  # 1.78% at the start of a cell, not item 1
    return run


def _unnumbered(text: str) -> list[Entry]:
    """Paragraphs; a line break parts only after an end mark, else the line was merely wrapped."""
    if _BREAK.search(text) is None:
        return _entries(text.strip())
    paragraphs: list[list[str]] = []
    for block in text.split(_BLOCK):
        paragraphs.append([])
        for line in block.split("\n"):
            paragraphs[-1].append(line)
            if is_closed(line):
                paragraphs.append([])
    return [entry for lines in paragraphs for entry in _entries(one_line("\n".join(lines)))]


def _entries(words: str) -> list[Entry]:
    if not words or _NOTHING.fullmatch(words):
        return []
    return [Entry(None, part) for part in at_semicolons(words)]


def at_semicolons(text: str) -> list[str]:
    """A text cut at semicolons and full stops if each part can stand alone (shapes.md, rule 3)."""
    parts = [part for raw in _AFTER_END.split(text) if (part := raw.strip())]
    if len(parts) < 2:
        return [text]
    tones = [tone(part) for part in parts]
    stand = all(
        one is Tone.FAULT or (one is Tone.NEUTRAL and len(part) >= 7)
        for one, part in zip(tones, parts, strict=True)
    )
    return parts if stand and Tone.FAULT in tones else [text]


def one_line(text: str) -> str:
    """The text as one line: a break inside Chinese was mere wrapping, between Latin words it is a blank."""
    if _BREAK.search(text) is None:
        return text.strip()
    pieces: list[str] = []
    for piece in filter(None, (part.strip() for part in _BREAK.split(text))):
        if pieces and _is_latin(pieces[-1][-1]) and _is_latin(piece[0]):
            pieces.append(" ")
        pieces.append(piece)
    return "".join(pieces)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
