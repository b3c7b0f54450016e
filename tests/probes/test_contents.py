"""What belongs to a column where addresses tell nothing: what stands where its neighbours list theirs."""

from __future__ import annotations

import pytest

from tests.fakes.government_site import COLUMN
from tests.fakes.website import FakeWebsite, html
from tests.probes.looks import probe, target
from tracker.probes import Verdict

FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
NAMES = ["机构职能", "领导信息", COLUMN, "政策法规", "办事服务", "互动交流", "通知公告"]
OWN = "/gzdt/"
PLACES = {name: OWN if name == COLUMN else f"/c{n}/" for n, name in enumerate(NAMES)}
MENU = "".join(f'<li><a href="{place}">{name}</a></li>' for name, place in PLACES.items())
CLASSES = ("empty_column", "stale_column")


def rows(kind: str, *days: str, tail: str = "") -> str:
    items = (
        f'<li><a href="/info/{kind}{day}.html">关于{kind}的一份文件</a><span>{day}</span></li>'
        for day in days
    )
    return f"<ul>{''.join(items)}{tail}</ul>"


def side(heading: str = "<h3>最新信息</h3>") -> str:
    return f"<div class=side>{heading}{rows('side', '2021-09-05', '2021-09-04')}</div>"


def listed(name: str, *days: str) -> str:
    return f"<div><h2>{name}</h2>{rows(PLACES[name].strip('/'), *days)}</div>"


def put(site: FakeWebsite, name: str, body: str) -> None:
    site[PLACES[name]] = html(f"<ul>{MENU}</ul>{body}", title=f"{name}-云澜市测试局")


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    """Neighbours that have only text; documents open and say what they are."""
    site["/"] = html(f"<ul>{MENU}</ul>")
    for name in NAMES:
        put(site, name, f"<h2>{name}</h2><p>这里是{name}的介绍。</p>")
    for kind in ("side", "gzdt", "c0", "c6"):
        for day in ("2021-09-08", "2021-09-05", "2021-09-04", "2019-05-02", "2019-05-01"):
            site[f"/info/{kind}{day}.html"] = html(f"<ul>{MENU}</ul><p>正文若干。</p>")
    return site


def verdicts(site: FakeWebsite) -> list[Verdict]:
    return [probe().look(target(each, site.url("/"))).verdict for each in CLASSES]


@pytest.mark.parametrize("heading", ["<h3>最新信息</h3>", ""], ids=["headed", "bare"])
@pytest.mark.parametrize("own", [(), ("2019-05-02", "2019-05-01")], ids=["empty", "stale"])
def test_a_side_bar_that_no_neighbour_has_is_not_the_columns(
    site: FakeWebsite, own: tuple[str, ...], heading: str
) -> None:
    put(site, COLUMN, listed(COLUMN, *own) + side(heading))
    assert verdicts(site) == [UNSURE, UNSURE]


@pytest.mark.parametrize("heading", ["<h3>最新信息</h3>", ""], ids=["headed", "bare"])
def test_beside_a_neighbour_with_a_list_only_what_stands_in_the_same_block_is_the_columns(
    site: FakeWebsite, heading: str
) -> None:
    put(site, "机构职能", listed("机构职能", "2019-05-01"))
    put(site, COLUMN, listed(COLUMN) + side(heading))
    assert verdicts(site) == [UNSURE, UNSURE]
    put(site, COLUMN, listed(COLUMN, "2019-05-02") + side(heading))
    assert verdicts(site) == [FIXED, UNSURE]
    put(site, COLUMN, listed(COLUMN, "2021-09-08") + side(heading))
    assert verdicts(site) == [FIXED, FIXED]


def test_in_the_same_block_but_below_another_name_nothing_is_the_columns(site: FakeWebsite) -> None:
    put(site, "机构职能", listed("机构职能", "2019-05-01"))
    put(site, COLUMN, listed(COLUMN, "2021-09-08").replace(f">{COLUMN}<", ">最新信息<"))
    assert verdicts(site) == [UNSURE, UNSURE]


def test_what_stands_below_the_same_heading_in_every_page_proves_no_block(site: FakeWebsite) -> None:
    for name in (COLUMN, "机构职能"):
        body = rows(PLACES[name].strip("/"), "2021-09-08")
        put(site, name, f"<div><h2>点击排行</h2>{body}</div>")
    assert verdicts(site) == [UNSURE, UNSURE]


def test_of_more_neighbours_the_first_with_a_list_proves_the_block(site: FakeWebsite) -> None:
    put(site, COLUMN, listed(COLUMN, "2021-09-08"))
    assert verdicts(site) == [UNSURE, UNSURE]
    put(site, "机构职能", listed("机构职能", "2019-05-01"))
    assert verdicts(site) == [FIXED, FIXED]


def test_a_notice_of_emptiness_beside_what_may_be_documents_is_not_believed(site: FakeWebsite) -> None:
    put(site, COLUMN, f"<p>暂无内容</p>{listed(COLUMN, '2021-09-08')}")
    assert verdicts(site)[0] is UNSURE
    put(site, COLUMN, "<p>暂无内容</p>")
    assert verdicts(site)[0] is NOT_FIXED


SCRIPT = '<script src="/list.js"></script>'


def test_a_list_that_every_page_shows_does_not_prove_a_script_harmless(site: FakeWebsite) -> None:
    """The template's notice is hidden by a class, and the script draws the list."""
    for name in NAMES:
        put(site, name, f"<h2>{name}</h2><p class=no>暂无数据</p>{side()}{SCRIPT}")
    assert verdicts(site)[0] is UNSURE


def test_a_ranking_of_each_columns_own_does_not_prove_a_script_harmless(site: FakeWebsite) -> None:
    for name, place in PLACES.items():
        ranked = "".join(
            f'<li><a href="{place}{n}.html">{name}的一份文件</a>2019-05-0{n}</li>' for n in (2, 1)
        )
        put(site, name, f"<div id=list></div><div><h3>点击排行</h3><ul>{ranked}</ul></div>{SCRIPT}")
        site[f"{place}2.html"] = html(f"<ul>{MENU}</ul><p>正文若干。</p>")
    assert verdicts(site)[1] is UNSURE


def test_a_script_that_a_neighbour_has_beside_its_own_list_is_harmless(site: FakeWebsite) -> None:
    put(site, "机构职能", listed("机构职能", "2019-05-01") + SCRIPT)
    put(site, COLUMN, listed(COLUMN, "2019-05-02", "2019-05-01") + SCRIPT)
    assert verdicts(site) == [FIXED, NOT_FIXED]
