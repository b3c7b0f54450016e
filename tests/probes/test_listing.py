"""What a page lists: documents, their dates in every markup, and the way to further pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from tracker.probes import listing
from tracker.probes.listing import read_listing

TODAY, DAY = date(2021, 7, 26), date(2021, 7, 23)
BASE = "http://www.yunlan.invalid/zwgk/gzdt/index.html"
TITLE = "一份有些内容的文件"


@pytest.mark.parametrize(
    "markup",
    [
        f'<li><a href="a.html">{TITLE}</a><span>2021-07-23</span></li><li><a href="b.html">乙</a></li>',
        f'<li>[2021-07-23] <a href="a.html">{TITLE}</a></li><li><a href="b.html">乙</a></li>',
        f'<li><a href="a.html">{TITLE} <i>2021-07-23</i></a></li>',
        f'<li><a href="a.html">{TITLE}(2021-07-23)</a></li>',
        f'<li><a href="/t/">分类</a><a href="a.html">{TITLE}</a>2021年7月23日</li>',
        f'<table><tr><td>1<td><a href="a.html">{TITLE}</a><td>2021.07.23<tr><td>2</table>',
        f'<dl><dt><a href="a.html">{TITLE}</a></dt><dd>3天前</dd></dl>',
        f'<div><p><a href="a.html">{TITLE}</a></p><p>2021-07-23</p></div><div><a href="b.html">乙</a></div>',
        f'<li><a href="a.html" title="{TITLE}">一份…</a>2021-07-23</li>',
        '<li><a href="a.html"><em>一份</em>有些内容<br>的文件</a>2021-07-23</li>',
    ],
)
def test_a_document_has_the_date_that_stands_beside_it(markup: str) -> None:
    first = next(
        entry for entry in read_listing(markup, BASE, TODAY).entries if entry.link.endswith("a.html")
    )
    assert (first.title, first.link, first.dates) == (
        TITLE,
        "http://www.yunlan.invalid/zwgk/gzdt/a.html",
        (DAY,),
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<li><a href="a.html">关于2021年7月23日停水的通知公告</a></li>',
        '<div>今天是2021年7月23日</div><a href="a.html">一份很有些内容的文件</a>',
        '<li><a href="a.html">一份很有些内容的文件</a><script>var day="2021-07-23"</script></li>',
        '<!-- <li>2021-07-23 --><a href="a.html">一份很有些内容的文件</a>',
    ],
)
def test_other_dates_are_none_of_a_documents(markup: str) -> None:
    [entry] = read_listing(markup, BASE, TODAY).entries
    assert entry.dates == ()


@pytest.mark.parametrize(
    "markup",
    [
        f'<li><a href="a.html">{TITLE}一</a>{"正文" * 3000}2021-07-23</li>',
        f'<li><a href="a.html">{TITLE}一</a>{"<b></b>" * 300}2021-07-23</li>',
        f'<a href="a.html">{TITLE}一<br>{"<i></i>" * 60}<i>2021-07-23</i></a>',
    ],
    ids=["signs", "elements", "elements in the link"],
)
def test_what_is_too_large_is_no_row_of_a_list(markup: str) -> None:
    [entry] = read_listing(markup, BASE, TODAY).entries
    assert entry.dates == ()


def test_dates_of_list_and_address_both_count() -> None:
    [entry] = read_listing(f'<li><a href="t20190801_1.html">{TITLE}</a>2021-07-23</li>', BASE, TODAY).entries
    assert entry.dates == (DAY, date(2019, 8, 1))


def test_hidden_entries_are_known_to_be_hidden_and_navigation_is_none() -> None:
    hidden = f'<ul hidden><li><a href="a.html">{TITLE}</a> 2021-07-23</li></ul>'
    markup = f'<a href="/">首页</a>{hidden}<a href="#">{TITLE}</a>'
    [entry] = read_listing(markup, BASE, TODAY).entries
    assert not entry.shown


def test_further_pages_are_told_and_those_of_scripts_noticed() -> None:
    listing = read_listing(
        '<a href="index_1.html">下一页</a><a href="javascript:go(9)">尾页</a>', BASE, TODAY
    )
    assert listing.further == ("http://www.yunlan.invalid/zwgk/gzdt/index_1.html",)
    assert listing.blind_pager


PIECES = [
    "<a href='http://[x'>",
    "<a href=1.html>",
    "</a>",
    "<li>",
    "<tr><td>",
    "<div hidden>",
    "</div>",
    "<!--",
    "<?",
]
PIECES += [
    "2021-07-23",
    "[07-23]",
    "&#x",
    "\0",
    "<script>",
    "<title>",
    "下一页",
    TITLE,
    "<svg>",
    "]]>",
    "<![CDATA[",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_markup_breaks_the_reading(markup: str) -> None:
    assert all(entry.title for entry in read_listing(markup, BASE, TODAY).entries)


def test_thousands_of_links_in_one_place_are_read_in_passable_time() -> None:
    """Quadratic reading would take minutes here; the test only has to end."""
    markup = "<div>" + "".join(f'<a href="{n}.html">{TITLE}{n}</a>' for n in range(20_000)) + "</div>"
    assert len(read_listing(markup, BASE, TODAY).entries) == 2000


@pytest.mark.parametrize(
    ("markup", "times"),
    [
        ("<div>" * 100 + "<b></b>" * 500 + '<a href="1.html"></a>' * 100 + "</div>" * 100, 3),
        ("<div>" * 100 + f'<a href="1.html">{TITLE}</a>' * 100 + "</div>" * 100, 3),
        ("<ul>" + f'<li><a href="1.html">{TITLE}</a>{"字" * 200}' * 100 + "</ul>", 3),
        ("".join(f'<a href="{n}.html"><div>' for n in range(100)) + TITLE * 500, 200),
        ("".join(f'<a href="{n}.html"><div>' for n in range(100)) + TITLE * 5000, 3),
    ],
    ids=["same address", "same address with words", "rows", "links in links", "long links in links"],
)
def test_no_part_of_a_page_is_gathered_again_and_again(
    markup: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was gathered for every link, of all that it lies in, is measured once for all of them."""
    gathered: list[int] = []

    def counted(gather: Callable[[HtmlElement], object]) -> Callable[[HtmlElement], object]:
        def count(element: HtmlElement) -> object:
            gathered.append(sum(1 for _ in element.iter()) + len(element.text_content()))
            return gather(element)

        return count

    for name in ("words_of", "_texts_outside"):
        monkeypatch.setattr(listing, name, counted(getattr(listing, name)))
    read_listing(markup, BASE, TODAY)
    assert sum(gathered) <= times * len(markup)
