"""Deadlines of every kind: where counting starts and ends, what is provisional, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE
from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.domain.deadlines import (
    Deadline,
    DeadlineKind,
    DeadlineRule,
    deadline_from,
    not_by_surprise,
    recounted,
)
from tracker.domain.errors import ConfigError
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar
FRIDAY = date(2021, 7, 23)


def due(kind: DeadlineKind, amount: int, issued_on: date = FRIDAY) -> Deadline:
    return deadline_from(DeadlineRule(kind, amount), issued_on, CALENDAR)


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=ZONE)


@pytest.mark.parametrize(
    ("kind", "amount", "issued_on", "expected"),
    [
        (DeadlineKind.WORKING_DAYS, 5, date(2021, 9, 17), date(2021, 9, 26)),
        (DeadlineKind.WORKING_DAYS, 5, date(2021, 9, 28), date(2021, 10, 11)),
        (DeadlineKind.WORKING_DAYS, 5, date(2026, 2, 12), date(2026, 2, 26)),
        (DeadlineKind.WORKING_DAYS, 10, date(2026, 9, 24), date(2026, 10, 15)),
        (DeadlineKind.WORKING_DAYS, 1, FRIDAY, date(2021, 7, 26)),
        (DeadlineKind.DAYS, 15, FRIDAY, date(2021, 8, 7)),
        (DeadlineKind.DAYS, 1, date(2021, 12, 31), date(2022, 1, 1)),
        (DeadlineKind.HOURS, 24, FRIDAY, date(2021, 7, 24)),
        (DeadlineKind.HOURS, 48, FRIDAY, date(2021, 7, 25)),
        (DeadlineKind.DAY_OF_MONTH, 23, date(2021, 7, 22), date(2021, 7, 23)),
        (DeadlineKind.DAY_OF_MONTH, 23, date(2021, 7, 23), date(2021, 8, 23)),  # issued on the day itself
        (DeadlineKind.DAY_OF_MONTH, 23, date(2021, 12, 24), date(2022, 1, 23)),
        (DeadlineKind.DAY_OF_MONTH, 31, date(2021, 1, 31), date(2021, 2, 28)),
        (DeadlineKind.DAY_OF_MONTH, 31, date(2024, 2, 1), date(2024, 2, 29)),
        (DeadlineKind.DAY_OF_MONTH, 31, date(2024, 2, 29), date(2024, 3, 31)),
        (DeadlineKind.DAY_OF_MONTH, 30, date(2021, 2, 28), date(2021, 3, 30)),
        (DeadlineKind.DAY_OF_MONTH, 1, date(2021, 12, 31), date(2022, 1, 1)),
    ],
)
def test_a_deadline_ends_with_the_last_second_of_its_last_day(
    kind: DeadlineKind, amount: int, issued_on: date, expected: date
) -> None:
    answer = due(kind, amount, issued_on)
    assert answer.due_on == expected
    assert answer.due_at == end_of(expected)


def test_hours_run_from_the_end_of_the_day_of_issue() -> None:
    assert due(DeadlineKind.HOURS, 48).due_at == datetime.fromisoformat("2021-07-25T23:59:59+08:00")
    odd = due(DeadlineKind.HOURS, 5)
    assert (odd.due_on, odd.due_at) == (
        date(2021, 7, 24),
        datetime.fromisoformat("2021-07-24T04:59:59+08:00"),
    )


def test_a_fixed_date_stays_even_on_a_day_off() -> None:
    sunday, worked_sunday = date(2021, 10, 17), date(2021, 9, 26)
    for day in (sunday, worked_sunday, date(2021, 10, 18)):
        answer = deadline_from(DeadlineRule(DeadlineKind.FIXED, day=day), FRIDAY, CALENDAR)
        assert answer == Deadline(day, end_of(day))


def test_a_fixed_date_before_the_issue_is_kept_as_it_is() -> None:
    answer = deadline_from(DeadlineRule(DeadlineKind.FIXED, day=date(2021, 7, 1)), FRIDAY, CALENDAR)
    assert answer.due_on == date(2021, 7, 1)


def test_a_standing_duty_has_no_end() -> None:
    assert due(DeadlineKind.STANDING, 0) == Deadline(None, None)


def test_only_counted_working_days_past_the_last_notice_are_provisional() -> None:
    last_published = date(2026, 12, 31)
    assert due(DeadlineKind.WORKING_DAYS, 1, date(2026, 12, 30)) == Deadline(
        last_published, end_of(last_published)
    )
    assert due(DeadlineKind.WORKING_DAYS, 2, date(2026, 12, 30)).provisional
    for kind in (DeadlineKind.DAYS, DeadlineKind.HOURS, DeadlineKind.DAY_OF_MONTH):
        answer = due(kind, 23, last_published)
        assert answer.due_on is not None
        assert answer.due_on > last_published
        assert not answer.provisional


ISSUES = st.dates(date(2020, 1, 1), date(2028, 12, 31))
RULES = st.one_of(
    st.builds(DeadlineRule, st.just(DeadlineKind.WORKING_DAYS), st.integers(1, 300)),
    st.builds(DeadlineRule, st.just(DeadlineKind.DAYS), st.integers(1, 1100)),
    st.builds(DeadlineRule, st.just(DeadlineKind.HOURS), st.integers(1, 2000)),
    st.builds(DeadlineRule, st.just(DeadlineKind.DAY_OF_MONTH), st.integers(1, 31)),
)
FIXED = st.builds(DeadlineRule, st.just(DeadlineKind.FIXED), day=ISSUES)


@given(RULES, ISSUES)
def test_a_counted_deadline_is_after_the_issue_and_dated_by_the_offices_clock(
    rule: DeadlineRule, issued_on: date
) -> None:
    answer = deadline_from(rule, issued_on, CALENDAR)
    assert answer.due_on is not None
    assert answer.due_at is not None
    assert answer.due_on > issued_on
    assert answer.due_at.astimezone(ZONE).date() == answer.due_on


@given(RULES, ISSUES, st.integers(0, 400))
def test_a_later_issue_is_never_due_earlier(rule: DeadlineRule, issued_on: date, later: int) -> None:
    first = deadline_from(rule, issued_on, CALENDAR)
    second = deadline_from(rule, issued_on + timedelta(days=later), CALENDAR)
    assert first.due_at is not None
    assert second.due_at is not None
    assert first.due_at <= second.due_at


@given(RULES, ISSUES, st.sets(ISSUES, max_size=40))
def test_more_holidays_never_make_a_deadline_earlier(
    rule: DeadlineRule, issued_on: date, holidays: set[date]
) -> None:
    longer = {**CALENDAR.special, **dict.fromkeys(holidays, DayKind.OFF)}
    stretched = deadline_from(rule, issued_on, WorkCalendar(longer, CALENDAR.published_through))
    plain = deadline_from(rule, issued_on, CALENDAR)
    assert stretched.due_at is not None
    assert plain.due_at is not None
    assert stretched.due_at >= plain.due_at


TODAYS = st.integers(0, 60).map(lambda days: FRIDAY + timedelta(days=days))
CHANGES = st.dictionaries(TODAYS, st.sampled_from(DayKind), max_size=20)
ANY_RULE = st.one_of(RULES, FIXED, st.just(DeadlineRule(DeadlineKind.STANDING)))


@given(ANY_RULE, CHANGES, TODAYS)
def test_a_changed_calendar_makes_nobody_late(
    rule: DeadlineRule, changes: dict[date, DayKind], today: date
) -> None:
    edited = WorkCalendar({**CALENDAR.special, **changes}, CALENDAR.published_through)
    old = deadline_from(rule, FRIDAY, CALENDAR)
    new = recounted(rule, FRIDAY, old, today, edited)
    if rule.kind is not DeadlineKind.WORKING_DAYS:
        assert (new.due_on, new.due_at) == (old.due_on, old.due_at)
        return
    assert new.due_on is not None
    assert old.due_on is not None
    assert new.due_on >= min(old.due_on, edited.add_working_days(today, 1))
    assert new == recounted(rule, FRIDAY, new, today, edited)  # twice is once
    assert new.due_on == deadline_from(rule, FRIDAY, edited).due_on or new.due_on <= max(
        old.due_on, edited.add_working_days(today, 1)
    )


@pytest.mark.parametrize(
    ("old", "counted", "expected"),
    [
        (date(2021, 8, 6), date(2021, 8, 9), date(2021, 8, 9)),  # later: as it is
        (date(2021, 8, 6), date(2021, 8, 5), date(2021, 8, 5)),  # earlier, and still time
        (date(2021, 7, 30), date(2021, 7, 28), date(2021, 7, 29)),  # today: the next working day
        (date(2021, 7, 30), date(2021, 7, 26), date(2021, 7, 29)),  # over: the same
        (date(2021, 7, 28), date(2021, 7, 27), date(2021, 7, 28)),  # due today: that stays
        (
            date(2021, 7, 26),
            date(2021, 7, 24),
            date(2021, 7, 26),
        ),  # late already: not a day later than before
        (date(2021, 7, 26), date(2021, 7, 27), date(2021, 7, 27)),  # late, and a day less so
        (None, date(2021, 7, 26), date(2021, 7, 29)),  # a standing duty that gets a term
    ],
)
def test_an_earlier_day_leaves_time_to_act(old: date | None, counted: date, expected: date) -> None:
    wednesday = date(2021, 7, 28)
    answer = not_by_surprise(old, Deadline(counted, end_of(counted)), wednesday, CALENDAR)
    assert (answer.due_on, answer.due_at) == (expected, end_of(expected))


def test_only_a_notice_settles_a_provisional_day() -> None:
    granted = Deadline(date(2027, 3, 31), end_of(date(2027, 3, 31)), provisional=True)
    rule = DeadlineRule(DeadlineKind.FIXED, day=granted.due_on)
    assert recounted(rule, FRIDAY, granted, FRIDAY, CALENDAR) == granted
    published = WorkCalendar(CALENDAR.special, date(2027, 12, 31))
    assert recounted(rule, FRIDAY, granted, FRIDAY, published) == Deadline(granted.due_on, granted.due_at)


@given(ANY_RULE)
def test_a_snapshot_reads_back_as_the_same_rule(rule: DeadlineRule) -> None:
    snapshot = json.loads(json.dumps(rule.as_mapping()))
    assert DeadlineRule.parse(snapshot, "快照") == rule


@pytest.mark.parametrize(
    ("raw", "rule", "words"),
    [
        ({"working_days": 10}, DeadlineRule(DeadlineKind.WORKING_DAYS, 10), "10个工作日"),
        ({"days": 15}, DeadlineRule(DeadlineKind.DAYS, 15), "15日"),
        ({"hours": 48}, DeadlineRule(DeadlineKind.HOURS, 48), "48小时"),
        ({"day_of_month": 23}, DeadlineRule(DeadlineKind.DAY_OF_MONTH, 23), "每月23日"),
        (
            {"fixed": date(2021, 10, 17)},
            DeadlineRule(DeadlineKind.FIXED, day=date(2021, 10, 17)),
            "2021-10-17前",
        ),
        ({"standing": True}, DeadlineRule(DeadlineKind.STANDING), "长期坚持"),
    ],
)
def test_each_kind_is_read_and_worded(raw: dict[str, object], rule: DeadlineRule, words: str) -> None:
    assert DeadlineRule.parse(raw, "classes.toml：other.deadline") == rule
    assert rule.in_words() == words


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({}, "只须写一种"),
        ({"days": 1, "hours": 2}, "只须写一种"),
        ({"weeks": 1}, "weeks"),
        ({"working_days": 0}, "1 至 750 的整数"),
        ({"working_days": 751}, "1 至 750 的整数"),
        ({"working_days": True}, "1 至 750 的整数"),
        ({"working_days": 1.5}, "1 至 750 的整数"),
        ({"days": "5"}, "1 至 1100 的整数"),
        ({"hours": -1}, "1 至 26400 的整数"),
        ({"day_of_month": 32}, "1 至 31 的整数"),
        ({"fixed": 5}, "须为日期"),
        ({"fixed": "十月"}, "须为日期"),
        ({"fixed": datetime(2021, 10, 17, tzinfo=UTC)}, "须为日期"),
        ({"standing": False}, "须为 true"),
    ],
)
def test_a_wrong_rule_is_refused_naming_file_key_and_what_is_wanted(
    raw: dict[str, object], wanted: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        DeadlineRule.parse(raw, "classes.toml：other.deadline")
    assert refused.value.message.startswith("classes.toml：other.deadline：")
    assert wanted in refused.value.message
