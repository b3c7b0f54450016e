"""The office's units by every name they go by, and what a written name means to them.

Must never take a likely match: it is offered for a person to decide.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

from tracker.domain.units import (
    BRACKETS,
    LEVEL_SIGNS,
    Home,
    Level,
    Match,
    UnitEntry,
    bare,
    folded,
    place_of,
    unit_key,
)

_SEATS = ("人民政府", "管理委员会")
_LEVEL = re.compile(f"[{LEVEL_SIGNS}]")
_COMPANY = re.compile(r"公司$")
_HEAD_OFFICE = re.compile(r".*(?:委|政府)办公室")
_TYPO_LENGTH = 8
_ALIKE_LENGTH = 4
_WHOLE, _TAIL = 0, 1  # what a part of a name is, where it is no half of one


@dataclass(frozen=True)
class Resolution:
    """`name` is the registered name for exact and alias, else None; `candidates` are offered, never taken."""

    kind: Match
    name: str | None
    key: str
    candidates: tuple[str, ...] = ()


class Registry:
    """Unchangeable; made anew when the units change. The order of the entries never matters."""

    def __init__(
        self,
        entries: Iterable[UnitEntry],
        short_forms: Mapping[str, str],
        learned: Mapping[str, str],
        home: Home | None = None,
    ) -> None:
        """`learned`: names a person has confirmed, each with the unit's registered name."""
        self._short_forms, self._home = short_forms, home
        self.entries = {entry.name: entry for entry in entries}
        self._written = {bare(name): name for name in sorted(self.entries)}
        self._units: defaultdict[str, set[str]] = defaultdict(set)
        self._offers: defaultdict[str, set[str]] = defaultdict(set)
        for entry in self.entries.values():
            for name in (entry.name, *entry.aliases):
                self._units[self.key(name)].add(entry.name)
            for second in self._second_keys(entry.name):
                self._offers[second].add(entry.name)
            if entry.level is Level.DISTRICT:
                for seat in _SEATS:
                    self._offers[self.key(entry.name + seat)].add(entry.name)
        for alias, name in learned.items():
            self._units[self.key(alias)].add(name)

    def key(self, name: str) -> str:
        """The identity of a name by this office's short forms and home."""
        return unit_key(name, self._short_forms, self._home)

    def resolve(self, as_written: str, on: date | None = None) -> Resolution:
        """Which unit a name means; blanks and the width of brackets never matter.

        Where several units bore the name one after the other, it is the one of the day `on`; without a day
        the one that still exists.
        """
        key = self.key(as_written)
        found = sorted(self._units.get(key, ()))
        if len(found) > 1:
            entries = [self.entries[name] for name in found]
            then = [each.name for each in entries if (each.existed(on) if on else each.until is None)]
            found = then if len(then) == 1 else found
        if len(found) > 1:
            return Resolution(Match.AMBIGUOUS, None, key, tuple(found))
        if found:
            is_exact = self._written.get(bare(as_written)) == found[0]
            return Resolution(Match.EXACT if is_exact else Match.ALIAS, found[0], key)
        candidates = self.candidates(as_written)
        return Resolution(Match.LIKELY if candidates else Match.NEW, None, key, candidates)

    def responsible(self, name: str, today: date | None = None) -> UnitEntry:
        """The unit that answers for a registered one: itself, or who took over once it was gone.

        Without a day every stated end has come.
        """
        entry = self.entries[name]
        while entry.successor is not None and (today is None or not entry.until or entry.until < today):
            entry = self.entries[entry.successor]
        return entry

    def candidates(self, as_written: str) -> tuple[str, ...]:
        """The units that look like the name's, but do not bear it; sorted."""
        key = self.key(as_written)
        offered = set(self._offers.get(key, ()))
        for second in self._second_keys(as_written):
            offered |= self._units.get(second, set())
        for known in self._alikes.of(key):
            offered |= self._units[known]
        return tuple(sorted((offered | self._at_the_home_s_level(key)) - self._units.get(key, set())))

    @cached_property
    def _alikes(self) -> _Alikes:
        return _Alikes(self._units)

    def _second_keys(self, as_written: str) -> list[str]:
        """What stands in brackets is a second name, perhaps without the level its first name shows."""
        plain = folded(as_written)
        seconds = [second for second in BRACKETS.findall(plain) if second]
        return [self.key(name) for second in seconds for name in (second, plain[0] + second)]

    def _at_the_home_s_level(self, key: str) -> set[str]:
        """财政局 alone is most likely the home's own, if the home has exactly one."""
        signs = self._home.level if self._home else LEVEL_SIGNS
        found = {name for sign in signs for name in self._units.get(sign + key, ())}
        own = {name for name in found if self.entries[name].level is Level.DEPARTMENT}
        return own if len(own) == 1 else set()


class _Alikes:
    """Finds the keys worth offering for another one without comparing it with all of them.

    Names that abbreviate one another share their first and last character and, of the shorter one, all
    others; so a short name is found by all it holds, a long one by the two rarest of the shorter.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        keys = [key for key in keys if len(key) >= _ALIKE_LENGTH]
        self._frequency = Counter(character for key in keys for character in set(_outline(key)))
        self._holding: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_rarest: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_part: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        for key in keys:
            ends, characters = self._traits(key)
            for character in characters:
                self._holding[*ends, character].add(key)
            self._by_rarest[*ends, *characters[:2]].add(key)
            for part in (*_halves(key), *_tails(key), (_WHOLE, _outline(key))):
                self._by_part[part].add(key)

    def of(self, key: str) -> set[str]:
        """The keys that are alike; never the key itself."""
        if len(key) < _ALIKE_LENGTH:
            return set()
        ends, characters = self._traits(key)
        near = set.intersection(*(self._holding.get((*ends, each), set()) for each in characters))
        for pair in combinations(characters, 2):
            near |= self._by_rarest.get((*ends, *pair), set())
        wholes = [(_WHOLE, tail) for _, tail in _tails(key)]
        for part in (*_halves(key), *wholes, (_TAIL, _outline(key))):
            near |= self._by_part.get(part, set())
        return {known for known in near if known != key and _is_alike(key, known)}

    def _traits(self, key: str) -> tuple[tuple[str, str], list[str]]:
        """First and last character, and all different ones, rarest first."""
        outline = _outline(key)
        return (outline[0], outline[-1]), sorted(set(outline), key=lambda each: (self._frequency[each], each))


def _halves(key: str) -> tuple[tuple[int, str], ...]:
    """What one wrong character leaves as it is, with the length of the whole (negative: second half)."""
    middle = len(key) // 2
    return ((len(key), key[:middle]), (-len(key), key[middle:])) if len(key) >= _TYPO_LENGTH else ()


def _tails(key: str) -> list[tuple[int, str]]:
    """The name without its place, or a part of it: from before and behind each sign of a level."""
    outline = _outline(key)
    cuts = {place for match in _LEVEL.finditer(outline) for place in match.span()} - {0, len(outline)}
    return [(_TAIL, outline[cut:]) for cut in sorted(cuts)]


def _outline(key: str) -> str:
    """Some bureaus are a company by their other sign (烟草专卖局, 烟草公司)."""
    return _COMPANY.sub("局", key)


def _is_alike(one: str, other: str) -> bool:
    """Worth offering: one abbreviates the other, lacks its place, or has one wrong character in the organ."""
    short, long = sorted((_outline(one), _outline(other)), key=len)
    if short[-1] != long[-1] or short.endswith("分局") != long.endswith("分局"):
        return False
    if short == long:
        return True
    if len(short) == len(long):
        wrong = [place for place, pair in enumerate(zip(short, long, strict=True)) if len(set(pair)) > 1]
        return len(long) >= _TYPO_LENGTH and len(wrong) == 1 and not _LEVEL.search(long[wrong[0] :])
    if _HEAD_OFFICE.fullmatch(short):  # 市委办公室 abbreviates no 市委…办公室
        return False
    # In any order: 经发局 may stand for 发展改革和经济信息化局.
    if short[0] == long[0] and all(short.count(each) <= long.count(each) for each in short):
        return True
    is_cut_at_a_level = short[0] in LEVEL_SIGNS or long[-len(short) - 1] in LEVEL_SIGNS
    return long.endswith(short) and is_cut_at_a_level and place_of(short) != ""
