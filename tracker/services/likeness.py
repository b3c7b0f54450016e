"""Tracked items that a new finding may only word differently: offered to a person, never taken.

Must never compare across units or problem classes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.domain.items import bare_words
from tracker.services.drafts import Draft
from tracker.services.matching import ItemOutcome
from tracker.store import Connection, open_problems
from tracker.store.open_problems import OpenProblem

_LIKE = 0.8
# Beyond this a person could not look through the offers, and comparing would take minutes.
_MOST_PAIRS = 50_000


@dataclass(frozen=True, slots=True)
class LikelyItem:
    """A finding by its key, and the items it may be, most alike first."""

    key: str
    numbers: tuple[int, ...]


def likely_items(connection: Connection, drafts: Sequence[Draft]) -> tuple[LikelyItem, ...]:
    """For each new finding the items at work of its unit and class that no finding met."""
    new = [draft for draft in drafts if draft.outcome is ItemOutcome.NEW and draft.unit.id is not None]
    met = {draft.item.number for draft in drafts}
    groups: dict[tuple[int, str], list[OpenProblem]] = defaultdict(list)
    for problem in open_problems.of_units(connection, {draft.unit.id or 0 for draft in new}):
        if problem.number not in met:
            groups[problem.unit_id, problem.problem_class].append(problem)
    offers, left = [], _MOST_PAIRS
    for draft in new:
        candidates = groups.get((draft.unit.id or 0, draft.item.problem_class), [])
        left -= len(candidates)
        if left < 0:
            break
        if numbers := _alike(draft.item.text, candidates):
            offers.append(LikelyItem(draft.key, numbers))
    return tuple(offers)


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
