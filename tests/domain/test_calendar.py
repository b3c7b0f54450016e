"""Working days: every day of the published notices, and the arithmetic over any calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at
from tracker.domain.calendar import DayKind, WorkCalendar
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar

# The State Council's notices, year by year: days off (inclusive ranges) and make-up days.
NOTICES = {
    2020: (
        "1.1 1.24-2.2 4.4-4.6 5.1-5.5 6.25-6.27 10.1-10.8",
        "1.19 4.26 5.9 6.28 9.27 10.10",
    ),
    2021: (
        "1.1-1.3 2.11-2.17 4.3-4.5 5.1-5.5 6.12-6.14 9.19-9.21 10.1-10.7",
        "2.7 2.20 4.25 5.8 9.18 9.26 10.9",
    ),
    2022: (
        "1.1-1.3 1.31-2.6 4.3-4.5 4.30-5.4 6.3-6.5 9.10-9.12 10.1-10.7 12.31",
        "1.29 1.30 4.2 4.24 5.7 10.8 10.9",
    ),
    2023: (
        "1.1-1.2 1.21-1.27 4.5 4.29-5.3 6.22-6.24 9.29-10.6",
        "1.28 1.29 4.23 5.6 6.25 10.7 10.8",
    ),
    2024: (
        "1.1 2.10-2.17 4.4-4.6 5.1-5.5 6.10 9.15-9.17 10.1-10.7",
        "2.4 2.18 4.7 4.28 5.11 9.14 9.29 10.12",
    ),
    2025: (
        "1.1 1.28-2.4 4.4-4.6 5.1-5.5 5.31-6.2 10.1-10.8",
        "1.26 2.8 4.27 9.28 10.11",
    ),
    2026: (
        "1.1-1.3 2.15-2.23 4.4-4.6 5.1-5.5 6.19-6.21 9.25-9.27 10.1-10.7",
        "1.4 2.14 2.28 5.9 9.20 10.10",
    ),
}
WORKING_DAYS = {2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}


def day_of(year: int, words: str) -> date:
    month, day = words.split(".")
    return date(year, int(month), int(day))


def days_of(year: int, words: str) -> set[date]:
    days: set[date] = set()
    for part in words.split():
        first, last = (day_of(year, edge) for edge in (part.split("-")[0], part.split("-")[-1]))
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return days


def whole_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", NOTICES)
def test_each_day_of_a_published_year_is_what_the_notice_says(year: int) -> None:
    off, worked = (days_of(year, words) for words in NOTICES[year])
    assert {day.weekday() for day in worked} <= {5, 6}
    wrong = [
        day
        for day in whole_year(year)
        if CALENDAR.is_working_day(day) != (day not in off and (day.weekday() < 5 or day in worked))
    ]
    assert wrong == []


@pytest.mark.parametrize(("year", "expected"), WORKING_DAYS.items())
def test_a_year_has_the_known_number_of_working_days(year: int, expected: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == expected


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2021, 9, 17), 5, date(2021, 9, 26)),  # a Sunday that is worked
        (date(2021, 9, 28), 5, date(2021, 10, 11)),  # over the National Day week
        (date(2026, 2, 12), 5, date(2026, 2, 26)),  # over the Spring Festival
        (date(2026, 9, 24), 10, date(2026, 10, 15)),  # over two holidays in a row
        (date(2021, 9, 26), -5, date(2021, 9, 17)),
        (date(2021, 7, 24), 1, date(2021, 7, 26)),  # from a Saturday
        (date(2021, 7, 24), -1, date(2021, 7, 23)),
        (date(2021, 7, 24), 0, date(2021, 7, 24)),  # none to go: the day itself, off or not
    ],
)
def test_working_days_are_added_without_the_first_day(start: date, count: int, expected: date) -> None:
    assert CALENDAR.add_working_days(start, count) == expected


def test_a_day_is_provisional_only_past_the_last_notice() -> None:
    assert CALENDAR.published_through == date(2026, 12, 31)
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))


def test_past_the_last_notice_the_statutory_days_are_off_and_nothing_is_made_up() -> None:
    assert not CALENDAR.is_working_day(date(2027, 10, 1))
    assert CALENDAR.is_working_day(date(2027, 10, 7))  # a notice would make this a day off
    assert not any(CALENDAR.is_working_day(day) for day in whole_year(2027) if day.weekday() >= 5)


EMERGENCY_2020 = dict.fromkeys((date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2)), DayKind.OFF)
FIRST_NOTICE_2020 = {
    **CALENDAR.special,
    **dict.fromkeys((date(2020, 1, 31), date(2020, 2, 1)), DayKind.WORK),
    date(2020, 2, 2): DayKind.OFF,
}


@pytest.mark.parametrize(
    ("start", "count", "planned", "extended"),
    [
        (date(2020, 1, 20), 3, date(2020, 1, 23), date(2020, 1, 23)),  # over before the holiday
        (date(2020, 1, 20), 4, date(2020, 1, 31), date(2020, 2, 3)),
        (date(2020, 1, 20), 5, date(2020, 2, 1), date(2020, 2, 4)),
        (date(2020, 1, 20), 10, date(2020, 2, 7), date(2020, 2, 11)),
        (date(2020, 2, 3), 5, date(2020, 2, 10), date(2020, 2, 10)),  # begun after it
    ],
)
def test_the_spring_festival_of_2020_was_extended_within_the_holiday(
    start: date, count: int, planned: date, extended: date
) -> None:
    """The notice of January 2020 took 31 January and two make-up days out of a plan already published."""
    before = replace(CALENDAR, special=FIRST_NOTICE_2020)
    after = replace(CALENDAR, special={**FIRST_NOTICE_2020, **EMERGENCY_2020})
    assert before.add_working_days(start, count) == planned
    assert after.add_working_days(start, count) == extended == CALENDAR.add_working_days(start, count)


HALF_SATURDAYS = replace(CALENDAR, week=(*[DayKind.WORK] * 5, DayKind.HALF, DayKind.OFF))


def test_a_half_day_counts_as_one_working_day() -> None:
    assert HALF_SATURDAYS.is_working_day(date(2021, 7, 24))
    assert HALF_SATURDAYS.add_working_days(date(2021, 7, 23), 2) == date(2021, 7, 26)
    assert HALF_SATURDAYS.working_days_between(date(2021, 7, 18), date(2021, 7, 25)) == 6


def test_a_half_day_closes_when_it_ends_and_any_other_as_always() -> None:
    saturday, friday = date(2021, 7, 24), date(2021, 7, 23)
    assert HALF_SATURDAYS.closes_at(saturday, time(18)) == time(12)
    assert HALF_SATURDAYS.closes_at(saturday, time(11)) == time(11)  # an office that closes earlier anyway
    assert HALF_SATURDAYS.closes_at(friday, time(18)) == time(18)
    assert replace(HALF_SATURDAYS, half_day_ends=time(13, 30)).closes_at(saturday, time(18)) == time(13, 30)


def test_an_office_that_works_on_saturdays_has_those_of_a_holiday_off() -> None:
    """A notice joins its days to the weekend; the next Saturday is worked again, and a make-up Sunday too."""
    festival = [date(2026, 2, day) for day in range(15, 24)]
    assert not any(HALF_SATURDAYS.is_working_day(day) for day in festival)
    assert HALF_SATURDAYS.kind(date(2026, 2, 28)) is DayKind.WORK  # a made-up Saturday is worked whole
    assert HALF_SATURDAYS.kind(date(2026, 3, 7)) is DayKind.HALF
    assert not HALF_SATURDAYS.is_working_day(date(2024, 6, 8))  # 10 June 2024 was a Monday off


@pytest.mark.parametrize(
    "other",
    [
        replace(CALENDAR, special={**CALENDAR.special, date(2021, 7, 28): DayKind.OFF}),
        replace(CALENDAR, published_through=date(2027, 12, 31)),
        HALF_SATURDAYS,
    ],
)
def test_another_calendar_has_another_digest(other: WorkCalendar) -> None:
    assert other.digest != CALENDAR.digest
    assert load_rules(None).calendar.digest == CALENDAR.digest


def test_today_turns_at_midnight_of_the_office_not_of_utc() -> None:
    before, after = at("2021-07-23 23:59"), at("2021-07-24 00:00")
    assert CALENDAR.today(before.astimezone(tz=None)) == date(2021, 7, 23)
    assert CALENDAR.today(after) == date(2021, 7, 24)
    assert CALENDAR.at(date(2021, 7, 24), time(0)) == after


DAYS = st.dates(date(2019, 1, 1), date(2028, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Any week, with any days off and any made-up days."""
    special = draw(st.dictionaries(DAYS, st.sampled_from(DayKind), max_size=60))
    week = draw(st.tuples(*[st.sampled_from(DayKind)] * 6))
    return WorkCalendar(special, date(2026, 12, 31), week=(DayKind.WORK, *week))


@given(calendars(), DAYS, st.integers(0, 300))
def test_counting_what_was_added_gives_it_back(calendar: WorkCalendar, start: date, count: int) -> None:
    end = calendar.add_working_days(start, count)
    assert calendar.working_days_between(start, end) == count
    assert count == 0 or calendar.is_working_day(end)


@given(calendars(), DAYS, st.integers(0, 400))
def test_a_span_holds_as_many_working_days_as_it_has(
    calendar: WorkCalendar, start: date, length: int
) -> None:
    days = [start + timedelta(days=n) for n in range(1, length + 1)]
    assert calendar.working_days_between(start, start + timedelta(days=length)) == sum(
        map(calendar.is_working_day, days)
    )


@given(calendars(), DAYS, st.integers(1, 100))
def test_going_back_mirrors_going_forward(calendar: WorkCalendar, start: date, count: int) -> None:
    origin = calendar.on_or_after(start)
    assert calendar.add_working_days(calendar.add_working_days(origin, count), -count) == origin


@given(calendars(), DAYS, DAYS, DAYS)
def test_spans_add_up(calendar: WorkCalendar, one: date, two: date, three: date) -> None:
    between = calendar.working_days_between
    assert between(one, two) + between(two, three) == between(one, three)


@given(calendars(), DAYS, DAYS, st.integers(0, 100), st.integers(0, 100))
def test_a_later_start_or_a_longer_count_never_ends_earlier(
    calendar: WorkCalendar, one: date, other: date, few: int, more: int
) -> None:
    first, last = sorted((one, other))
    few, more = sorted((few, more))
    assert calendar.add_working_days(first, few) <= calendar.add_working_days(last, more)


@given(calendars(), st.sets(DAYS, max_size=30), DAYS, st.integers(0, 100))
def test_more_days_off_never_bring_a_deadline_forward(
    calendar: WorkCalendar, further: set[date], start: date, count: int
) -> None:
    more = replace(calendar, special={**calendar.special, **dict.fromkeys(further, DayKind.OFF)})
    assert more.add_working_days(start, count) >= calendar.add_working_days(start, count)


@given(calendars(), DAYS)
def test_on_or_after_is_the_nearest_working_day(calendar: WorkCalendar, day: date) -> None:
    found = calendar.on_or_after(day)
    assert calendar.is_working_day(found)
    skipped = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(calendar.is_working_day(each) for each in skipped)
