"""Units said to rectify quickly or slowly, against who has something left and who was not looked at.

Must never judge: a unit may be quick and have one problem left; what does not go together is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.named import names_behind
from tracker.intake.claims.names import Sameness, names_in
from tracker.intake.claims.passages import Sentence
from tracker.intake.claims.sums import OpenList, open_lists

_UNITS = (
    r"[^，。；：]{0,8}?的?(?:(?:单位|部门|地方|地区)(?:有|为|是)?|有|为|是)：?(?P<names>[^。；：]{2,400})"
)
_QUICK = re.compile(rf"(?:整改|办结|销号)[^，。；：]{{0,8}}(?:较快|迅速|较好|积极|靠前){_UNITS}")
_SLOW = re.compile(rf"(?:整改|办结|销号)[^，。；：]{{0,8}}(?:缓慢|较慢|迟缓|滞后|不力|靠后){_UNITS}")
_LEFT_OUT = re.compile(r"[(（，,]不(?:含|包括|包含)(?P<names>[^，。；：()（）]{2,60})[)），,]")


def check_progress(sentences: Sequence[Sentence], sameness: Sameness) -> list[Claim]:
    """Each unit that is called quick or slow, against the last list of what is left and the last 不含."""
    opened = {each.sentence: each for each in open_lists(sentences)}
    left: OpenList | None = None
    left_out: list[str] = []
    claims: list[Claim] = []
    for sentence in sentences:
        left = opened.get(sentence, left)
        if (match := _LEFT_OUT.search(sentence.quote)) is not None:
            left_out = names_in(match["names"])
        quick, slow = _QUICK.search(sentence.text), _SLOW.search(sentence.text)
        for unit in names_behind(quick["names"]) if quick else []:
            claims += _not_looked_at(sentence, unit, left_out, sameness)
            claims += _quick(sentence, unit, left, sameness)
        for unit in names_behind(slow["names"]) if slow else []:
            claims += _not_looked_at(sentence, unit, left_out, sameness)
            claims += _slow(sentence, unit, left, sameness)
    return claims


def _not_looked_at(
    sentence: Sentence, unit: str, left_out: Sequence[str], sameness: Sameness
) -> Iterator[Claim]:
    if any(sameness.same(unit, other) for other in left_out):
        note = f"前文写明检查不含{unit}，此处又评其整改，请核对"
        yield Claim(sentence.quote, Kind.LIST_UNITS, unit, f"不含{unit}", None, sentence.line, note=note)


def _quick(sentence: Sentence, unit: str, left: OpenList | None, sameness: Sameness) -> Iterator[Claim]:
    for each in left.listed if left else ():
        if sameness.same(unit, each.unit):
            open_ = f"未完成{trim(each.count.value)}{each.count.measure}"
            note = "称整改较快，又列在未完成名单中，请核对"
            yield Claim(sentence.quote, Kind.PRAISE, unit, open_, None, sentence.line, note=note)


def _slow(sentence: Sentence, unit: str, left: OpenList | None, sameness: Sameness) -> Iterator[Claim]:
    if left and not any(sameness.covers(unit, each.unit) for each in left.listed):
        note = "称整改缓慢，未完成名单中却没有，请核对"
        yield Claim(sentence.quote, Kind.LIST_UNITS, unit, "未完成0", None, sentence.line, note=note)
