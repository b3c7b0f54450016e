"""When a new-media account posted last, by a public page: its own, or a list of accounts with their days.

Must never take a day that only may be it: a day without a label, of another account, of a side bar, or one
against which another part of the page speaks is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice, pairwise, takewhile

from lxml.html import HtmlElement

from tracker.probes.addresses import FetchError
from tracker.probes.base import LatestPost
from tracker.probes.browser import Render
from tracker.probes.dates import dates_in
from tracker.probes.listing import Entry, is_hidden, parsed, read_listing, words_of
from tracker.probes.names import comparable
from tracker.probes.newest import asked_page
from tracker.probes.sights import UNFIT_WORDS, Sight
from tracker.probes.walk import Walk

# Not when the entry in a list, its filing, or the page itself was last touched.
_OTHERS = ("信息", "资料", "备案", "登记", "数据", "本页", "页面", "网页", "网站", "本站", "系统")
_OF_OTHERS = "".join(f"(?<!{word})" for word in _OTHERS)
_LAST = r"(?:最后|最近|最新)(?:一次|一条)?(?:更新|发布|发文|推送)(?:时间|日期|于)?"
_WHEN = r"(?<!最后)(?<!最近)(?<!最新)(?:更新|发布|发文|推送)(?:时间|日期)"
_LATEST = re.compile(rf"{_OF_OTHERS}(?:{_LAST}|{_WHEN})")
_OWN_LATEST = re.compile(rf"{_OF_OTHERS}{_LAST}[：:\s]{{0,3}}(.{{1,24}})")
_FOOT = re.compile(r"版权所有|Copyright|ICP备|备案号|网安备|主办单位|网站标识码", re.I)
# Of weeks and longer only the oldest possible day is known.
_VAGUE = re.compile(r"\d\s*(?:周|个?月|年)以?前")
_TITLE_PARTS = re.compile(r"[-_|–—－·>»（(]+")
_ROWS = ("li", "tr", "dl")
_MOST_ROWS = 3000


@dataclass(frozen=True)
class Account:
    platform: str
    name: str

    @property
    def key(self) -> str:
        return comparable(self.name)


def latest_post(walk: Walk, account: Account, now: datetime, render: Render | None) -> LatestPost:
    """One look at the page where the walk begins; drawn by `render` if a script may show more of it."""
    evidence: dict[str, object] = {"url": walk.start, "looked_at": now.isoformat()}
    sights = walk.see(walk.start)
    if not sights:
        return LatestPost(None, False, evidence | {"summary": f"网页未能打开：{walk.blind[0].message}"})
    posted = _posted(walk, sights, account, now.date())
    if render and not posted.days and any(sight.scripts or sight.has_placeholders for sight in sights):
        sights = _drawn(render, walk.start) or sights
        posted = _posted(walk, sights, account, now.date())
    page = sights[0].page
    blind = [{"url": each.url, "reason": each.reason} for each in walk.blind[:5]]
    evidence |= {"final_url": page.url, "status": page.status, "sha256": page.sha256}
    evidence |= {"pages": walk.visits.count, "blind": blind, "is_account": posted.is_account}
    day = posted.certain
    if day is not None:
        evidence["found"] = [{"name": account.name, "newest": str(day)}]
    return LatestPost(day, posted.is_account, evidence | {"summary": _summary(sights[0], account, posted)})


def _posted(walk: Walk, sights: list[Sight], account: Account, today: date) -> Posted:
    return Posted() if sights[0].unfit else posted_on(sights, account, walk.see, today)


def _drawn(render: Render, url: str) -> list[Sight]:
    try:
        return [Sight.of(render(url))]
    except FetchError:
        return []


def _summary(sight: Sight, account: Account, posted: Posted) -> str:
    if sight.unfit:
        return UNFIT_WORDS.get(sight.unfit, f"网页返回状态码 {sight.page.status}，无法判断")
    if posted.certain:
        return f"页面所见最近一次更新为 {posted.certain}"
    if posted.days:
        days = "、".join(map(str, sorted(posted.days)))
        return f"页面上的最近更新日期互相矛盾（{days}），请人工查看"
    if posted.is_account:
        return "页面上没有能够确定的最近更新日期，请人工查看"
    return f"页面上没有找到账号“{account.name}”及其最近更新日期，请人工查看"


@dataclass(frozen=True)
class Posted:
    """`days` are the answers of each part of the page that gives one; certain only if they are one."""

    days: frozenset[date] = frozenset()
    is_account: bool = False

    @property
    def certain(self) -> date | None:
        return next(iter(self.days)) if len(self.days) == 1 else None


def posted_on(
    sights: list[Sight], account: Account, see: Callable[[str], list[Sight]], today: date
) -> Posted:
    """The day of the last post by a page and its frames; `see` opens the newest post to hear it itself."""
    is_account = any(_is_own(sight, account) for sight in sights)
    days = {day for sight in sights for day in _in_rows(sight, account, today)}
    if is_account:
        days |= {day for sight in sights for day in _labelled(sight, today)}
        days |= _listed(sights, account, see, today)
    return Posted(frozenset(days), is_account)


def _is_own(sight: Sight, account: Account) -> bool:
    """Does the page call itself by the account's name, in its title or in a heading?"""
    parts = _TITLE_PARTS.split(sight.reader.title)
    root = parsed(sight.page.text)
    heads = [words_of(each) for each in root.iter("h1", "h2", "h3")] if root is not None else []
    return any(comparable(text) == account.key for text in [*parts, *heads])


def _labelled(sight: Sight, today: date) -> Iterator[date]:
    """The days that the page says after 最近更新 and the like; its foot speaks of the page itself."""
    for shown in takewhile(lambda shown: not _FOOT.search(shown.text), sight.shown):
        for text in _OWN_LATEST.findall(shown.text) if shown.certain else ():
            if not _VAGUE.search(text):
                yield from dates_in(text, today)[:1]


def _in_rows(sight: Sight, account: Account, today: date) -> list[date]:
    """The labelled day of the one row of a list of accounts that is this account's."""
    root = parsed(sight.page.text)
    if root is None:
        return []
    rows = [row for row in islice(root.iter(*_ROWS), _MOST_ROWS) if _names(row, account)]
    inner = [
        row for row in rows if not any(other is not row and row in other.iterancestors() for other in rows)
    ]
    on_platform = [row for row in inner if account.platform in words_of(row)]
    chosen = on_platform or inner
    return _row_days(chosen[0], today) if len(chosen) == 1 else []


def _names(row: HtmlElement, account: Account) -> bool:
    if is_hidden(row):
        return False
    return any(comparable(words_of(each)) == account.key for each in row.iter() if isinstance(each.tag, str))


def _row_days(row: HtmlElement, today: date) -> list[date]:
    """The days that a row labels itself, or that stand under a head that does."""
    cells = row.findall("td")
    heads = _heads(row) if cells else []
    under = [words_of(cell) for head, cell in zip(heads, cells, strict=False) if _LATEST.search(head)]
    texts = under or [text[label.end() :] for text in [words_of(row)] for label in _LATEST.finditer(text)]
    return [day for text in texts if not _VAGUE.search(text) for day in dates_in(text[:24], today)[:1]]


def _heads(row: HtmlElement) -> list[str]:
    """The cells at the head of the row's table."""
    table = next(row.iterancestors("table"), None)
    first = next(table.iter("tr"), None) if table is not None else None
    if first is None or first is row:
        return []
    return [words_of(cell) for cell in first if cell.tag in ("th", "td")]


def _listed(
    sights: list[Sight], account: Account, see: Callable[[str], list[Sight]], today: date
) -> set[date]:
    """The day of the newest post of a list that falls, as its own page states it under the account's name."""
    found = [entry for sight in sights for entry in read_listing(sight.page.text, sight.url, today).entries]
    dated = [entry for entry in found if entry.shown and entry.dates]
    in_order = [entry for entry in dated if not entry.pinned]
    # A single one has no order, and half a date may be the newest of all.
    if len(in_order) < 2 or not _falls(in_order) or any(entry.partial for entry in found):
        return set()
    newest = max(dated, key=lambda entry: max(entry.dates))
    seen = see(newest.link)
    asked = asked_page(newest, lambda _link: seen, today)
    shown = (shown for sight in seen for shown in sight.shown if shown.certain)
    return (
        set(asked.dates) if asked and any(account.key in comparable(each.text) for each in shown) else set()
    )


def _falls(entries: list[Entry]) -> bool:
    return all(min(one.dates) >= max(after.dates) for one, after in pairwise(entries))
