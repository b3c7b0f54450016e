"""Is the problem of one column fixed? What each class of problem asks of a column, found or not.

Must never answer `fixed` while something speaks against it, nor `not_fixed` of what was not seen whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tracker.domain.columns import Age, Freshness
from tracker.probes.base import Verdict
from tracker.probes.contents import Contents
from tracker.probes.fetch import Page
from tracker.probes.finding import Found, Search
from tracker.probes.newest import Newest
from tracker.probes.reading import Reading, Scene
from tracker.probes.sights import Sight, host_of

_GONE = frozenset({404, 410})
_HARDLY_TEXT = 40
# What these ask for is that a visitor finds it.
_TO_BE_FOUND = frozenset({"missing_column", "platform_missing", "wrong_column"})


class Reason(StrEnum):
    """Why the verdict is what it is."""

    FOUND = "found"
    ABSENT = "absent"
    FILLED = "filled"
    EMPTY = "empty"
    FRESH = "fresh"
    STALE = "stale"
    DEAD_LINK = "dead_link"
    FORMER_NAME = "former_name"
    NO_COLUMN_NAMED = "no_column_named"
    OPEN_LIST = "open_list"
    ONLY_ALIKE = "only_alike"
    NOT_SEEN_WHOLE = "not_seen_whole"
    UNLINKED = "unlinked"
    ELSEWHERE = "elsewhere"
    COLUMN_UNSEEN = "column_unseen"
    CONTENT_UNCLEAR = "content_unclear"
    DATE_UNCLEAR = "date_unclear"
    NO_LIMIT = "no_limit"
    ON_THE_EDGE = "on_the_edge"
    BEFORE_THE_LIST = "before_the_list"
    FETCH_FAILED = "fetch_failed"
    HTTP_STATUS = "http_status"
    ERROR_PAGE = "error_page"
    LOGIN_PAGE = "login_page"
    BARE_PAGE = "bare_page"


@dataclass(frozen=True)
class Judged:
    """The verdict on one column. `facts` go into the evidence's `found`; `page` is the one that decided."""

    verdict: Verdict
    reason: Reason
    summary: str
    facts: Mapping[str, object] = field(default_factory=dict)
    page: Page | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column found and opened, with the words for each answer. `listed_on`: the further page that told."""

    name: str
    found: Found
    sights: list[Sight]
    listed_on: Page | None = None

    def say(self, verdict: Verdict, reason: Reason, words: str, **facts: object) -> Judged:
        place = {"name": self.name, "text": self.found.text, "link": self.found.link}
        page = self.listed_on or (self.sights[0].page if self.sights else None)
        return Judged(verdict, reason, words, place | facts, page)


def judge(scene: Scene, search: Search, former: Search | None = None) -> Judged:
    """The verdict on one name that was looked for."""
    if search.found is None:
        return _not_found(scene, search)
    opened = _opened(scene, search.name, search.found)
    if isinstance(opened, Judged):
        return opened
    judged = _CLASSES[scene.target.problem_class](scene, opened, former)
    way = "sitemap.xml" if search.is_beyond else "没有文字的链接" if _is_faint(scene, search) else ""
    if way and judged.verdict is Verdict.FIXED and scene.target.problem_class in _TO_BE_FOUND:
        words = f"{judged.summary}，但只由{way}找到，从首页沿有名称的导航没有找到，需人工核对"
        return replace(judged, verdict=Verdict.UNSURE, reason=Reason.UNLINKED, summary=words)
    return judged


def _is_faint(scene: Scene, search: Search) -> bool:
    """Was it found only behind a link without a name, which visitors may not see?"""
    return search.found is not None and search.found.sight.url in scene.walk.faint


def _opened(scene: Scene, name: str, found: Found) -> Column | Judged:
    """The column with its own pages, or the verdict if these prove nothing."""
    column = Column(name, found, [found.sight])
    if not found.link:
        return column
    sights = scene.walk.see(found.link)
    home = scene.walk.first.url
    if any(host_of(url) != host_of(home) for url in (found.link, *(sight.url for sight in sights[:1]))):
        return column.say(Verdict.UNSURE, Reason.ELSEWHERE, f"“{found.text}”指向其他网站，需人工核对")
    if sights and sights[0].page.status in _GONE:
        return column.say(Verdict.NOT_FIXED, Reason.DEAD_LINK, f"栏目“{name}”的链接打不开（网页不存在）")
    if not sights or sights[0].unfit or all(sight.is_bare for sight in sights):
        words = f"栏目“{name}”的网页未能正常打开，或可见的链接太少，需人工核对"
        return column.say(Verdict.UNSURE, Reason.COLUMN_UNSEEN, words)
    if not found.here and _is_same(sights[0], scene.walk.first):
        return column.say(Verdict.UNSURE, Reason.COLUMN_UNSEEN, f"栏目“{name}”的链接打开的就是首页")
    return Column(name, found, sights)


def _is_same(one: Sight, other: Sight) -> bool:
    """Is it one page, be it under two addresses?"""
    one_look, other_look = ((each.reader.title, each.shown, each.frames) for each in (one, other))
    return one.url == other.url or one_look == other_look


def _not_found(scene: Scene, search: Search) -> Judged:
    if search.alike:
        words = f"网页上只有与“{search.name}”相近的文字，需人工核对"
        return Judged(Verdict.UNSURE, Reason.ONLY_ALIKE, words)
    if not scene.walk.is_complete:
        words = f"所看的网页上没有找到栏目：{search.name}，但网站未能看全（{scene.walk.gap}）"
        return Judged(Verdict.UNSURE, Reason.NOT_SEEN_WHOLE, words)
    # That an empty column is gone may be a fix or a way round it: a person decides.
    is_asked = scene.target.problem_class not in ("empty_column", "stale_column")
    verdict = Verdict.NOT_FIXED if is_asked else Verdict.UNSURE
    return Judged(verdict, Reason.ABSENT, f"网页上没有找到栏目：{search.name}")


def _there(scene: Scene, column: Column, former: Search | None) -> Judged:
    """missing_column, platform_missing: does a link lead there, and to more than an empty shell?"""
    if not column.found.link:
        words = f"网页上有“{column.found.text}”字样，但没有通向该栏目网页的链接，需人工核对"
        return column.say(Verdict.UNSURE, Reason.UNLINKED, words)
    contents = _read(scene, column).contents
    if not contents.sure and (contents.says_empty or (contents.compared and _is_hollow(contents))):
        return column.say(Verdict.UNSURE, Reason.EMPTY, f"已有栏目“{column.name}”，但没有内容，需人工核对")
    return column.say(
        Verdict.FIXED, Reason.FOUND, f"网页上已有栏目：{column.name}", documents=len(contents.sure)
    )


def _renamed(scene: Scene, column: Column, former: Search | None) -> Judged:
    """wrong_column: the new name is there, and the old one is nowhere any more."""
    there = _there(scene, column, None)
    if former and (former.found or former.alike) and there.verdict is Verdict.FIXED:
        sure = former.found is not None and not _is_faint(scene, former)
        words = f"栏目“{column.name}”已有，但仍见原名称“{former.name}”"
        return column.say(Verdict.NOT_FIXED if sure else Verdict.UNSURE, Reason.FORMER_NAME, words)
    if there.verdict is Verdict.FIXED and not scene.walk.is_complete:
        words = f"栏目“{column.name}”已有，但网站未能看全（{scene.walk.gap}），原名称是否还在需人工核对"
        return column.say(Verdict.UNSURE, Reason.NOT_SEEN_WHOLE, words)
    return there


def _filled(scene: Scene, column: Column, former: Search | None) -> Judged:
    """empty_column: does it hold a document that opens and has a day? Mere text may be a greeting."""
    if not column.found.link:
        return _unclear(column)
    contents, newest = _read(scene, column).newest(lambda newest: newest.surely is not None)
    column = replace(column, listed_on=newest.listed_on)
    facts = {"documents": len(contents.sure)}
    if newest.surely and not contents.says_empty:
        words = f"栏目“{column.name}”已有内容（所见 {len(contents.sure)} 条，最新 {newest.surely}）"
        return column.say(Verdict.FIXED, Reason.FILLED, words, **facts, **_dates(newest))
    if contents.is_said_empty or (contents.compared and not contents.maybe and _is_hollow(contents)):
        return column.say(Verdict.NOT_FIXED, Reason.EMPTY, f"栏目“{column.name}”仍没有内容", **facts)
    return _unclear(column)


def _is_hollow(contents: Contents) -> bool:
    """Is there nothing that is surely the column's own, nor a further page that could hold it?"""
    unseen = contents.by_script or contents.further
    return not (contents.sure or unseen) and contents.text < _HARDLY_TEXT


def _unclear(column: Column) -> Judged:
    words = (
        f"栏目“{column.name}”有无内容无法判断（可能由脚本显示、只有文字，或分不清是否属于本栏目），需人工核对"
    )
    return column.say(Verdict.UNSURE, Reason.CONTENT_UNCLEAR, words)


def _updated(scene: Scene, column: Column, former: Search | None) -> Judged:
    """stale_column: is the newest document within the limit, and newer than the list that complains?"""
    limit = scene.columns.limit_of(column.name, scene.target.bulletin)
    if limit is None:
        words = f"没有规定栏目“{column.name}”的更新期限（config/columns.toml），需人工核对"
        return column.say(Verdict.UNSURE, Reason.NO_LIMIT, words)
    newest = _newest(scene, column, limit) if column.found.link else Newest()
    column = replace(column, listed_on=newest.listed_on)
    facts = _dates(newest) | {"limit": limit.in_words()}
    if newest.at_most and limit.freshness(newest.at_most, scene.today) is Freshness.OVER:
        words = f"栏目“{column.name}”最新一条为 {newest.at_most}，已超过{limit.in_words()}"
        return column.say(Verdict.NOT_FIXED, Reason.STALE, words, **facts)
    if newest.surely is None or limit.freshness(newest.surely, scene.today) is Freshness.OVER:
        words = f"栏目“{column.name}”最近何时更新无法判断，需人工核对"
        return column.say(Verdict.UNSURE, Reason.DATE_UNCLEAR, words, **facts)
    words = f"栏目“{column.name}”最新一条为 {newest.surely}"
    if limit.freshness(newest.surely, scene.today) is Freshness.EDGE:
        return column.say(Verdict.UNSURE, Reason.ON_THE_EDGE, f"{words}，恰满{limit.in_words()}", **facts)
    if newest.surely < scene.target.issued_on:
        return column.say(Verdict.UNSURE, Reason.BEFORE_THE_LIST, f"{words}，早于通报印发之日", **facts)
    return column.say(Verdict.FIXED, Reason.FRESH, f"{words}，在{limit.in_words()}之内", **facts)


def _dates(newest: Newest) -> dict[str, object]:
    return {
        "newest": str(newest.surely) if newest.surely else None,
        "newest_at_most": str(newest.at_most) if newest.at_most else None,
        "document": {"title": newest.entry.title[:80], "link": newest.entry.link} if newest.entry else None,
    }


def _read(scene: Scene, column: Column) -> Reading:
    return Reading.of(scene, column.found, column.sights)


def _newest(scene: Scene, column: Column, limit: Age) -> Newest:
    """How new the column is: one fresh document is enough, for "stale" all must be known."""

    def is_fresh(newest: Newest) -> bool:
        day = newest.surely
        if day is None or scene.target.is_exact:
            return False
        return limit.freshness(day, scene.today) is Freshness.WITHIN and day >= scene.target.issued_on

    return _read(scene, column).newest(is_fresh)[1]


_CLASSES: Mapping[str, Callable[[Scene, Column, Search | None], Judged]] = {
    "missing_column": _there,
    "platform_missing": _there,
    "wrong_column": _renamed,
    "empty_column": _filled,
    "stale_column": _updated,
}
