"""What a case misses, cell by cell; days off and make-up days, limits to the day and to the second."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE, at, shipped_rules
from tracker.domain.cases import CaseJudge, CaseLimits, Fault
from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from

CALENDAR = shipped_rules().calendar
LIMITS = CaseLimits(5, 48, True, frozenset({"", "未评价"}), True)
NOW, LATER = at("2021-10-31 12:00"), at("2025-12-31 12:00")
ACCEPTANCE, COMPLETION, UNRATED, RETURN = Fault


def judge(limits: CaseLimits = LIMITS, now: datetime = NOW, **more: bool) -> CaseJudge:
    return CaseJudge(limits, CALENDAR, now, list(Fault), **more)


def faults(
    applied="", accepted="", finished="", promised="", rating="满意", returned="", **more
) -> list[Fault]:
    returned = returned or finished
    return list(judge(**more).faults([applied, accepted, finished, promised, rating, returned]))


@pytest.mark.parametrize(
    ("applied", "last_day"),
    [
        ("2021-09-06", "2021-09-13"),  # a plain week
        ("2021-09-10", "2021-09-17"),
        ("2021-09-13", "2021-09-18"),  # Saturday the 18th is a make-up day
        ("2021-09-16", "2021-09-24"),  # Mid-Autumn is off until the 21st
        ("2021-09-26", "2021-10-08"),  # a make-up Sunday before the National Day week
        ("2021-09-30", "2021-10-13"),  # the week is off, Saturday the 9th is worked
        ("2021-10-03", "2021-10-13"),  # applied on a day off
    ],
)
def test_a_case_may_be_accepted_until_the_fifth_working_day_has_ended(applied: str, last_day: str) -> None:
    next_day = date.fromisoformat(last_day) + timedelta(days=1)
    assert faults(applied, f"{last_day} 23:59:59") == []
    assert faults(applied, f"{next_day} 00:00:01") == [ACCEPTANCE]
    assert faults(applied, now=at(f"{last_day} 23:59")) == []
    assert faults(applied, now=at(f"{next_day} 00:00")) == [ACCEPTANCE]


@given(st.dates(date(2019, 1, 1), date(2024, 12, 31)), st.integers(0, 20), st.integers(1, 20))
def test_acceptance_agrees_with_the_calendar_on_every_day(applied: date, wait: int, limit: int) -> None:
    accepted = applied + timedelta(days=wait)
    limits = CaseLimits(limit, 48, True, frozenset(), True)
    late = CALENDAR.working_days_between(applied, accepted) > limit
    late = late or accepted > CALENDAR.add_working_days(applied, limit)
    found = faults(applied.isoformat(), accepted.isoformat(), limits=limits, now=LATER)
    assert found == ([ACCEPTANCE] if late else [])


@pytest.mark.parametrize("words", ["5", "5个工作日", "5工作日", " 5 个工作日内 ", "5.0"])
def test_promised_working_days_run_from_acceptance(words: str) -> None:
    assert faults("2021-09-24", "2021-09-27", "2021-10-09", words) == []
    assert faults("2021-09-24", "2021-09-27", "2021-10-11", words) == [COMPLETION]


@pytest.mark.parametrize(
    ("words", "last_day"),
    [
        ("3天", "2021-09-30"),
        ("3自然日", "2021-09-30"),
        ("即办", "2021-09-27"),
        ("当场办结", "2021-09-27"),
        ("即办件", "2021-09-27"),
        ("4小时", "2021-09-28"),
        ("2021-10-03", "2021-10-03"),
        ("2021-10-03 18:00:00", "2021-10-03"),
        ("2021年10月3日", "2021-10-03"),
    ],
)
def test_promises_are_read_in_all_their_forms(words: str, last_day: str) -> None:
    late = date.fromisoformat(last_day) + timedelta(days=1)
    assert faults("2021-09-27", "2021-09-27", last_day, words) == []
    assert faults("2021-09-27", "2021-09-27", late.isoformat(), words) == [COMPLETION]


@given(st.dates(date(2019, 1, 1), date(2024, 12, 1)), st.integers(1, 60), st.integers(0, 120))
def test_a_promise_in_working_days_agrees_with_deadlines(accepted: date, promised: int, took: int) -> None:
    due = deadline_from(DeadlineRule(DeadlineKind.WORKING_DAYS, promised), accepted, CALENDAR).due_on
    finished = accepted + timedelta(days=took)
    cells = (accepted.isoformat(), accepted.isoformat(), finished.isoformat(), f"{promised}个工作日")
    found = faults(*cells, now=LATER)
    assert due is not None
    assert found == ([COMPLETION] if finished > due else [])


def test_a_promise_does_not_run_before_acceptance_and_none_is_missed_without_one() -> None:
    assert faults("2021-10-28", "", "", "1天") == []
    assert faults("2021-10-20", "2021-10-21", "2021-10-30", "") == []
    assert faults("2021-10-20", "", "", "1天", has_acceptance=False) == [ACCEPTANCE, COMPLETION]


def test_only_finished_cases_are_asked_for_a_rating() -> None:
    assert faults("2021-10-26", "2021-10-26", "2021-10-27", rating="") == [UNRATED]
    assert faults("2021-10-26", "2021-10-26", "2021-10-27", rating=" 未评价 ") == [UNRATED]
    assert faults("2021-10-26", "2021-10-26", "2021-10-27", rating="不满意") == []
    assert faults("2021-10-26", "2021-10-26", rating="") == []


@pytest.mark.parametrize(
    ("finished", "returned", "is_late"),
    [
        ("2021-10-20 10:00:00", "2021-10-22 10:00:00", False),
        ("2021-10-20 10:00:00", "2021-10-22 10:00:01", True),
        ("2021/10/20 9:05", "2021/10/22 9:04", False),
        ("2021/10/20 9:05", "2021/10/22 9:06", True),
        ("2021年10月20日 10时00分", "2021年10月22日 10时01分", True),
        ("20211020100000", "20211022100000", False),
        ("20211020100000", "20211022100001", True),
        ("2021-10-20", "2021-10-22", False),  # a day without an hour lasts to its end
        ("2021-10-20", "2021-10-23", True),
        ("2021-10-20T10:00:00", "2021-10-23T09:00:00", True),
        ("2021-10-20 10:00:00", "2021-10-21 23:59:59", False),
    ],
)
def test_what_is_finished_is_to_be_returned_within_48_hours(
    finished: str, returned: str, is_late: bool
) -> None:
    assert faults("2021-10-19", "2021-10-19", finished, returned=returned) == ([RETURN] if is_late else [])


@pytest.mark.parametrize(
    ("finished", "returned", "is_late"),
    [
        ("2021/7/10 下午 1:00:00", "2021/7/12 下午 12:30:00", False),
        ("2021/7/10 下午 1:00:00", "2021/7/12 下午 1:00:01", True),
        ("2021/7/7 下午 1:00:00", "2021/7/9 下午 12:30:00", False),  # as long as plain ones
        ("2021/7/7 下午10:00:00", "2021/7/9 下午 9:59:59", False),
        ("2021/7/7 上午10:00:00", "2021/7/9 下午 1:00:00", True),
        ("2021/7/7 上午 12:30", "2021/7/9 0:29", False),  # midnight
        ("2021/7/7 上午 12:30", "2021/7/9 0:31", True),
        ("2021/7/7 1:00:00 PM", "2021/7/9 12:30:00 PM", False),
        ("2021/7/7 8:00:00 AM", "2021/7/9 7:00:00 PM", True),
        ("2021-07-07 01:00:00 p.m.", "2021-07-09 12:59:59 pm", False),
        ("2021/7/7 下午 13:00", "2021/7/9 12:59", False),
    ],
)
def test_halves_of_the_day_are_read_as_programs_write_them(
    finished: str, returned: str, is_late: bool
) -> None:
    assert faults("2021-07-06", "2021-07-06", finished, returned=returned) == ([RETURN] if is_late else [])


def test_what_was_never_returned_is_late_from_the_second_on_which_the_hours_end() -> None:
    cells = ["2021-10-28", "2021-10-28", "2021-10-29 12:00:00", "", "满意", ""]
    assert judge(now=at("2021-10-31 12:00")).faults(cells) == ()
    assert judge(now=at("2021-10-31 12:01")).faults(cells) == (RETURN,)


def test_what_was_late_but_is_done_counts_only_where_the_office_says_so() -> None:
    limits = CaseLimits(5, 48, True, frozenset({""}), counts_settled=False)
    late = ("2021-09-01", "2021-09-20", "2021-10-20", "5")
    assert faults(*late) == [ACCEPTANCE, COMPLETION]
    assert faults(*late, limits=limits) == []
    assert faults("2021-09-01", "2021-09-20", "", "5", limits=limits) == [COMPLETION]
    assert faults("2021-09-01", limits=limits) == [ACCEPTANCE]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("2021-13-01",), "不是可识别的日期"),
        (("2021-02-30",), "不是可识别的日期"),
        (("昨天",), "不是可识别的日期"),
        (("1021-10-01",), "不是可识别的日期"),
        ((), "没有申请、受理或办结时间"),
        (("2021-10-10", "2021-10-09"), "先后颠倒"),
        (("2021-10-08", "2021-10-10", "2021-10-09"), "先后颠倒"),
        (("2021-10-08", "2021-10-08", "", "看情况"), "承诺时限“看情况”无法识别"),
        (("2021-10-08", "2021-10-08", "2021-10-08 10:00", "", "", "2021-10-10 25:00"), "不是可识别的时刻"),
        (
            ("2021-10-08", "2021-10-08", "2021-10-08 10:00", "", "", "2021-10-10 上午13:00"),
            "不是可识别的时刻",
        ),
        (("2021-10-08", "2021-10-08", "2021-10-08 10:00", "", "", "2021-10-10 晚9:00"), "不是可识别的时刻"),
        (("2021-11-01",), "在今天之后"),
        (("2021-10-08", "2022-10-08"), "在今天之后"),
        (("2021-10-08", "2021-10-08", "2022-10-08"), "在今天之后"),
        (("2021-10-08", "2021-10-08", "2021-10-08", "", "", "2021-11-01"), "回传时间在今天之后"),
    ],
)
def test_cells_that_make_no_sense_are_refused_with_the_reason(cells: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        faults(*cells)


def test_faults_that_the_export_cannot_tell_of_are_not_found() -> None:
    only = CaseJudge(LIMITS, CALENDAR, NOW, [Fault.UNEVALUATED])
    assert only.faults(["2021-01-01", "2021-09-20", "2021-10-20", "1", "", ""]) == (UNRATED,)


def test_the_span_is_that_of_the_cases() -> None:
    some = judge()
    assert some.span is None
    for day in ("2021-10-08", "2021-09-01", "2021-10-12"):
        some.faults([day, day, "", "", "", ""])
    with pytest.raises(ValueError, match="在今天之后"):
        some.faults(["2022-10-08", "", "", "", "", ""])
    assert some.span == (date(2021, 9, 1), date(2021, 10, 12))


def test_the_moment_is_judged_on_the_offices_clock() -> None:
    utc = datetime(2021, 9, 13, 16, 30, tzinfo=ZONE).astimezone(tz=None)
    assert faults("2021-09-06", now=utc) == []


days = st.sampled_from(["2021-09-09", "2021-09-17", "2021-09-30", "2021-10-09", "2021-10-11"])
forms = st.sampled_from(["{}", "{} 09:30:00", "{} 18:05:01", "{}T09:30:00", "{} 9:30", " {}", "{}\n18:05:01"])
moments = (
    st.builds(lambda form, day: form.format(day), forms, days)
    | days.map(lambda day: day.replace("-", "/") + " 09:30")
    | days.map(lambda day: day.replace("-", ""))
    | st.just("")
    | st.sampled_from(["2021-02-30", "无", "2021年10月1日"])
)
promises = st.sampled_from(
    ["", "即办", "5个工作日", "3天", "自受理之日起五日", "2021-09-30 17:00:00", "2021-10-09"]
)
ratings = st.sampled_from(["满意", "", " 未评价"])
a_case = st.tuples(moments, moments, moments, promises, ratings, moments)
of_limits = st.builds(
    CaseLimits,
    st.just(5),
    st.sampled_from([0, 12, 48]),
    st.booleans(),
    st.just(LIMITS.unrated),
    st.booleans(),
)


@given(st.lists(a_case, min_size=1, max_size=30), of_limits, st.sets(st.sampled_from(Fault)), st.booleans())
def test_what_is_plainly_in_order_has_missed_nothing(
    cases: list[tuple[str, ...]], limits: CaseLimits, judged: set[Fault], has_acceptance: bool
) -> None:
    many = CaseJudge(limits, CALENDAR, NOW, judged, has_acceptance=has_acceptance)
    one = CaseJudge(limits, CALENDAR, NOW, judged, has_acceptance=has_acceptance)
    for _ in range(2):  # what is remembered by then answers the same
        plain = list(many.in_order(list(zip(*cases, strict=True))))
        for cells in itertools.compress(cases, plain):
            assert one.faults(cells) == ()


def test_a_case_in_time_is_plainly_in_order_and_one_with_a_fault_is_not() -> None:
    good = ("2021-09-06 09:00:00", "2021-09-07 09:00:00", "2021-09-09 10:00:00", "5个工作日", "满意")
    cases = [
        (*good, "2021-09-10 23:00:00"),
        (*good[:3], "2021-09-30 17:00:00", "满意", "2021-09-09 10:00:00"),  # a promise to the second
        (*good[:2], "", "2021-12-01", "", ""),  # not finished yet
        (*good, "2021-09-12 10:00:00"),
        (*good, ""),
        (*good[:4], "", "2021-09-10 10:00:00"),
        ("", "", "", "5个工作日", "满意", ""),
    ]
    words = (*good[:3], "五日" * 50, "满意", good[2])
    assert list(judge().in_order(list(zip(*cases, strict=True)))) == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert not any(judge().in_order(list(zip(cases[0], words, strict=True))))


def test_what_is_remembered_of_like_cases_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.domain.cases._MOST_REMEMBERED", 3)
    many = judge()
    for day in range(1, 29):
        moment = f"2021-09-{day:02} 09:00:00"
        assert list(many.in_order([[moment], [moment], [moment], ["即办"], ["满意"], [moment]])) == [True]
        assert len(many._returned_before) <= 4
