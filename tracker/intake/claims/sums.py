"""Totals and their parts: 共10件，其中A4件、B和C各3件; what is left open per group.

Must never take examples for the whole: parts that stay well below a total prove nothing against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from tracker.domain.rates import trim
from tracker.domain.units import Level, guess_level
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import UnitCount, added, unit_counts, units_of_counts
from tracker.intake.claims.passages import LONGEST, Count, Sentence
from tracker.intake.claims.rates import RateFact

_TOTAL = re.compile(r"共|总计|合计|总数|新增")
_OF_WHICH = re.compile(r"其中|(?P<whole>[\u4e00-\u9fff]{2,6})中(?![\u4e00-\u9fff]{0,3}[，：])")
_EXAMPLES = re.compile(
    r"主要|较多|最多|最少|突出|集中|例如|比如|如：|等|前[三五十几]|占|同比|环比|比上|比去|累计"
)
_MOST_PARTS = 60
_NEARLY_ALL = Decimal("0.8")  # parts that reach this share of their total are meant to be all of it
_OPEN = re.compile(r"(?:未完成|未|尚未)(?:整改|办结|反馈|完成)(?:到位)?[^，。；：\d]{0,8}：?")
_DONE_STEM = re.compile(r"整改|办结|反馈|完成|销号")


def check_sums(sentences: Sequence[Sentence]) -> list[Claim]:
    """Every total with parts behind it in its sentence, or in the next one when that begins with 其中."""
    claims: list[Claim] = []
    for place, sentence in enumerate(sentences):
        above = [other for other in sentences[max(0, place - 1) : place] if other.passage == sentence.passage]
        match = _OF_WHICH.match(sentence.text)
        if match is not None and above:
            claims += _parts_of_the_sentence_before(above[0], sentence, match["whole"])
        elif (claim := _parts_of_own_total(sentence)) is not None:
            claims.append(claim)
    return claims


def _parts_of_own_total(sentence: Sentence) -> Claim | None:
    """The first total that can be judged; else the first that cannot."""
    claims = [claim for place in range(len(sentence.counts)) if (claim := _total_at(sentence, place))]
    return next((claim for claim in claims if claim.holds is not None), claims[0] if claims else None)


def _total_at(sentence: Sentence, place: int) -> Claim | None:
    total, following = sentence.counts[place], sentence.counts[place + 1 : place + _MOST_PARTS]
    is_announced = bool(following) and "其中" in following[0].label
    is_total = is_announced or _TOTAL.search(total.clause) is not None
    is_head = place == 0 and total.start not in units_of_counts(sentence)
    parts = _parts(sentence, following, total) if is_total or is_head else []
    if len(parts) < 2 or total.value <= 0:
        return None
    reached = list(accumulate(parts))
    if total.value in reached[1:] and (is_total or is_head):
        return _sum_claim(
            sentence, sentence.quote, total, parts[: reached.index(total.value) + 1], holds=True
        )
    if not is_total:
        return None
    tells = is_announced and not _EXAMPLES.search(sentence.text)
    is_whole = _NEARLY_ALL * total.value <= reached[-1]
    return _sum_claim(sentence, sentence.quote, total, parts, holds=False if tells and is_whole else None)


def _parts_of_the_sentence_before(above: Sentence, sentence: Sentence, whole: str | None) -> Iterator[Claim]:
    """`whole`: the word that says of what (派单中), else every count above may be the total."""
    totals = [
        total for total in above.counts if total.value > 0 and (not whole or total.clause.endswith(whole))
    ]
    candidates = [(total, _parts(sentence, sentence.counts, total)) for total in totals]
    candidates = [(total, parts) for total, parts in candidates if len(parts) >= 2]
    quote = above.quote + sentence.quote
    for total, parts in candidates:
        if sum(parts, Decimal(0)) == total.value:
            yield _sum_claim(above, quote, total, parts, holds=True)
            return
    if len(candidates) == 1:
        total, parts = candidates[0]
        is_whole = sum(parts, Decimal(0)) >= _NEARLY_ALL * total.value
        tells = is_whole and not _EXAMPLES.search(sentence.text)
        yield _sum_claim(above, quote, total, parts, holds=False if tells else None)


def _parts(sentence: Sentence, counts: Sequence[Count], total: Count) -> list[Decimal]:
    """The counts behind a total in its measure, 各 times its names; up to a count of another measure."""
    shared = units_of_counts(sentence)
    parts: list[Decimal] = []
    for count in counts:
        if count.measure != total.measure or not count.measure or "%" in count.label:
            break
        parts += [count.value] * max(1, shared[count.start])
    return parts


def _sum_claim(
    sentence: Sentence, quote: str, total: Count, parts: Sequence[Decimal], *, holds: bool | None
) -> Claim:
    computed = sum(parts, Decimal(0))
    told = "+".join(trim(part) for part in parts)
    notes = {True: "", False: "各部分之和与总数不符", None: "各部分未必列全，无法判断"}
    return Claim(
        quote,
        Kind.SUM,
        f"{trim(total.value)}{total.measure}",
        f"{trim(computed)}{total.measure}",
        holds,
        sentence.line,
        inputs={"parts": told},
        note=notes[holds],
    )


def check_remainders(sentences: Sequence[Sentence], facts: Sequence[RateFact]) -> list[Claim]:
    """A list of who has what still open, against all less done, for each group that the rates tell of."""
    claims: list[Claim] = []
    for opened in open_lists(sentences):
        passage = opened.sentence.passage
        ours = [fact for fact in facts if fact.passage == passage and _DONE_STEM.search(fact.name)]
        if ours:
            claims += _remainders(opened, ours)
    return claims


@dataclass(frozen=True)
class OpenList:
    """Who has how many left (未完成整改单位：A5条、…); it begins in `sentence`. `is_whole`: no count in it
    stands behind what cannot be told for a unit's name."""

    sentence: Sentence
    quote: str
    listed: tuple[UnitCount, ...]
    is_whole: bool


def open_lists(sentences: Sequence[Sentence]) -> Iterator[OpenList]:
    """The lists of what is left open, each with the sentences that go on with nothing but such counts."""
    for place, sentence in enumerate(sentences):
        match = _OPEN.search(sentence.text)
        if match is None:
            continue
        listed, quote = unit_counts(sentence), sentence.quote
        told = {each.count.start for each in listed}
        start = match.end() if match[0].endswith("：") else min(told, default=0)
        is_told = all(count.start in told for count in sentence.counts if count.start >= start)
        is_whole = is_told and len(sentence.quote) < LONGEST  # else it was cut, perhaps inside a name
        for other in sentences[place + 1 :]:
            more = unit_counts(other)
            is_list = len({each.count.start for each in more}) == len(other.counts)
            if other.passage != sentence.passage or not is_list:
                break
            listed, quote = (*listed, *more), quote + other.quote
        if len(listed) >= 2:
            yield OpenList(sentence, quote, listed, is_whole)


def _remainders(opened: OpenList, facts: Sequence[RateFact]) -> Iterator[Claim]:
    by_group = {_group(fact.subject): fact for fact in facts}
    if len(by_group) != len(facts) or (None in by_group and len(facts) > 1):
        by_group = {}  # two rates of one group: which of them the list belongs to is not said
    # Together they fit: then a name only looks like one of the other group.
    fits = added(opened.listed) == sum((_left(fact) for fact in by_group.values()), Decimal(0))
    is_sure = opened.is_whole and not fits
    for group, fact in by_group.items():
        parts = [
            each for each in opened.listed if group is None or guess_level(each.unit, None).group == group
        ]
        left = _left(fact)
        is_same = added(parts) == left or (fits and len(by_group) == 1)
        holds = True if is_same else False if is_sure else None
        doubt = "" if is_sure else "；有的单位名称无法辨认或无法判断属市直还是各区"
        yield Claim(
            opened.quote,
            Kind.REMAINDER,
            trim(left),
            trim(added(parts)),
            holds,
            opened.sentence.line,
            inputs={
                "total": trim(fact.denominator),
                "done": trim(fact.numerator),
                "listed": "、".join(f"{each.unit}{trim(each.count.value)}" for each in parts),
            },
            note="" if holds else f"{group or ''}应余{trim(left)}，所列单位合计{trim(added(parts))}{doubt}",
        )


def _left(fact: RateFact) -> Decimal:
    return fact.denominator - fact.numerator


def _group(subject: str) -> str | None:
    """市直 or 各区 by the words of a rate's subject."""
    if re.search(r"[市县区]直|部门", subject):
        return Level.DEPARTMENT.group
    return Level.DISTRICT.group if re.search(r"[区县镇乡]", subject) else None
