"""Which days between the start and a deadline were not counted."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support import shipped_rules
from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.domain.day_count import count_days

CALENDAR = WorkCalendar(
    {date(2026, 1, 1): DayKind.OFF, date(2026, 1, 2): DayKind.OFF, date(2026, 1, 4): DayKind.WORK},
    published_through=date(2026, 12, 31),
)


def test_days_off_are_told_apart_by_week_and_by_notice():
    count = count_days(date(2025, 12, 30), date(2026, 1, 6), CALENDAR)
    assert (count.worked, count.weekly) == (4, 1)
    assert count.holidays == (date(2026, 1, 1), date(2026, 1, 2))
    assert count.made_up == (date(2026, 1, 4),)


@given(st.dates(date(2020, 1, 1), date(2027, 12, 31)), st.integers(1, 60))
def test_the_count_ends_on_the_deadline_and_leaves_no_day_out(start, amount):
    calendar = shipped_rules().calendar
    end = calendar.add_working_days(start, amount)
    count = count_days(start, end, calendar)
    assert count.worked == amount
    assert count.worked + count.weekly + len(count.holidays) == (end - start) // timedelta(days=1)
