"""Exports as they come: encodings, headers that stand lower, names of columns, a pass that keeps no rows."""

from __future__ import annotations

import io
import tracemalloc
from collections import deque
from contextlib import closing
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.exports import CASE_COLUMNS, as_csv, as_xlsx, case
from tests.support import at, shipped_rules
from tracker.domain.cases import CaseJudge, Fault
from tracker.domain.errors import IntakeError
from tracker.intake.feeds import cases as feed_cases
from tracker.intake.feeds.cases import Tally, judgeable, tally
from tracker.intake.feeds.columns import find_header
from tracker.intake.feeds.rows import open_export

RULES = shipped_rules()
COLUMNS = RULES.feeds.cases.columns


def read(content: bytes | io.BytesIO, name: str = "办件.csv") -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    with open_export(file, name).rows() as rows:
        return list(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_each_encoding_of_office_programs_is_read(encoding: str) -> None:
    rows = read("承办单位,评价\n澜东区,满意\n".encode(encoding))
    assert rows == [(1, ["承办单位", "评价"]), (2, ["澜东区", "满意"])]


def test_a_csv_that_turns_out_to_be_gbk_only_far_below_is_read() -> None:
    head = b"unit,rating\n" + b"a,b\n" * 600_000
    with open_export(io.BytesIO(head + "澜东区,满意\n".encode("gbk")), "x.csv").rows() as rows:
        [last] = deque(rows, maxlen=1)
    assert last == (600_002, ["澜东区", "满意"])


def test_tabulators_quotes_and_line_breaks_in_cells_are_read() -> None:
    assert read("承办单位\t评价\n澜东区\t满意\n".encode())[1] == (2, ["澜东区", "满意"])
    assert read('承办单位,评价\n"澜东\n区",""\n市教育局,x\n'.encode())[2] == (3, ["市教育局", "x"])


def test_a_workbook_gives_the_same_rows_as_a_csv() -> None:
    some = [case("L1", "澜东区"), case("L2", "市教育局", rating="")]
    assert read(as_xlsx(some), "办件.xlsx") == read(as_csv(some))


def test_the_header_may_stand_below_a_title_and_bear_other_names() -> None:
    rows = iter([(1, ["办件明细表"]), (2, []), (3, ["序号", "实施主体（盖章）", " 办结 时间", "评价结果"])])
    assert find_header(rows, COLUMNS, ("unit",), "x.csv") == {"unit": 1, "finished": 2, "rating": 3}
    assert list(rows) == []


def test_of_two_columns_for_one_thing_the_first_name_of_the_settings_is_taken() -> None:
    rows = iter([(1, ["单位", "承办单位"])])
    assert find_header(rows, COLUMNS, ("unit",), "x.csv") == {"unit": 1}


def test_an_export_without_the_column_is_refused_by_name() -> None:
    with pytest.raises(IntakeError, match="承办单位，或写作责任单位") as caught:
        find_header(iter([(1, ["姓名"])]), COLUMNS, ("unit",), "x.csv")
    assert caught.value.details == {"missing": ["unit"]}


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"applied", "accepted"}, {Fault.OVERDUE_ACCEPTANCE}),
        ({"finished", "promised"}, {Fault.OVERDUE_COMPLETION}),
        ({"finished", "rating", "returned"}, {Fault.UNEVALUATED, Fault.LATE_RETURN}),
        ({"applied", "matter"}, set()),
    ],
)
def test_only_what_the_columns_tell_is_judged(fields: set[str], faults: set[Fault]) -> None:
    assert judgeable(dict.fromkeys(fields, 0)) == faults


units = st.sampled_from(["澜东区", "市教育局", " 澜东区", "", " "])
moments = st.sampled_from(["2021-07-01 09:00:00", "2021-07-08 09:00:00", "2021-07-27 09:00:00", "", "无 "])
a_row = st.tuples(
    units, st.just("L1"), st.just("审批"), moments, moments, moments, st.just("5天"), st.just("满意"), moments
)
of_rows = st.builds(lambda row, length: list(row[:length]), a_row, st.sampled_from([0, 4, 9, 9, 9, 9]))


@given(st.lists(of_rows, max_size=40), st.sampled_from([[], ["accepted"], ["returned", "promised"]]))
def test_rows_that_are_judged_together_are_judged_as_one_by_one(
    rows: list[list[str]], without: list[str]
) -> None:
    columns = {name: place for place, name in enumerate(COLUMNS) if name not in without}

    def judged(at_once: int) -> tuple[object, ...]:
        limits, now = RULES.feeds.cases.limits, at("2021-08-01 09:00")
        judge = CaseJudge(limits, RULES.calendar, now, judgeable(columns))
        with closing(Tally()) as found, pytest.MonkeyPatch.context() as patched:
            patched.setattr(feed_cases, "_BLOCK", at_once)
            if at_once == 1:
                patched.setattr(CaseJudge, "in_order", lambda _, cells: repeat(False, len(cells[0])))
            tally(enumerate(rows, 2), columns, judge, found)
            return found.units, found.rejected, found.unjudged, list(found.faulty), judge.span

    assert judged(7) == judged(100) == judged(1)


def _peak(count: int) -> tuple[int, int]:
    """Judged rows and the peak of memory in bytes, for an export that is made while it is read."""
    columns = {name: place for place, name in enumerate(COLUMNS)}
    order = ("unit", "case_id", "matter", "applied", "accepted", "finished", "promised", "rating", "returned")
    assert list(columns) == list(order)
    rows = (
        (
            n,
            [
                f"市第{n % 40}局",
                f"L{n}",
                "审批",
                f"2021-07-{n % 28 + 1:02} 09:{n % 60:02}",
                "2021-07-29",
                "2021-07-29",
                "30",
                "" if n % 10 else "满意",
                "2021-07-30",
            ],
        )
        for n in range(count)
    )
    judge = CaseJudge(RULES.feeds.cases.limits, RULES.calendar, at("2021-08-01 09:00"), list(Fault))
    tracemalloc.start()
    with closing(Tally()) as found:
        tally(rows, columns, judge, found)
        peak = tracemalloc.get_traced_memory()[1]
        faulty = sum(1 for _ in found.faulty)
    tracemalloc.stop()
    assert faulty > count * 0.9 - 10
    return found.rows, peak


@pytest.mark.slow
def test_memory_does_not_follow_the_rows() -> None:
    few, many = _peak(2_000), _peak(20_000)
    assert (few[0], many[0]) == (2_000, 20_000)
    assert many[1] < few[1] + 64 * 1024


def test_every_column_of_the_example_is_known() -> None:
    found = find_header(iter([(1, list(CASE_COLUMNS))]), COLUMNS, ("unit",), "x.csv")
    assert set(COLUMNS) == found.keys()
