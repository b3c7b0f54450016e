"""A database's values as an export would write them, and a digest of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE
from tracker.intake.feeds import tables
from tracker.intake.feeds.rows import Unreadable
from tracker.intake.feeds.tables import WrittenRows

COLUMNS = ("承办单位", "申请时间")


def written(
    rows: Sequence[Sequence[object]], columns: Sequence[str] = COLUMNS, mark: str = ""
) -> WrittenRows:
    return WrittenRows("市平台", columns, rows, ZONE, mark)


def digest(rows: Sequence[Sequence[object]], columns: Sequence[str] = COLUMNS, mark: str = "") -> str:
    gone_through = written(rows, columns, mark)
    assert len(list(gone_through)) == len(rows) + 1
    return gone_through.sha256


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("澜东区", "澜东区"),
        ("澜西区".encode(), "澜西区"),
        (None, ""),
        (datetime(2021, 7, 23, 9, 30, 5, 999), "2021-07-23 09:30:05"),  # noqa: DTZ001 - as databases give it
        (datetime(2021, 7, 23, 18, 30, tzinfo=UTC), "2021-07-24 02:30:00"),
        (date(2021, 7, 23), "2021-07-23"),
        (time(9, 30), "09:30:00"),
        (5, "5"),
        (Decimal("5.00"), "5"),
        (2.5, "2.5"),
        (True, "是"),
        (False, "否"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_each_type_is_written_as_an_export_writes_it(value: object, cell: str) -> None:
    found = [(number, list(row)) for number, row in written([("澜东区", value)])]
    assert found == [(0, list(COLUMNS)), (1, ["澜东区", cell])]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xb0\xb0", "列“申请时间”是二进制内容，无法读取"),
        ({"a": 1}, "列“申请时间”不是文字、数字或日期，无法读取"),
        (float("nan"), "列“申请时间”的数无法读取"),
        (Decimal("Infinity"), "列“申请时间”的数无法读取"),
    ],
)
def test_what_no_cell_can_hold_makes_its_row_unreadable_and_no_other(value: object, reason: str) -> None:
    _, (_, row), (number, after) = written([("澜东区", value), ("澜西区", 5)])
    assert isinstance(row, Unreadable)
    assert (list(row), row.reason) == ([], reason)
    assert (number, after) == (2, ["澜西区", "5"])


cells = st.text(max_size=5) | st.none() | st.integers(0, 9)
some = st.lists(st.tuples(cells, cells), max_size=6)


@given(rows=some, size=st.integers(1, 7))
def test_the_same_rows_are_the_same_export_however_many_are_hashed_at_once(
    rows: list[tuple[object, object]], size: int
) -> None:
    expected = digest(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "_BLOCK", size)
        assert digest(rows) == expected


signs = st.text(alphabet="局a\x1e\x1f", max_size=3)


@given(rows=st.lists(st.tuples(signs, signs), max_size=6))
def test_text_that_is_not_decoded_yet_makes_the_same_rows_and_the_same_digest(
    rows: list[tuple[str, str]],
) -> None:
    undecoded = [tuple(cell.encode() for cell in row) for row in rows]
    assert [list(row) for _, row in written(undecoded)] == [list(COLUMNS), *map(list, rows)]
    assert digest(undecoded) == digest(rows)


def test_text_in_another_encoding_costs_its_row_alone_among_undecoded_ones() -> None:
    rows = [(b"a", b"b"), (b"a", "局".encode("gbk")), ("局".encode(), b"")]
    _, *found = written(rows)
    assert [list(row) for _, row in found] == [["a", "b"], [], ["局", ""]]


@given(rows=some, row=st.tuples(cells, cells))
def test_a_row_more_is_another_export(rows: list[tuple[object, object]], row: tuple[object, object]) -> None:
    assert digest([*rows, row]) != digest(rows)


def test_a_cell_a_name_and_a_mark_make_another_export() -> None:
    rows = [("澜东区", "2021-07-05"), ("澜西区", "2021-07-06")]
    others = [
        digest([("澜西区", "2021-07-05"), ("澜东区", "2021-07-06")]),
        digest([("澜东区", "2021-07-05"), ("澜东区", "2021-07-05"), ("澜西区", "2021-07-06")]),
        digest(rows, ("承办单位", "受理时间")),
        digest(rows, mark="2021-07-27"),
    ]
    assert len({digest(rows), *others}) == 5
