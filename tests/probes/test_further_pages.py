"""Lists of several pages: turned only where the first cannot decide, within the budget, never another's."""

from __future__ import annotations

import pytest

from tests.fakes.government_site import COLUMN
from tests.fakes.website import Answer, FakeWebsite, html, moved
from tests.probes.looks import probe, target
from tracker.domain.columns import WalkLimits
from tracker.probes import Observation, Verdict
from tracker.probes.pager import is_page_of

MENU = "".join(f'<li><a href="/{n}/">第{name}栏</a></li>' for n, name in enumerate("甲乙丙丁戊"))
OLD = ("2018-05-01", "2019-05-01")  # rising: the order says nothing of what follows
FRESH = "2021-09-09"
FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">{COLUMN}</a></li></ul>')
    for n in range(5):
        site[f"/{n}/"] = html(f'<ul>{MENU}</ul><p><a href="/{n}/9.html">别的栏目的文件</a> 2021-03-01</p>')
    return site


def page(site: FakeWebsite, name: str, days: tuple[str, ...], pager: str = "", title: str = COLUMN) -> None:
    """One page of the list, each document with a page of its own."""
    rows = ""
    for day in days:
        link = f"/zw/dt/{day.replace('-', '')}.html"
        rows += f'<p><a href="{link}">某一天发布的文件</a> {day}</p>'
        site[link] = html(f"<ul>{MENU}</ul><p>正文若干</p>")
    site[f"/zw/dt/{name}"] = html(f"<ul>{MENU}</ul>{rows}{pager}", title=f"{title}-云澜市测试局")


def look(
    site: FakeWebsite, problem_class: str = "stale_column", limits: WalkLimits | None = None
) -> Observation:
    eyes = probe(limits or WalkLimits(pause_seconds=0))
    return eyes.look(target(problem_class, site.url("/")))


def asked(site: FakeWebsite, start: str = "/zw/dt/index_") -> list[str]:
    return [request.path for request in site.requests if request.path.startswith(start)]


NEXT = '<a href="index_2.html">下一页</a>'


@pytest.mark.parametrize(
    ("second", "verdict"), [((FRESH,), FIXED), (("2020-01-01",), NOT_FIXED)], ids=["fresh", "stale"]
)
def test_a_list_with_the_oldest_in_front_is_read_to_its_end(
    site: FakeWebsite, second: tuple[str, ...], verdict: Verdict
) -> None:
    page(site, "", OLD, NEXT)
    page(site, "index_2.html", second, '<a href="./">上一页</a><a href="#">下一页</a>')
    assert look(site).verdict is verdict


def test_a_first_page_with_a_fresh_document_is_not_turned(site: FakeWebsite) -> None:
    page(site, "", (FRESH, "2020-01-01"), NEXT)
    page(site, "index_2.html", ("2018-01-01",))
    assert look(site).verdict is FIXED
    assert asked(site) == []


FALLING = ("2020-02-02", "2019-01-01")


def test_a_first_page_that_falls_is_believed_when_the_next_one_has_nothing_newer(site: FakeWebsite) -> None:
    page(site, "", FALLING, f'{NEXT}<a href="index_9.html">尾页</a>')
    page(site, "index_2.html", ("2018-01-01",), '<a href="index_3.html">下一页</a>')
    assert look(site).verdict is NOT_FIXED
    assert asked(site) == ["/zw/dt/index_2.html"]


def test_a_first_page_pinned_as_a_whole_hides_nothing(site: FakeWebsite) -> None:
    """An icon says so, which nobody can read."""
    page(site, "", FALLING, NEXT)
    page(site, "index_2.html", (FRESH, "2021-09-01"))
    assert look(site).verdict is FIXED
    page(site, "index_2.html", ("2021-08-01", "2021-07-01"), '<a href="index_3.html">下一页</a>')
    site["/zw/dt/index_3.html"] = Answer(b"", status=500)
    assert look(site).verdict is UNSURE


@pytest.mark.parametrize(
    "pager",
    [NEXT, '<a href="javascript:next()">下一页</a>', '<a href="./?p=1">1</a><a href="index_2.html">2</a>'],
    ids=["gone", "script", "only itself"],
)
def test_an_order_that_no_second_page_confirms_proves_nothing(site: FakeWebsite, pager: str) -> None:
    page(site, "", FALLING, pager)
    page(site, "?p=1", FALLING, pager)
    site["/zw/dt/index_2.html"] = Answer(b"", status=404)
    assert look(site).verdict is UNSURE


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        (("2012-09-08", "2021-07-01", "2021-06-28"), UNSURE),
        (("2012-09-08", "2012-09-06", "2021-07-01", "2021-06-28"), UNSURE),
        (("2011-08-20", "2021-07-01", "2021-06-28"), UNSURE),
        (("2012-06-01", "2021-07-01", "2021-06-28"), NOT_FIXED),
        (("2018-05-04", "2021-07-01", "2021-06-28"), NOT_FIXED),
        (("2012-12-08", "2021-07-01", "2021-06-28"), NOT_FIXED),
        (("2021-07-01", "2021-06-28", "2012-09-08"), NOT_FIXED),
        (("2018-05-01", "2019-03-01", "2019-05-01"), NOT_FIXED),
    ],
)
def test_a_year_that_may_be_a_slip_of_the_hand_proves_nothing_old(
    site: FakeWebsite, days: tuple[str, ...], verdict: Verdict
) -> None:
    page(site, "", days)
    assert look(site).verdict is verdict


def test_a_first_page_of_pinned_documents_says_nothing_of_the_order(site: FakeWebsite) -> None:
    """They fall as a list sorted by day would; the newest stands on the second page."""
    rows = "".join(
        f'<p>[置顶] <a href="/zw/dt/{n}.html">某一项长期公开的文件</a> 201{n}-01-01</p>' for n in (9, 8, 7)
    )
    site["/zw/dt/"] = html(f"<ul>{MENU}</ul>{rows}{NEXT}", title=COLUMN)
    page(site, "index_2.html", (FRESH, "2021-09-01"))
    site["/zw/dt/index_2.html"] = html(
        f'<ul>{MENU}</ul><p><a href="/zw/dt/t.html">某一天发布的文件</a> {FRESH}</p>', title=COLUMN
    )
    for name in ("9", "8", "7", "t"):
        site[f"/zw/dt/{name}.html"] = html(f"<ul>{MENU}</ul><p>正文若干</p>")
    assert look(site).verdict is FIXED


def test_the_last_page_is_turned_first_and_a_fresh_one_ends_the_turning(site: FakeWebsite) -> None:
    page(site, "", OLD, f'{NEXT}<a href="index_9.html">尾页</a>')
    page(site, "index_9.html", (FRESH,))
    seen = look(site)
    assert seen.verdict is FIXED
    assert asked(site) == ["/zw/dt/index_9.html"]
    assert seen.evidence["final_url"] == site.url("/zw/dt/index_9.html"), (
        "the page that decided is the evidence"
    )


def test_an_empty_column_is_filled_by_a_further_page_and_hollow_only_when_all_are_seen(
    site: FakeWebsite,
) -> None:
    page(site, "", (), NEXT)
    page(site, "index_2.html", ("2019-05-01",))
    assert look(site, "empty_column").verdict is FIXED
    site["/zw/dt/index_2.html"] = Answer(b"", status=500)
    assert look(site, "empty_column").verdict is UNSURE


@pytest.mark.parametrize(
    "second",
    [
        Answer(b"", status=500),
        Answer(b"", status=404),
        moved("http://10.0.0.1/"),
        moved("/"),
        html(f"<ul>{MENU}</ul>", title="登录"),
    ],
    ids=["broken", "gone", "internal", "the start", "sign-in"],
)
def test_a_page_that_cannot_be_turned_leaves_it_open(site: FakeWebsite, second: Answer) -> None:
    page(site, "", OLD, NEXT)
    site["/zw/dt/index_2.html"] = second
    assert look(site).verdict is UNSURE


def test_a_next_page_of_another_name_is_not_the_columns(site: FakeWebsite) -> None:
    page(site, "", OLD, NEXT)
    page(site, "index_2.html", (FRESH,), title="全市要闻")
    for problem_class in ("stale_column", "empty_column"):
        assert FRESH not in str(look(site, problem_class).evidence["found"])
    assert look(site).verdict is UNSURE


@pytest.mark.parametrize("link", ["/elsewhere/2.html", "http://www.example.com/zw/dt/index_2.html"])
def test_a_next_page_elsewhere_is_not_turned(site: FakeWebsite, link: str) -> None:
    page(site, "", OLD, f'<a href="{link}">下一页</a>')
    site["/elsewhere/2.html"] = html(f'<a href="/x.html">某一天发布的文件</a> {FRESH}', title=COLUMN)
    assert look(site).verdict is UNSURE
    assert asked(site, "/elsewhere") == []


def test_a_side_bar_of_every_page_is_none_of_a_further_pages_either(site: FakeWebsite) -> None:
    side = f'<li><a href="/yw/7.html">一条全市的重要消息</a> {FRESH}</li>'
    site["/yw/7.html"] = html(f"<ul>{MENU}</ul>")
    for n in range(5):
        site[f"/{n}/"] = html(f"<ul>{MENU}</ul>{side}")
    page(site, "", OLD, NEXT + side)
    page(site, "index_2.html", ("2019-06-01",), side)
    assert look(site).verdict is not FIXED


def test_the_turning_ends_with_its_own_limit_and_with_the_budget(site: FakeWebsite) -> None:
    page(site, "", OLD, NEXT)
    for n in range(2, 40):
        page(
            site, f"index_{n}.html", (f"2019-05-{n % 28 + 1:02}",), f'<a href="index_{n + 1}.html">下一页</a>'
        )
    assert look(site, limits=WalkLimits(pause_seconds=0, list_pages=4)).verdict is UNSURE
    assert len(asked(site)) == 4
    site.requests.clear()
    assert look(site, limits=WalkLimits(pause_seconds=0, list_pages=99, pages=20)).verdict is UNSURE
    assert 4 < len(asked(site)) < 20


def test_pages_that_lead_round_in_a_circle_end(site: FakeWebsite) -> None:
    page(site, "", OLD, NEXT)
    page(site, "index_2.html", ("2019-06-01",), '<a href="index_3.html">下一页</a>')
    page(site, "index_3.html", ("2019-07-01",), '<a href="index_2.html">下一页</a>')
    assert look(site).verdict is NOT_FIXED
    assert asked(site) == ["/zw/dt/index_2.html", "/zw/dt/index_3.html"]


@pytest.mark.parametrize(
    ("link", "is_page"),
    [
        ("http://a.example.cn/dt/index_2.html", True),
        ("http://a.example.cn/dt/2.shtml", True),
        ("http://a.example.cn/dt/?page=2", True),
        ("http://a.example.cn/dt/", False),
        ("http://a.example.cn/dt/sub/2.html", False),
        ("http://a.example.cn/2.html", False),
        ("http://b.example.cn/dt/index_2.html", False),
    ],
)
def test_a_page_of_a_list_differs_from_the_first_by_its_number(link: str, is_page: bool) -> None:
    assert is_page_of(link, "http://a.example.cn/dt/") is is_page


@pytest.mark.parametrize(
    ("link", "is_page"),
    [
        ("/gzdt/2.htm", True),
        ("/gzdt_2.htm", True),
        ("/tzgg/2.htm", False),
        ("/gzdtxx.htm", False),
        ("/gzdt.htm", False),
    ],
)
def test_pages_in_a_folder_named_as_the_first_page_are_its_own(link: str, is_page: bool) -> None:
    first = "http://a.example.cn/gzdt.htm"
    assert is_page_of(f"http://a.example.cn{link}", first) is is_page
