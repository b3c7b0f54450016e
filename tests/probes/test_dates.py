"""Dates in lists and addresses, in the forms that Chinese sites use."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.probes.dates import dates_in, dates_of_address, is_only_date, mentions_date

TODAY = date(2021, 7, 26)
DAY = date(2021, 7, 23)


@pytest.mark.parametrize(
    "text",
    [
        "2021-07-23",
        "[2021-07-23]",
        "2021年7月23日",
        "2021 年 07 月 23 日",
        "2021.7.23 10:22",
        "2021/07/23",
        "20210723",
        "20210723102233",
        "发布时间：2021-07-23 08:00",
        "3天前",
        "3日前",
    ],
)
def test_a_whole_date_is_read(text: str) -> None:
    assert dates_in(text, TODAY) == [DAY]


@pytest.mark.parametrize(
    ("text", "days"),
    [("今天", 0), ("刚刚", 0), ("昨天 10:00", 1), ("前天", 2), ("5小时前", 1), ("2周前", 14)],
)
def test_relative_days_count_as_the_oldest_they_may_be(text: str, days: int) -> None:
    assert dates_in(text, TODAY) == [TODAY - timedelta(days=days)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[07-23]",
        "07月23日",
        "2021-13-40",
        "2021-07-27",
        "今天是2021年7月26日 星期一",
        "电话 0711-20210723456",
        "12:30",
        "9999999个月前",
        "文号〔2021〕7号",
    ],
)
def test_what_is_no_whole_day_that_has_been_is_not_read(text: str) -> None:
    assert dates_in(text, TODAY) == []


@pytest.mark.parametrize("text", ["[07-23]", "7月23日", "07/23", "2021-07-27"])
def test_half_dates_and_days_to_come_are_mentioned(text: str) -> None:
    assert mentions_date(text)


@pytest.mark.parametrize("text", ["", "今天是2021年7月26日", "第3条", "第13-45页"])
def test_other_numbers_mention_no_date(text: str) -> None:
    assert not mentions_date(text)


@pytest.mark.parametrize(
    "url",
    [
        "/zw/202107/t20210723_12.html",
        "/art/2021/7/23/art_1_2.html",
        "/20210723/1.html",
        "/2021-07-23/1.shtml",
    ],
)
def test_addresses_bear_dates(url: str) -> None:
    assert dates_of_address(f"http://www.example.cn{url}", TODAY) == [DAY]


@pytest.mark.parametrize(
    "url", ["/art/2021/7/art_1.html", "/1202107231/1.html", "/202107/1.html", "/20219999/1.html"]
)
def test_numbers_of_addresses_are_no_dates(url: str) -> None:
    assert dates_of_address(f"http://www.example.cn{url}", TODAY) == []


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("2021-07-23", True),
        ("[07-23]", True),
        ("（3天前）", True),
        ("昨天", True),
        ("发布时间：2021-07-23 08:00", True),
        ("2021年7月23日", True),
        ("2021年7月23日停水", False),
        ("停水", False),
        ("", False),
        ("第2号", False),
    ],
)
def test_a_date_alone_is_told_from_a_headline(text: str, only: bool) -> None:
    assert is_only_date(text) is only


@given(st.dates(date(1990, 1, 1), TODAY))
def test_every_form_of_every_day_means_that_day(day: date) -> None:
    for form in (
        f"{day:%Y-%m-%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert dates_in(form, TODAY) == [day]
        assert is_only_date(form)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_and_nothing_lies_ahead(text: str) -> None:
    assert all(day <= TODAY for day in [*dates_in(text, TODAY), *dates_of_address(text, TODAY)])
    assert mentions_date(text) in (True, False)
