"""Lists that say how long they are: A、B、C等3家单位, A、B2个区, “甲”、“乙”2个栏目.

Must never call examples a list: fewer names than the number are only wrong where nearly all are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import names_in
from tracker.intake.claims.passages import Sentence

_NUMBER = r"(?P<number>\d{1,4}|[两二三四五六七八九十])"
_LIST_END = re.compile(rf"等{_NUMBER}(?:家|个)(?:单位|部门|市直|区|县|乡镇|镇)")
_UNITS_END = re.compile(rf"(?<=[局委办部院会府心司]){_NUMBER}[个家](?:单位|部门)")
_PLACES = re.compile(
    rf"(?P<names>(?:[\u4e00-\u9fff]{{2,8}}?(?P<sign>[市区县镇乡])、)(?:[\u4e00-\u9fff]{{1,7}}(?P=sign)、){{0,40}}"
    rf"[\u4e00-\u9fff]{{1,7}}(?P=sign)){_NUMBER}个?(?P=sign)(?!级|直|属|内|域|划|政府|[\u4e00-\u9fff]{{0,2}}[局委办院])"
)
_QUOTED = re.compile(
    rf"(?P<names>(?:“[^“”]{{1,30}}”[、和及]?){{2,40}}){_NUMBER}个(?!月|工作日|季度|百分点|小时)"
)
_CHINESE = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九十")} | {"两": "2"}


def check_list_lengths(sentences: Sequence[Sentence]) -> list[Claim]:
    """Every list with its own number behind it."""
    return [claim for sentence in sentences for claim in (*_units(sentence), *_others(sentence))]


def _units(sentence: Sentence) -> Iterator[Claim]:
    """A、B、C等3家单位: more names than the number cannot be; fewer may be examples."""
    for pattern in (_LIST_END, _UNITS_END):
        for match in pattern.finditer(sentence.text):
            listed = re.split("[。；：]", sentence.text[max(0, match.start() - 400) : match.start()])[-1]
            names = next((names for start in _starts(listed) if (names := names_in(listed[start:]))), [])
            if len(names) >= 2:
                lacking = _value(match["number"]) - len(names)
                holds = True if not lacking else False if lacking < 0 or lacking <= len(names) // 5 else None
                yield _claim(sentence, names, match["number"], holds=holds)


def _others(sentence: Sentence) -> Iterator[Claim]:
    """A市、B市2市; quoted names may be accounts with so many of something each, so they only confirm."""
    for match in _PLACES.finditer(sentence.text):
        sign = match["sign"]
        names = re.split(rf"、|(?<={sign})[和及与]", match["names"])
        lacking = _value(match["number"]) - len(names)
        may_go_before = sign in sentence.text[: match.start()]  # 除A区，B区、C区3个区
        holds = None if lacking > 0 and may_go_before else lacking == 0
        yield _claim(sentence, names, match["number"], holds=holds)
    for match in _QUOTED.finditer(sentence.text):
        names = re.findall("“([^“”]+)”", match["names"])
        holds = True if _value(match["number"]) == len(names) else None
        yield _claim(sentence, names, match["number"], holds=holds)


def _value(number: str) -> int:
    return int(_CHINESE.get(number, number))


def _claim(sentence: Sentence, names: Sequence[str], number: str, *, holds: bool | None) -> Claim:
    stated = _value(number)
    notes = {True: "", False: "所列数量与所写不符", None: "所写未必是所列各项的个数，无法判断"}
    return Claim(
        sentence.quote,
        Kind.LIST_LENGTH,
        str(stated),
        str(len(names)),
        holds,
        sentence.line,
        inputs={"units": "、".join(names)},
        note=notes[holds],
    )


def _starts(text: str) -> list[int]:
    """Where the list may begin: at the clause's start, or behind 有 or a verb of finding, or a comma."""
    return [0, *(match.end() for match in re.finditer(r"有|发现|其中|，|对|由|是|为", text))]
