"""Public pages of new-media accounts of an invented city, in the layouts that show when one posted last.

Must never show what its state does not say: what a probe answers is judged against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.fakes.government_site import TODAY, chinese, iso
from tests.fakes.website import Answer, FakeWebsite, html

PLATFORM, NAME = "微博", "云澜水务"
PLACE = "/u/sw/"
POSTS = 4


@dataclass(frozen=True)
class AccountState:
    """How long ago the account posted last; the days between two posts."""

    name: str
    ago: int
    every: int = 3

    @property
    def newest(self) -> date:
        return TODAY - timedelta(days=self.ago)

    @property
    def days(self) -> list[date]:
        return [self.newest - timedelta(days=self.every * n) for n in range(POSTS)]


STATES = [AccountState("of today", 0), AccountState("fresh", 3), AccountState("asleep", 400)]


def labelled(site: FakeWebsite, state: AccountState) -> None:
    site[PLACE] = html(f"<h1>{NAME}</h1><p>粉丝 1234</p><p>最近更新：{chinese(state.newest)}</p>")


def posts(site: FakeWebsite, state: AccountState) -> None:
    rows = ""
    for n, day in enumerate(state.days):
        rows += f'<li><a href="{PLACE}{n}.html">今日供水情况和停水通告</a><em>{iso(day)}</em></li>'
        site[f"{PLACE}{n}.html"] = html(f"<h1>{NAME}</h1><p>发布时间：{iso(day)}</p>", title="停水通告")
    site[PLACE] = html(f"<ul>{rows}</ul>", title=f"{NAME}的主页_{NAME}")


def posts_under_a_pinned_one(site: FakeWebsite, state: AccountState) -> None:
    posts(site, state)
    page = site.body(PLACE).replace(
        "<ul>", f'<ul><li>置顶 <a href="{PLACE}p.html">本号服务指南和联系方式</a>2019-01-02</li>'
    )
    site[PLACE] = Answer(page.encode())


def posts_in_gbk(site: FakeWebsite, state: AccountState) -> None:
    posts(site, state)
    site[PLACE] = Answer(site.body(PLACE).encode("gb18030"), headers={"Content-Type": "text/html"})


def matrix_in_a_table(site: FakeWebsite, state: AccountState) -> None:
    """A list of the city's accounts; another of the same name is on another platform."""
    rows = [("微信公众号", NAME, TODAY), ("微博", "云澜教育", TODAY), (PLATFORM, NAME, state.newest)]
    lines = "".join(
        f"<tr><td>{platform}</td><td><a href='#'>{name}</a></td><td>2018-03-01</td><td>{iso(day)}</td></tr>"
        for platform, name, day in rows
    )
    head = "<tr><th>平台</th><th>账号</th><th>开通时间</th><th>最近更新时间</th></tr>"
    site[PLACE] = html(f"<table>{head}{lines}</table>", title="云澜市政务新媒体矩阵")


def matrix_in_items(site: FakeWebsite, state: AccountState) -> None:
    rows = "".join(
        f"<li><b>{name}</b><span>最近更新 {iso(day)}</span></li>"
        for name, day in (("云澜教育", TODAY), (NAME, state.newest), ("云澜民政", TODAY))
    )
    site[PLACE] = html(f"<ul>{rows}</ul>", title="云澜市政务新媒体矩阵")


def label_under_a_profile(site: FakeWebsite, state: AccountState) -> None:
    """The name is the title's; the page's only first heading is the platform's."""
    info = f"<div><b>{NAME}</b></div><div>认证：云澜市水务局 粉丝 1.2万</div><div>{PLATFORM}</div>"
    label = f"<div><span>最后发布时间</span> <em>{iso(state.newest)} 10:20</em></div>"
    body = f"<h1>云澜微博</h1><nav><a href='/'>首页</a></nav><div>{info}{label}</div><h3>热点</h3><p>消息</p>"
    site[PLACE] = html(body, title=f"{NAME} - 云澜微博")


LAYOUTS: list[Callable[[FakeWebsite, AccountState], None]] = [
    labelled,
    label_under_a_profile,
    posts,
    posts_under_a_pinned_one,
    posts_in_gbk,
    matrix_in_a_table,
    matrix_in_items,
]

OTHER = "云澜民政"
_HEAD = f"<h1>{NAME}</h1>"
_SILENT = "<p>（暂无更新）</p>"
_FRESH = f"最近更新：{iso(TODAY)}"
# Title and body of pages that label one day, of today, which is or may be another account's.
OF_ANOTHER: dict[str, tuple[str, str]] = {
    "second of two headings": (
        "政务新媒体矩阵",
        f"<h2>{OTHER}</h2><p>{_FRESH}</p><h2>{NAME}</h2>{_SILENT}",
    ),
    "first of two headings": ("政务新媒体", f"<h2>{NAME}</h2>{_SILENT}<h2>{OTHER}</h2><p>{_FRESH}</p>"),
    "two first headings": ("政务新媒体", f"<h1>{OTHER}</h1><p>{_FRESH}</p>{_HEAD}{_SILENT}"),
    "heading hidden": ("政务新媒体", f"<h1 hidden>{NAME}</h1><p>{_FRESH}</p>"),
    "only the title": (NAME, f"<p>{_FRESH}</p>"),
    "side bar of items": (NAME, f"{_HEAD}<ul><li><a href='/b'>{OTHER}</a> {_FRESH}</li></ul>"),
    "side bar of bare items": (NAME, f"{_HEAD}<ul><li>{_FRESH}</li></ul>"),
    "side bar of parts": (
        f"{NAME}-新媒体",
        f"{_HEAD}<div><h3>相关账号</h3><div><a href='/b'>{OTHER}</a><span>{_FRESH}</span></div></div>",
    ),
    "side bar without a heading": (NAME, f"{_HEAD}<div><div>{OTHER}</div><div>{_FRESH}</div></div>"),
    "card that ends with its name": (NAME, f"{_HEAD}<div><div>{_FRESH}</div><div>{OTHER}</div></div>"),
    "another beside it": (NAME, f"{_HEAD}<div>{OTHER}</div><div>{_FRESH}</div>"),
    "aside": (NAME, f"{_HEAD}<aside>{_FRESH}</aside>"),
    "foot": (NAME, f"{_HEAD}<footer>{_FRESH}</footer>"),
    "menu": (NAME, f"{_HEAD}<nav>{_FRESH}</nav>"),
    "one named after it": (NAME, f"{_HEAD}<p>{NAME}视频 {_FRESH}</p>"),
    "one that it speaks of": (NAME, f"{_HEAD}<p>简介：另见{OTHER}，{_FRESH}</p>"),
    "news of the platform": (NAME, f"{_HEAD}<div>最近更新：<a href='/1'>{iso(TODAY)} 平台公告</a></div>"),
    "next row": (
        "新媒体",
        f"<table><tr><th>账号</th><th>最近更新</th></tr><tr><td>{NAME}</td><td></td></tr>"
        f"<tr><td>{OTHER}</td><td>{iso(TODAY)}</td></tr></table>",
    ),
    "two in a row": (
        "新媒体",
        "<table><tr><th>账号</th><th>最近更新</th><th>账号</th><th>最近更新</th></tr>"
        f"<tr><td>{NAME}</td><td></td><td>{OTHER}</td><td>{iso(TODAY)}</td></tr></table>",
    ),
    "two in a cell": (
        "新媒体",
        "<table><tr><th>账号</th><th>最近更新</th></tr>"
        f"<tr><td><b>{NAME}</b><b>{OTHER}</b></td><td>{iso(TODAY)}</td></tr></table>",
    ),
    "row that the head does not fit": (
        "新媒体",
        "<table><tr><th>账号</th><th colspan='2'>最近更新</th><th>开通</th></tr>"
        f"<tr><td>{NAME}</td><td>{iso(TODAY)}</td></tr></table>",
    ),
    "list of terms": (
        "新媒体",
        f"<dl><dt>{NAME}</dt><dd>停更</dd><dt>{OTHER}</dt><dd>{_FRESH}</dd></dl>",
    ),
    "table for looks": (
        "新媒体",
        f"<table><tr><td><h2>{NAME}</h2><p>停更</p><h2>{OTHER}</h2><p>{_FRESH}</p></td></tr></table>",
    ),
    "item that names two": ("新媒体", f"<ul><li><b>{NAME}</b> <b>{OTHER}</b> {_FRESH}</li></ul>"),
}
