"""The month or quarter in which a bulletin was issued."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.errors import RectifyError
from tracker.domain.periods import IssuePeriod


@pytest.mark.parametrize(
    ("name", "first", "end", "chinese"),
    [
        ("2021Q3", date(2021, 7, 1), date(2021, 10, 1), "2021年第三季度"),
        ("2021Q4", date(2021, 10, 1), date(2022, 1, 1), "2021年第四季度"),
        ("2021-12", date(2021, 12, 1), date(2022, 1, 1), "2021年12月"),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1), "2024年2月"),
    ],
)
def test_a_period_has_a_name_and_its_days(name: str, first: date, end: date, chinese: str) -> None:
    period = IssuePeriod.parse(name)
    assert (period.name, period.starts_on, period.ends_before, period.chinese) == (name, first, end, chinese)


@pytest.mark.parametrize("name", ["2021Q5", "2021-13", "2021-00", "2021q3", "21Q3", "", "9999Q1", "2021-7"])
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(RectifyError, match="不是有效的印发期"):
        IssuePeriod.parse(name)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from([1, 3]))
def test_each_day_is_in_its_period_and_in_no_other(day: date, months: int) -> None:
    period = IssuePeriod.of(day, months)
    assert period.starts_on <= day < period.ends_before
    assert IssuePeriod.parse(period.name) == period
    assert IssuePeriod.of(period.ends_before, months).starts_on == period.ends_before
    assert IssuePeriod.of(period.starts_on - timedelta(days=1), months).ends_before == period.starts_on
