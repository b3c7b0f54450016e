"""Where a link stands on its page."""

from __future__ import annotations

from tracker.probes.blocks import Spot, spots_of

BASE = "http://www.example.cn/dt/"
LINKS = {f"{BASE}{n}.html" for n in range(1, 5)}


def row(number: int) -> str:
    return f'<li class="row{number}"><a href="{number}.html">一份文件</a></li>'


def spots(body: str) -> dict[int, Spot]:
    found = spots_of(f"<html><body>{body}</body></html>", BASE, LINKS)
    return {int(link[-6]): spot for link, (spot,) in found.items()}


def test_the_rows_of_a_list_stand_in_one_block_and_those_of_another_list_in_another() -> None:
    found = spots(f"<ul>{row(1)}{row(2)}</ul><ul>{row(3)}</ul>")
    assert found[1] == found[2] != found[3]


def test_the_same_place_in_two_pages_of_one_template_is_the_same_block() -> None:
    one, other = spots(f"<div class=a><ul>{row(1)}{row(2)}</ul></div>"), spots(f"<div class=a><ul>{row(3)}")
    assert one[2].block == other[3].block != spots(f"<div class=b><ul>{row(1)}</ul></div>")[1].block


def test_a_heading_stands_over_what_follows_in_its_own_box_only() -> None:
    side = f'<div><div class="hd"><h3>最新信息</h3><a href="/">更多</a></div><ul>{row(1)}</ul></div>'
    found = spots(f"{side}<h2>工作动态</h2><ul>{row(2)}</ul>")
    assert (found[1].heading, found[2].heading) == ("最新信息", "工作动态")
    assert spots(f"{side}<ul>{row(2)}</ul>")[2].heading == ""


def test_a_class_makes_a_heading_and_a_box_with_text_of_its_own_is_none_of_what_follows() -> None:
    assert spots(f'<div class="box-title">最新信息</div><ul>{row(1)}</ul>')[1].heading == "最新信息"
    contact = "<div><h3>联系我们</h3><p>地址和电话以及上班时间请见本页下方说明</p></div>"
    assert spots(f"{contact}<ul>{row(1)}</ul>")[1].heading == ""


def test_a_page_that_cannot_be_read_shows_nothing() -> None:
    assert spots_of("", BASE, LINKS) == {}
