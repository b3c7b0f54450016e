"""What a document's own page says of its day, and whether it holds anything."""

from __future__ import annotations

from datetime import date

import pytest

from tests.fakes.government_site import COLUMN, TODAY
from tests.fakes.website import FakeWebsite, html
from tests.probes.looks import probe, target
from tracker.probes import Verdict
from tracker.probes.document import is_hollow, published_dates, stated_dates
from tracker.probes.fetch import Page
from tracker.probes.sights import Sight

FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
DAY, TITLE = date(2021, 9, 8), "我局召开会议部署防汛工作"
MENU = "".join(f'<li><a href="/{n}/">第{name}栏</a></li>' for n, name in enumerate("甲乙丙丁戊"))
H1 = f"<h1>{TITLE}</h1>"


def sight(body: str, head: str = "") -> Sight:
    text = f"<html><head>{head}<title>{TITLE}</title></head><body>{body}</body></html>"
    return Sight.of(Page("http://www.example.cn/1.html", 200, "text/html", text, "ab" * 32))


@pytest.mark.parametrize(
    "body",
    [
        "<p>发布时间：2021-09-08</p>",
        "<p>成文日期: 2021年9月8日</p>",
        "<p>发布于 2021-09-08 10:00</p>",
        "<p>来源：办公室 2021-09-08 浏览</p>",
        "<p>[2021-09-08] 来源：<a href=/>云澜市人民政府门户网站</a></p>",
        "<p>时间：2021-09-08 作者：综合科</p>",
        f"{H1}<div class=date>2021-09-08</div>",
    ],
)
def test_a_day_that_the_page_calls_that_of_publication_is_sure(body: str) -> None:
    assert published_dates(sight(body), TITLE, TODAY) == [DAY]


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="PubDate" content="2021-09-08 09:00">',
        '<meta property="article:published_time" content="2021-09-08T10:00:00+08:00">',
        '<script type="application/ld+json">{"@type":"Article","datePublished":"2021-09-08"}</script>',
    ],
)
def test_what_the_head_says_to_machines_is_sure(head: str) -> None:
    assert published_dates(sight("", head), TITLE, TODAY) == [DAY]


@pytest.mark.parametrize(
    "body",
    [
        "<p>当前时间：2021年09月08日 星期三</p>",
        "<p>网站更新日期：2021-09-08</p>",
        "<p>网站发布时间：2021-09-08</p>",
        "<p>您的访问时间：2021-09-08 10:00</p>",
        "<p>招标开标时间：2021-09-08</p>",
        "<p>会议时间：2021-09-08 地点：会议室</p>",
        "<p>2021-09-08</p>",
        "<div class=date>2021年9月8日 星期三</div>" + H1,
        "<h3>最新信息</h3><li><a href=/2.html>通知</a><span class=date>2021-09-08</span></li>",
        "<li><a href=/2.html>关于开展安全检查的通知</a> 发布时间：2021-09-08</li>",
        "<p>来源：本站 有效期至2021-09-08</p>",
        "<p>主办：云澜市测试局 编辑：综合科 2021-09-08</p>",
        "<!-- 2021-09-08 10:00:00 -->",
    ],
)
def test_a_clock_the_sites_own_day_and_another_documents_day_are_not_sure(body: str) -> None:
    assert published_dates(sight(body), TITLE, TODAY) == []


def test_what_other_pages_say_too_is_nothing_of_this_ones() -> None:
    foot = "发布时间：2021-09-08"
    assert published_dates(sight(f"<p>{foot}</p>"), TITLE, TODAY, {foot}) == []
    assert stated_dates(sight(f"<p>{foot}</p>"), TODAY, {foot}) == []


def test_an_unsure_day_still_speaks_against_another() -> None:
    assert stated_dates(sight("<p>更新日期：2021-09-08</p>"), TODAY) == [DAY]
    assert stated_dates(sight("<p>当前时间：2021-09-08</p>"), TODAY) == []


KNOWN = {"版权所有", "http://www.example.cn/logo.png"}


@pytest.mark.parametrize(
    ("body", "hollow"),
    [
        ("", True),
        (
            f"<img src=/logo.png>{H1}<p>来源：办公室 2021-09-08</p><p>【打印】【关闭】</p><p>版权所有</p>",
            True,
        ),
        ("<p>当前位置：<a href=/>首页</a> &gt; 正文</p><li><a href=/2.html>别的</a> 2021-09-08</li>", True),
        ("<p>内容正在建设中</p><p>联系我们</p>", True),
        ("<p>栏目更新时间：2021-09-08</p><p>暂无内容</p>", True),
        ("<p>正文</p>", False),
        (f"<p>相关阅读</p><p>暂无内容</p><p>{'我局召开会议，部署了工作。' * 5}</p>", False),
        ("<img src=/scan.jpg>", False),
        ('<a href="/files/1.pdf">下载</a>', False),
        ("<video src=/1.mp4></video>", False),
    ],
)
def test_a_document_holds_text_a_picture_or_an_attachment_of_its_own(body: str, hollow: bool) -> None:
    assert is_hollow([sight(body)], TITLE, KNOWN) is hollow


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">{COLUMN}</a></li></ul>')
    for n in range(5):
        site[f"/{n}/"] = html(f'<ul>{MENU}</ul><p><a href="/{n}/9.html">别的栏目的文件</a> 2021-03-01</p>')
    return site


def look(site: FakeWebsite, day: str, document: str, title: str = TITLE) -> list[Verdict]:
    """Of an empty_column and a stale_column whose list names three documents, all alike."""
    rows = "".join(f'<p><a href="/zw/dt/{n}.html">{title}</a> {day}</p>' for n in range(3))
    site["/zw/dt/"] = html(f"<ul>{MENU}</ul>{rows}", title=COLUMN)
    for n in range(3):
        site[f"/zw/dt/{n}.html"] = html(f"<ul>{MENU}</ul>{document}", title=TITLE)
    eyes = probe()
    return [eyes.look(target(each, site.url("/"))).verdict for each in ("empty_column", "stale_column")]


BODY = "<p>会议部署了防汛工作。</p>"


@pytest.mark.parametrize(
    "said",
    [
        "当前时间：2021年09月10日",
        "网站更新日期：2021-09-09",
        "您的访问时间：2021-09-10 10:00",
        "招标开标时间：2021-09-09",
    ],
)
def test_no_clock_and_no_footer_makes_a_list_without_days_fresh(site: FakeWebsite, said: str) -> None:
    assert look(site, "", f"{H1}{BODY}<p>{said}</p>") == [UNSURE, UNSURE]


def test_an_old_document_is_not_fresh_by_the_clock_beside_it(site: FakeWebsite) -> None:
    old = f"<p>当前时间：2021年09月10日</p>{H1}<p>[2019-05-06] 来源：本站</p>{BODY}"
    assert look(site, "", old) == [FIXED, NOT_FIXED]


def test_the_day_of_a_side_bar_is_not_the_documents(site: FakeWebsite) -> None:
    side = "<h3>最新信息</h3><li><a href=/x.html>通知</a><span class=date>2021-09-08</span></li>"
    assert look(site, "", f"{H1}{BODY}{side}") == [UNSURE, UNSURE]


def test_the_day_until_which_something_is_valid_is_not_its_day(site: FakeWebsite) -> None:
    assert look(site, "有效期至 2021-09-09", BODY) == [UNSURE, UNSURE]


def test_a_day_in_brackets_at_the_end_of_a_headline_must_be_the_pages_too(site: FakeWebsite) -> None:
    title = f"{TITLE}（2021-09-08）"
    assert look(site, "", BODY, title) == [UNSURE, UNSURE]
    assert look(site, "", f"<p>发布时间：2021-09-08</p>{BODY}", title) == [FIXED, FIXED]


@pytest.mark.parametrize("document", ["", "<p>内容正在建设中</p>", H1], ids=["blank", "to come", "headline"])
def test_documents_without_anything_in_them_fix_nothing(site: FakeWebsite, document: str) -> None:
    assert look(site, "2021-09-08", document) == [UNSURE, UNSURE]
    assert look(site, "2021-09-08", BODY) == [FIXED, FIXED]
