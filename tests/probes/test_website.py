"""The website probe: which columns a problem names, and what a page must show to count as fixed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.looks import HURRIED, target
from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.base import Observation, Verdict
from tracker.probes.fetch import Page
from tracker.probes.judging import Reason
from tracker.probes.names import comparable, wanted_columns
from tracker.probes.visits import Fetch
from tracker.probes.website import WebsiteColumn

pytestmark = pytest.mark.slow

URL = "http://www.yunlan.invalid/zwgk/"
COLUMN_URL = "http://www.yunlan.invalid/tjxx/?a=1"
MISSING = "没有设置统计信息专栏。"
SEED = Path(__file__).parents[2].parent / "shared" / "seeds" / "bulletin-2021-q2.txt"

# Enough links to be a real page, none of them like a column that a test looks for.
MENU = "".join(
    f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(["首页", "机构", "动态", "政策", "互动"])
)


def document(body: str, title: str = "云澜市测试局") -> str:
    return f"<html><head><title>{title}</title></head><body><ul>{MENU}</ul>{body}</body></html>"


def page(text: str, status: int = 200) -> Fetch:
    """The text at `URL`, and behind every link of it a page that lists a document of its own."""

    def fetch(url: str, *, known: Mapping[str, str] | None = None) -> Page:
        listed = f'<ul><li><a href="{url}1.html">一份有些内容的文件</a>2021-07-01</li></ul>'
        found = 404 if url.endswith("/robots.txt") else status
        return Page(url, found, "text/html", text if url == URL else document(listed), "ab" * 32)

    return fetch


def look(text: str, problem: str = MISSING, status: int = 200) -> Observation:
    return WebsiteColumn(page(text, status), limits=HURRIED).look(target("missing_column", URL, problem))


def linked(*names: str) -> str:
    return "".join(f'<h2><a href="/{name}/">{name}</a></h2>' for name in names)


def reason(seen: Observation) -> object:
    return seen.evidence["reason"]


@pytest.mark.parametrize(
    ("problem", "names"),
    [
        ("没有设置统计信息专栏。", ["统计信息"]),
        ("未设置“养老服务”栏目", ["养老服务"]),
        ("网站无行政复议专栏；", ["行政复议"]),
        ("没有设置本单位“十四五”规划信息专栏", ["十四五规划信息"]),
        ("没有开设 全市 重点项目 栏目", ["重点项目"]),
        ("没有设置行政许可和行政处罚专栏", ["行政许可", "行政处罚"]),
        ("没有设置行政许可专栏、行政处罚专栏", ["行政许可", "行政处罚"]),
        ("没有疫情防控、扶贫等重点领域公开专栏", ["疫情防控", "扶贫"]),
        ("没有设置普及教育专栏", ["普及教育"]),
        ("没有设置高等教育专栏", ["高等教育"]),
        ("没有设置无障碍专栏", ["无障碍"]),
        ("没有设置未成年人保护专栏", ["未成年人保护"]),
    ],
)
def test_the_columns_are_taken_from_the_problem(problem: str, names: list[str]) -> None:
    wanted = wanted_columns(problem)
    assert wanted is not None
    assert [comparable(name) for name in wanted.names] == names
    assert wanted.open_list == ("扶贫" in problem)


@pytest.mark.parametrize(
    "problem",
    [
        "",
        "没有公开平台。",
        "没有设置专栏。",
        "没有设置相关专栏。",
        "统计信息专栏内容不规范。",
        "没有设置统计信息专栏。没有设置行政复议专栏。",
        "没有设置统计信息专栏，没有设置行政复议专栏。",
        "没有设置统计信息专栏，养老服务要求单设栏目。",
    ],
)
def test_a_problem_that_names_no_column_for_sure_is_unsure_and_nothing_is_fetched(problem: str) -> None:
    fetched: list[str] = []

    def fetch(url: str, *, known: Mapping[str, str] | None = None) -> Page:
        fetched.append(url)
        return page(document("<h2>统计信息</h2>"))(url)

    seen = WebsiteColumn(fetch).look(target("missing_column", URL, problem))
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, Reason.NO_COLUMN_NAMED)
    assert fetched == []


def test_every_missing_column_of_the_real_bulletin_is_understood() -> None:
    if not SEED.exists():
        pytest.skip("the real bulletin lies outside of this repository")
    problems = set(
        re.findall(r"没有(?:设置)?[^。；;<>\s]{2,40}(?:专栏|栏目)", SEED.read_text(encoding="utf-8"))
    )
    assert len(problems) > 20
    assert [problem for problem in problems if wanted_columns(problem) is None] == []


@pytest.mark.parametrize(
    "body",
    [
        '<ul><li><a href="/tjxx/">统计信息</a></li></ul>',
        '<nav><a href="/a/">要闻</a> | <a href="/tjxx/">统计信息</a> | <a href="/b/">视频</a></nav>',
        '<a href="/tjxx/"><span>统计</span><span>信息</span></a>',
        '<a href="/tjxx/"><div class="card"><h3>统计信息</h3><p>数据发布</p></div></a>',
        '<a href="/tjxx/" title="统计信息">统计…</a>',
        '<a href="/tjxx/"><img src="tjxx.png" alt="统计信息"></a>',
        '<map><area href="/tjxx/" alt="统计信息"></map>',
        '<h2>统计信息 <a href="/tjxx/">更多&gt;&gt;</a></h2>',
        '<h3><a href="/tjxx/">【统计信息公开】</a></h3>',
        "<table><tr><td><a href=/tjxx/>统计信息专栏<td>通知<tr><td>其他</table>",
        "<ul><li>要闻<li><a href=/tjxx/>统计信息<li>视频</ul>",
        "<script>var a = '<!--';</script><h2><a href=/tjxx/>统计信息</a></h2>",
    ],
)
def test_a_column_that_the_page_shows_is_fixed(body: str) -> None:
    seen = look(document(body))
    assert seen.verdict is Verdict.FIXED, seen.evidence
    assert reason(seen) == Reason.FOUND


@pytest.mark.parametrize(
    "body",
    [
        "<h3>【统计信息公开】</h3>",
        "<div class=tab>统 计 信 息</div>",
        "<table><tr><td>统计信息专栏<td>通知<tr><td>其他</table>",
        "<ul><li>要闻<li>统计信息<li>视频</ul>",
        "<select><option>栏目<option>统计信息<option>其他</select>",
        "<dl><dt>统计信息<dd>数据</dl>",
        "<button role=tab>统计信息</button>",
        "<P>第一段<DIV>统计信息</DIV>",
        "<div>&#32479;&#35745;&nbsp;信息</div>",
        "<script>var a = '<!--';</script><h2>统计信息</h2>",
        "<svg><title>登录</title></svg><h2>统计信息</h2>",
        "<!--[if IE]><p>旧</p><![endif]--><![if !IE]><h2>统计信息</h2><![endif]>",
        '<a href="javascript:void(0)">统计信息</a>',
        '<a href="#">统计信息</a>',
        '<a href="#tjxx">统计信息</a>',
        '<img src="tjxx.png" alt="统计信息">',
        "<form><select><option>请选择栏目<option>统计信息</select></form>",
    ],
)
@pytest.mark.parametrize("problem_class", ["missing_column", "wrong_column"])
def test_a_name_that_leads_nowhere_is_no_column_yet(problem_class: str, body: str) -> None:
    problem = {"missing_column": MISSING, "wrong_column": "将数据栏目改成统计信息栏目。"}[problem_class]
    seen = WebsiteColumn(page(document(body)), limits=HURRIED).look(target(problem_class, URL, problem))
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, Reason.UNLINKED), seen.evidence
    [found] = seen.evidence["found"]  # type: ignore[misc]
    assert found["link"] == ""


def test_a_platform_that_is_only_announced_is_no_platform_yet() -> None:
    text = document('<a href="javascript:;">乡镇政务公开平台</a>')
    seen = WebsiteColumn(page(text), limits=HURRIED).look(target("platform_missing", URL))
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, Reason.UNLINKED), seen.evidence


@pytest.mark.parametrize("link", ["/zwgk/", "/zwgk/#tjxx", "/zwgk/?home=1"])
def test_a_link_to_the_page_it_stands_on_is_no_column(link: str) -> None:
    text = document(
        f'<a href="{link}">统计信息</a><ul><li><a href="/1/9.html">一份首页上的文件</a>2021-07-01</li></ul>'
    )

    def fetch(url: str, *, known: Mapping[str, str] | None = None) -> Page:
        shown = text if url.startswith(URL) else document("")
        return Page(url, 404 if url.endswith("robots.txt") else 200, "text/html", shown, "ab" * 32)

    seen = WebsiteColumn(fetch, limits=HURRIED).look(target("missing_column", URL, MISSING))
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, Reason.COLUMN_UNSEEN), seen.evidence


def test_the_evidence_says_what_was_seen_and_where() -> None:
    seen = look(document('<a href="../tjxx/?a=1"> 统计\n信息公开 </a>'))
    assert seen.evidence == {
        "summary": "网页上已有栏目：统计信息",
        "reason": "found",
        "url": URL,
        "looked_at": "2021-09-10T10:00:00+08:00",
        "final_url": COLUMN_URL,
        "status": 200,
        "sha256": "ab" * 32,
        "pages": 4,
        "blind": [],
        "wanted": ["统计信息"],
        "found": [{"name": "统计信息", "text": "统计 信息公开", "link": COLUMN_URL, "documents": 1}],
        "alike": [],
    }
    assert json.loads(json.dumps(seen.evidence)) == seen.evidence


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        ("没有设置本单位“十四五”规划信息专栏", "「十四五」规划信息"),
        ("没有设置本单位“十四五”规划信息专栏", "本单位十四五规划信息专栏"),
        ("没有设置政府采购栏目", "政府采购信息"),
        ("没有设置重大决策预公开专栏", "重大决策预公开"),
        ("没有设置行政许可和行政处罚专栏", "行政许可和行政处罚"),
    ],
)
def test_spelling_and_customary_endings_do_not_matter(problem: str, shown: str) -> None:
    assert look(document(linked(shown)), problem).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    "body",
    [
        '<li><a href="/1.html">我局召开统计信息专栏建设会议</a></li>',
        '<li><a href="/1.html" title="关于开设统计信息专栏的通知">关于开设…</a></li>',
        "<p>我局将按要求设置<b>统计信息</b>专栏，方便群众查询。</p>",
        '<p>我局将设置<a name="x">统计信息</a>专栏。</p>',
        "<h2>2021年统计信息</h2>",
        "<h2>统计信息网</h2>",
        "<h2>统计和信息</h2>",
        "<div style='DISPLAY : none'><h2>统计信息</h2></div>",
        "<h2 hidden>统计信息</h2>",
        "<div hidden/><h2>统计信息</h2>",
        "<ul style='visibility:hidden'><li><a href='/t/'>统计信息</a></ul>",
        "<span style='display:none'>统计信息</span>",
        '<p>热搜：<a href="/search?q=统计信息">统计信息</a></p>',
        '<li><a href="/search?q=统计信息">统计信息</a></li>',
        "<p>统计信息<!-- 专栏 -->建设</p>",
        f"<p>统计信息{'…' * 40}</p>",
    ],
)
def test_a_likeness_a_mention_or_a_hidden_name_is_unsure(body: str) -> None:
    seen = look(document(body))
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, Reason.ONLY_ALIKE), seen.evidence
    assert seen.evidence["alike"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<h2>行政处罚</h2><h2>政府信息公开</h2><h2>信息</h2>",
        "<!-- <h2>统计信息</h2> -->",
        "<!-- <h2>统计信息</h2>",
        "<!-- a --!><!--><!-- <h2>统计信息</h2> --><p>x</p>",
        "<script>menu('<h2>统计信息</h2>')</script>",
        "<script>menu('<h2>统计信息</h2>')",
        "<style>/* 统计信息 */</style>",
        "<template><h2>统计信息</h2></template>",
        "<noscript><h2>统计信息</h2></noscript>",
        "<textarea>统计信息</textarea>",
        "<template><a href='/t/' title='统计信息'><img alt='统计信息'></a></template>",
        "<link rel=stylesheet href=a.css title='统计信息'>",
        "<img hidden alt='统计信息'>",
    ],
)
def test_a_real_page_without_the_column_is_not_fixed(body: str) -> None:
    seen = look(document(body))
    assert (seen.verdict, reason(seen)) == (Verdict.NOT_FIXED, Reason.ABSENT), seen.evidence


def test_of_two_columns_both_are_needed() -> None:
    problem = "没有设置行政许可和行政处罚专栏"
    one = look(document(linked("行政许可")), problem)
    both = look(document(linked("行政许可", "行政处罚")), problem)
    alike = look(document(linked("行政许可", "行政处罚公示会")), problem)
    assert [seen.verdict for seen in (one, both, alike)] == [Verdict.NOT_FIXED, Verdict.FIXED, Verdict.UNSURE]
    assert one.evidence["summary"] == "网页上没有找到栏目：行政处罚"


def test_an_open_list_is_never_fixed_by_the_columns_it_names() -> None:
    problem = "没有疫情防控、扶贫等重点领域公开专栏"
    all_named = look(document(linked("疫情防控", "扶贫")), problem)
    assert (all_named.verdict, reason(all_named)) == (Verdict.UNSURE, Reason.OPEN_LIST)
    assert look(document(linked("疫情防控")), problem).verdict is Verdict.NOT_FIXED


HEADING = "<h2>统计信息</h2>"


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        (document(HEADING), 404, Reason.HTTP_STATUS),
        (document(HEADING), 503, Reason.HTTP_STATUS),
        (document(HEADING, title="404"), 200, Reason.ERROR_PAGE),
        (document(HEADING, title="错误提示"), 200, Reason.ERROR_PAGE),
        (document(HEADING + "<p>抱歉，您访问的页面不存在！</p>"), 200, Reason.ERROR_PAGE),
        (document(HEADING + "<h1>Not Found</h1>"), 200, Reason.ERROR_PAGE),
        (document(HEADING, title="统一登录 - 云澜市"), 200, Reason.LOGIN_PAGE),
        (HEADING, 200, Reason.BARE_PAGE),
        ("", 200, Reason.BARE_PAGE),
        (f"<div id=app></div><script>draw('{document(HEADING)}')</script>", 200, Reason.BARE_PAGE),
        (f"<div style='display:none'>{document(HEADING)}</div>", 200, Reason.BARE_PAGE),
        (f"<body hidden><ul>{MENU}</ul>{HEADING}", 200, Reason.BARE_PAGE),
        ("".join(f'<a href="/{n}">首页</a>' for n in range(9)) + HEADING, 200, Reason.BARE_PAGE),
    ],
)
def test_a_page_that_proves_nothing_is_unsure(text: str, status: int, why: Reason) -> None:
    seen = look(text, status=status)
    assert (seen.verdict, reason(seen)) == (Verdict.UNSURE, why)


@pytest.mark.parametrize("why", FetchReason)
def test_a_page_that_cannot_be_had_is_unsure(why: FetchReason) -> None:
    def fetch(url: str, *, known: Mapping[str, str] | None = None) -> Page:
        raise FetchError(why)

    seen = WebsiteColumn(fetch).look(target("missing_column", URL, MISSING))
    assert (seen.verdict, seen.evidence["fetch_reason"]) == (Verdict.UNSURE, why.value)
    assert seen.evidence["summary"] == f"网页未能打开：{why.message}"


PIECES = [
    "<a href='http://[x'>",
    "</a>",
    "<p hidden>",
    "</p>",
    "<div>",
    "</div>",
    "<!--",
    "-->",
    "<![x",
    "<!x",
]
PIECES += ["<?", "</", "<", ">", "&", "&#x", "<script>", "<title>", "<template>", "统计信息", " ", "文"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_markup_makes_the_probe_fail(markup: str) -> None:
    assert look(markup).verdict is not Verdict.FIXED  # never five different links
    assert look(document(markup)).verdict in Verdict


@given(st.text(max_size=80))
def test_no_wording_makes_the_probe_fail(problem: str) -> None:
    assert look(document(""), problem).verdict is not Verdict.FIXED
