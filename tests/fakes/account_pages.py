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


def label_in_a_table(site: FakeWebsite, state: AccountState) -> None:
    rows = f"<tr><td>账号</td><td>{NAME}</td></tr><tr><td>最后发布时间 {iso(state.newest)}</td></tr>"
    site[PLACE] = html(f"<table>{rows}</table>", title=f"{NAME} - 云澜微博")


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


LAYOUTS: list[Callable[[FakeWebsite, AccountState], None]] = [
    labelled,
    label_in_a_table,
    posts,
    posts_under_a_pinned_one,
    posts_in_gbk,
    matrix_in_a_table,
    matrix_in_items,
]
