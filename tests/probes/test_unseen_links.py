"""Links that a walk cannot read: behind pictures and scripts, or on another site.

Nothing is said to be absent, nor an old name to be gone, while one of them was not followed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes.government_site import COLUMN, FORMER
from tests.fakes.website import FakeWebsite, html
from tests.probes.looks import probe, target
from tracker.probes import Observation, Verdict
from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.fetch import Page
from tracker.probes.judging import Reason

pytestmark = pytest.mark.slow

MENU = "".join(
    f'<li><a href="/{n}/">{name}</a></li>'
    for n, name in enumerate(["机构职能", "领导信息", "办事", "互动", "政策"])
)
BY_PICTURE = '<a href="/dt/"><img src="dt.gif"></a>'
BY_SCRIPT = '<script src="/js/menu.js"></script>'
NAMELESS = {
    "picture": BY_PICTURE,
    "more": '<h3><img src="t.gif"></h3><a href="/dt/">更多&gt;&gt;</a>',
    "select": '<select onchange="location=this.value"><option value="/dt/">动态</option></select>',
    "click": "<div onclick=\"location.href='/dt/'\"><i></i></div>",
}
UNREADABLE = {
    "script file": BY_SCRIPT,
    "script": "<script>document.write('<a href=\"/dt/\">动态</a>')</script>",
    "platform elsewhere": '<a href="http://portal.example.cn/jyj/">政府信息公开</a>',
    "call": '<a href="javascript:show(3)">政务专题</a>',
    "photographs": "".join(f'<a href="/photo/{n}/"><img src="{n}.jpg"></a>' for n in range(21)),
}


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    for n in range(5):
        site[f"/{n}/"] = html(f'<ul>{MENU}</ul><p><a href="/{n}/9.html">另一栏目的文件</a> 2021-03-01</p>')
    return site


def start(site: FakeWebsite, body: str) -> None:
    site["/"] = html(f"<ul>{MENU}</ul>{body}")


def document(path: str) -> str:
    return f'<p><a href="{path}t20210901_1.html">一份有些内容的文件</a> 2021-09-01</p>'


def column(site: FakeWebsite, path: str, title: str) -> None:
    site[path] = html(f"<ul>{MENU}</ul>{document(path)}", title=f"{title}-云澜市测试局")


def look(site: FakeWebsite, problem_class: str, render: Callable[[str], Page] | None = None) -> Observation:
    return replace(probe(), render=render).look(target(problem_class, site.url("/")))


def judged(seen: Observation) -> tuple[Verdict, object]:
    return seen.verdict, seen.evidence["reason"]


@pytest.mark.parametrize("way", NAMELESS)
@pytest.mark.parametrize("problem_class", ["missing_column", "wrong_column"])
def test_a_column_behind_a_nameless_link_is_found_and_for_a_person(
    site: FakeWebsite, problem_class: str, way: str
) -> None:
    start(site, NAMELESS[way])
    column(site, "/dt/", COLUMN)
    assert judged(look(site, problem_class)) == (Verdict.UNSURE, Reason.UNLINKED)
    start(site, f'{NAMELESS[way]}<a href="/dt/">{COLUMN}</a>')
    assert judged(look(site, problem_class)) == (Verdict.FIXED, Reason.FOUND)


def test_what_a_column_behind_a_nameless_link_holds_is_judged(site: FakeWebsite) -> None:
    start(site, BY_PICTURE)
    column(site, "/dt/", COLUMN)
    site["/dt/t20210901_1.html"] = html(f"<ul>{MENU}</ul><p>正文</p>")
    assert judged(look(site, "empty_column")) == (Verdict.FIXED, Reason.FILLED)


@pytest.mark.parametrize("way", NAMELESS)
def test_a_nameless_link_that_leads_to_another_column_leaves_the_walk_complete(
    site: FakeWebsite, way: str
) -> None:
    start(site, NAMELESS[way])
    column(site, "/dt/", "图片新闻")
    assert judged(look(site, "missing_column")) == (Verdict.NOT_FIXED, Reason.ABSENT)


def test_a_page_without_a_title_behind_a_nameless_link_may_be_the_column(site: FakeWebsite) -> None:
    start(site, BY_PICTURE)
    site["/dt/"] = html(f"<ul>{MENU}</ul>{document('/dt/')}")
    assert judged(look(site, "missing_column")) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)


def test_a_picture_on_a_page_of_documents_is_not_followed(site: FakeWebsite) -> None:
    """Only the pages that announce columns are read so closely; elsewhere a picture leads to a document."""
    start(site, "")
    site["/3/"] = html(f'<ul>{MENU}</ul><a href="/3/photo/"><img src="a.gif"></a>')
    assert judged(look(site, "missing_column")) == (Verdict.NOT_FIXED, Reason.ABSENT)
    assert "/3/photo/" not in [request.path for request in site.requests]


@pytest.mark.parametrize("way", UNREADABLE)
def test_nothing_is_absent_while_links_cannot_be_read(site: FakeWebsite, way: str) -> None:
    start(site, UNREADABLE[way])
    seen = look(site, "missing_column")
    assert judged(seen) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)
    assert "（）" not in str(seen.evidence["summary"])


def test_a_catalogue_that_a_script_draws_on_the_page_of_publishing_may_hold_the_column(
    site: FakeWebsite,
) -> None:
    start(site, '<a href="/zwgk/">政府信息公开</a>')
    site["/zwgk/"] = html(f"<ul>{MENU}</ul>{BY_SCRIPT}")
    assert judged(look(site, "missing_column")) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)


@pytest.mark.parametrize("way", UNREADABLE)
def test_an_old_name_is_not_known_to_be_gone_while_links_cannot_be_read(site: FakeWebsite, way: str) -> None:
    start(site, f'<a href="/dt/">{COLUMN}</a>{UNREADABLE[way]}')
    column(site, "/dt/", COLUMN)
    assert judged(look(site, "wrong_column")) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)


@pytest.mark.parametrize("way", NAMELESS)
def test_an_old_name_behind_a_nameless_link_is_seen(site: FakeWebsite, way: str) -> None:
    start(site, f'<a href="/new/">{COLUMN}</a>{NAMELESS[way]}')
    column(site, "/new/", COLUMN)
    column(site, "/dt/", FORMER)
    assert judged(look(site, "wrong_column")) == (Verdict.UNSURE, Reason.FORMER_NAME)


def drawing(site: FakeWebsite, menu: str) -> Callable[[str], Page]:
    """A browser that shows the start with what its script writes."""

    def render(url: str) -> Page:
        text = site.body("/").replace("</body>", f"{menu}</body>")
        return Page(url, 200, "text/html", text, "cd" * 32)

    return render


@pytest.mark.parametrize(
    ("menu", "expected"),
    [
        (f'<a href="/dt/">{COLUMN}</a>', (Verdict.FIXED, Reason.FOUND)),
        (BY_PICTURE, (Verdict.UNSURE, Reason.UNLINKED)),
        ("", (Verdict.NOT_FIXED, Reason.ABSENT)),
    ],
    ids=["named", "picture", "nothing"],
)
def test_a_browser_shows_what_a_script_adds_to_the_menu(
    site: FakeWebsite, menu: str, expected: tuple[Verdict, Reason]
) -> None:
    start(site, BY_SCRIPT)
    column(site, "/dt/", COLUMN)
    assert judged(look(site, "missing_column", drawing(site, menu))) == expected


def test_a_browser_shows_that_an_old_name_is_gone_or_not(site: FakeWebsite) -> None:
    start(site, f'<a href="/dt/">{COLUMN}</a>{BY_SCRIPT}')
    column(site, "/dt/", COLUMN)
    column(site, "/old/", FORMER)
    gone, there = drawing(site, ""), drawing(site, f'<a href="/old/">{FORMER}</a>')
    assert judged(look(site, "wrong_column", gone)) == (Verdict.FIXED, Reason.FOUND)
    assert judged(look(site, "wrong_column", there)) == (Verdict.NOT_FIXED, Reason.FORMER_NAME)


def test_a_browser_that_fails_or_shows_less_proves_nothing(site: FakeWebsite) -> None:
    start(site, BY_SCRIPT)

    def fails(url: str) -> Page:
        raise FetchError(FetchReason.TIMEOUT)

    def blank(url: str) -> Page:
        return Page(url, 200, "text/html", "<p>加载中</p>", "cd" * 32)

    for render in (fails, blank):
        assert judged(look(site, "missing_column", render)) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)


def test_a_drawing_that_lacks_what_a_script_asked_for_proves_no_absence(site: FakeWebsite) -> None:
    start(site, BY_SCRIPT)

    def render(url: str) -> Page:
        return replace(drawing(site, "")(url), lacks=True)

    assert judged(look(site, "missing_column", render)) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)


def test_no_more_than_three_pages_are_drawn(site: FakeWebsite) -> None:
    names = ["政府信息公开", "政务公开", "重点领域", "公开指南"]
    start(site, BY_SCRIPT + "".join(f'<a href="/p{n}/">{name}</a>' for n, name in enumerate(names)))
    for n, name in enumerate(names):
        site[f"/p{n}/"] = html(f"<ul>{MENU}</ul>{BY_SCRIPT}", title=name)
    asked: list[str] = []

    def render(url: str) -> Page:
        asked.append(url)
        return drawing(site, "")(url)

    assert judged(look(site, "missing_column", render)) == (Verdict.UNSURE, Reason.NOT_SEEN_WHOLE)
    assert len(asked) == 3
