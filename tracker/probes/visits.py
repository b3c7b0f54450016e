"""Visits to sites with manners: what `robots.txt` allows, not too fast, nothing asked for twice.

Must never go on when the budget of a check is spent, nor take a site that hides its `robots.txt` behind an
error for one that allows everything.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import getsizeof
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from tracker.domain.columns import WalkLimits
from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.fetch import Page

_AGENT = "rectify"
_KEPT_PAGES = 500
_KEPT_BYTES = 64 * 1024 * 1024
# A site that asks for a minute between two pages would never be checked: it gets at least this pace.
_LONGEST_PAUSE = 10.0
_NOT_MODIFIED = 304
_LASTING = frozenset({200, 404, 410})


class Fetch(Protocol):
    """`tracker.probes.fetch.fetch` within a policy."""

    def __call__(self, url: str, *, known: Mapping[str, str] | None = None) -> Page: ...


@dataclass
class Pace:
    """Keeps the visits of one host apart; shared by all threads of the process."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _free_at: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, host: str, seconds: float) -> None:
        """Returns when it is this caller's turn; turns are given in the order of asking."""
        with self._lock:
            now = self.clock()
            turn = max(now, self._free_at.get(host, now))
            self._free_at[host] = turn + seconds
        if turn > now:
            self.sleep(turn - now)


class Memory:
    """The pages last read, in memory only: those of this hour are not asked for again, older ones with their
    validators. Bounded in pages and in the bytes that they take up here (a page of 22 KB sent may take 8 MB).
    """

    def __init__(self, kept: int = _KEPT_PAGES, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept, self._kept_bytes = kept, kept_bytes
        self._pages: OrderedDict[str, tuple[Page, datetime, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, url: str) -> tuple[Page, datetime] | None:
        with self._lock:
            found = self._pages.get(url)
        return found[:2] if found else None

    def put(self, url: str, page: Page, now: datetime) -> None:
        size = _bytes_of(page)
        with self._lock:
            if url in self._pages:
                self._bytes -= self._pages.pop(url)[2]
            if size > self._kept_bytes:
                return
            self._pages[url] = page, now, size
            self._bytes += size
            while len(self._pages) > self._kept or self._bytes > self._kept_bytes:
                self._bytes -= self._pages.popitem(last=False)[1][2]


def _bytes_of(page: Page) -> int:
    """What the page takes up here: one sign beyond the usual ones makes each of a text take four bytes."""
    return sum(map(getsizeof, (page.url, page.content_type, page.text, *page.validators.values())))


class Visits:
    """The visits of one check, within its budget. `count` is how many pages it has looked at, `reserved` how
    many it must leave for later.

    `read_since`: what was read before is asked for again, however short ago that was.
    """

    def __init__(
        self,
        fetch: Fetch,
        limits: WalkLimits,
        memory: Memory,
        pace: Pace,
        now: datetime,
        *,
        read_since: datetime | None = None,
    ) -> None:
        self._fetch, self._limits, self._memory, self._pace = fetch, limits, memory, pace
        self._now = now
        self._read_since = read_since
        self._ends_at = pace.clock() + limits.seconds
        self._bytes = 0
        self._robots: dict[str, Protego | FetchReason] = {}
        self.count = 0
        self.reserved = 0

    def open(self, url: str) -> Page:
        """The page at `url`. Raises FetchError for what is refused, fails or goes beyond the budget."""
        self._check_budget()
        self.count += 1
        if not _origin(url):  # malformed: it has no robots to ask, and the fetch says what is wrong with it
            return self._fetch(url)
        rules = self._rules(url)
        if isinstance(rules, FetchReason):
            raise FetchError(rules)
        if not rules.can_fetch(url, _AGENT):
            raise FetchError(FetchReason.ROBOTS)
        delay = min(rules.crawl_delay(_AGENT) or 0.0, _LONGEST_PAUSE)
        return self._read(url, max(delay, self._limits.pause_seconds))

    def sitemaps(self, url: str) -> list[str]:
        """Where the host of `url` says, in its robots.txt, that its sitemaps are; else the usual place."""
        rules = self._rules(url)
        named = [] if isinstance(rules, FetchReason) else list(rules.sitemaps)
        return named or [f"{_origin(url)}/sitemap.xml"]

    def _check_budget(self) -> None:
        late = self._pace.clock() > self._ends_at
        if late or self.count >= self._limits.pages - self.reserved or self._bytes >= self._limits.bytes:
            raise FetchError(FetchReason.OVER_BUDGET)

    def _rules(self, url: str) -> Protego | FetchReason:
        """What the host's robots.txt says, or why nobody can know it (RFC 9309: then nothing is allowed)."""
        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = self._read_rules(origin)
        return self._robots[origin]

    def _read_rules(self, origin: str) -> Protego | FetchReason:
        try:
            page = self._read(f"{origin}/robots.txt", self._limits.pause_seconds)
        except FetchError as error:
            # What ails the host for good the page itself will say; a slow one is not asked again and again.
            return error.reason if error.reason is FetchReason.TIMEOUT else Protego.parse("")
        if page.status >= 500:
            return FetchReason.ROBOTS
        return Protego.parse(page.text if page.status == 200 else "")

    def _is_fresh(self, read_at: datetime) -> bool:
        recent = self._now - read_at < timedelta(minutes=self._limits.fresh_minutes)
        return recent and (self._read_since is None or read_at >= self._read_since)

    def _read(self, url: str, pause: float) -> Page:
        remembered = self._memory.get(url)
        if remembered and self._is_fresh(remembered[1]):
            return remembered[0]
        self._pace.wait(urlsplit(url).netloc, pause)
        page = self._fetch(url, known=remembered[0].validators if remembered else None)
        self._bytes += page.size
        if page.status == _NOT_MODIFIED and remembered:
            page = remembered[0]
        if page.status in _LASTING:
            self._memory.put(url, page, self._now)
        return page


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""
