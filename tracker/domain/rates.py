"""Rates as a bulletin prints them: always with numerator and denominator, decimal, half-up.

rectified = struck off ÷ (all − withdrawn). on time = struck off by a submission made in time ÷
(struck off, or overdue). Beside them: returned = sent back at least once; recurred = seen again after an
earlier item was struck off; both among what counts. Must never use binary floating point, and never round
up to 100%.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

EMPTY, WHOLE = "—", "合计"
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Rate:
    """`numerator` of `denominator` items."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"a rate of {self.numerator} out of {self.denominator}")

    @property
    def value(self) -> Decimal | None:
        """Percent with one digit, half-up; 99.96 stays below 100; None for an empty denominator."""
        if not self.denominator:
            return None
        exact = Decimal(self.numerator * 100) / Decimal(self.denominator)
        rounded = exact.quantize(_TENTH, ROUND_HALF_UP)
        if rounded == 100 and self.numerator < self.denominator:
            return exact.quantize(_TENTH, ROUND_FLOOR)
        return rounded

    @property
    def percent(self) -> str:
        """`84.1%`, `94%` (a trailing zero is dropped), or `—`."""
        value = self.value
        return EMPTY if value is None else f"{trim(value)}%"

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.numerator + other.numerator, self.denominator + other.denominator)


def trim(value: Decimal) -> str:
    """A decimal as a bulletin writes it: `94.0` → `94`, `84.1` → `84.1`."""
    return f"{value.normalize():f}" if value else "0"


@dataclass(frozen=True)
class RateRow:
    """One line of a rate table. `open` counts what is neither struck off nor withdrawn."""

    key: str
    rectified: Rate
    on_time: Rate
    overdue: int
    open: int
    returned: int = 0
    recurred: int = 0


def total(rows: list[RateRow], key: str = WHOLE) -> RateRow:
    """The sum of rows that partition the items."""
    return RateRow(
        key,
        _sum([row.rectified for row in rows]),
        _sum([row.on_time for row in rows]),
        sum(row.overdue for row in rows),
        sum(row.open for row in rows),
        sum(row.returned for row in rows),
        sum(row.recurred for row in rows),
    )


def _sum(rates: list[Rate]) -> Rate:
    return Rate(sum(rate.numerator for rate in rates), sum(rate.denominator for rate in rates))
