"""Quarters: their names, their days, their order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.errors import RectifyError
from tracker.domain.periods import IssuePeriod, most_wanted

QUARTERS = st.builds(
    lambda year, number: IssuePeriod.quarter(f"{year}Q{number}"), st.integers(2000, 2098), st.integers(1, 4)
)


def test_a_quarter_is_named_and_told_as_a_bulletin_tells_it() -> None:
    quarter = IssuePeriod.quarter("2021Q3")
    assert (quarter.name, quarter.chinese) == ("2021Q3", "2021年第三季度")
    assert (quarter.starts_on, quarter.last_day) == (date(2021, 7, 1), date(2021, 9, 30))


@pytest.mark.parametrize("name", ["2021Q5", "2021-Q3", "21Q3", "2021q3", "", "0000Q1", "1021Q1", "2021Q3 "])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    with pytest.raises(RectifyError):
        IssuePeriod.quarter(name)


@given(QUARTERS)
def test_quarters_follow_one_another_without_a_gap(quarter: IssuePeriod) -> None:
    assert quarter.next().previous() == quarter < quarter.next()
    assert quarter.last_day + timedelta(days=1) == quarter.next().starts_on
    assert (
        IssuePeriod.of(quarter.starts_on)
        == IssuePeriod.of(quarter.last_day)
        == IssuePeriod.quarter(quarter.name)
    )


def test_the_quarter_that_ended_last_is_offered_first() -> None:
    offered = [each.name for each in most_wanted(date(2022, 1, 15))]
    assert offered == ["2021Q4", "2022Q1", "2021Q3", "2021Q2"]
