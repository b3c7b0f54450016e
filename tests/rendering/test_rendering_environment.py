from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from tracker.rendering.environment import cn_date, cn_moment, environment, href, md, one_line, plain, weekday


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("<@all>", "＜＠all＞"),
        ('<font color="info">已销号</font>', '＜font color="info"＞已销号＜/font＞'),
        ("[登录](https://evil.invalid)", "［登录］(https：//evil·invalid)"),
        ("**加粗** `码` _斜_", "＊＊加粗＊＊ ｀码｀ ＿斜＿"),
        ("一局\n# 标题\r\n> 引用", "一局 ＃ 标题 ＞ 引用"),
        ("一\u202e局\u200b\x07", "一局"),
        ("市文旅局（市广电局）", "市文旅局（市广电局）"),
        ("evil.invalid 2.5版 a@evil.cn", "evil·invalid 2.5版 a＠evil·cn"),
    ],
)
def test_data_is_shown_in_markdown_and_cannot_act_as_markup(data: str, shown: str) -> None:
    assert md(data) == shown


@given(st.text())
def test_no_text_whatever_brings_markup_or_a_second_line_into_markdown(data: str) -> None:
    shown = md(data)
    assert not set(shown) & set("<>&*_`[]#@\\\n\r\u2028\u2029")
    assert len(shown.splitlines()) <= 1


def test_data_brings_no_signature_mention_or_link_into_an_sms() -> None:
    assert (
        plain("【云澜银行】<@all>\t点击 http://evil.invalid\x00")
        == "［云澜银行］＜@all＞ 点击 http：//evil·invalid"
    )


@given(st.text())
def test_making_text_harmless_twice_changes_nothing_more(data: str) -> None:
    assert one_line(one_line(data)) == one_line(data)
    assert plain(plain(data)) == plain(data)


def test_a_link_cannot_end_its_markdown_early() -> None:
    assert href("https://a.invalid/表?x=(1) 2&y=%20") == "https://a.invalid/%E8%A1%A8?x=%281%29%202&y=%20"


def test_a_date_names_its_year_only_when_it_is_another_one() -> None:
    assert cn_date(date(2026, 11, 21), today=date(2026, 1, 1)) == "11月21日"
    assert cn_date(date(2027, 1, 4), today=date(2026, 12, 31)) == "2027年1月4日"


def test_a_moment_is_a_day_and_a_time() -> None:
    assert cn_moment(datetime(2026, 11, 21, 9, 5), date(2026, 1, 1)) == "11月21日09:05"  # noqa: DTZ001


def test_the_weekday_is_a_chinese_one() -> None:
    assert [weekday(date(2026, 11, 21)), weekday(date(2026, 11, 22)), weekday(date(2026, 11, 23))] == [
        "周六",
        "周日",
        "周一",
    ]


def test_a_name_that_a_template_does_not_get_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody_gave_this }}").render()
