"""Which account a problem's text is about, and when nobody can tell."""

from __future__ import annotations

import pytest

from tracker.intake.feeds.account_texts import comparable, named_in


@pytest.mark.parametrize(
    "text",
    [
        "微博“澜东发布”两年没有更新。",
        "“澜东发布”微博两年没有更新",
        "新浪微博“澜东 发布”属“僵尸”账号，两年没有更新",
        "政务微博账号“澜东发布”有3个月没有更新",
        "“澜东发布（最后更新时间2019年7月1日）”微博没有更新",
        "微博「澜东发布」内容少",
        "微博：“澜东发布”两年没有更新",
        "“澜东发布”(微博)两年没有更新",
        "澜东发布微博账号未注销，两年没有更新",
        "澜东发布（微博）内容不更新",
    ],
)
def test_the_one_account_that_a_text_names_is_told_by_its_platform_and_its_quoted_name(text: str) -> None:
    assert named_in(text) == comparable("微博", "澜东发布")


@pytest.mark.parametrize(
    "text",
    [
        "“澜东发布”两年没有更新",
        "政务新媒体“澜东发布”两年没有更新",
        "微博澜东发布两年没有更新",
        "澜东发布两年没有更新",
        "澜东发布、澜东文旅微博两年没有更新",
        "澜东发布微博、澜东文旅微博两年没有更新",
        "澜东发布微博两年没有更新，澜东文旅微博半年没有更新",
        "微博“澜东发布”两年没有更新，澜东文旅微博半年没有更新",
        "“澜东发布”两年没有更新，澜东文旅微博半年没有更新",
        "“澜东发布”的微博、抖音号两年没有更新",
        "“澜东发布”微博、微信公众号两年没有更新",
        "微博“澜东发布”“澜东文旅”两年没有更新",
        "微博“澜东发布、澜东文旅”两年没有更新",
        "微博“澜东发布”、澜东文旅两年没有更新",
        "澜东文旅和“澜东发布”微博两年没有更新",
        "“澜东发布”等微博两年没有更新",
        "有3个微博账号没有更新，“澜东发布”两年没有更新",
        "多个微博没有更新，如“澜东发布”",
    ],
)
def test_a_text_without_platform_or_quotes_or_of_several_accounts_names_none(text: str) -> None:
    assert named_in(text) is None


def test_first_words_are_a_name_only_as_a_whole() -> None:
    assert named_in("青桥街道澜东发布微博未注销") == comparable("微博", "青桥街道澜东发布")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("微信公众号", "公众号", True),
        ("微信", "微信公众平台", True),
        ("抖音", "抖音号", True),
        ("今日头条", "头条号", True),
        ("ＡＰＰ", "app", True),
        ("微博", "新浪微博", True),
        ("微博", "腾讯微博", False),
        ("微信", "微信视频号", False),
        ("订阅号", "服务号", False),
        ("微信公众号", "微博", False),
    ],
)
def test_ways_to_write_a_platform_are_one_and_platforms_are_not(one: str, other: str, same: bool) -> None:
    assert (comparable(one, "澜东发布") == comparable(other, "澜东发布")) is same
    assert comparable(one, "澜东发布") != comparable(one, "澜东")
