"""Papers that were missed: what counts as the paper itself, and when nobody may say that there is none."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.fakes.website import Answer, FakeWebsite, html
from tests.probes.looks import probe, target
from tracker.probes import Observation, Verdict
from tracker.probes.fetch import Page
from tracker.probes.judging import Reason
from tracker.probes.paper_titles import PaperName
from tracker.probes.papers import PaperSearch
from tracker.probes.sights import Sight

pytestmark = pytest.mark.slow

FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
PAPER = "证明事项保留目录"
TITLE = f"云澜市测试局{PAPER}"
PAGE = "/zw/202108/1.html"
MENU = "".join(
    f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(["机构", "领导", "办事", "互动"])
)
MENU = f'<ul>{MENU}<li><a href="/zw/">公告栏</a></li></ul><div>主办单位：云澜市测试局 备案编号1234</div>'
BODY = "<table><tr><td>序号</td><td>事项</td></tr>" + "".join(
    f"<tr><td>{n}</td><td>办理第{n}项业务所需的居住情况证明</td></tr>" for n in range(1, 9)
)
BODY += "</table>"
PDF = Answer(b"%PDF", headers={"Content-Type": "application/pdf"})


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    for path in ("/", *(f"/{n}/" for n in range(4))):
        site[path] = html(MENU)
    document(site, BODY)
    return site


def listed(site: FakeWebsite, title: str, day: str = "2021-08-20", link: str = PAGE) -> None:
    site["/zw/"] = html(f'{MENU}<ul><li><a href="{link}">{title}</a><span>{day}</span></li></ul>')


def document(site: FakeWebsite, body: str, title: str = TITLE, path: str = PAGE) -> None:
    line = "<div>发布时间：2021-08-20 来源：办公室 浏览次数：12 【字体：大 中 小】 打印本页 关闭窗口</div>"
    site[path] = html(f"{MENU}<h1>{title}</h1>{line}{body}")


def look(site: FakeWebsite, problem: str | None = None) -> Observation:
    return probe().look(target("content_not_published", site.url("/"), problem))


@pytest.mark.parametrize(
    ("title", "day", "verdict"),
    [
        ("云澜市测试局证明事项保留目录（2021年版）", "2021-08-20", FIXED),
        ("关于公布证明事项保留目录的公告", "2021-08-20", FIXED),
        ("市测试局关于公布证明事项保留目录的公告", "2021-08-20", FIXED),
        ("测试局2021年度证明事项保留目录", "2021-08-20", FIXED),
        ("云澜市测试局证明事项保留目录", "2021-06-01", UNSURE),
        ("云澜市测试局证明事项保留目录", "", UNSURE),
        ("关于编制证明事项保留目录的通知", "2021-08-20", UNSURE),
        ("我局召开证明事项保留目录编制会议", "2021-08-20", UNSURE),
        ("关于征求证明事项保留目录意见的公告", "2021-08-20", UNSURE),
        ("我局研究废止证明事项保留目录", "2021-08-20", UNSURE),
        ("另一份不相干的文件公告", "2021-08-20", NOT_FIXED),
    ],
)
def test_only_the_paper_itself_published_since_the_bulletin_fixes_its_absence(
    site: FakeWebsite, title: str, day: str, verdict: Verdict
) -> None:
    document(site, BODY, title=title)
    listed(site, title, day)
    seen = look(site)
    assert seen.verdict is verdict, seen.evidence


@pytest.mark.parametrize(
    "title",
    [
        "云海省测试厅证明事项保留目录",
        "云海省测试厅关于公布证明事项保留目录的公告",
        "转发关于公布证明事项保留目录的通知",
        "云澜市证明事项保留目录",
        "全省证明事项保留目录",
        "测试局对照证明事项保留目录",
        "各乡镇学习证明事项保留目录",
        "证明事项保留目录（征求意见稿）",
        "证明事项保留目录（已失效）",
    ],
)
def test_a_paper_of_another_body_or_a_draft_is_none_of_the_units_own(site: FakeWebsite, title: str) -> None:
    document(site, BODY, title=title)
    listed(site, title)
    seen = look(site)
    assert (seen.verdict, seen.evidence["reason"]) == (UNSURE, Reason.ONLY_ALIKE), seen.evidence


def test_who_publishes_is_told_by_the_sites_title_too(site: FakeWebsite) -> None:
    site["/"] = html(MENU.replace("主办单位：云澜市测试局", ""), title="欢迎访问云澜市测试局门户网站-首页")
    listed(site, TITLE)
    assert look(site).verdict is FIXED


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<p>暂无内容</p>",
        f"<p>暂无内容</p>{BODY}",
        "<p>内容正在建设中</p>",
        "<table><tr><td>索引号</td><td>000014349/2021-00001</td><td>发文机关</td><td>云澜市测试局</td></tr></table>",
        f'<p><a href="/zw/2.html">{"关于另一件事情的通知" * 9}</a></p>',
        f"<div style='display:none'>{BODY}</div>",
        '<p>附件：<a href="/f/gone.doc">目录.doc</a></p>',
        '<p>附件：<a href="/f/notice.doc">目录.doc</a></p>',
        '<p>附件：<a href="/f/error.doc">目录.doc</a></p>',
    ],
)
def test_a_title_without_the_paper_behind_it_fixes_nothing(site: FakeWebsite, body: str) -> None:
    site["/f/notice.doc"] = html("<p>文件已经清理，请与管理员联系。</p>")
    site["/f/error.doc"] = Answer(b"{}", status=404, headers={"Content-Type": "application/json"})
    document(site, body)
    listed(site, TITLE)
    seen = look(site)
    assert (seen.verdict, seen.evidence["reason"]) == (UNSURE, Reason.COLUMN_UNSEEN), seen.evidence


def test_a_paper_may_be_an_attachment_that_opens(site: FakeWebsite) -> None:
    site["/f/1.pdf"] = PDF
    document(site, '<p>附件：<a href="/f/1.pdf">目录.pdf</a></p>')
    listed(site, TITLE)
    assert look(site).verdict is FIXED


def test_a_file_that_every_page_offers_is_no_attachment_of_the_paper(site: FakeWebsite) -> None:
    manual = '<a href="/f/1.pdf">使用手册.pdf</a>'
    site["/f/1.pdf"] = PDF
    site["/"] = html(MENU + manual)
    document(site, manual)
    listed(site, TITLE)
    assert look(site).verdict is UNSURE


def test_of_two_papers_of_the_name_one_that_holds_something_is_enough(site: FakeWebsite) -> None:
    document(site, "", path="/zw/202108/2.html")
    rows = "".join(f"<li><a href='/zw/202108/{n}.html'>{TITLE}</a>2021-08-2{n}</li>" for n in (2, 1))
    site["/zw/"] = html(f"{MENU}<ul>{rows}</ul>")
    assert look(site).verdict is FIXED


@pytest.mark.parametrize(
    "answer", [Answer(b"", status=404), html("", title="404")], ids=["gone", "error page"]
)
def test_a_paper_that_does_not_open_fixes_nothing(site: FakeWebsite, answer: Answer) -> None:
    listed(site, TITLE)
    site[PAGE] = answer
    assert look(site).verdict is UNSURE


def test_a_paper_on_another_site_is_for_a_person(site: FakeWebsite) -> None:
    listed(site, TITLE, link=site.url(PAGE, "localhost"))
    assert look(site).verdict is UNSURE


def test_last_years_account_is_no_answer_to_a_missing_one(site: FakeWebsite) -> None:
    for title, verdict in [("2018年度部门决算", UNSURE), ("2020年度部门决算", FIXED)]:
        document(site, BODY, title=f"云澜市测试局{title}")
        listed(site, f"云澜市测试局{title}")
        assert look(site, "没有公开部门决算。").verdict is verdict


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("<p>正文</p>", NOT_FIXED),
        ('<p>附件：<a href="/f/1.doc">会议回执表.doc</a></p>', NOT_FIXED),
        ('<p>附件：<a href="/f/1.doc">证明事项保留目录.doc</a></p>', UNSURE),
        (
            f'<p><a href="/f/{quote(PAPER)}.doc">下载</a></p>',
            UNSURE,
        ),
        ('<p>附件：<a href="/f/1.doc">附件1.doc</a></p>', UNSURE),
        ('<div id="text">{{ text }}</div>', UNSURE),
        ("<p>现将证明事项保留目录公布如下。</p>", UNSURE),
    ],
)
def test_absent_is_said_only_after_the_documents_since_the_bulletin_were_opened(
    site: FakeWebsite, body: str, verdict: Verdict
) -> None:
    document(site, body, title="公告")
    listed(site, "公告")
    seen = look(site)
    assert seen.verdict is verdict, seen.evidence


@pytest.mark.parametrize(
    ("everywhere", "verdict"), [(False, UNSURE), (True, NOT_FIXED)], ids=["of this page", "of every page"]
)
def test_a_list_that_a_script_may_draw_proves_no_absence(
    site: FakeWebsite, everywhere: bool, verdict: Verdict
) -> None:
    """A script that pages with a list of their own have too is the template's, and draws none."""
    script = '<script src="/list.js"></script>'
    listed(site, "一份不相干的文件公告")
    document(site, BODY, title="一份不相干的文件公告")
    site["/zw/"] = html(site.body("/zw/") + script * everywhere)
    site["/1/"] = html(f"{MENU}<h2>目录</h2><ul id=list></ul>{script}")
    assert look(site).verdict is verdict


@pytest.mark.parametrize("answer", [Answer(b"", status=500), PDF], ids=["broken", "a file"])
def test_a_document_that_could_not_be_read_may_be_the_paper(site: FakeWebsite, answer: Answer) -> None:
    listed(site, "公告")
    site[PAGE] = answer
    assert (look(site).verdict, look(site).evidence["reason"]) == (UNSURE, Reason.NOT_SEEN_WHOLE)


def test_more_documents_than_may_be_opened_prove_no_absence(site: FakeWebsite) -> None:
    rows = "".join(
        f"<li><a href='/zw/{n}.html'>云澜市测试局关于第{n}号一般事项的公告</a>2021-08-20</li>"
        for n in range(50)
    )
    site["/zw/"] = html(f"{MENU}<ul>{rows}</ul>")
    assert look(site).verdict is UNSURE
    assert not [request for request in site.requests if request.path.startswith("/zw/1")]


def test_a_title_that_is_cut_off_may_be_the_papers(site: FakeWebsite) -> None:
    for title in ("关于公布测试局证明事项保…", "证明事项..."):
        listed(site, title, "2021-06-01")
        seen = look(site)
        assert (seen.verdict, seen.evidence["alike"][0]) == (UNSURE, title)  # type: ignore[index]


@pytest.mark.parametrize("text", ["", "…", "证…", "证明事项", "证明材料清单…", "保留目录…"])
def test_a_text_that_cannot_go_on_as_the_name_does_not_speak_of_it(text: str) -> None:
    assert not PaperName(PAPER, 2021).is_spoken_of(text)


@pytest.mark.parametrize(
    ("text", "is_title"),
    [
        (f"{PAPER}（2021年版）（第一批）公示", True),
        (f"{PAPER}{'()' * 40}", True),
        (f"{PAPER}{'()' * 40}x", False),
        (f"{PAPER}{'()' * 60}", False),
        (f"{'长' * 200}{PAPER}", False),
    ],
    ids=["brackets", "many brackets", "many open brackets", "too many brackets", "too long"],
)
def test_a_hostile_title_is_read_in_one_way_only(text: str, is_title: bool) -> None:
    """With several ways to part the brackets, trying them all would not end in a test's lifetime."""
    assert PaperName(PAPER, 2021).is_title(text, lambda _head: True) is is_title


def test_of_the_texts_that_speak_of_a_paper_only_those_for_the_evidence_are_kept() -> None:
    """Each was compared with all before it."""
    body = "".join(f"<p>第{n}次会议学习{PAPER}{'长' * 100}</p>" * 2 for n in range(50))
    search = PaperSearch(PAPER, target("content_not_published", "http://www.yunlan.invalid/"))
    search.look(Sight.of(Page("http://www.yunlan.invalid/", 200, "text/html", body, "")))
    assert [text[:8] for text in search.alike] == [f"第{n}次会议学习证" for n in range(5)]


def test_dots_that_lead_to_a_page_number_are_no_cut_title() -> None:
    assert not PaperName(PAPER, 2021).is_spoken_of(f"证明事项{'.' * 300}12")
    assert PaperName(PAPER, 2021).is_spoken_of(f"证明事项{'.' * 300}")
