"""Where on a site a column is: the text that is its name, the link it has, and the pages beside it.

Must never take a likeness for the name: a headline about the column, a hidden entry or a search word is kept
apart, for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from tracker.domain.columns import ColumnRules
from tracker.probes.names import accepted_names, comparable
from tracker.probes.page_reader import Shown
from tracker.probes.sights import Sight, absolute, host_of

_SHORT = 30
_ALIKE = 0.6
_MORE = re.compile(r"^(?:更多|more)\W*$|^[>»]+$", re.I)
_TITLE_PARTS = re.compile(r"[-_|–—－·>»]+")
_LONGEST_MENU = 14


@dataclass(frozen=True)
class Found:
    """A column on a page: `text` as shown, `link` absolute ("" if it has none of its own). `beside` are the
    links of its neighbours in the menu, nearest first. `here`: the page is the column's own."""

    text: str
    link: str
    sight: Sight
    beside: tuple[str, ...] = ()
    here: bool = False


@dataclass
class Search:
    """One name, looked for on page after page. `is_beyond`: found on a page that no navigation led to."""

    name: str
    columns: ColumnRules
    found: Found | None = None
    is_beyond: bool = False
    alike: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._accepted = accepted_names(self.name, self.columns)

    @property
    def is_settled(self) -> bool:
        return self.found is not None and (bool(self.found.link) or self.found.here)

    def is_likely(self, shown: Shown) -> bool:
        """Is this the link to follow first?"""
        key = comparable(shown.text)
        return key in self._accepted or self._is_alike(key)

    def look(self, sight: Sight) -> None:
        """Take in one page; a name with a link of its own is better than one without."""
        if sight.unfit or self.is_settled:
            return
        keys = [(comparable(shown.text), at, shown) for at, shown in enumerate(sight.shown)]
        fits = [
            (at, shown)
            for key, at, shown in keys
            if key in self._accepted and shown.certain and len(shown.text) <= _SHORT
        ]
        linked = next(((at, shown) for at, shown in fits if shown.link), None)
        if self._is_title(sight):
            self.found = Found(self.name, sight.url, sight, _beside(sight, len(sight.shown) // 2), here=True)
        elif chosen := linked or next(iter(fits), None):
            found = _found(sight, *chosen)
            self.found = found if found.link or not self.found else self.found
        else:
            near = [shown.text[:_SHORT] for key, _, shown in keys if self._is_alike(key)]
            self.alike += [text for text in dict.fromkeys(near) if text not in self.alike]

    def _is_title(self, sight: Sight) -> bool:
        """Does the page call itself by the name: it is the column's own."""
        first = next((part for part in _TITLE_PARTS.split(sight.reader.title) if part.strip()), "")
        return comparable(first) in self._accepted

    def _is_alike(self, key: str) -> bool:
        return any(_alike(key, name) for name in (comparable(self.name), *self._accepted))


def _found(sight: Sight, at: int, shown: Shown) -> Found:
    link = shown.link
    # <h2>统计信息 <a href="…">更多</a></h2>: the link stands just before the whole heading.
    before = sight.shown[at - 1] if at else None
    if not link and before and before.link and _MORE.match(before.text) and before.text in shown.text:
        link = before.link
    return Found(shown.text, absolute(sight.url, link), sight, _beside(sight, at))


def _beside(sight: Sight, at: int) -> tuple[str, ...]:
    """The addresses of the menu entries around this place, nearest first."""
    order = sorted(range(len(sight.shown)), key=lambda other: (abs(other - at), other))
    near = (sight.shown[other] for other in order if other != at)
    menu = (shown for shown in near if shown.link and shown.certain and 2 <= len(shown.text) <= _LONGEST_MENU)
    links = (absolute(sight.url, shown.link) for shown in menu)
    own = absolute(sight.url, sight.shown[at].link) if at < len(sight.shown) else ""
    same_host = (link for link in links if link not in ("", own) and host_of(link) == host_of(sight.url))
    return tuple(dict.fromkeys(same_host))


def _alike(key: str, wanted: str) -> bool:
    if wanted in key:
        return True
    near = 3 <= len(key) <= 2 * len(wanted)
    return near and SequenceMatcher(None, key, wanted, autojunk=False).ratio() >= _ALIKE


def alike_of(searches: Iterable[Search]) -> list[str]:
    """The likenesses that the evidence shows: the first few."""
    return list(dict.fromkeys(text for search in searches for text in search.alike))[:5]
