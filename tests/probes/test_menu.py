"""Which links may lead to a column, and in which order they are followed."""

from __future__ import annotations

import pytest

from tracker.probes.menu import Rank, is_column_name, is_platform_name, rank_of
from tracker.probes.page_reader import Shown


@pytest.mark.parametrize(
    ("text", "is_column"),
    [
        ("机构职能", True),
        ("云澜市巩固拓展脱贫攻坚成果同乡村振兴有效衔接专栏", True),
        ("云澜市召开巩固拓展脱贫攻坚成果同乡村振兴有效衔接会议", False),
        ("下一页", False),
        ("更多>>", False),
        ("09-10 要闻", False),
        ("大", False),
    ],
)
def test_a_column_has_a_short_name_or_one_that_says_it_is_a_column(text: str, is_column: bool) -> None:
    assert is_column_name(Shown(text, "/x/", certain=True)) is is_column
    assert not is_column_name(Shown(text, "/x/", certain=False))


def test_what_is_wanted_comes_first_then_maps_then_pages_of_publishing() -> None:
    links = [Shown(text, "/x/", certain=True) for text in ("领导信息", "政府信息公开", "网站地图")]
    assert [rank_of(link, wanted=False) for link in links] == [Rank.OTHER, Rank.PUBLISHING, Rank.MAP]
    assert rank_of(links[0], wanted=True) is Rank.WANTED


@pytest.mark.parametrize(
    ("text", "is_platform"), [("政府信息公开", True), ("法定主动公开内容", True), ("政务服务网", False)]
)
def test_a_place_of_publishing_is_told_by_its_name(text: str, is_platform: bool) -> None:
    assert is_platform_name(text) is is_platform
