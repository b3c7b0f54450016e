"""The ladder: when its rungs stand, to whom they speak, and that nothing is lost or said twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE, at
from tracker.domain.calendar import DayKind
from tracker.domain.escalation import (
    Decision,
    MessageKind,
    QuietHours,
    Rung,
    decide,
    first_reminder_at,
    next_reminder_at,
    offset_on,
    rungs,
    timing_words,
)
from tracker.domain.ladders import BEFORE_ALL, Audience, Colour, Ladder, Paper, Stage
from tracker.rules import load_rules

RULES = load_rules(None)
CALENDAR, LADDER, QUIET = RULES.calendar, RULES.ladder, RULES.quiet
FRIDAY = date(2021, 7, 23)
DUE_ON = date(2021, 8, 6)  # a Friday, 10 working days after the issue


def first(count: int, due_on: date = DUE_ON, ladder: Ladder = LADDER) -> list[tuple[int, date]]:
    return [(rung.offset, rung.at.date()) for rung in islice(rungs(ladder, due_on, CALENDAR), count)]


def test_the_shipped_ladder_stands_around_a_deadline_in_working_days() -> None:
    assert first(12) == [
        (-7, date(2021, 7, 28)),
        (-3, date(2021, 8, 3)),
        (-1, date(2021, 8, 5)),
        (0, date(2021, 8, 6)),
        (1, date(2021, 8, 9)),
        (2, date(2021, 8, 10)),
        (3, date(2021, 8, 11)),
        (4, date(2021, 8, 12)),
        (5, date(2021, 8, 13)),
        (10, date(2021, 8, 20)),
        (15, date(2021, 8, 27)),
        (20, date(2021, 9, 3)),
    ]


def test_rungs_step_over_holidays_and_onto_worked_weekends() -> None:
    assert first(6, date(2021, 9, 30)) == [
        (-7, date(2021, 9, 22)),  # the 26th, a Sunday, is worked and counts
        (-3, date(2021, 9, 27)),
        (-1, date(2021, 9, 29)),
        (0, date(2021, 9, 30)),
        (1, date(2021, 10, 8)),
        (2, date(2021, 10, 9)),  # a worked Saturday
    ]


@pytest.mark.parametrize("before", [(7, 3, 1), (7, 3)])
def test_a_deadline_on_a_day_off_is_spoken_of_on_the_working_day_before_and_is_late_on_the_next(
    before: tuple[int, ...],
) -> None:
    ladder = replace(LADDER, before=before)
    assert first(5, date(2021, 7, 25), ladder)[1:] == [
        (-3, date(2021, 7, 21)),
        (-1, date(2021, 7, 23)),  # for itself and for the Sunday, once
        (1, date(2021, 7, 26)),
        (2, date(2021, 7, 27)),
    ]
    on_time = first(4, date(2021, 10, 5), ladder)[1:3]
    assert on_time == [(-3, date(2021, 9, 28)), (-1, date(2021, 9, 30))]


@pytest.mark.parametrize(
    ("now", "offset", "kind"),
    [
        ("2021-09-28 09:00", -3, MessageKind.REMINDER),
        ("2021-09-30 09:00", -1, MessageKind.REMINDER),
        ("2021-10-04 09:00", -1, MessageKind.REMINDER),
        ("2021-10-05 09:00", 0, MessageKind.DUE_TODAY),
        ("2021-10-06 09:00", 1, MessageKind.OVERDUE),
        ("2021-10-08 09:00", 1, MessageKind.OVERDUE),
    ],
)
def test_a_deadline_within_a_holiday_is_due_on_its_own_day_only(
    now: str, offset: int, kind: MessageKind
) -> None:
    made = decision("2021-09-28 09:00", now, due_on=date(2021, 10, 5))
    assert made is not None
    assert (made.offset, made.kind) == (offset, kind)


def test_an_audience_and_a_paper_to_be_approved_come_on_their_own_day() -> None:
    ladder = replace(
        LADDER,
        escalate=((Audience.HEAD, 2), (Audience.LEADING_GROUP, 8)),
        stages=(Stage(-5, Paper.REMINDER, Colour.YELLOW), Stage(7, Paper.LETTER, Colour.RED)),
        daily_after=1,
        then_every=60,
    )
    assert [offset for offset, _ in first(9, ladder=ladder)] == [-7, -3, -1, 0, 1, 2, 7, 8, 61]


def test_every_rung_stands_at_the_ladders_hour_on_the_offices_clock() -> None:
    assert {rung.at.astimezone(ZONE).time() for rung in islice(rungs(LADDER, DUE_ON, CALENDAR), 40)} == {
        time(9)
    }


def test_a_ladder_has_no_end() -> None:
    five_years_late = at("2026-08-06 09:01")
    following = next_reminder_at(LADDER, DUE_ON, five_years_late, CALENDAR)
    assert five_years_late < following <= five_years_late + timedelta(days=20)


@pytest.mark.parametrize(
    ("due_on", "issued_on", "moment"),
    [
        (DUE_ON, FRIDAY, "2021-07-28 09:00"),
        (date(2021, 7, 30), FRIDAY, "2021-07-27 09:00"),  # "7 days before" was over on the day of issue
        (date(2021, 7, 26), FRIDAY, "2021-07-26 09:00"),  # "1 day before" is the day of issue itself
        (date(2021, 7, 1), FRIDAY, "2021-07-29 09:00"),  # long past: the next weekly rung
    ],
)
def test_the_first_reminder_comes_after_the_day_of_issue(due_on: date, issued_on: date, moment: str) -> None:
    assert first_reminder_at(LADDER, due_on, issued_on, CALENDAR) == at(moment)


@pytest.mark.parametrize(
    ("offset", "audiences"),
    [
        (-1, (Audience.CONTACT,)),
        (0, (Audience.CONTACT,)),
        (1, (Audience.CONTACT, Audience.HEAD)),
        (4, (Audience.CONTACT, Audience.HEAD)),
        (5, (Audience.CONTACT, Audience.HEAD, Audience.LEADING_GROUP)),
        (300, (Audience.CONTACT, Audience.HEAD, Audience.LEADING_GROUP)),
    ],
)
def test_the_head_is_told_from_one_day_late_and_the_leading_group_from_five(
    offset: int, audiences: tuple[Audience, ...]
) -> None:
    assert LADDER.audiences(offset) == audiences


def decision(pending: str, now: str, due_on: date = DUE_ON) -> Decision | None:
    return decide(LADDER, due_on, at(pending), at(now), CALENDAR)


def test_before_the_rung_there_is_nothing_to_say() -> None:
    assert decision("2021-07-28 09:00", "2021-07-28 08:59") is None


def test_on_the_rung_it_speaks_for_itself_alone() -> None:
    assert decision("2021-07-28 09:00", "2021-07-28 09:00") == Decision(
        rung=Rung(-7, at("2021-07-28 09:00")),
        offset=-7,
        kind=MessageKind.REMINDER,
        audiences=(Audience.CONTACT,),
        stage=BEFORE_ALL,
        skipped=(),
        next_at=at("2021-08-03 09:00"),
    )


def test_a_rung_already_sent_is_not_spoken_for_again() -> None:
    assert decision("2021-08-05 09:00", "2021-08-05 18:00") == Decision(
        rung=Rung(-1, at("2021-08-05 09:00")),
        offset=-1,
        kind=MessageKind.REMINDER,
        audiences=(Audience.CONTACT,),
        stage=Stage(-3, Paper.REMINDER, Colour.YELLOW),
        skipped=(),
        next_at=at("2021-08-06 09:00"),
    )


def test_after_downtime_the_latest_rung_speaks_for_those_missed() -> None:
    assert decision("2021-07-28 09:00", "2021-08-13 10:00") == Decision(
        rung=Rung(5, at("2021-08-13 09:00")),
        offset=5,
        kind=MessageKind.OVERDUE,
        audiences=(Audience.CONTACT, Audience.HEAD, Audience.LEADING_GROUP),
        stage=Stage(1, Paper.URGING, Colour.RED, fail_over=("sms",)),
        # 7, 3 and 1 before, the day itself, 1 to 4 after
        skipped=tuple(rung.at for rung in islice(rungs(LADDER, DUE_ON, CALENDAR), 8)),
        next_at=at("2021-08-20 09:00"),
    )


def test_a_rung_sent_late_speaks_of_today_and_to_todays_audience() -> None:
    waited = decision("2021-08-13 09:00", "2021-08-18 10:00")
    assert waited is not None
    assert (waited.rung.offset, waited.offset, waited.missed) == (5, 8, 0)
    over_the_deadline = decision("2021-08-06 09:00", "2021-08-09 08:30")
    assert over_the_deadline is not None
    assert over_the_deadline.rung.offset == 0
    assert (over_the_deadline.offset, over_the_deadline.kind) == (1, MessageKind.OVERDUE)
    assert Audience.HEAD in over_the_deadline.audiences


@pytest.mark.parametrize(
    ("offset", "words"),
    [(-7, "到期前7个工作日"), (-1, "到期前1个工作日"), (0, "到期当日"), (1, "逾期1个工作日")],
)
def test_timing_is_worded_in_working_days(offset: int, words: str) -> None:
    assert timing_words(offset) == words


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2021-07-23 08:30", "2021-07-23 08:30"),
        ("2021-07-23 17:59", "2021-07-23 17:59"),
        ("2021-07-23 18:00", "2021-07-26 08:30"),  # Friday evening: Monday
        ("2021-07-23 02:00", "2021-07-23 08:30"),
        ("2021-07-24 11:00", "2021-07-26 08:30"),
        ("2021-02-10 20:00", "2021-02-18 08:30"),  # the eve of Spring Festival
        ("2021-02-14 12:00", "2021-02-18 08:30"),
        ("2021-02-20 12:00", "2021-02-20 12:00"),  # a Saturday that is worked
        ("2021-02-20 23:00", "2021-02-22 08:30"),
    ],
)
def test_messages_leave_in_working_hours_of_working_days_only(now: str, leaves: str) -> None:
    assert QUIET.release(at(now), CALENDAR) == at(leaves)


MOMENTS = st.builds(CALENDAR.at, st.dates(date(2020, 1, 2), date(2026, 11, 30)), st.times())


@given(MOMENTS)
def test_a_release_is_never_early_and_stands_still_once_reached(now: datetime) -> None:
    leaves = QUIET.release(now, CALENDAR)
    assert leaves >= now
    assert CALENDAR.is_working_day(CALENDAR.today(leaves))
    assert QuietHours(QUIET.opens, QUIET.closes).release(leaves, CALENDAR) == leaves


LADDERS = st.builds(
    Ladder,
    code=st.just("default"),
    before=st.sets(st.integers(1, 12), max_size=4).map(lambda days: tuple(sorted(days, reverse=True))),
    on_the_day=st.booleans(),
    daily_after=st.integers(0, 6),
    then_every=st.integers(1, 8),
    send_at=st.sampled_from([time(8, 30), time(9), time(17, 45)]),
    escalate=st.tuples(st.integers(1, 9), st.integers(1, 30)).map(
        lambda late: ((Audience.HEAD, late[0]), (Audience.LEADING_GROUP, late[1]))
    ),
)
DUE_DAYS = st.dates(date(2020, 6, 1), date(2026, 6, 30))


@given(LADDERS, DUE_DAYS)
def test_rungs_follow_one_another_on_working_days_and_are_due_on_the_deadline_itself_alone(
    ladder: Ladder, due_on: date
) -> None:
    found = list(islice(rungs(ladder, due_on, CALENDAR), 25))
    assert [rung.at for rung in found] == sorted({rung.at for rung in found})
    for rung in found:
        assert CALENDAR.is_working_day(rung.at.date())
        assert rung.offset == offset_on(due_on, rung.at.date(), CALENDAR)
        made = decide(ladder, due_on, rung.at, rung.at, CALENDAR)
        assert made is not None
        assert (made.kind is MessageKind.DUE_TODAY) == (rung.at.date() == due_on)
    if CALENDAR.is_working_day(due_on):
        assert [rung.offset for rung in found] == list(islice(ladder.offsets(), 25))


@given(DUE_DAYS, st.integers(-40, 40))
def test_a_day_has_its_place_on_the_ladder_by_its_side_of_the_deadline(due_on: date, days: int) -> None:
    day = due_on + timedelta(days=days)
    place = offset_on(due_on, day, CALENDAR)
    assert (place > 0, place < 0) == (day > due_on, day < due_on)
    if CALENDAR.is_working_day(day):
        assert CALENDAR.add_working_days(due_on, place) == day


@given(LADDERS, DUE_DAYS, st.integers(-30 * 24, 60 * 24))
def test_the_next_reminder_always_lies_ahead_and_skips_no_rung(
    ladder: Ladder, due_on: date, hours: int
) -> None:
    now = CALENDAR.at(due_on, time(10)) + timedelta(hours=hours)
    start = next(rungs(ladder, due_on, CALENDAR)).at
    made = decide(ladder, due_on, start, now, CALENDAR)
    if made is None:
        assert now < start
        return
    assert made.rung.at <= now < made.next_at == next_reminder_at(ladder, due_on, now, CALENDAR)
    passed = list(takewhile(lambda rung: rung.at <= now, rungs(ladder, due_on, CALENDAR)))
    assert made.rung == passed[-1]
    assert made.missed == len(passed) - 1


def run(
    ladder: Ladder, due_on: date, start: datetime, ticks: Iterable[datetime]
) -> tuple[datetime, list[Decision]]:
    """What the planner does: at each tick outside the quiet hours, decide if due and move on."""
    pending, spoken = start, []
    for now in ticks:
        if pending <= now and QUIET.release(now, CALENDAR) == now:
            made = decide(ladder, due_on, pending, now, CALENDAR)
            assert made is not None
            spoken.append(made)
            pending = made.next_at
    return pending, spoken


@given(LADDERS, DUE_DAYS, st.integers(1, 60), st.data())
def test_downtime_loses_no_rung_and_says_none_twice(
    ladder: Ladder, due_on: date, days: int, data: st.DataObject
) -> None:
    """A scheduler that slept any number of times comes to the same end as one that never did."""
    start = next(rungs(ladder, due_on, CALENDAR)).at
    last = CALENDAR.at(CALENDAR.on_or_after(start.date() + timedelta(days=days)), time(17, 50))
    hours = range(int((last - start) / timedelta(hours=1)))
    ticks = [start + timedelta(hours=n) for n in hours]
    awake = sorted(data.draw(st.sets(st.sampled_from(ticks), max_size=10))) if ticks else []
    always, slept = (run(ladder, due_on, start, [*each, last]) for each in (ticks, awake))
    expected = [rung.at for rung in takewhile(lambda rung: rung.at <= last, rungs(ladder, due_on, CALENDAR))]
    for pending, spoken in (always, slept):
        assert pending == next_reminder_at(ladder, due_on, last, CALENDAR)
        assert sum(1 + made.missed for made in spoken) == len(expected)
        assert len({made.rung.at for made in spoken}) == len(spoken)
        assert spoken[-1].rung.at == expected[-1]
    assert len(slept[1]) <= len(always[1])


def test_an_earlier_hour_of_sending_loses_no_rung() -> None:
    """Planned for nine; the office then moves `send_at` to half past eight."""
    earlier = replace(LADDER, send_at=time(8, 30))
    moment = at("2021-08-06 09:00")
    made = decide(earlier, DUE_ON, moment, moment, CALENDAR)
    assert made is not None
    assert (made.rung, made.missed) == (Rung(0, at("2021-08-06 08:30")), 0)


def test_on_a_half_day_messages_leave_until_it_ends() -> None:
    half = replace(CALENDAR, special={**CALENDAR.special, date(2021, 8, 6): DayKind.HALF})
    assert QUIET.release(at("2021-08-06 11:59"), half) == at("2021-08-06 11:59")
    assert QUIET.release(at("2021-08-06 12:00"), half) == at("2021-08-09 08:30")
    assert QUIET.last_open(at("2021-08-07 10:00"), half) == at("2021-08-06 11:59").replace(second=59)


def test_a_half_day_that_ends_before_the_office_opens_is_closed() -> None:
    half = replace(CALENDAR, special={**CALENDAR.special, date(2021, 8, 6): DayKind.HALF})
    late = QuietHours(time(13), time(18))
    assert late.release(at("2021-08-06 10:00"), half) == at("2021-08-09 13:00")
    assert late.last_open(at("2021-08-06 14:00"), half) == at("2021-08-05 17:59").replace(second=59)
