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
from tracker.probes.dates import dates_of_address
from tracker.probes.page_reader import Shown
from tracker.probes.sights import UNFIT_WORDS, Sight, Unfit, absolute, folder_of, host_of
from tracker.probes.visits import Visits

# What a link to a column is called: a few signs, no date, no page number.
_LONGEST_NAME = 14
_NO_COLUMN = re.compile(r"\d{1,2}[-./月]\d{1,2}|^\d+$|^(?:上|下)一?页|^(?:首|尾|末)页$|^更多\W*$")
_NO_PAGE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|jpe?g|png|gif|mp4|mp3|ofd|wps|et|apk)(?:$|\?)", re.I
)
_MAP = re.compile(r"网站地图|站点地图|网站导航")
_PUBLISHING = re.compile(r"信息公开|政务公开|公开目录|法定主动|重点领域|公开指南|公开平台|政务")
_FRAMES_DEEP = 3
_GONE = frozenset({404, 410})


@dataclass(frozen=True)
class Blind:
    """A page that could not be seen, and why (a stable code, and the Chinese words)."""

    url: str
    reason: str
    message: str


@dataclass
class Walk:
    """One walk. `sights` are the pages seen so far, `blind` those that could not be."""

    visits: Visits
    depth: int
    start: str
    sights: list[Sight] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _frontier: list[tuple[int, int, int, str]] = field(default_factory=list)
    _scope: tuple[str, str] = ("", "/")
    _first: Sight | None = None
    _is_cut: bool = False

    @property
    def first(self) -> Sight:
        """The page that the walk began with; there is one once `sights` is not empty."""
        return self._first or self.sights[0]

    @property
    def is_complete(self) -> bool:
        return not (self.blind or self._frontier or self._is_cut)

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
        self._gather(first, 0, rank)
        yield from first
        while self._frontier:
            _, _, depth, url = heappop(self._frontier)
            seen = self.see(url)
            if self.blind and self.blind[-1].reason == FetchReason.OVER_BUDGET.value:
                return
            self._gather(seen, depth, rank)
            yield from seen

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

    def _gather(self, seen: list[Sight], depth: int, rank: Callable[[Shown], bool]) -> None:
        for sight in seen:
            if sight.unfit:
                continue
            for shown in sight.shown:
                url = absolute(sight.url, shown.link)
                if not self._is_column_link(shown, url):
                    continue
                if depth >= self.depth:
                    self._is_cut = True
                else:
                    self._asked.add(url)
                    order = len(self._asked)
                    heappush(self._frontier, (_rank(shown, rank(shown)), order, depth + 1, url))

    def _is_column_link(self, shown: Shown, url: str) -> bool:
        named = 2 <= len(shown.text) <= _LONGEST_NAME and not _NO_COLUMN.search(shown.text)
        # What bears a day in its address is a document.
        return named and shown.certain and self.is_unseen(url)


def _blindness(sight: Sight, framed: list[Sight], as_frame: bool) -> Unfit | None:
    """Why a page that came is not seen; None for one that is, and for one that is certainly gone."""
    if sight.unfit:
        return None if sight.page.status in _GONE else sight.unfit
    # A frame may well hold little; only a script could have more to show.
    is_dim = sight.is_bare and (not as_frame or bool(sight.scripts))
    return Unfit.BARE_PAGE if is_dim and all(each.is_bare for each in framed) else None


def _rank(shown: Shown, wanted: bool) -> int:
    if wanted:
        return 0
    if _MAP.search(shown.text):
        return 1
    return 2 if _PUBLISHING.search(shown.text) else 3


def _unit_folder(asked: str, came: str) -> str:
    """A unit that lives in a folder of the city's site: its neighbours' columns are not its own.

    Who was given a host of its own has all of it, wherever its start page lies.
    """
    if urlsplit(asked).path.strip("/") == "":
        return "/"
    first = folder_of(came).strip("/").partition("/")[0]
    return f"/{first}/" if first else "/"
