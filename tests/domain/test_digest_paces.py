"""Which period's digest is due when, weekly, monthly and quarterly."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at
from tracker.domain import digests
from tracker.domain.digests import Pace
from tracker.domain.errors import RectifyError
from tracker.domain.periods import IssuePeriod, Week
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar
NINE = time(9)
_FIRST = at("2021-01-05 00:00")
MOMENTS = st.timedeltas(timedelta(), timedelta(days=690)).map(lambda passed: _FIRST + passed)


@pytest.mark.parametrize(
    ("name", "chinese", "pace"),
    [
        ("2021-W30", "2021年第30周", Pace.WEEKLY),
        ("2026-W07", "2026年第7周", Pace.WEEKLY),
        ("2021-07", "2021年7月", Pace.MONTHLY),
        ("2021Q3", "2021年第三季度", Pace.QUARTERLY),
    ],
)
def test_a_period_is_read_by_its_name(name: str, chinese: str, pace: Pace) -> None:
    period = digests.parse(name)
    assert (period.name, digests.chinese(period), digests.pace_of(period)) == (name, chinese, pace)


@pytest.mark.parametrize("name", ["", "2021", "2021-13", "2021Q5", "2021-W54", "1999-07", "2021-7"])
def test_what_is_no_period_is_refused_in_chinese(name: str) -> None:
    with pytest.raises(RectifyError, match=r"不是有效的(期|周)次"):
        digests.parse(name)


@pytest.mark.parametrize("name", ["2021Q3", "2021-W30", "2021-00"])
def test_a_month_is_not_asked_for_by_another_name(name: str) -> None:
    with pytest.raises(RectifyError, match="不是有效的月份"):
        IssuePeriod.month(name)
    assert IssuePeriod.month("2021-07").name == "2021-07"


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2021-W30", "2021-07-26 09:00"),
        ("2021-06", "2021-07-01 09:00"),
        ("2021-07", "2021-08-02 09:00"),  # the 1st of August is a Sunday
        ("2021Q3", "2021-10-08 09:00"),  # National Day
        ("2021Q2", "2021-07-01 09:00"),
    ],
)
def test_a_digest_is_due_on_the_first_working_day(name: str, moment: str) -> None:
    assert digests.slot_of(digests.parse(name), NINE, CALENDAR) == at(moment)


@given(MOMENTS, st.sampled_from(Pace))
def test_the_latest_due_period_is_the_last_whose_moment_has_come(now: datetime, pace: Pace) -> None:
    due = digests.latest_due(pace, now, NINE, CALENDAR)
    assert due.slot == digests.slot_of(due.period, NINE, CALENDAR) <= now < due.next_slot
    assert due.next_slot == digests.slot_of(digests.following(due.period), NINE, CALENDAR)
    assert digests.next_slot([pace], now, NINE, CALENDAR) == due.next_slot


@given(MOMENTS)
def test_the_next_of_several_paces_is_the_soonest(now: datetime) -> None:
    each = [digests.next_slot([pace], now, NINE, CALENDAR) for pace in Pace]
    assert digests.next_slot(Pace, now, NINE, CALENDAR) == min(filter(None, each))
    assert digests.next_slot([], now, NINE, CALENDAR) is None


@given(MOMENTS, st.sampled_from(Pace))
def test_a_due_digest_counts_a_moment_that_has_passed_and_compares_it_with_one_before(
    now: datetime, pace: Pace
) -> None:
    period = digests.latest_due(pace, now, NINE, CALENDAR).period
    assert digests.is_ready(period, now, CALENDAR)
    as_of = digests.counted_at(period, now, CALENDAR)
    since = digests.counted_since(period, as_of, CALENDAR)
    assert since < as_of <= now
    assert since >= period.previous().last_moment(CALENDAR) - timedelta(days=7)


def test_a_month_is_ready_when_it_is_over_and_a_week_when_it_begins() -> None:
    july, week = IssuePeriod.month("2021-07"), Week.of(date(2021, 7, 26))
    assert not digests.is_ready(july, at("2021-07-31 23:59"), CALENDAR)
    assert digests.is_ready(july, at("2021-08-01 00:00"), CALENDAR)
    assert not digests.is_ready(week, at("2021-07-25 23:59"), CALENDAR)
    assert digests.is_ready(week, at("2021-07-26 00:00"), CALENDAR)


def test_the_current_period_of_a_month_or_quarter_is_the_one_that_has_ended() -> None:
    day = date(2021, 7, 1)
    assert [digests.current(pace, day).name for pace in Pace] == ["2021-W26", "2021-06", "2021Q2"]
