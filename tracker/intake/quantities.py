"""How many faulty things a problem's text counts: 7个, 982件, 一条.

Must never take for the fault's size what only looks like a count: a time (5个工作日), a rate, a promise
(跑动1次), a number inside a quoted name, or what was done rather than missed (已开展363项).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.intake.model import Quantity

_MEASURES = "栏目|个|件|条|项|次|份|家|本|人|处"
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_COUNT = re.compile(
    r"(?<![\d.,第每另跑动])(?<!承诺)(?<!最多)(?<![-~—－～至到])"
    rf"(?P<number>\d+|[一二两三四五六七八九十]{{1,3}})(?P<ten_thousand>万)?余?\s*"
    rf"(?P<measure>{_MEASURES})"
    r"(?!(?:工作|自然)日|小时|月|季度|星期|周|年|百分点|事(?:[^项]|$)|[\d%％])"
)
_WRITTEN_COUNT = re.compile(
    rf"(?:\d[\d,]*|[一二两三四五六七八九十]{{1,3}})万?余?\s*(?:{_MEASURES})"
)  # with its thousands' commas, wherever it stands
_NAMES = re.compile(r"[“「《][^”」》]{0,200}[”」》]|\([^)]{0,200}\)|（[^）]{0,200}）")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_CLAUSE_ENDS = re.compile(r"[，,；;。]")
_FAULT = re.compile(r"没有|[未无不缺超错误漏]|存在|低于|逾期|重复|失效")
_GOES_ON = re.compile(r"\s*(?:情况|[合共累总]?计|共|有|达|涉及)")
_WHOLE = re.compile(r"已|检查|抽查|总|共")  # what was looked at or done, not what was missed


def quantity_of(text: str) -> Quantity | None:
    """The count in the clause that states the fault or goes on from it, else one that is no total; or None.

    In 检查10个栏目，3个没有更新 the quantity is 3. Names in quotes or brackets never count.
    Digits (full-width too), 万 and Chinese numerals below 100 are read.
    """
    if "," in text:
        text = _THOUSANDS.sub("", text)
    clauses = _CLAUSE_ENDS.split(_NAMES.sub("", text))
    match = next(filter(None, map(_COUNT.search, _by_rank(clauses))), None)
    if match is None:
        return None
    value = number_value(match["number"]) * (10_000 if match["ten_thousand"] else 1)
    return Quantity(value, match["measure"])


def with_quantity(text: str, quantity: Quantity) -> str:
    """The text with another count in the place of its own, so that `quantity_of` reads that one.

    The text as it is if it counts nothing, or nothing that can be told apart.
    """
    said = quantity_of(text)
    if said is None or said == quantity:
        return text
    for match in _WRITTEN_COUNT.finditer(text):
        told = f"{text[: match.start()]}{quantity.value}{quantity.measure}{text[match.end() :]}"
        if quantity_of(match[0]) == said and quantity_of(told) == quantity:
            return told
    return text


def _by_rank(clauses: Sequence[str]) -> Iterator[str]:
    """The clauses that may hold the count, the likeliest first; the first one mostly does."""
    first = None
    for place, clause in enumerate(clauses):
        if _FAULT.search(clause):
            first = place if first is None else first
            yield clause
    yield from (clause for clause in clauses[first or 0 :] if _GOES_ON.match(clause))
    yield from (clause for clause in clauses if not _WHOLE.search(clause))


def number_value(number: str) -> int:
    """Digits (full-width too) or Chinese numerals below 100."""
    if number.isdecimal():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return int("".join(str(_CHINESE_DIGITS[digit]) for digit in ones))
    return (_CHINESE_DIGITS[tens] if tens else 1) * 10 + (_CHINESE_DIGITS[ones] if ones else 0)
