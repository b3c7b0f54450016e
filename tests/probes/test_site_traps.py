"""What sites do that could deceive a check: forged and half dates, hidden lists, neighbours' columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_network

import pytest

from tests.fakes.government_site import COLUMN, LAYOUTS, State, build
from tests.fakes.website import Answer, FakeWebsite, html, moved
from tests.probes.looks import HURRIED, LOCAL, probe, target
from tracker.domain.columns import ColumnRules, WalkLimits
from tracker.probes import Observation, Verdict
from tracker.probes.judging import Reason

pytestmark = pytest.mark.slow

MENU = "".join(
    f'<li><a href="/{n}/">{name}</a></li>'
    for n, name in enumerate(["机构职能", "领导信息", "办事", "互动", "政策"])
)
OLD = '<p><a href="/zw/dt/1.html">一份从前的文件</a> 2019-05-01</p>'


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">{COLUMN}</a></li></ul>')
    for n in range(5):
        site[f"/{n}/"] = html(f'<ul>{MENU}</ul><p><a href="/{n}/9.html">另一栏目的文件</a> 2021-03-01</p>')
    site["/zw/dt/1.html"] = site["/zw/dt/2.html"] = html(f"<ul>{MENU}</ul><p>正文</p>")
    return site


def column(site: FakeWebsite, body: str) -> None:
    site["/zw/dt/"] = html(f"<ul>{MENU}</ul>{body}")


def look(site: FakeWebsite, problem_class: str = "stale_column", text: str | None = None) -> Observation:
    return probe().look(target(problem_class, site.url("/"), text))


def row(day: str, link: str = "/zw/dt/2.html", title: str = "一份新的文件") -> str:
    return f'<p><a href="{link}">{title}</a> {day}</p>'


@pytest.mark.parametrize(
    ("body", "verdict", "reason"),
    [
        (row("2021-09-09") + OLD, Verdict.FIXED, Reason.FRESH),
        (row("2021-08-27") + OLD, Verdict.UNSURE, Reason.ON_THE_EDGE),
        (row("2021-08-26") + OLD, Verdict.NOT_FIXED, Reason.STALE),
        (row("[09-09]") + OLD, Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (row("2021-09-11") + OLD, Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (row("2021-09-09", "/zw/dt/t20190801_2.html") + OLD, Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (f"<div style='display:none'>{row('2021-09-09')}</div>{OLD}", Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (row("", title="关于2021年9月9日停水的通知") + OLD, Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (row("2021-09-09", "http://www.example.com/x.html") + OLD, Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (OLD + '<a href="index_1.html">下一页</a>', Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (OLD + '<a href="javascript:next()">下一页</a>', Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (row("2019-06-01") + OLD + '<a href="index_5.html">下一页</a>', Verdict.NOT_FIXED, Reason.STALE),
        (row("2019-06-01") + OLD + '<a href="index_1.html">下一页</a>', Verdict.UNSURE, Reason.DATE_UNCLEAR),
        (OLD + "<script>$.ajax('/more')</script>", Verdict.UNSURE, Reason.DATE_UNCLEAR),
    ],
)
def test_a_date_counts_only_when_nothing_speaks_against_it(
    site: FakeWebsite, body: str, verdict: Verdict, reason: Reason
) -> None:
    column(site, body)
    site["/zw/dt/t20190801_2.html"] = html(MENU)
    site["/zw/dt/index_5.html"] = html(f"<ul>{MENU}</ul>{row('2019-04-01', '/zw/dt/5.html')}")
    seen = look(site)
    assert (seen.verdict, seen.evidence["reason"]) == (verdict, reason), seen.evidence


@pytest.mark.parametrize(
    "says",
    ['<meta name="PubDate" content="2019-03-01">', "<p>发布时间：2019年3月1日</p>"],
    ids=["head", "words"],
)
def test_a_list_that_claims_today_is_held_against_the_document_itself(site: FakeWebsite, says: str) -> None:
    column(site, row("2021-09-09") + OLD)
    site["/zw/dt/2.html"] = html(f"{says}<ul>{MENU}</ul>")
    assert look(site).verdict is Verdict.UNSURE


def test_what_was_there_before_the_bulletin_is_no_fix(site: FakeWebsite) -> None:
    column(site, row("2021-09-09") + OLD)
    seen = probe().look(target("stale_column", site.url("/"), issued_on=date(2021, 9, 10)))
    assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.BEFORE_THE_LIST)


def test_without_a_limit_nobody_can_say(site: FakeWebsite) -> None:
    column(site, row("2021-09-09") + OLD)
    seen = probe(rules=ColumnRules()).look(target("stale_column", site.url("/")))
    assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.NO_LIMIT)


def test_a_synonym_is_the_column(site: FakeWebsite) -> None:
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">部门动态</a></li></ul>')
    column(site, OLD)
    assert look(site, "missing_column").verdict is Verdict.FIXED
    assert (
        probe(rules=ColumnRules()).look(target("missing_column", site.url("/"))).verdict is not Verdict.FIXED
    )


def test_the_column_is_found_two_levels_down_and_by_the_map_of_the_site(site: FakeWebsite) -> None:
    site["/"] = html(f'<ul>{MENU}<li><a href="/map/">网站地图</a></li></ul>')
    site["/map/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">{COLUMN}</a></li></ul>')
    column(site, OLD)
    seen = look(site, "missing_column")
    assert seen.verdict is Verdict.FIXED
    asked = [request.path for request in site.requests]
    assert asked[1:3] == ["/", "/map/"]


def test_a_neighbours_column_on_the_same_host_is_not_the_units_own() -> None:
    with FakeWebsite() as site:
        menu = MENU.replace('href="/', 'href="/jyj/')
        site["/jyj/"] = html(f'<ul>{menu}</ul><a href="/tjj/">统计局</a>')
        for n in range(5):
            site[f"/jyj/{n}/"] = html(f"<ul>{menu}</ul>")
        site["/tjj/"] = html(f'<ul>{MENU}</ul><a href="/tjj/dt/">{COLUMN}</a>')
        seen = probe().look(target("missing_column", site.url("/jyj/")))
        assert seen.verdict is Verdict.NOT_FIXED
        assert not [request for request in site.requests if request.path.startswith("/tjj/")]


def test_a_link_to_another_site_is_not_the_units_own_column(site: FakeWebsite) -> None:
    site["/"] = html(f'<ul>{MENU}<li><a href="http://www.example.com/dt/">{COLUMN}</a></li></ul>')
    seen = look(site, "missing_column")
    assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.ELSEWHERE)


def test_a_budget_that_is_spent_proves_no_absence(site: FakeWebsite) -> None:
    site["/"] = html(f"<ul>{MENU}</ul>")
    limits = WalkLimits(pages=3, pause_seconds=0)
    seen = probe(limits).look(target("missing_column", site.url("/")))
    assert (seen.verdict, seen.evidence["pages"]) == (Verdict.UNSURE, 3)
    assert probe(HURRIED).look(target("missing_column", site.url("/"))).verdict is Verdict.NOT_FIXED


def test_of_two_columns_the_worse_decides_and_an_open_list_is_never_fixed(site: FakeWebsite) -> None:
    column(site, row("2021-09-09") + OLD)
    both = look(site, "stale_column", "工作动态、机构动态栏目长期不更新")
    more = look(site, "stale_column", "工作动态等3个栏目长期不更新")
    assert (both.verdict, more.verdict) == (Verdict.UNSURE, Verdict.UNSURE)
    column(site, OLD)
    assert look(site, "stale_column", "工作动态等3个栏目长期不更新").verdict is Verdict.NOT_FIXED


def test_a_platform_is_there_or_not(site: FakeWebsite) -> None:
    assert look(site, "platform_missing").verdict is not Verdict.FIXED
    column(site, OLD)
    assert look(site, "platform_missing").verdict is Verdict.NOT_FIXED
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">乡镇政务公开平台</a></li></ul>')
    assert look(site, "platform_missing").verdict is Verdict.FIXED


def test_a_search_that_is_said_to_be_poor_is_for_a_person() -> None:
    with FakeWebsite() as site:
        url = build(site, LAYOUTS[0], State.GOOD)
        seen = probe().look(target("platform_missing", url, "网站搜索功能不完善，无法搜索到政策类资源。"))
        assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.NO_COLUMN_NAMED)
        assert site.requests == []


def test_a_greeting_without_documents_fills_no_column(site: FakeWebsite) -> None:
    column(site, f"<p>{'欢迎浏览本栏目，这里将为您提供最新的消息。' * 10}</p>")
    assert look(site, "empty_column").verdict is Verdict.UNSURE


@pytest.mark.parametrize(
    "words",
    [
        "您的访问被拦截，请稍后再试",
        "系统繁忙，请稍后再试。系统正在升级维护，给您带来不便敬请谅解。",
        "访问过于频繁",
    ],
)
def test_a_firewalls_answer_in_the_frame_of_the_site_is_no_empty_column(
    site: FakeWebsite, words: str
) -> None:
    column(site, f"<div>{words}</div>")
    seen = look(site, "empty_column")
    assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.COLUMN_UNSEEN)


def test_a_box_that_says_so_on_a_page_with_text_of_its_own_does_not_matter(site: FakeWebsite) -> None:
    column(
        site, f"{row('2021-09-09')}<p>{'本栏目发布我局的工作动态。' * 20}</p><div>提交失败，请稍后再试</div>"
    )
    assert look(site).verdict is Verdict.FIXED


def test_a_useful_link_beside_an_empty_list_fills_no_column(site: FakeWebsite) -> None:
    column(
        site,
        '<a href="http://www.example.com/">云澜市人民政府门户网站集群</a>'
        '<a href="/x/">本栏目使用帮助和常见问题</a>',
    )
    site["/x/"] = html(f"<ul>{MENU}</ul>")
    assert look(site, "empty_column").verdict is not Verdict.FIXED


def test_a_column_that_sends_its_visitors_to_another_site_is_not_the_units_own(site: FakeWebsite) -> None:
    site["/zw/dt/"] = moved(site.url("/elsewhere/", "localhost"))
    site["/elsewhere/"] = html(f"<ul>{MENU}</ul>{row('2021-09-09')}")
    eyes = probe(policy=replace(LOCAL, allowed_networks=(*LOCAL.allowed_networks, ip_network("::1/128"))))
    for problem_class in ("missing_column", "empty_column", "stale_column"):
        assert eyes.look(target(problem_class, site.url("/"))).verdict is Verdict.UNSURE


def test_links_beyond_the_depth_leave_a_walk_incomplete(site: FakeWebsite) -> None:
    site["/"] = html(f"<ul>{MENU}</ul>")
    site["/4/"] = html(f'<ul>{MENU}</ul><a href="/4/sub/">下级栏目</a>')
    site["/4/sub/"] = html(f"<ul>{MENU}</ul>")
    flat, deep = WalkLimits(depth=1, pause_seconds=0), WalkLimits(depth=2, pause_seconds=0)
    assert probe(flat).look(target("missing_column", site.url("/"))).verdict is Verdict.UNSURE
    assert probe(deep).look(target("missing_column", site.url("/"))).verdict is Verdict.NOT_FIXED


@pytest.mark.parametrize(
    "piece", ["<meta http-equiv=refresh ", "<script ", "<iframe src", "<!--", "<a href=x>", "<li>", "{{"]
)
def test_a_hostile_page_costs_little(site: FakeWebsite, piece: str) -> None:
    """A pattern that goes wild on unfinished tags would not end within the lifetime of the test."""
    column(site, piece * (150_000 // len(piece)))
    assert look(site).verdict is not Verdict.FIXED


SIDE = '<div><h3>最新消息</h3><li><a href="/yw/7.html">一条全市的重要消息</a> 2021-09-09</li></div>'


@pytest.mark.parametrize("problem_class", ["stale_column", "empty_column"])
def test_a_fresh_side_bar_of_every_page_is_none_of_the_columns(site: FakeWebsite, problem_class: str) -> None:
    """In flat addresses nothing but the neighbours tells whose a document is."""
    site["/"] = html(f'<ul>{MENU}<li><a href="/list9.html">{COLUMN}</a></li></ul>')
    site["/list9.html"] = html(f"<ul>{MENU}</ul>{SIDE}")
    site["/yw/7.html"] = html(f"<ul>{MENU}</ul>")
    for n in range(5):
        site[f"/{n}/"] = html(f"<ul>{MENU}</ul>{SIDE}")
    assert look(site, problem_class).verdict is not Verdict.FIXED


def test_without_a_neighbour_to_compare_with_nothing_is_surely_the_columns(site: FakeWebsite) -> None:
    column(site, row("2021-09-09"))
    for n in range(5):
        site[f"/{n}/"] = Answer(b"", status=404)
    assert look(site).verdict is Verdict.UNSURE


@pytest.mark.parametrize("problem_class", ["stale_column", "empty_column"])
def test_a_newest_document_that_does_not_open_fixes_nothing(site: FakeWebsite, problem_class: str) -> None:
    column(site, row("2021-09-09"))
    site["/zw/dt/2.html"] = Answer(b"", status=404)
    assert look(site, problem_class).verdict is Verdict.UNSURE
