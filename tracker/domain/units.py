"""Who a name means: the identity of a unit's name, and the registry of the office's units.

Must never take a likely match, and never merge across levels: 市卫健委 and 某区卫健局 are two units.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_BRACKETS = re.compile(r"\(([^()]*)\)?")
_LEVEL_PREFIX = re.compile(r"(?:.*(?:[省市州盟县区旗镇乡]|街道))?")
_BRANCH = re.compile(r"(?P<organ>.+局)(?P<branch>[^局]+分局)")
_PLACE = re.compile(r".*[市州县区旗]")
_BELOW = re.compile(r".*(?:[镇乡村]|街道|社区|办事处|管委会|分局)(?:人民政府|政府|办事处|党委)?")
_ONE_SIGN_FOR_TWO = 3  # the length of a short form such as 市监局, whose 市 is also the level
_TYPO_LENGTH = 8


class Level(StrEnum):
    """Where a unit stands: beside the city government, at the head of a district, or under one."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    BELOW = "below"

    @property
    def group(self) -> str:
        """The group it is counted in: 市直 or 各区."""
        return "市直" if self is Level.DEPARTMENT else "各区"


class Match(StrEnum):
    """How a name met the registry. Only `exact` and `alias` name a unit."""

    EXACT = "exact"
    ALIAS = "alias"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    NEW = "new"


@dataclass(frozen=True)
class UnitEntry:
    """One unit of the registry. `parent` is another unit's name; `site` its website's address."""

    name: str
    aliases: tuple[str, ...]
    level: Level
    parent: str | None
    site: str | None


@dataclass(frozen=True)
class Resolution:
    """`name` is the registered name for exact and alias, else None; `candidates` are offered, never taken."""

    kind: Match
    name: str | None
    key: str
    candidates: tuple[str, ...] = ()


def unit_key(as_written: str, short_forms: Mapping[str, str]) -> str:
    """The identity of a name: no blanks, no bracketed part, the organ's short form written in full.

    A short form is only expanded behind a level (市, 县, 区 or a place that ends so) or standing alone.
    """
    name = _without_brackets(_folded(as_written))
    if (match := _BRANCH.fullmatch(name)) is not None:
        return _expanded(match["organ"], short_forms) + match["branch"]
    return _expanded(name, short_forms)


def display_name(names: Sequence[str], key: str) -> str:
    """How to show a unit that no registry knows: its full form if so written, else the first writing."""
    full = (name for name in names if _without_brackets(_folded(name)) == key)
    return _folded(next(full, names[0])).replace("(", "（").replace(")", "）")


def guess_level(name: str, group_hint: str | None) -> Level:
    """The level of an unregistered unit; what the document says (市直, 各区) outweighs the name's look.

    A bare 市, 县 or 区 before an organ is the home's own level; a named district before it is below.
    """
    plain = _without_brackets(_folded(name))
    if group_hint == Level.DEPARTMENT.group:
        return Level.DEPARTMENT
    if _PLACE.fullmatch(plain):
        return Level.DISTRICT
    is_below = _BELOW.fullmatch(plain) is not None or re.match(r"[^省市州县区]+[县区旗]", plain) is not None
    return Level.BELOW if is_below or group_hint == Level.DISTRICT.group else Level.DEPARTMENT


class Registry:
    """The office's units and every name they go by. Unchangeable; made anew when the units change."""

    def __init__(
        self,
        entries: Iterable[UnitEntry],
        short_forms: Mapping[str, str],
        learned: Mapping[str, str],
    ) -> None:
        """`learned`: names a person has confirmed, each with the unit's registered name."""
        self._short_forms = short_forms
        self._written: dict[str, str] = {}
        self._units: defaultdict[str, set[str]] = defaultdict(set)
        self._offers: defaultdict[str, set[str]] = defaultdict(set)
        for entry in entries:
            self._written[_without_brackets(_folded(entry.name))] = entry.name
            for name in (entry.name, *entry.aliases):
                self._units[self._key(name)].add(entry.name)
            for second in self._second_keys(entry.name):
                self._offers[second].add(entry.name)
        for alias, name in learned.items():
            self._units[self._key(alias)].add(name)

    def resolve(self, as_written: str) -> Resolution:
        """Which unit a name means; blanks and the width of brackets never matter."""
        key = self._key(as_written)
        found = sorted(self._units.get(key, ()))
        if len(found) > 1:
            return Resolution(Match.AMBIGUOUS, None, key, tuple(found))
        if found:
            is_exact = self._written.get(_without_brackets(_folded(as_written))) == found[0]
            return Resolution(Match.EXACT if is_exact else Match.ALIAS, found[0], key)
        candidates = self._candidates(as_written, key)
        return Resolution(Match.LIKELY if candidates else Match.NEW, None, key, candidates)

    def _key(self, name: str) -> str:
        return unit_key(name, self._short_forms)

    def _second_keys(self, as_written: str) -> list[str]:
        """What stands in brackets is a second name, perhaps without the level its first name shows."""
        folded = _folded(as_written)
        seconds = [second for second in _BRACKETS.findall(folded) if second]
        return [self._key(name) for second in seconds for name in (second, folded[0] + second)]

    def _candidates(self, as_written: str, key: str) -> tuple[str, ...]:
        offered = set(self._offers.get(key, ()))
        for second in self._second_keys(as_written):
            offered |= self._units.get(second, set())
        for known, names in self._units.items():
            if _is_alike(key, known):
                offered |= names
        return tuple(sorted(offered))


def _folded(name: str) -> str:
    """Half-width forms, no blanks, no quotes."""
    return re.sub(r"[\s“”\"]", "", unicodedata.normalize("NFKC", name))


def _without_brackets(folded: str) -> str:
    return _BRACKETS.sub("", folded) or folded.strip("()")


def _expanded(name: str, short_forms: Mapping[str, str]) -> str:
    for start in range(len(name)):  # from the left: the longest short form wins
        full = short_forms.get(name[start:])
        if full is None or not _LEVEL_PREFIX.fullmatch(name[:start]):
            continue
        if start == 0 and len(name) == _ONE_SIGN_FOR_TWO and name[0] in "市县区":
            return name[0] + full  # 市监局 is written for 市市监局: one 市 does both duties
        return name[:start] + full
    return name


def _is_alike(one: str, other: str) -> bool:
    """Worth offering: one abbreviates the other, lacks its place, or has one wrong character in the organ."""
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or short[-1] != long[-1]:
        return False
    if len(short) == len(long):
        wrong = [
            position for position, pair in enumerate(zip(short, long, strict=True)) if len(set(pair)) > 1
        ]
        return (
            len(long) >= _TYPO_LENGTH and len(wrong) == 1 and not re.search(r"[市州县区旗]", long[wrong[0] :])
        )
    rest = iter(long)
    is_abbreviation = short[0] == long[0] and all(character in rest for character in short)
    return is_abbreviation or (short[0] in "市州县区" and long.endswith(short))
