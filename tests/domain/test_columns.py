"""How old a column's newest document may be: days, calendar months, and the day nobody can judge."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.columns import Age, ColumnKind, ColumnRules, Freshness

TODAY = date(2021, 7, 26)
NEWS = ColumnKind(("动态", "要闻"), Age(days=14), {"读网": Age(days=7), "季度读网": Age(days=10)})
NOTICES = ColumnKind(("通知公告",), Age(months=6))


@pytest.mark.parametrize(
    ("age", "today", "edge"),
    [
        (Age(days=14), TODAY, date(2021, 7, 12)),
        (Age(months=6), TODAY, date(2021, 1, 26)),
        (Age(months=6), date(2021, 8, 31), date(2021, 2, 28)),
        (Age(months=12), date(2024, 2, 29), date(2023, 2, 28)),
        (Age(months=1), date(2021, 1, 15), date(2020, 12, 15)),
    ],
)
def test_the_last_good_day_lies_so_long_ago(age: Age, today: date, edge: date) -> None:
    assert age.last_good(today) == edge
    assert age.freshness(edge, today) is Freshness.EDGE
    assert age.freshness(edge + timedelta(1), today) is Freshness.WITHIN
    assert age.freshness(edge - timedelta(1), today) is Freshness.OVER


@given(st.integers(0, 400), st.integers(0, 36), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_longer_limit_never_asks_for_newer_documents(days: int, months: int, today: date) -> None:
    assert Age(days=days + 1).last_good(today) < Age(days=days).last_good(today) <= today
    assert Age(months=months + 1).last_good(today) < Age(months=months).last_good(today)


@pytest.mark.parametrize(
    ("column", "bulletin", "limit"),
    [
        ("工作动态", "二季度通报", Age(days=14)),
        ("工作动态", "交叉读网情况", Age(days=7)),
        ("工作动态", "季度读网通报", Age(days=10)),
        ("动态通知公告", "二季度通报", Age(months=6)),
        ("机构职能", "二季度通报", None),
    ],
)
def test_the_longest_words_decide_kind_and_list(column: str, bulletin: str, limit: Age | None) -> None:
    assert ColumnRules(kinds=(NEWS, NOTICES)).limit_of(column, bulletin) == limit


def test_an_office_may_set_a_limit_for_all_others() -> None:
    assert ColumnRules(kinds=(NEWS,), default=Age(months=6)).limit_of("机构职能", "") == Age(months=6)


def test_limits_are_named_as_people_say_them() -> None:
    assert [Age(days=14).in_words(), Age(months=6).in_words()] == ["14天", "6个月"]
