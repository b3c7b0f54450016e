"""A walk over the site of a unit: its navigation, nearest to what is sought first, within the budget.

Must never leave the unit's part of the site, and never call a walk complete that left something out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush
from urllib.parse import urlsplit

from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.browser import Render
from tracker.probes.byways import called_by_script, draws_links, nameless_links
from tracker.probes.dates import dates_of_address
from tracker.probes.menu import HUBS, LONGEST_NAME, Rank, is_column_name, is_platform_name, rank_of
from tracker.probes.page_reader import Shown
from tracker.probes.sights import UNFIT_WORDS, Sight, Unfit, absolute, folder_of, host_of
from tracker.probes.visits import Visits

_NO_PAGE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|jpe?g|png|gif|mp4|mp3|ofd|wps|et|apk)(?:$|\?)", re.I
)
_FRAMES_DEEP = 3
_MOST_DRAWN = 3
_MOST_NAMELESS = 20  # a wall of photographs must not spend the budget
_GONE = frozenset({404, 410})
_FARTHER = "限定的层级以外还有网页"
_BY_SCRIPT = "网页上可能还有由脚本显示的链接"
_UNNAMED = "有的链接没有文字，其网页也没有自己的标题"
_TOO_MANY = "没有文字的链接太多"


@dataclass(frozen=True)
class Blind:
    """A page that could not be seen, and why (a stable code, and the Chinese words)."""

    url: str
    reason: str
    message: str


@dataclass
class Walk:
    """One walk. `sights` are the pages seen so far, `blind` those that could not be. `render` draws, at the
    very end, the pages that announce columns where a script may have more of them. `faint` are addresses to
    which only a way without a name leads."""

    visits: Visits
    depth: int
    start: str
    render: Render | None = None
    sights: list[Sight] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    faint: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _frontier: list[tuple[Rank, int, int, str]] = field(default_factory=list)
    _veiled: list[tuple[int, str]] = field(default_factory=list)
    _nameless: int = 0
    _drawn: set[str] = field(default_factory=set)
    _scope: tuple[str, str] = ("", "/")
    _first: Sight | None = None
    _gap: str = ""

    @property
    def first(self) -> Sight:
        """The page that the walk began with; there is one once `sights` is not empty."""
        return self._first or self.sights[0]

    @property
    def is_complete(self) -> bool:
        return not (self.blind or self._frontier or self._veiled or self._gap)

    @property
    def gap(self) -> str:
        """What keeps the walk from being complete, in words; "" of one that is."""
        if self.blind:
            return self.blind[0].message
        return self._gap or (_BY_SCRIPT if self._veiled else "") or ("" if self.is_complete else _FARTHER)

    def see(self, url: str) -> list[Sight]:
        """The page at `url` with its frames, wherever it sends its visitors; empty if it cannot be seen, and
        `blind` then says why. A page that is gone is seen to be gone: one sight, unfit."""
        return self._see(url, hops=_FRAMES_DEEP)

    def steps(self, rank: Callable[[Shown], bool]) -> Iterator[Sight]:
        """The pages of the site from its start, each once. Links for which `rank` holds come first."""
        first = self.see(self.start)
        if first:
            self._first = first[0]
            self._scope = (host_of(first[0].url), _unit_folder(self.start, first[0].url))
        self._gather(first, 0, rank, is_hub=True)
        yield from first
        yield from self._onward(rank)
        while self._veiled and not self._is_spent:
            depth, url = self._veiled.pop(0)
            drawn = self._draw(url)
            self._gather(drawn, depth, rank, is_hub=True)
            yield from drawn
            yield from self._onward(rank)

    def _onward(self, rank: Callable[[Shown], bool]) -> Iterator[Sight]:
        while self._frontier:
            kind, _, depth, url = heappop(self._frontier)
            seen = self.see(url)
            if self._is_spent:
                return
            self.faint |= {sight.url for sight in seen if url in self.faint}
            if kind is Rank.NAMELESS and not self._is_named(seen):
                self._gap = self._gap or _UNNAMED
            self._gather(seen, depth, rank, is_hub=kind in HUBS)
            yield from seen

    @property
    def _is_spent(self) -> bool:
        return bool(self.blind) and self.blind[-1].reason == FetchReason.OVER_BUDGET.value

    def beyond(self, urls: Iterable[str]) -> Iterator[Sight]:
        """Pages to which no navigation led; one that cannot be seen is no gap in the walk."""
        known = len(self.blind)
        for url in urls:
            seen = self.see(url)
            del self.blind[known:]
            yield from seen

    def is_unseen(self, url: str) -> bool:
        """Is it a page of the unit's part of the site, no document, that nobody has asked for yet?"""
        if not url or url in self._asked or _NO_PAGE.search(url) or dates_of_address(url, date.max):
            return False
        host, folder = self._scope
        return host_of(url) == host and folder_of(url).startswith(folder)

    def _see(self, url: str, hops: int, *, as_frame: bool = False) -> list[Sight]:
        try:
            sight = Sight.of(self.visits.open(url))
        except FetchError as error:
            self.blind.append(Blind(url, error.reason.value, error.message))
            return []
        if sight.onward and sight.onward != sight.url and hops:
            return self._see(sight.onward, hops - 1, as_frame=as_frame)
        self._asked |= {url, sight.url}
        framed = [each for link in sight.frames if hops for each in self._see(link, hops - 1, as_frame=True)]
        self.sights.append(sight)
        if (reason := _blindness(sight, framed, as_frame)) is not None:
            message = UNFIT_WORDS.get(reason, f"网页返回状态码 {sight.page.status}，无法判断")
            self.blind.append(Blind(sight.url, reason.value, message))
        return [sight, *framed]

    def _gather(
        self, seen: list[Sight], depth: int, rank: Callable[[Shown], bool], *, is_hub: bool = False
    ) -> None:
        for sight in seen:
            if sight.unfit:
                continue
            for shown in sight.shown:
                url = absolute(sight.url, shown.link)
                if self._is_column_link(shown, url):
                    self._add(url, depth, rank_of(shown, rank(shown)), is_faint=sight.url in self.faint)
                elif is_hub and self._is_platform_elsewhere(shown, url):
                    self._gap = self._gap or f"“{shown.text[:LONGEST_NAME]}”指向本单位网址以外"
            if is_hub:
                self._gather_nameless(sight, depth)

    def _gather_nameless(self, sight: Sight, depth: int) -> None:
        """What a page that announces columns has beside its named links."""
        for url in filter(self.is_unseen, nameless_links(sight)):
            self._nameless += 1
            if self._nameless > _MOST_NAMELESS:
                self._gap = self._gap or _TOO_MANY
                break
            self._add(url, depth, Rank.NAMELESS, is_faint=True)
        if text := called_by_script(sight):
            self._gap = self._gap or f"“{text}”由脚本打开"
        if sight.url not in self._drawn and draws_links(sight):
            self._veiled.append((depth, sight.url))

    def _add(self, url: str, depth: int, rank: Rank, *, is_faint: bool) -> None:
        if depth >= self.depth:
            self._gap = self._gap or _FARTHER
            return
        self._asked.add(url)
        self.faint |= {url} if is_faint else set()
        heappush(self._frontier, (rank, len(self._asked), depth + 1, url))

    def _draw(self, url: str) -> list[Sight]:
        """The page as a browser shows it; none, and a gap, if there is no browser that can."""
        may = self.render if len(self._drawn) < _MOST_DRAWN else None
        try:
            drawn = Sight.of(may(url)) if may else None
        except FetchError:
            drawn = None
        if drawn is None or drawn.unfit or drawn.is_bare:
            self._gap = self._gap or _BY_SCRIPT
            return []
        if drawn.page.lacks:  # what a script could not load might have been a menu
            self._gap = self._gap or _BY_SCRIPT
        self._drawn |= {url, drawn.url}
        self.sights.append(drawn)
        return [drawn]

    def _is_column_link(self, shown: Shown, url: str) -> bool:
        # What bears a day in its address is a document.
        return is_column_name(shown) and self.is_unseen(url)

    def _is_platform_elsewhere(self, shown: Shown, url: str) -> bool:
        """Does a link lead to a place for columns outside of the unit's part?"""
        host, folder = self._scope
        is_own = host_of(url) == host and folder_of(url).startswith(folder)
        return bool(url) and not is_own and is_column_name(shown) and is_platform_name(shown.text)

    def _is_named(self, seen: list[Sight]) -> bool:
        """Does a page to which no name led say itself what it is? One that is gone need not."""
        if not seen or seen[0].unfit:
            return True
        title = seen[0].reader.title.strip()
        return bool(title) and title != self.first.reader.title.strip()


def _blindness(sight: Sight, framed: list[Sight], as_frame: bool) -> Unfit | None:
    """Why a page that came is not seen; None for one that is, and for one that is certainly gone."""
    if sight.unfit:
        return None if sight.page.status in _GONE else sight.unfit
    # A frame may well hold little; only a script could have more to show.
    is_dim = sight.is_bare and (not as_frame or bool(sight.scripts))
    return Unfit.BARE_PAGE if is_dim and all(each.is_bare for each in framed) else None


def _unit_folder(asked: str, came: str) -> str:
    """A unit that lives in a folder of the city's site: its neighbours' columns are not its own.

    Who was given a host of its own has all of it, wherever its start page lies.
    """
    if urlsplit(asked).path.strip("/") == "":
        return "/"
    first = folder_of(came).strip("/").partition("/")[0]
    return f"/{first}/" if first else "/"
