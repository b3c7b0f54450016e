"""A deadline counted out day by day is the deadline itself."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support import shipped_rules
from tracker.domain.calendar import DayKind
from tracker.domain.counting import count_out
from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from

CALENDAR = shipped_rules().calendar
starts = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_holidays_are_passed_over_and_make_up_days_count() -> None:
    counting = count_out(DeadlineRule(DeadlineKind.WORKING_DAYS, 8), date(2026, 9, 25), CALENDAR)
    counted = {each.on.isoformat()[5:]: each.count for each in counting.days}
    assert counting.deadline.due_on == date(2026, 10, 13)
    assert counted["09-26"] is None
    assert counted["10-07"] is None
    assert counted["10-10"] == 6
    assert next(each.kind for each in counting.days if each.on == date(2026, 10, 10)) is DayKind.WORK


@given(
    start=starts,
    amount=st.integers(1, 120),
    kind=st.sampled_from([DeadlineKind.WORKING_DAYS, DeadlineKind.DAYS]),
)
def test_the_days_lead_to_the_deadline_without_a_gap(start: date, amount: int, kind: DeadlineKind) -> None:
    rule = DeadlineRule(kind, amount)
    counting = count_out(rule, start, CALENDAR)
    assert counting.deadline == deadline_from(rule, start, CALENDAR)
    assert [each.on for each in counting.days] == [
        start + timedelta(days=1 + n) for n in range(len(counting.days))
    ]
    assert counting.days[-1].on == counting.deadline.due_on
    assert [each.count for each in counting.days if each.count] == list(range(1, amount + 1))
    assert counting.days[-1].count == amount


def test_what_counts_no_days_has_none_to_show() -> None:
    for rule in (DeadlineRule(DeadlineKind.STANDING), DeadlineRule(DeadlineKind.HOURS, 48)):
        assert count_out(rule, date(2026, 9, 25), CALENDAR).days == ()
