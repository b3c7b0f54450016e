"""Ways on without a name, and scripts that may draw links: what is told of one page."""

from __future__ import annotations

import pytest

from tracker.probes.byways import called_by_script, draws_links, nameless_links
from tracker.probes.fetch import Page
from tracker.probes.sights import Sight

URL = "http://jyj.yunlan.example.com/"


def sight(body: str, url: str = URL) -> Sight:
    return Sight.of(Page(url, 200, "text/html", f"<html><body>{body}</body></html>", "ab" * 32))


@pytest.mark.parametrize(
    "body",
    [
        '<a href="/x/"><img src="x.gif"></a>',
        '<a href="/x/"><img src="x.gif" alt=" "></a>',
        '<a class="icon" href="x/"></a>',
        '<a href="/x/">更多&gt;&gt;</a>',
        '<a href="/x/">MORE +</a>',
        '<a href="/x/" title="更多">·</a>',
        '<a href="/x/">&raquo;</a>',
        '<map><area href="/x/"></map>',
        '<select onchange="location=this.value"><option value="/x/">动态</option></select>',
        "<div onclick=\"location.href='/x/'\"><i></i></div>",
        "<li onclick='window.open(\"/x/\")'>动态</li>",
        '<li data-href="/x/">动态</li>',
        "<a href=\"javascript:go('/x/')\">动态</a>",
    ],
)
def test_what_leads_on_without_a_name_is_told(body: str) -> None:
    assert nameless_links(sight(body)) == (f"{URL}x/",)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="/x/">动态</a><a href="/x/"><img src="x.gif"></a>',
        '<a href="/x/"><img src="x.gif" alt="动态"></a>',
        '<a href="/x/" title="动态"><img src="x.gif"></a>',
        '<a name="top"></a><a href="#"><img src="x.gif"></a><a href="javascript:;"></a>',
        '<div style="display:none"><a href="/x/"><img src="x.gif"></a></div>',
        '<noscript><a href="/x/"><img src="x.gif"></a></noscript>',
        '<!-- <a href="/x/"><img src="x.gif"></a> -->',
        '<select><option value="3">动态</option><option>互动</option></select>',
        "<button onclick=\"search('key')\">搜</button>",
        "",
    ],
)
def test_what_has_a_name_or_leads_nowhere_is_not(body: str) -> None:
    assert nameless_links(sight(body)) == ()


def test_an_arrow_that_turns_a_list_is_no_way_to_a_column() -> None:
    listed = sight('<a href="index_2.html">&gt;</a>', f"{URL}dt/index.html")
    assert nameless_links(listed) == ()


@pytest.mark.parametrize(
    "link",
    [
        'href="javascript:show(3)"',
        "href=\"javascript:go('zwgk')\"",
        'href="#" onclick="show(3)"',
        'onclick="show(3)"',
    ],
)
def test_a_link_that_calls_a_script_hides_where_it_leads(link: str) -> None:
    assert called_by_script(sight(f"<a {link}>政务公开</a>")) == "政务公开"


@pytest.mark.parametrize(
    "body",
    [
        "<a href=\"javascript:go('/zwgk/')\">政务公开</a>",
        '<a href="javascript:void(0)">政务公开</a>',
        '<a href="javascript:;">政务公开</a>',
        '<a href="#">政务公开</a>',
        '<a href="/zwgk/" onclick="count(3)">政务公开</a>',
        "<a href=\"javascript:add('首页')\">加入收藏</a>",
        '<a href="javascript:zoom(16)">大</a>',
        '<a style="display:none" href="javascript:show(3)">政务公开</a>',
    ],
)
def test_what_leads_nowhere_or_where_it_says_hides_nothing(body: str) -> None:
    assert called_by_script(sight(body)) == ""


@pytest.mark.parametrize(
    "code",
    [
        '<script src="/js/menu.js"></script>',
        '<script src="js/common.js?v=2"></script>',
        '<script src="/js/jquery.menu.js"></script>',
        '<script src="http://www.yunlan.example.com/head.js"></script>',
        "<script>document.write('<a href=\"/x/\">动态</a>')</script>",
        "<script>$('#menu').load('/menu.html')</script>",
        "<script>document.write('<script src=\"/js/menu.js\"><\\/script>')</script>",
        "<script>$.getJSON('/api/menu', fill)</script>",
        "<ul><li v-for='one in menu'></li></ul>",
        "<ul>{{menu}}</ul>",
    ],
)
def test_a_script_that_may_draw_links_is_told(code: str) -> None:
    assert draws_links(sight(code))


@pytest.mark.parametrize(
    "code",
    [
        "",
        '<script src="/js/jquery-1.12.4.min.js"></script>',
        '<script src="/lib/swiper-bundle.min.js?3"></script>',
        '<script src="http://count.example.cn/h.js"></script>',
        "<script>var now = new Date(); document.write(now.getFullYear() + '年')</script>",
        "<script>document.getElementById('clock').innerHTML = tell()</script>",
        "<script>document.write(unescape(\"%3Cscript src='http://mark.example.cn/m.js'%3E%3C/script%3E\"))</script>",
        "<!-- <script src='/js/menu.js'></script> -->",
    ],
)
def test_a_library_a_clock_or_the_mark_of_another_is_no_menu(code: str) -> None:
    assert not draws_links(sight(code))


@pytest.mark.parametrize(
    ("page", "script", "draws"),
    [
        ("http://www.yunlan.com.example/", "http://js.yunlan.com.example/a.js", True),
        ("http://www.yunlan.com.example/", "http://other.com.example/a.js", False),
        ("http://jyj.yunlan.com.example/", "http://yunlan.com.example/a.js", True),
        ("http://yunlan.example/", "http://other.example/a.js", False),
    ],
)
def test_the_hosts_of_one_city_are_a_family_those_of_all_offices_are_none(
    page: str, script: str, draws: bool
) -> None:
    assert draws_links(sight(f'<script src="{script}"></script>', page)) is draws
