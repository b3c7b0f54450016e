"""Quarters: their names, their days, their order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.errors import RectifyError
from tracker.domain.quarters import Quarter, most_wanted

QUARTERS = st.builds(Quarter, st.integers(2000, 2098), st.integers(1, 4))


def test_a_quarter_is_named_and_told_as_a_bulletin_tells_it() -> None:
    quarter = Quarter.parse("2021Q3")
    assert (quarter.name, quarter.chinese) == ("2021Q3", "2021年第三季度")
    assert (quarter.first_day, quarter.last_day) == (date(2021, 7, 1), date(2021, 9, 30))


@pytest.mark.parametrize("name", ["2021Q5", "2021-Q3", "21Q3", "2021q3", "", "0000Q1", "1021Q1", "2021Q3 "])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    with pytest.raises(RectifyError):
        Quarter.parse(name)


@given(QUARTERS)
def test_quarters_follow_one_another_without_a_gap(quarter: Quarter) -> None:
    assert quarter.next().previous() == quarter < quarter.next()
    assert quarter.last_day + timedelta(days=1) == quarter.next().first_day
    assert Quarter.of(quarter.first_day) == Quarter.of(quarter.last_day) == Quarter.parse(quarter.name)


def test_the_quarter_that_ended_last_is_offered_first() -> None:
    offered = [each.name for each in most_wanted(date(2022, 1, 15))]
    assert offered == ["2021Q4", "2022Q1", "2021Q3", "2021Q2"]
