"""sitemap.xml where no navigation leads to a column: followed on its host, within the budget, no further."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.government_site import COLUMN
from tests.fakes.website import Answer, FakeWebsite, endless, gzip_bomb, html, moved, slow_body
from tests.probes.looks import LOCAL, probe, target
from tracker.domain.columns import WalkLimits
from tracker.probes import Observation, Verdict
from tracker.probes.judging import Reason

pytestmark = pytest.mark.slow

MENU = "".join(f'<li><a href="/{n}/">第{name}栏</a></li>' for n, name in enumerate("甲乙丙丁戊"))
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    site["/"] = html(f"<ul>{MENU}</ul>")
    for n in range(5):
        site[f"/{n}/"] = html(f'<ul>{MENU}</ul><p><a href="/{n}/9.html">别的栏目的文件</a> 2021-03-01</p>')
    row = '<p><a href="/zw/dt/1.html">某一天发布的文件</a> 2021-09-09</p>'
    site["/zw/dt/"] = html(f"<ul>{MENU}</ul>{row}", title=f"{COLUMN}-云澜市测试局")
    site["/zw/dt/1.html"] = html(f"<ul>{MENU}</ul><p>正文若干</p>")
    return site


def xml(body: str, kind: str = "urlset") -> Answer:
    text = f'<?xml version="1.0" encoding="UTF-8"?><{kind} xmlns="{SPACE}">{body}</{kind}>'
    return Answer(text.encode(), headers={"Content-Type": "text/xml"})


def urls(*addresses: str) -> Answer:
    return xml("".join(f"<url><loc>\n {each} </loc></url>" for each in addresses))


def index(*addresses: str) -> Answer:
    return xml("".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in addresses), "sitemapindex")


def look(
    site: FakeWebsite, problem_class: str = "stale_column", limits: WalkLimits | None = None
) -> Observation:
    eyes = probe(limits or WalkLimits(pause_seconds=0))
    return eyes.look(target(problem_class, site.url("/")))


def asked(site: FakeWebsite) -> list[str]:
    return [request.path for request in site.requests]


def test_the_usual_place_is_looked_at_only_when_the_navigation_fails(site: FakeWebsite) -> None:
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    assert look(site).verdict is Verdict.FIXED
    site["/"] = html(f'<ul>{MENU}<li><a href="/zw/dt/">{COLUMN}</a></li></ul>')
    site.requests.clear()
    assert look(site).verdict is Verdict.FIXED
    assert "/sitemap.xml" not in asked(site)


def test_what_no_navigation_leads_to_is_there_for_no_visitor(site: FakeWebsite) -> None:
    assert look(site, "missing_column").verdict is Verdict.NOT_FIXED
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    seen = look(site, "missing_column")
    assert (seen.verdict, seen.evidence["reason"]) == (Verdict.UNSURE, Reason.UNLINKED)
    assert "sitemap.xml" in str(seen.evidence["summary"])
    assert seen.evidence["final_url"] == site.url("/zw/dt/")


def test_robots_txt_says_where_it_is_and_an_index_leads_on(site: FakeWebsite) -> None:
    site["/robots.txt"] = Answer(f"User-agent: *\nAllow: /\nSitemap: {site.url('/maps/all.xml')}".encode())
    site["/maps/all.xml"] = index(site.url("/maps/1.xml"), site.url("/maps/2.xml"))
    site["/maps/1.xml"] = urls(site.url("/about/"))
    site["/maps/2.xml"] = urls(site.url("/zw/dt/"))
    assert look(site).verdict is Verdict.FIXED
    assert "/sitemap.xml" not in asked(site)


def test_a_page_that_only_speaks_of_the_column_is_not_it(site: FakeWebsite) -> None:
    site["/zw/dt/"] = html(f"<ul>{MENU}</ul><p>我局召开{COLUMN}栏目建设会议</p>", title="会议-云澜市测试局")
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    assert look(site).verdict is Verdict.UNSURE
    assert look(site, "missing_column").verdict is Verdict.NOT_FIXED


@pytest.mark.parametrize(
    "head", ['<meta name="PubDate" content="2021-09-09">', '<meta name="ArticleTitle" content="x">']
)
def test_a_document_of_that_title_is_not_the_column(site: FakeWebsite, head: str) -> None:
    page = site.body("/zw/dt/").replace("<head>", f"<head>{head}")
    site["/zw/dt/"] = Answer(page.encode())
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    assert look(site).verdict is Verdict.UNSURE


def test_pages_at_the_head_of_folders_come_first_and_documents_never(
    site: FakeWebsite,
) -> None:
    documents = [site.url(f"/zw/dt/{n}.html") for n in range(5)]
    dated = [site.url("/zw/dt/t20210909_1.html"), site.url("/zw/a.pdf")]
    site["/sitemap.xml"] = urls(*dated, site.url("/a.html"), site.url("/b/"), *documents, site.url("/zw/dt/"))
    assert look(site, limits=WalkLimits(pause_seconds=0, sitemap_pages=1)).verdict is Verdict.FIXED
    assert not {"/b/", "/a.html", "/zw/a.pdf", "/zw/dt/t20210909_1.html"} & set(asked(site))


def test_it_stays_within_its_share_of_the_budget(site: FakeWebsite) -> None:
    site["/sitemap.xml"] = urls(*(site.url(f"/x{n}/") for n in range(900)))
    look(site, limits=WalkLimits(pause_seconds=0, sitemap_pages=7))
    assert len([path for path in asked(site) if path.startswith("/x")]) == 7
    site.requests.clear()
    assert look(site, limits=WalkLimits(pause_seconds=0, pages=12)).evidence["pages"] == 12
    site.requests.clear()
    look(site, limits=WalkLimits(pause_seconds=0, sitemap_pages=0))
    assert "/sitemap.xml" not in asked(site)


def test_a_walk_leaves_some_of_its_budget_for_the_sitemap(site: FakeWebsite) -> None:
    site["/"] = html("".join(f'<a href="/n{n}/">第{n}个栏目</a>' for n in range(60)))
    for n in range(60):
        site[f"/n{n}/"] = html(f"<ul>{MENU}</ul>")
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    seen = look(site, limits=WalkLimits(pause_seconds=0, pages=40))
    assert seen.verdict is Verdict.FIXED, seen.evidence


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1/sitemap.xml",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/sitemap.xml",
        "http://2130706433/sitemap.xml",
        "file:///etc/hostname",
        "http://www.example.com/sitemap.xml",
        "http://[x/sitemap.xml",
    ],
)
def test_no_list_of_addresses_leads_off_the_host(site: FakeWebsite, address: str) -> None:
    """Neither robots.txt nor an index nor a sitemap; the guard of the test lets no connection leave."""
    with FakeWebsite() as other:
        inside = other.url("/sitemap.xml")
        site["/robots.txt"] = Answer(f"Sitemap: {address}\nSitemap: {inside}\n".encode())
        assert look(site, "missing_column").verdict is Verdict.NOT_FIXED
        site["/robots.txt"] = Answer(b"", status=404)
        for answer in (index(address, inside), urls(address, inside), moved(address)):
            site["/sitemap.xml"] = answer
            assert look(site, "missing_column").verdict is Verdict.NOT_FIXED
        assert other.requests == []


def test_a_sitemap_that_has_moved_to_another_host_is_not_believed(site: FakeWebsite) -> None:
    with FakeWebsite() as other:
        other["/sitemap.xml"] = urls(site.url("/zw/dt/"))
        site["/sitemap.xml"] = moved(other.url("/sitemap.xml"))
        assert look(site).verdict is not Verdict.FIXED
        assert "/zw/dt/" not in asked(site)


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE u [<!ENTITY e0 "http://x/">{ENTITIES}]><urlset><url><loc>&e11;</loc></url></urlset>'
READS = '<!DOCTYPE u [<!ENTITY f SYSTEM "file:///etc/hostname">]><urlset><url><loc>/&f;</loc></url></urlset>'


@pytest.mark.parametrize(
    "answer",
    [
        Answer(BOMB.encode(), headers={"Content-Type": "text/xml"}),
        Answer(READS.encode(), headers={"Content-Type": "text/xml"}),
        gzip_bomb(3_000_000),
        endless(),
        Answer(gzip.compress(b"<urlset/>"), headers={"Content-Type": "application/gzip"}),
        Answer(b"", headers={"Content-Type": "text/xml"}),
        Answer(b"<urlset><url><loc>", headers={"Content-Type": "text/xml"}),
        html("<p>404</p>"),
        Answer(b"", status=500),
        moved("file:///etc/hostname"),
    ],
    ids=[
        "entities",
        "a file",
        "bomb",
        "endless",
        "packed",
        "blank",
        "cut",
        "a page",
        "broken",
        "sent to a file",
    ],
)
def test_a_sitemap_that_is_none_changes_nothing(site: FakeWebsite, answer: Answer) -> None:
    site["/sitemap.xml"] = answer
    assert look(site, "missing_column").verdict is Verdict.NOT_FIXED


def test_a_sitemap_carries_no_file_of_this_machine_to_its_site(site: FakeWebsite, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("told/")
    entity = f'<!DOCTYPE u [<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    body = f"{entity}<urlset><url><loc>{site.url('/')}&f;</loc></url></urlset>"
    site["/sitemap.xml"] = Answer(body.encode(), headers={"Content-Type": "text/xml"})
    look(site)
    assert "/sitemap.xml" in asked(site)
    assert not [path for path in asked(site) if "told" in path]


def test_a_sitemap_that_trickles_ends_with_its_time(site: FakeWebsite) -> None:
    site["/sitemap.xml"] = slow_body()
    eyes = probe(policy=replace(LOCAL, total_seconds=0.3))
    assert eyes.look(target("missing_column", site.url("/"))).verdict is Verdict.NOT_FIXED


def test_a_packed_sitemap_is_not_even_asked_for(site: FakeWebsite) -> None:
    site["/robots.txt"] = Answer(f"Sitemap: {site.url('/sitemap.xml.gz')}".encode())
    look(site, "missing_column")
    assert "/sitemap.xml.gz" not in asked(site)


def test_what_robots_txt_forbids_is_not_opened_though_a_sitemap_names_it(site: FakeWebsite) -> None:
    site["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /zw/")
    site["/sitemap.xml"] = urls(site.url("/zw/dt/"))
    assert look(site).verdict is not Verdict.FIXED
    assert "/zw/dt/" not in asked(site)
