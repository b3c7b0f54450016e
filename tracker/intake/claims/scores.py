"""Scores of the prose: 高于平均分0.5分, 满分, 低于平均值98%.

Must never judge a score whose full mark, average or own value the sentence leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.passages import Sentence

VALUE = r"(\d{1,6}(?:\.\d{1,6})?(?:\+\d{1,6}(?:\.\d{1,6})?){0,5})分"
_FULL = re.compile(
    r"(?:该(?P<several>[两二三四五])?项[^，]{0,10})?(?:总分值?|满分|分值)(?P<each>均)?为?" + VALUE
)
AVERAGE = re.compile(r"(?<!高于)(?<!低于)(?<!超过)(?<!高出)平均得?分为?" + VALUE)
_OWN = re.compile(r"(?:我[市县区州]|总|本[市县区])得分?为?" + VALUE)
_ALL_FULL = re.compile(r"\d+个[市州县区]{1,2}均(?:获得|得)满分")
_OWN_FULL = re.compile(r"我[市县区州](?:获得|得)满分")
_GAP = re.compile(r"(?P<side>高于|低于|高出|超过)(?:全[省市])?平均(?:得?分|水平|值)?" + VALUE)
_RATES = re.compile(
    r"(?P<own>\d{1,4}(?:\.\d{1,4})?)%，(?P<side>高于|低于|超过)(?P<other>[^，。；\d%]{1,20})(?P<bound>\d{1,4}(?:\.\d{1,4})?)%"
)
_PARENT = re.compile(r"(?P<number>\d{1,3})个二级指标")
_SEVERAL = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}


@dataclass(frozen=True)
class Score:
    """One indicator, or several told of in one sentence (`number`); `parts` says how many the sentence
    claims to hold below it, 0 for one that holds none."""

    sentence: Sentence
    full: Decimal
    average: Decimal | None
    own: Decimal | None
    number: int
    parts: int


def check_scores(sentences: Sequence[Sentence]) -> list[Claim]:
    """Gaps to the average, and full marks."""
    claims: list[Claim] = []
    for sentence in sentences:
        score = score_of(sentence)
        claims += _gap(sentence, score)
        claims += _sides(sentence)
        claims += _full_marks(sentence, score)
    return claims


def score_of(sentence: Sentence) -> Score | None:
    """The indicator that the sentence tells of, or None."""
    full = _FULL.search(sentence.text)
    if full is None:
        return None
    factor = _SEVERAL.get(full["several"] or "", 1) if full["each"] else 1
    everything = _sum(full[3]) * factor
    average, own = found(AVERAGE, sentence), found(_OWN, sentence)
    if _ALL_FULL.search(sentence.text):
        average, own = average or everything, own or everything
    if own is None and _OWN_FULL.search(sentence.text):
        own = everything
    parent = _PARENT.search(sentence.text)
    number = factor * len(full[3].split("+"))
    return Score(sentence, everything, average, own, number, int(parent["number"]) if parent else 0)


def _sum(expression: str) -> Decimal:
    return sum((Decimal(part) for part in expression.split("+")), Decimal(0))


def found(pattern: re.Pattern[str], sentence: Sentence) -> Decimal | None:
    """The value that the pattern's first group writes, 3.65+1.81 added up."""
    match = pattern.search(sentence.text)
    return _sum(match[1]) if match else None


def _gap(sentence: Sentence, score: Score | None) -> Iterator[Claim]:
    match = _GAP.search(sentence.text)
    if match is None:
        return
    average = score.average if score else found(AVERAGE, sentence)
    own = score.own if score else found(_OWN, sentence)
    stated = f"{match['side']}平均分{match[2]}分"
    if average is None or own is None:
        note = "句中缺少平均分或得分"
        yield Claim(sentence.quote, Kind.DIFFERENCE, stated, None, None, sentence.line, note=note)
        return
    gap = average - own if match["side"] == "低于" else own - average
    holds = gap == _sum(match[2])
    yield Claim(
        sentence.quote,
        Kind.DIFFERENCE,
        stated,
        trim(gap),
        holds,
        sentence.line,
        inputs={"own": trim(own), "average": trim(average)},
        note="" if holds else f"得分{trim(own)}与平均分{trim(average)}相差{trim(abs(own - average))}分",
    )


def _sides(sentence: Sentence) -> Iterator[Claim]:
    """评价率为91%，低于平均值98%: on the side that the sentence says."""
    for match in _RATES.finditer(sentence.text):
        own, bound = Decimal(match["own"]), Decimal(match["bound"])
        holds = own < bound if match["side"] == "低于" else own > bound
        stated = f"{match['own']}%{match['side']}{match['bound']}%"
        computed = f"{trim(abs(own - bound))}个百分点"
        note = "" if holds else "高低写反"
        yield Claim(sentence.quote, Kind.DIFFERENCE, stated, computed, holds, sentence.line, note=note)


def _full_marks(sentence: Sentence, score: Score | None) -> Iterator[Claim]:
    """Nobody scores above the full mark; who has it is not said to have less in the same breath."""
    if score is None:
        return
    stated = [
        (name, value) for name, value in (("得分", score.own), ("平均分", score.average)) if value is not None
    ]
    above = [f"{name}{trim(value)}分" for name, value in stated if value > score.full]
    below = []
    if _ALL_FULL.search(sentence.text) or _OWN_FULL.search(sentence.text):
        concerned = stated if _ALL_FULL.search(sentence.text) else stated[:1]
        below = [f"{name}{trim(value)}分" for name, value in concerned if value < score.full]
    elif not above:
        return
    wrong = above + below
    yield Claim(
        sentence.quote,
        Kind.FULL_MARK,
        f"满分{trim(score.full)}分",
        "、".join(wrong) or f"{trim(score.full)}分",
        not wrong,
        sentence.line,
        inputs={name: trim(value) for name, value in stated},
        note=("高于满分" if above else "写为满分而分数不足") if wrong else "",
    )
