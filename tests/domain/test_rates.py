"""Rates as bulletins print them: half-up, one digit, never rounded up to 100%."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.rates import Rate, RateRow, total


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (148, 176, "84.1%"),
        (110, 117, "94%"),  # 94.02: the trailing zero is dropped
        (0, 0, "—"),
        (0, 5, "0%"),
        (5, 5, "100%"),
        (9996, 10000, "99.9%"),  # 99.96 is not all
        (999_999, 1_000_000, "99.9%"),
        (9994, 10000, "99.9%"),
        (1, 16, "6.3%"),  # 6.25: half-up, where binary or half-even would say 6.2
        (9, 16, "56.3%"),
        (1, 400, "0.3%"),  # 0.25
        (3, 2000, "0.2%"),  # 0.15
        (1, 2001, "0%"),  # 0.04998
        (1, 2000, "0.1%"),  # 0.05
        (1, 3, "33.3%"),
        (2, 3, "66.7%"),
        (1, 10, "10%"),
        (1, 2, "50%"),
    ],
)
def test_a_rate_is_printed_as_a_bulletin_would(numerator: int, denominator: int, expected: str) -> None:
    assert Rate(numerator, denominator).percent == expected


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (3, 2), (-1, 2), (-2, -1)])
def test_a_rate_above_one_or_below_none_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="a rate of"):
        Rate(numerator, denominator)


counts = st.integers(0, 1_000_000).flatmap(
    lambda denominator: st.builds(Rate, st.integers(0, denominator), st.just(denominator))
)


@given(counts.filter(lambda rate: rate.denominator > 0))
def test_the_printed_value_is_the_exact_one_rounded_half_up(rate: Rate) -> None:
    assert rate.value is not None
    tenths = Fraction(rate.numerator * 1000, rate.denominator)
    rounded = int(tenths + Fraction(1, 2))
    if rounded == 1000 and rate.numerator < rate.denominator:
        rounded = 999
    assert Fraction(rate.value) * 10 == rounded
    assert (rate.percent == "100%") is (rate.numerator == rate.denominator)


@given(st.lists(counts, max_size=8))
def test_a_total_counts_items_and_never_averages_percentages(rates: list[Rate]) -> None:
    rows = [RateRow(str(n), rate, rate, overdue=n, open=2 * n) for n, rate in enumerate(rates)]
    whole = total(rows)
    assert whole.key == "合计"
    assert whole.rectified.numerator == sum(rate.numerator for rate in rates)
    assert whole.rectified.denominator == sum(rate.denominator for rate in rates)
    assert whole.on_time == whole.rectified
    assert whole.open == 2 * whole.overdue == 2 * sum(range(len(rates)))


def test_a_total_of_unequal_groups_is_not_the_mean_of_their_rates() -> None:
    rows = [
        RateRow("市直", Rate(148, 176), Rate(0, 0), 0, 28),
        RateRow("各区", Rate(110, 117), Rate(0, 0), 0, 7),
    ]
    assert total(rows).rectified.percent == "88.1%"  # 258 of 293, not (84.1 + 94) / 2
