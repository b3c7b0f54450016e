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

from tracker.probes.account_words import (
    FOOT,
    LATEST,
    OWN_LATEST,
    VAGUE,
    Account,
    certain_days,
    labelled_days_of_all_own,
    latest_under_name,
)
from tracker.probes.addresses import FetchError
from tracker.probes.base import LatestPost
from tracker.probes.browser import Render
from tracker.probes.dates import dates_in
from tracker.probes.extents import is_hidden
from tracker.probes.listing import Entry, parsed, read_listing, words_of
from tracker.probes.names import comparable
from tracker.probes.newest import asked_page
from tracker.probes.sights import UNFIT_WORDS, Sight
from tracker.probes.walk import Walk

_TITLE_PARTS = re.compile(r"[-_|–—－·>»（(]+")
_ROWS = ("li", "tr", "dl")
_MOST_ROWS = 3000


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
    if len(posted.days) == 1:
        return f"页面上的最近更新日期（{min(posted.days)}）不能确定是账号“{account.name}”的，请人工查看"
    if posted.days:
        days = "、".join(map(str, sorted(posted.days)))
        return f"页面上的最近更新日期互相矛盾（{days}），请人工查看"
    if posted.is_account:
        return "页面上没有能够确定的最近更新日期，请人工查看"
    return f"页面上没有找到账号“{account.name}”及其最近更新日期，请人工查看"


@dataclass(frozen=True)
class Posted:
    """`days` are all that the page says, `own` those surely the account's; certain only if they are one."""

    days: frozenset[date] = frozenset()
    is_account: bool = False
    own: frozenset[date] = frozenset()

    @property
    def certain(self) -> date | None:
        return next(iter(self.own)) if len(self.days) == 1 and self.own == self.days else None


def posted_on(
    sights: list[Sight], account: Account, see: Callable[[str], list[Sight]], today: date
) -> Posted:
    """The day of the last post by a page and its frames; `see` opens the newest post to hear it itself."""
    its_own = [sight for sight in sights if _is_own(sight, account)]
    days = {day for sight in sights for day in _in_rows(sight, account, today)}
    if not its_own:
        return Posted(frozenset(days), own=frozenset(days))
    days |= {day for sight in its_own for day in _under_name(sight, account, today)}
    days |= _listed(sights, account, see, today)
    said = {day for sight in sights for day in _labelled(sight, today)}
    return Posted(frozenset(days | said), True, frozenset(days))


def _is_own(sight: Sight, account: Account) -> bool:
    """Does the page call itself by the account's name, in its title or in its only first heading?"""
    root = parsed(sight.page.text)
    heads = list(root.iter("h1")) if root is not None else []
    shown = [words_of(each) for each in heads if len(heads) == 1 and not is_hidden(each)]
    return any(map(account.is_named_by, [*_TITLE_PARTS.split(sight.reader.title), *shown]))


def _under_name(sight: Sight, account: Account, today: date) -> list[date]:
    root = parsed(sight.page.text)
    return latest_under_name(root, account, today) if root is not None else []


def _labelled(sight: Sight, today: date) -> Iterator[date]:
    """The days after 最近更新 and the like, of whomever: they speak against others. Not its foot's."""
    for shown in takewhile(lambda shown: not FOOT.search(shown.text), sight.shown):
        for text in OWN_LATEST.findall(shown.text) if shown.certain else ():
            if not VAGUE.search(text):
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
    return _row_days(chosen[0], account, today) if len(chosen) == 1 else []


def _names(row: HtmlElement, account: Account) -> bool:
    if is_hidden(row):
        return False
    return any(account.is_named_by(words_of(each)) for each in row.iter() if isinstance(each.tag, str))


def _row_days(row: HtmlElement, account: Account, today: date) -> list[date]:
    """The day under the one head that labels it, or that the row labels; none if it may be another's."""
    cells = [words_of(cell) for cell in row.findall("td")]
    heads = _heads(row) if cells else []
    labels = [place for place, head in enumerate(heads) if LATEST.search(head)]
    if not labels:
        return labelled_days_of_all_own(row, account, today)
    is_one = len(labels) == 1 and len(heads) == len(cells) == len(set(heads))
    is_named = any(map(account.is_named_by, cells))
    return certain_days(cells[labels[0]], today) if is_one and is_named else []


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
