"""Indicators against those below them: a total against first-level ones, each of these against its own.

Must never take the indicators told of for all there are, unless their number or their full marks say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.passages import Sentence
from tracker.intake.claims.scores import AVERAGE, VALUE, Score, found, score_of

_OVERALL = re.compile(r"总得分为?" + VALUE)


@dataclass
class _Part:
    """A sentence that tells of a whole, and the indicators told of behind it."""

    head: Sentence
    score: Score | None  # None: the total of all first-level indicators
    below: list[Score] = field(default_factory=list)


def check_indicators(sentences: Sequence[Sentence]) -> list[Claim]:
    """Full marks, averages and own scores of each whole against the sum of its parts."""
    overall: list[_Part] = []
    parents: list[_Part] = []
    for sentence in sentences:
        score = score_of(sentence)
        if score is None and _OVERALL.search(sentence.text):
            overall.append(_Part(sentence, None))
        elif score is not None and score.parts:
            parents.append(_Part(sentence, score))
            for whole in overall[-1:]:
                whole.below.append(score)
        elif score is not None and parents:
            parents[-1].below.append(score)
    claims = [claim for whole in overall for claim in _overall(whole)]
    for part in parents:
        if part.score and part.below:
            claims += _against_children(part.score, part.below)
    return claims


def _against_children(parent: Score, children: Sequence[Score]) -> Iterator[Claim]:
    """Full marks first; average and own score only when the sentence's indicators are all told of."""
    number = sum(child.number for child in children)
    listed = sum((child.full for child in children), Decimal(0))
    is_whole = listed == parent.full and number == parent.parts
    rows = [("总分", parent.full, [child.full for child in children])]
    if is_whole:
        averages = [child.average for child in children if child.average is not None]
        owns = [child.own for child in children if child.own is not None]
        if parent.average is not None and len(averages) == len(children):
            rows.append(("平均分", parent.average, averages))
        if parent.own is not None and len(owns) == len(children):
            rows.append(("得分", parent.own, owns))
    for name, stated, parts in rows:
        total = sum(parts, Decimal(0))
        holds = stated == total if is_whole or total > stated else None
        notes = {
            True: "",
            False: f"所列{number}个二级指标的{name}之和为{trim(total)}分",
            None: f"{parent.parts}个二级指标中只写了{number}个的分值，无法判断",
        }
        yield Claim(
            parent.sentence.quote,
            Kind.SUM,
            f"{name}{trim(stated)}分",
            f"{trim(total)}分",
            holds,
            parent.sentence.line,
            inputs={"parts": "+".join(trim(part) for part in parts)},
            note=notes[holds],
        )
    if not is_whole and listed < parent.full and number < parent.parts:
        yield from _left_for_the_others(parent, children, parent.full - listed)


def _left_for_the_others(parent: Score, children: Sequence[Score], full: Decimal) -> Iterator[Claim]:
    """What the indicators not told of must have cannot be less than nothing or more than their full marks."""
    rows = [
        ("平均分", parent.average, [child.average for child in children]),
        ("得分", parent.own, [child.own for child in children]),
    ]
    for name, stated, told in rows:
        parts = [part for part in told if part is not None]
        if stated is None or len(parts) < len(told):
            continue
        rest = stated - sum(parts, Decimal(0))
        if not 0 <= rest <= full:
            yield Claim(
                parent.sentence.quote,
                Kind.SUM,
                f"{name}{trim(stated)}分",
                f"{trim(stated - rest)}分",
                False,
                parent.sentence.line,
                inputs={"parts": "+".join(trim(part) for part in parts)},
                note=f"其余二级指标满分共{trim(full)}分，{name}却须为{trim(rest)}分",
            )


def _overall(whole: _Part) -> Iterator[Claim]:
    """A total score against the first-level indicators told of after it; others may have been left out."""
    rows = [
        ("得分", found(_OVERALL, whole.head), [score.own for score in whole.below]),
        ("平均分", found(AVERAGE, whole.head), [score.average for score in whole.below]),
    ]
    full = sum((score.full for score in whole.below), Decimal(0))
    for name, stated, told in rows:
        parts = [part for part in told if part is not None]
        if stated is not None and len(parts) == len(told) >= 2:
            yield _total(whole.head, name, stated, parts, full)


def _total(head: Sentence, name: str, stated: Decimal, parts: Sequence[Decimal], full: Decimal) -> Claim:
    added = sum(parts, Decimal(0))
    note = f"所列{len(parts)}个一级指标满分共{trim(full)}分，{name}之和为{trim(added)}分；未必列全，无法判断"
    holds = True if added == stated else None
    return Claim(
        head.quote,
        Kind.SUM,
        f"总{name}{trim(stated)}分",
        f"{trim(added)}分",
        holds,
        head.line,
        inputs={"parts": "+".join(trim(part) for part in parts)},
        note="" if holds else note,
    )
