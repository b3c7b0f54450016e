"""Tracked items that a new finding may only word differently: offered to a person, never taken.

Must never compare across units or problem classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from tracker.domain.items import bare_words
from tracker.services.drafts import Draft, Tally
from tracker.services.matching import ItemOutcome
from tracker.store import Connection, open_problems
from tracker.store.open_problems import OpenProblem

Group: TypeAlias = tuple[int, str]  # a unit's id and a problem class

_LIKE = 0.8
# Beyond this a person could not look through the offers, and comparing would take minutes.
_MOST_PAIRS = 50_000


@dataclass(frozen=True, slots=True)
class LikelyItem:
    """A finding by its key, and the items it may be, most alike first."""

    key: str
    numbers: tuple[int, ...]


def likely_items(connection: Connection, drafts: Iterable[Draft], tally: Tally) -> tuple[LikelyItem, ...]:
    """For each new finding the items at work of its unit and class that no finding met."""

    def unmet() -> Iterator[OpenProblem]:
        unit_ids = {unit.id for unit in tally.needed.values() if unit.id is not None}
        found = open_problems.of_units(connection, unit_ids) if unit_ids else iter(())
        return (problem for problem in found if problem.number not in tally.met)

    sizes = Counter(map(_group, unmet()))
    asked = list(_as_many_as_compared(drafts, sizes)) if sizes else []
    groups: dict[Group, list[OpenProblem]] = {group: [] for _, _, group in asked}
    for problem in unmet() if groups else ():
        if (group := _group(problem)) in groups:
            groups[group].append(problem)
    graded = (LikelyItem(key, _alike(text, groups[group])) for key, text, group in asked)
    return tuple(each for each in graded if each.numbers)


def _group(problem: OpenProblem) -> Group:
    return problem.unit_id, problem.problem_class


def _as_many_as_compared(
    drafts: Iterable[Draft], sizes: Mapping[Group, int]
) -> Iterator[tuple[str, str, Group]]:
    """Key, text and group of the new findings that have something to be compared with."""
    left = _MOST_PAIRS
    for draft in drafts:
        group = draft.unit.id or 0, draft.item.problem_class
        if draft.outcome is ItemOutcome.NEW and group in sizes:
            left -= sizes[group]
            if left < 0:
                return
            yield draft.key, draft.item.text, group


def likeness(one: str, other: str) -> float:
    """0 to 1 for two texts already bared; the cheap bounds go first, for most pairs share little."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < _LIKE or matcher.quick_ratio() < _LIKE:
        return 0.0
    return matcher.ratio()


def _alike(text: str, candidates: Sequence[OpenProblem]) -> tuple[int, ...]:
    words = bare_words(text)
    graded = [(likeness(words, bare_words(each.text)), each.number) for each in candidates]
    return tuple(number for ratio, number in sorted(graded, key=lambda pair: -pair[0]) if ratio >= _LIKE)
