"""Ranking units by their rectification rate, as a bulletin publishes it: ties share a place (1, 2, 2, 4).

Places go by the exact fraction, not by the printed percentage. Must never drop a unit: who is not ranked
is listed behind, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tracker.domain.rates import RateRow


class Unranked(StrEnum):
    """Why a unit has no place."""

    EXEMPT = "exempt"
    FEW = "few"
    NONE = "none"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    Unranked.EXEMPT: "纳入考核，不进行排名通报",
    Unranked.FEW: "事项较少，不参与排名",
    Unranked.NONE: "没有计入整改率的事项",
}


@dataclass(frozen=True)
class Ranked:
    """One unit. Either `place` (from 1) or `unranked` is set."""

    row: RateRow
    place: int | None = None
    unranked: Unranked | None = None


def rank(rows: Iterable[RateRow], *, exempt: Set[str], least: int) -> tuple[Ranked, ...]:
    """The best first, then those without a place in the order given.

    exempt: names of units that are assessed but not ranked. least: how many counted items a unit needs.
    """
    judged = [(row, _why_not(row, exempt, least)) for row in rows]
    # The sort is stable: units with equal rates stay in the office's order.
    best = sorted((row for row, why in judged if why is None), key=_exact, reverse=True)
    ranked = []
    place = 1
    for position, row in enumerate(best, start=1):
        if position > 1 and _exact(row) != _exact(best[position - 2]):
            place = position
        ranked.append(Ranked(row, place))
    return (*ranked, *(Ranked(row, unranked=why) for row, why in judged if why is not None))


def _why_not(row: RateRow, exempt: Set[str], least: int) -> Unranked | None:
    if row.key in exempt:
        return Unranked.EXEMPT
    if not row.rectified.denominator:
        return Unranked.NONE
    return Unranked.FEW if row.rectified.denominator < least else None


def _exact(row: RateRow) -> Fraction:
    return Fraction(row.rectified.numerator, row.rectified.denominator)
