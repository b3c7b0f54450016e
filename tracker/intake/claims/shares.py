"""Shares of a whole (咨询类3162件，占34.26%) and averages of rates that the same passage lists.

Must never guess the whole: a share is only wrong when its own list, or its own sentence, says of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind, percent, rounding
from tracker.intake.claims.passages import Count, Sentence

_SHARE = re.compile(
    r"占(?P<whole>比|总[^，。；\d]{0,8}|[^，。；\d比总]{0,8}的)?(?:为|约|达)?(?P<percent>\d{1,9}(?:\.\d{1,9})?)%"
)
_TOTAL = re.compile(r"共|总|合计|累计|全部")
_AVERAGE = re.compile(
    r"平均[^，。；\d]{0,12}?(?:率|度|比例)(?:仅|约|均)*(?:为|是|达到|达)?(?:仅|约)*(?P<percent>\d{1,9}(?:\.\d{1,9})?)%"
)
_LISTED = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,16}?)(?:为)?(?P<percent>\d{1,9}(?:\.\d{1,9})?)%")
_WEIGHT = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,16})(?P<value>\d{1,9})[个件条项户人家]")
_MOST_TOTALS = 200  # a whole is stated near its shares; the bound keeps the work even


@dataclass(frozen=True)
class _Share:
    sentence: Sentence
    stated: str
    part: Count
    wholes: tuple[Count, ...]  # the nearest first


def check_shares(sentences: Sequence[Sentence]) -> list[Claim]:
    """Part ÷ whole, where the whole is a total stated before (共…件)."""
    shares = list(_shares(sentences))
    fitted = {
        (share.sentence.passage, whole.value)
        for share in shares
        for whole in share.wholes
        if rounding(share.stated, share.part.value * 100 / whole.value)[0]
    }
    return [_judge(share, fitted) for share in shares]


def _shares(sentences: Sequence[Sentence]) -> Iterator[_Share]:
    totals: list[Count] = []
    for sentence in sentences:
        new = [count for count in sentence.counts if _TOTAL.search(count.clause) and count.value]
        for match in _SHARE.finditer(sentence.text):
            parts = [count for count in sentence.counts if count.start < match.start()]
            if not parts:
                continue
            part = parts[-1]
            before = [*totals, *(count for count in new if count.start < part.start)]
            fit = [whole for whole in reversed(before) if whole.alike(part) and whole.value >= part.value]
            yield _Share(sentence, match["percent"], part, tuple(fit[:20]))
        totals = (totals + new)[-_MOST_TOTALS:]


def _judge(share: _Share, fitted: set[tuple[int, Decimal]]) -> Claim:
    sentence, part = share.sentence, share.part
    found = [(whole, *rounding(share.stated, part.value * 100 / whole.value)) for whole in share.wholes]
    fitting = sorted((each for each in found if each[1]), key=lambda each: bool(each[2]))
    sure = [
        whole
        for whole in share.wholes
        if (sentence.passage, whole.value) in fitted or whole in sentence.counts
    ]
    whole = fitting[0][0] if fitting else sure[0] if sure else None
    if whole is None:
        note = "文中没有写明以何为总数"
        return Claim(sentence.quote, Kind.SHARE, f"{share.stated}%", None, None, sentence.line, note=note)
    exact = part.value * 100 / whole.value
    note = fitting[0][2] if fitting else f"{trim(part.value)}÷{trim(whole.value)}，与所写不符"
    return Claim(
        sentence.quote,
        Kind.SHARE,
        f"{share.stated}%",
        percent(exact, max(2, len(share.stated.partition(".")[2]))),
        bool(fitting),
        sentence.line,
        inputs={"numerator": trim(part.value), "denominator": trim(whole.value)},
        note=note,
    )


def check_averages(sentences: Sequence[Sentence]) -> list[Claim]:
    """平均覆盖率51.8%，其中…: the plain mean, or the mean weighted by counts stated for the same names."""
    weights: list[dict[str, Decimal]] = []
    claims: list[Claim] = []
    for place, sentence in enumerate(sentences):
        listed = {match["name"]: Decimal(match["value"]) for match in _WEIGHT.finditer(sentence.text)}
        if len(listed) >= 2:
            weights.append(listed)
        if (match := _AVERAGE.search(sentence.text)) is None:
            continue
        rest = sentence.text[match.end() :] + "".join(
            other.text
            for other in sentences[place + 1 : place + 2]
            if other.passage == sentence.passage and other.text.startswith("其中")
        )
        parts = rest.partition("其中")[2].lstrip("，")
        values = {each["name"]: Decimal(each["percent"]) for each in _LISTED.finditer(parts)}
        claims.append(_judge_average(sentence, match["percent"], values, weights))
    return claims


def _judge_average(
    sentence: Sentence, stated: str, values: dict[str, Decimal], weights: Sequence[dict[str, Decimal]]
) -> Claim:
    if len(values) < 2:
        note = "文中没有列出各单位的数"
        return Claim(sentence.quote, Kind.AVERAGE, f"{stated}%", None, None, sentence.line, note=note)
    plain = sum(values.values(), Decimal(0)) / len(values)
    means = [("简单平均", plain)]
    for known in weights:
        weighted = [(value, _weight(name, known)) for name, value in values.items()]
        if all(weight for _, weight in weighted):
            whole = sum((weight for _, weight in weighted), Decimal(0))
            mean = sum((value * weight for value, weight in weighted), Decimal(0)) / whole
            means.append(("按文中所列数量加权", mean))
    outside = not min(values.values()) <= Decimal(stated) <= max(values.values())
    fits = [name for name, mean in means if rounding(stated, mean)[0]]
    holds = True if fits else False if outside or len(means) > 1 else None
    told = "，".join(f"{name}为{percent(mean)}" for name, mean in means)
    note = fits[0] if fits else f"{told}，均不等于所写" if holds is False else f"{told}；权重未写明，无法判断"
    inputs = {name: f"{trim(value)}%" for name, value in values.items()}
    computed = percent(means[-1][1])
    return Claim(
        sentence.quote, Kind.AVERAGE, f"{stated}%", computed, holds, sentence.line, inputs=inputs, note=note
    )


def _weight(name: str, known: dict[str, Decimal]) -> Decimal:
    """The count stated for a name, written perhaps with one sign more (市级, 市本级)."""
    for other, value in known.items():
        short, long = sorted((name, other), key=len)
        if long.endswith(short) or (
            len(long) - len(short) == 1 and short[0] + short[-1] == long[0] + long[-1]
        ):
            return value
    return Decimal(0)
