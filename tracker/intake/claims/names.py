"""Lists of units in a sentence (A、B和C各1件), and whether two names mean the same unit.

Must never decide which registered unit a name means: only sameness inside one document counts here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tracker.domain.units import unit_key
from tracker.intake.claims.passages import Count, Sentence

_ONE_SIGN = "[局委办部区县镇乡村会院队府校厅州市行所台社联]"
_TWO_SIGNS = "中心|公司|街道|银行|集团|大学"
_SPLIT = re.compile(rf"[、，]|以及|(?:(?<={_ONE_SIGN})|(?<={_TWO_SIGNS}))[和及与]")
_NAME = re.compile(rf"[\u4e00-\u9fff“”+]{{1,24}}(?:{_ONE_SIGN}|{_TWO_SIGNS})")
_WHOLE = re.compile(r"[我全本][省市州县区]")
_VERB = re.compile(r"(?:均|有|存在|出现|发生|共|为)+$")
_LEADING = re.compile(r"^(?:[\u4e00-\u9fff]{0,6}发现|其中|分别为|分别是|有|为|是|以及|及|和|等)+")


@dataclass(frozen=True)
class UnitCount:
    """How many the sentence gives to one unit."""

    unit: str
    count: Count


def names_in(text: str) -> list[str]:
    """The units that a list names, or [] when a part of it is no unit's name."""
    parts = [_LEADING.sub("", part) for part in _SPLIT.split(text)]
    parts = [part for part in parts if part]
    return parts if all(_NAME.fullmatch(part) for part in parts) else []


@lru_cache(maxsize=16)
def unit_counts(sentence: Sentence) -> tuple[UnitCount, ...]:
    """`A4件、B、C各1件` and `A、B分别有5条、1条`, one entry per unit; other counts give none."""
    found: list[UnitCount] = []
    counts = sentence.counts
    for place, count in enumerate(counts):
        if "分别" in count.label and count.label.rstrip("有为是：").endswith("分别"):
            names = names_in(_last_part(count.label.split("分别")[0]))
            shares = [count]
            for each in counts[place + 1 :]:
                if each.label.strip("、和") == "":
                    shares.append(each)
            if names and len(names) == len(shares):
                found += [UnitCount(name, each) for name, each in zip(names, shares, strict=True)]
            continue
        label = _last_part(count.label)
        names = names_in(_VERB.sub("", label.removesuffix("各")))
        is_whole = len(names) == 1 and _WHOLE.fullmatch(names[0])  # 我市有6件 is no unit's share
        if names and not is_whole and (len(names) == 1 or label.endswith("各")):
            found += [UnitCount(name, count) for name in names]
    return tuple(found)


@lru_cache(maxsize=16)
def units_of_counts(sentence: Sentence) -> Counter[int]:
    """How many units each count is given to, by the place where it stands."""
    return Counter(each.count.start for each in unit_counts(sentence))


def _last_part(label: str) -> str:
    """Behind the last colon, or behind 其中: where the list begins."""
    return re.split("：|其中，?", label)[-1].strip("，、")


def added(found: Sequence[UnitCount]) -> Decimal:
    return sum((each.count.value for each in found), Decimal(0))


class Sameness:
    """Compares names by the office's short forms; a unit of a district counts for the district."""

    def __init__(self, short_forms: Mapping[str, str]) -> None:
        self._short_forms = short_forms
        self._keys: dict[str, str] = {}

    def key(self, name: str) -> str:
        if name not in self._keys:
            self._keys[name] = unit_key(name, self._short_forms)
        return self._keys[name]

    def same(self, one: str, other: str) -> bool:
        return self.key(one) == self.key(other)

    def covers(self, listed: str, named: str) -> bool:
        """Whether the listed unit answers for the named one: itself, or its district (澜东区 for 澜东区教育局
        and for a branch 市某局澜东分局)."""
        whole, part = self.key(listed), self.key(named)
        place = whole[:-1] if whole[-1:] in "区县" else whole
        return whole == part or part.startswith(whole) or (whole[-1:] in "区县" and place in part)
