"""Points lost in a score table against the number of problems listed: 6 problems, but only one paid for.

Must never say which of the two is wrong, nor that points are lost at a steady rate unless the others show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tracker.domain.rates import trim
from tracker.intake.claims.grids import Grid, quoted
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.topics import Lists
from tracker.intake.document import Line
from tracker.intake.model import Finding, Quantity

_FEWEST = 5  # so many units must have lost points at one rate
_NEARLY_ALL = Fraction(4, 5)  # and so many of all


@dataclass(frozen=True)
class _Loss:
    """What one unit lost in a column, beside the one problem of that kind that the lists give it."""

    row: Line
    unit: str
    lost: Decimal
    quantity: Quantity
    finding: Finding

    @property
    def each(self) -> Fraction:
        return Fraction(self.lost) / self.quantity.value


def check_deductions(tables: Sequence[Sequence[Grid]], lists: Lists) -> list[Claim]:
    """Each column about a kind of problem that the lists count; equal titles are one column."""
    listed: dict[str, Mapping[str, list[Finding]]] = {}
    columns: dict[str, list[_Loss]] = {}
    for grid in (grid for pages in tables for grid in pages):
        for place, title in enumerate(grid.scored):
            if title not in listed:
                listed[title] = _by_unit(lists, title)
            if listed[title]:
                columns.setdefault(title, []).extend(_losses(grid, place, listed[title], lists))
    return [claim for title, losses in columns.items() for claim in _unlike(title, losses)]


def _by_unit(lists: Lists, title: str) -> Mapping[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in lists.near(title):
        if finding.quantity:
            found.setdefault(lists.sameness.key(finding.responsible), []).append(finding)
    return found


def _losses(grid: Grid, place: int, listed: Mapping[str, list[Finding]], lists: Lists) -> Iterator[_Loss]:
    """A row that lost a cell before this column is out of step; it then does not fit what others show."""
    for row in grid.rows:
        values, unit = grid.values(row), grid.name(row)
        ours = listed.get(lists.sameness.key(unit), []) if unit else []
        if values is None or place >= len(values[0]) or len(ours) != 1:
            continue
        lost, quantity = grid.full[place] - values[0][place], ours[0].quantity
        if quantity and quantity.value > 0 and lost >= 0:
            yield _Loss(row, unit, lost, quantity, ours[0])


def _unlike(title: str, losses: Sequence[_Loss]) -> Iterator[Claim]:
    """The few whose loss does not go with their problems as that of all the others does."""
    if not losses:
        return
    (rate, number), *_ = Counter(loss.each for loss in losses).most_common(1)
    if not rate or number < _FEWEST or number < _NEARLY_ALL * len(losses):
        return
    for loss in losses:
        if loss.each == rate:
            continue
        implied, measure = Fraction(loss.lost) / rate, loss.quantity.measure
        steady = f"其余{number}个单位均为每{measure}扣{_told(rate)}分"
        yield Claim(
            quoted(loss.row),
            Kind.LIST_COUNT,
            f"{loss.unit}{loss.quantity.value}{measure}",
            f"{_told(implied)}{measure}",
            None,
            loss.row.number,
            inputs={"lost": trim(loss.lost), "finding": loss.finding.text},
            note=f"{title}扣{trim(loss.lost)}分，{steady}，与问题清单所列数量不相当，请核对",
        )


def _told(value: Fraction) -> str:
    return trim(round(Decimal(value.numerator) / value.denominator, 2))
