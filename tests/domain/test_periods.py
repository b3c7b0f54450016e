"""ISO weeks and the moment their digest is due."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE, at
from tracker.domain.errors import RectifyError
from tracker.domain.periods import Week
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2021, 7, 26), "2021-W30"),
        (date(2021, 8, 1), "2021-W30"),
        (date(2021, 1, 3), "2020-W53"),  # the first days of a year may belong to the last
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_day_belongs_to_its_iso_week(day: date, name: str) -> None:
    assert Week.of(day).name == name


@pytest.mark.parametrize(
    "name", ["", "2021-30", "2021-W00", "2021-W53", "2021-W60", "2021-W5", "W30", "2021-W30 ", "0000-W01"]
)
def test_a_week_that_does_not_exist_is_refused_in_chinese(name: str) -> None:
    with pytest.raises(RectifyError, match="不是有效的周次"):
        Week.parse(name)


@given(st.dates(date(2000, 1, 10), date(2099, 12, 31)))
def test_names_read_back_and_weeks_follow_one_another(day: date) -> None:
    week = Week.of(day)
    assert Week.parse(week.name) == week
    assert week.monday <= day <= week.monday + timedelta(days=6)
    assert week.previous() == Week.of(day - timedelta(days=7)) < week


def test_a_week_ends_with_sundays_last_second() -> None:
    last = Week.parse("2021-W30").last_moment(CALENDAR)
    assert last.astimezone(ZONE).isoformat() == "2021-08-01T23:59:59+08:00"
    assert Week.of((last + timedelta(seconds=1)).date()).name == "2021-W31"


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2021-W30", "2021-07-26 09:00"),
        ("2021-W38", "2021-09-22 09:00"),  # Monday and Tuesday are Mid-Autumn
        ("2021-W40", "2021-10-08 09:00"),  # National Day: Friday is the first working day
        ("2024-W07", "2024-02-18 09:00"),  # Spring Festival: a worked Sunday ends the week
        ("2020-W05", "2020-02-03 09:00"),  # a whole week off: in the next week
    ],
)
def test_the_digest_is_due_on_the_first_working_day(name: str, moment: str) -> None:
    assert Week.parse(name).digest_at(time(9), CALENDAR) == at(moment)
