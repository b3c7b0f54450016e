"""Rates of the prose: 已整改148条，整改率为84.1%; 合格率; 注册率 of several numbers; 占比; averages of rates.

Must never call a rate wrong unless the document itself says which two numbers it is made of. The formulas
are those in use everywhere: done ÷ all, (all − failed) ÷ all, part ÷ whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind, percent, rounding
from tracker.intake.claims.passages import Count, Sentence

# The name is what stands before 率; `bound` turns the rate into a comparison.
_RATE = re.compile(
    r"(?P<name>[\u4e00-\u9fff“”]{1,20}?(?:率|度|比例|比重))(?:均|仅|约|已|也|只)*(?:为|是|达到|达)*(?:均|仅|约|只)*"
    r"(?P<bound>低于|高于|超过|不足|不到|近|约)?(?P<percent>\d{1,9}(?:\.\d{1,9})?)%"
)
_ALL = re.compile(r"共|总|合计|交办|发现|梳理|应")
_MOST_COUNTS = 40  # what a rate is made of stands near it; the bound keeps the work even
_INCREASE = re.compile(r"新增|增加|减少|同比|环比|比上")
_SHOULD, _DID = re.compile(r"应(?!用)"), re.compile(r"实际|已")
_TO_DO = re.compile(r"应(?!用)|需|交办|待|总|共")  # 应整改80条 is not what is done
_LEFT_WITHIN = 3  # sentences on either side that may tell what is left
_NONE_FAILED = "(?:没有|无|未发现|未有)"


@dataclass(frozen=True)
class RateFact:
    """A rate whose two numbers the document states: 148 of 176 市直部门 by 整改."""

    name: str
    subject: str
    numerator: Decimal
    denominator: Decimal
    passage: int


@dataclass(frozen=True)
class _Formula:
    """One way to compute a rate; `is_certain`: the document says that it is this one; `with_left`: the whole
    is what is done and what is left together."""

    numerator: Decimal
    denominator: Decimal
    is_certain: bool
    subject: str = ""
    with_left: bool = False


def check_rates(sentences: Sequence[Sentence]) -> tuple[list[Claim], list[RateFact]]:
    """Every rate with a name; and those facts that a list of what is left open can be checked against."""
    claims: list[Claim] = []
    facts: list[RateFact] = []
    for place, sentence in enumerate(sentences):
        for match in _RATE.finditer(sentence.text):
            if "平均" in match["name"]:
                continue  # made of other rates, not of counts
            stem = _stem(match["name"])
            formulas = list(_formulas(sentences, place, match.start(), stem))
            claim, formula = _judge(sentence, match, formulas)
            claims.append(claim)
            if formula is not None:
                fact = RateFact(
                    stem, formula.subject, formula.numerator, formula.denominator, sentence.passage
                )
                facts.append(fact)
    return claims, facts


def _stem(name: str) -> str:
    """整改 of 市直部门的总整改率."""
    return re.sub(r"率$|度$|比例$|比重$", "", re.sub(r"^.*的|^.*其中|^总|[“”]", "", name))


def _formulas(sentences: Sequence[Sentence], place: int, end: int, stem: str) -> Iterator[_Formula]:
    sentence = sentences[place]
    counts = [count for count in sentence.counts if count.start < end][-_MOST_COUNTS:]
    earlier = [
        count
        for other in sentences[max(0, place - 6) : place]
        if other.passage == sentence.passage
        for count in other.counts[-_MOST_COUNTS:]
    ]
    around = [
        count
        for other in sentences[max(0, place - _LEFT_WITHIN) : place + _LEFT_WITHIN + 1]
        if other.passage == sentence.passage and stem in other.text
        for count in other.counts[:_MOST_COUNTS]
    ]
    yield from _should_and_did(counts, stem)
    yield from _done_and_left(counts, around, stem)
    yield from _less_failed(sentence.text[:end], counts, stem)
    yield from _done_of_all(counts, earlier, stem)
    if len(counts) >= 2 and 0 < counts[-1].value <= counts[-2].value and counts[-1].alike(counts[-2]):
        yield _Formula(counts[-1].value, counts[-2].value, is_certain=False)


def _should_and_did(counts: Iterable[Count], stem: str) -> Iterator[_Formula]:
    """应注册a人，实际注册b人，应…c人、实际…d人: (b + d) ÷ (a + c)."""
    should = [count.value for count in counts if _SHOULD.search(count.clause) and stem in count.clause]
    did = [
        count.value
        for count in counts
        if _DID.search(count.clause) and stem in count.clause and not _SHOULD.search(count.clause)
    ]
    if should and len(should) == len(did) and sum(should):
        yield _Formula(sum(did, Decimal(0)), sum(should, Decimal(0)), is_certain=True)


def _done_and_left(counts: Sequence[Count], around: Sequence[Count], stem: str) -> Iterator[_Formula]:
    """已整改60条，未整改20条: 60 ÷ (60 + 20), certain when both stand in the rate's own sentence."""
    done = [count for count in counts if _is_done(count, stem)]
    left = re.compile(f"(?:未|没有|不)[^，、。；：\\d]{{0,8}}{re.escape(stem)}")
    for count in around if len(done) == 1 else ():
        is_left = left.search(count.clause) or left.search(count.tail)
        if is_left and count.alike(done[0]) and count.measure and done[0].value + count.value:
            whole = done[0].value + count.value
            is_stated = any(each.value >= whole and each.alike(count) for each in counts)
            is_certain = count in counts and not is_stated
            yield _Formula(done[0].value, whole, is_certain, subject=done[0].clause, with_left=True)


def _is_done(count: Count, stem: str) -> bool:
    before = count.clause.partition(stem)[0] if stem and stem in count.clause else None
    return before is not None and not re.search("[未不没]", before) and not _TO_DO.search(before)


def _less_failed(text: str, counts: Sequence[Count], stem: str) -> Iterator[_Formula]:
    """29个不合格: (all − failed) ÷ all, where all is what was counted just before."""
    failed = re.compile(f"[不未]{re.escape(stem)}")
    if counts and re.search(f"{_NONE_FAILED}[^，]{{0,6}}[不未]{re.escape(stem)}", text):
        yield _Formula(counts[-1].value, counts[-1].value, is_certain=False)
        return
    for place, count in enumerate(counts):
        if failed.search(count.tail) or failed.search(count.clause):
            wholes = {
                whole.value
                for whole in counts[:place]
                if whole.alike(count) and whole.value >= count.value > 0 and not _is_done(whole, stem)
            }
            for whole in wholes:
                yield _Formula(whole - count.value, whole, is_certain=len(wholes) == 1)


def _done_of_all(counts: Sequence[Count], earlier: Sequence[Count], stem: str) -> Iterator[_Formula]:
    """已整改148条 of the count it belongs to: of the same subject, the one just before, or the only one."""
    done = next((count for count in reversed(counts) if stem and stem in count.clause), None)
    if done is None or _INCREASE.search(done.clause):
        return
    before = [count for count in counts if count.start < done.start]
    wholes = [count for count in (*earlier, *before) if count.value >= done.value and count.value]
    alike = [count for count in wholes if count.alike(done)]
    head = done.clause.partition(stem)[0].strip("“”、")
    subject = re.sub(r"(?:已经?|实际|共|完成)+$", "", head)
    ours = [count for count in alike if subject and subject in count.clause]
    is_plain = not head or subject != head or bool(ours)
    sure = None
    if len(ours) == 1:
        sure = ours[0]
    elif before and before[-1] in alike and (is_plain or len(counts) == 2):
        sure = before[-1]
    elif len(alike) == 1 and is_plain and _ALL.search(alike[0].clause):
        sure = alike[0]
    for whole in wholes:
        yield _Formula(done.value, whole.value, is_certain=whole is sure, subject=subject or whole.clause)


def _judge(
    sentence: Sentence, match: re.Match[str], formulas: Sequence[_Formula]
) -> tuple[Claim, _Formula | None]:
    """The first formula that gives the stated rate; else the certain one, which it contradicts."""
    verdicts = [(formula, _fits(match, formula)) for formula in formulas]
    fitting = [(formula, note) for formula, (fits, note) in verdicts if fits]
    # Half-up before truncated; then the certain one: 0% is nothing of any number.
    fitting.sort(key=lambda pair: (bool(pair[1]), not pair[0].is_certain))
    certain = next((formula for formula in formulas if formula.is_certain), None)
    chosen, note = fitting[0] if fitting else (certain, "")
    stated = f"{match['bound'] or ''}{match['percent']}%"
    if chosen is None:
        note = _why_untold(formulas)
        return Claim(sentence.quote, Kind.RATE, stated, None, None, sentence.line, note=note), None
    exact = chosen.numerator * 100 / chosen.denominator
    digits = max(1, len(match["percent"].partition(".")[2]))
    holds = bool(fitting)
    claim = Claim(
        sentence.quote,
        Kind.RATE,
        stated,
        percent(exact, digits if holds else max(2, digits)),
        holds,
        sentence.line,
        inputs={"numerator": trim(chosen.numerator), "denominator": trim(chosen.denominator)},
        note=note or ("" if holds else f"{trim(chosen.numerator)}÷{trim(chosen.denominator)}，与所写不符"),
    )
    return claim, chosen


def _why_untold(formulas: Sequence[_Formula]) -> str:
    with_left = next((formula for formula in formulas if formula.with_left), None)
    if with_left is not None:
        part, whole = with_left.numerator, with_left.denominator
        told = f"{trim(part)}÷({trim(part)}+{trim(whole - part)})"
        return f"按文中已完成与未完成的数，{told}为{percent(part * 100 / whole)}；未写明总数，无法判断"
    return "文中没有可据以复算的两个数" if not formulas else "文中有几个数可作分母，无法确定"


def _fits(match: re.Match[str], formula: _Formula) -> tuple[bool, str]:
    exact = formula.numerator * 100 / formula.denominator
    limit = Decimal(match["percent"])
    match match["bound"]:
        case "低于" | "不足" | "不到":
            return exact < limit, ""
        case "高于" | "超过":
            return exact > limit, ""
        case "近" | "约":
            return abs(exact - limit) <= 2, ""
        case _:
            return rounding(match["percent"], exact)
