"""When an account posted last, by a page: the day that the page shows for certain, or none at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

import pytest

from tests.fakes.account_pages import (
    LAYOUTS,
    NAME,
    OF_ANOTHER,
    PLACE,
    PLATFORM,
    STATES,
    AccountState,
    labelled,
    matrix_in_a_table,
    posts,
)
from tests.fakes.government_site import TODAY
from tests.fakes.website import Answer, FakeWebsite, endless, gzip_bomb, html, moved, slow_body
from tests.probes.looks import LOCAL, probe
from tests.support import ZONE
from tracker.probes import LatestPost, Policy

NOW = datetime.combine(TODAY, time(10), ZONE)
FRESH = STATES[1]


def look(site: FakeWebsite, place: str = PLACE, policy: Policy = LOCAL) -> LatestPost:
    return probe(policy=policy).look_at_account(PLATFORM, NAME, site.url(place), NOW)


def own(body: str) -> Answer:
    return html(f"<h1>{NAME}</h1>{body}")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_every_layout_tells_the_day_of_the_last_post(
    site: FakeWebsite, layout: Callable[[FakeWebsite, AccountState], None], state: AccountState
) -> None:
    layout(site, state)
    seen = look(site)
    assert seen.posted_on == state.newest, seen.evidence
    assert seen.is_account is not layout.__name__.startswith("matrix")


def test_the_evidence_says_what_was_seen_and_where(site: FakeWebsite) -> None:
    labelled(site, FRESH)
    evidence = look(site).evidence
    assert evidence["summary"] == "页面所见最近一次更新为 2021-09-07"
    assert (evidence["final_url"], evidence["status"]) == (site.url(PLACE), 200)
    assert len(str(evidence["sha256"])) == 64
    assert evidence["looked_at"] == "2021-09-10T10:00:00+08:00"


@pytest.mark.parametrize(
    "body",
    [
        "<p>2021-09-09</p>",
        "<p>开通时间：2021-09-09</p>",
        "<p>最近更新：09-09</p>",
        "<p>最近更新：2周前</p>",
        "<p>最近更新：2021-09-30</p>",
        "<p>最近更新：敬请期待</p>",
        "<p>本页最后更新：2021-09-09</p>",
        "<p>云澜市测试局版权所有</p><p>最后更新：2021-09-09</p>",
        "<p hidden>最近更新：2021-09-09</p>",
        "<!-- 最近更新：2021-09-09 -->",
        "<script>'最近更新：2021-09-09'</script>",
        "<p>最近更新：2021-09-09</p><p>最近更新：2021-08-01</p>",
        '<li><a href="/1.html">一条写有日期的消息内容</a>2021-09-09</li>',
    ],
)
def test_a_day_that_only_may_be_it_is_none(site: FakeWebsite, body: str) -> None:
    site[PLACE] = own(body)
    site["/1.html"] = own("<p>发布时间：2021-09-09</p>")
    seen = look(site)
    assert seen.posted_on is None, seen.evidence
    assert "请人工查看" in str(seen.evidence["summary"])


@pytest.mark.parametrize("layout", OF_ANOTHER)
def test_a_day_that_may_be_another_accounts_is_none(site: FakeWebsite, layout: str) -> None:
    title, body = OF_ANOTHER[layout]
    site[PLACE] = html(body, title=title)
    seen = look(site)
    assert seen.posted_on is None, seen.evidence
    assert "请人工查看" in str(seen.evidence["summary"])


def test_another_accounts_day_makes_the_own_one_doubtful(site: FakeWebsite) -> None:
    site[PLACE] = own("<p>最近更新：2021-01-04</p><aside>云澜民政 最近更新：2021-09-10</aside>")
    seen = look(site)
    assert seen.posted_on is None
    assert "互相矛盾（2021-01-04、2021-09-10）" in str(seen.evidence["summary"])


def test_a_day_that_may_be_anybodys_is_shown_to_who_looks(site: FakeWebsite) -> None:
    site[PLACE] = own("<p>云澜民政 最近更新：2021-09-10</p>")
    said = str(look(site).evidence["summary"])
    assert said == f"页面上的最近更新日期（2021-09-10）不能确定是账号“{NAME}”的，请人工查看"


def test_a_page_of_another_account_says_nothing(site: FakeWebsite) -> None:
    site[PLACE] = html(f"<h1>云澜教育</h1><p>转发了{NAME}的消息</p><p>最近更新：2021-09-09</p>")
    seen = look(site)
    assert (seen.posted_on, seen.is_account) == (None, False)
    assert f"没有找到账号“{NAME}”" in str(seen.evidence["summary"])


def test_a_fresh_side_bar_over_an_old_list_is_not_the_accounts(site: FakeWebsite) -> None:
    """Both fall, one after the other; the news of others do not bear the account's name."""
    posts(site, STATES[2])
    side = '<ul><li><a href="/hot/1.html">全市今日热点消息汇总</a>2021-09-10</li></ul>'
    site["/hot/1.html"] = html("<p>发布时间：2021-09-10</p>", title="热点")
    site[PLACE] = Answer(site.body(PLACE).replace("<ul>", f"{side}<ul>").encode())
    assert look(site).posted_on is None


def test_a_newest_post_that_says_another_day_or_does_not_open_is_none(site: FakeWebsite) -> None:
    posts(site, FRESH)
    site[f"{PLACE}0.html"] = own("<p>发布时间：2021-01-01</p>")
    assert look(site).posted_on is None
    site[f"{PLACE}0.html"] = Answer(b"", status=404)
    assert look(site).posted_on is None


def test_a_label_that_the_list_contradicts_is_none(site: FakeWebsite) -> None:
    posts(site, FRESH)
    page = site.body(PLACE).replace("<ul>", "<p>最近更新：2021-09-10</p><ul>")
    site[PLACE] = Answer(page.encode())
    seen = look(site)
    assert seen.posted_on is None
    assert "互相矛盾（2021-09-07、2021-09-10）" in str(seen.evidence["summary"])


@pytest.mark.parametrize(
    "rows",
    [
        f"<tr><td>{NAME}</td><td>2021-09-09</td></tr>",
        f"<tr><th>账号</th><th>开通时间</th></tr><tr><td>{NAME}</td><td>2021-09-09</td></tr>",
        f"<tr><th>账号</th><th>最近更新</th></tr><tr hidden><td>{NAME}</td><td>2021-09-09</td></tr>",
        f"<tr><th>账号</th><th>最近更新</th></tr><tr><td>{NAME}发布</td><td>2021-09-09</td></tr>",
        "<tr><th>账号</th><th>最近更新</th></tr>" + f"<tr><td>{NAME}</td><td>2021-09-09</td></tr>" * 2,
        f"<tr><th>账号</th><th>信息最后更新时间</th></tr><tr><td>{NAME}</td><td>2021-09-09</td></tr>",
    ],
    ids=["no head", "another head", "hidden", "another name", "twice", "of the entry"],
)
def test_a_row_that_may_mean_another_day_or_account_is_none(site: FakeWebsite, rows: str) -> None:
    site[PLACE] = html(f"<table>{rows}</table>", title="云澜市政务新媒体矩阵")
    assert look(site).posted_on is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", status=404),
        Answer(b"", status=500),
        html(f"<h1>{NAME}</h1><p>最近更新：2021-09-09</p>", title="统一登录"),
        html(f"<h1>{NAME}</h1><p>您访问的页面不存在</p><p>最近更新：2021-09-09</p>"),
        Answer(b"%PDF", headers={"Content-Type": "application/pdf"}),
        gzip_bomb(3_000_000),
        endless(),
        slow_body(),
        moved("?again"),
        html('<div id="app"></div><script src="/app.js"></script>'),
    ],
    ids=["gone", "broken", "sign-in", "notice", "file", "bomb", "endless", "trickle", "away", "script"],
)
def test_a_page_that_fails_says_nothing(site: FakeWebsite, answer: Answer) -> None:
    site[PLACE] = answer
    seen = look(site, policy=replace(LOCAL, total_seconds=0.5))
    assert (seen.posted_on, seen.is_account) == (None, False)
    assert seen.evidence["summary"]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/u",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.0.0.2/",
        "file:///etc/hostname",
        "ftp://example.cn/",
        "http://user:pass@example.cn/",
        "http://[x",
    ],
)
def test_neither_the_page_nor_a_post_leads_to_an_internal_address(site: FakeWebsite, url: str) -> None:
    """127.0.0.1 alone is allowed here; the guard of the test lets no connection leave the machine."""
    assert probe().look_at_account(PLATFORM, NAME, url, NOW).posted_on is None
    site[PLACE] = moved(url)
    assert look(site).posted_on is None
    rows = f'<li><a href="{url}">一条写有日期的消息内容</a>2021-09-09</li>'
    rows += '<li><a href="/2.html">更早一条消息的内容</a>2021-09-01</li>'
    site[PLACE] = own(rows)
    assert look(site).posted_on is None


def test_robots_txt_is_heeded(site: FakeWebsite) -> None:
    labelled(site, FRESH)
    site["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /u/")
    seen = look(site)
    assert seen.posted_on is None
    assert "robots.txt" in str(seen.evidence["summary"])


def test_a_table_is_read_by_its_platform_too(site: FakeWebsite) -> None:
    matrix_in_a_table(site, FRESH)
    other = probe().look_at_account("微信公众号", NAME, site.url(PLACE), NOW)
    assert other.posted_on == TODAY
