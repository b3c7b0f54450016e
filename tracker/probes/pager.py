"""The links that turn the pages of a list: 下一页, 尾页, the numbers between them.

Must never take a number that links elsewhere for a page of the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tracker.probes.sights import folder_of, host_of

_PAGER = re.compile(r"^(?:下一?页|上一?页|首页|尾页|末页|最后一?页|[<>«»‹›]+|\d{1,3})\W{0,3}$")
_NEXT = re.compile(r"^下一?页")
_LAST = re.compile(r"^(?:尾页|末页|最后一?页)")
_BACK = re.compile(r"^上一?页")
_FORWARD = re.compile(r"^(?:\d{1,3}|[>»›]+)$")
# index_2.html, gzdt/2.htm, list_2.shtml, index-2.html beside index.html, gzdt.htm, list_1.shtml, index.html
_NUMBERED = re.compile(r"[_\-/]?(?:page)?[_\-]?\d{1,4}(?:\.\w{2,5}|/)?", re.I)
_OWN_NUMBER = re.compile(r"[_\-]?\d{1,4}$")
_SOME_PAGE = re.compile(r"(?:[a-z]{1,12}[_\-]?)?\d{1,4}\.\w{2,5}", re.I)


def is_pager(words: str) -> bool:
    """Is the text of a link one that turns pages, so that it is no document?"""
    return bool(_PAGER.match(words))


@dataclass
class Pager:
    """The pager of the page at `base`, link by link."""

    base: str
    _last: list[str] = field(default_factory=list)
    _next: list[str] = field(default_factory=list)
    _has_back: bool = False
    _has_blind: bool = False

    def take(self, words: str, link: str) -> None:
        """Take in one link by its words; `link` is "" where only a script knows the address."""
        turns = _NEXT.match(words) or _LAST.match(words)
        self._has_back = self._has_back or bool(_BACK.match(words) and link)
        self._has_blind = self._has_blind or bool(turns and not link)
        if link and (turns or (_FORWARD.match(words) and is_page_of(link, self.base))):
            (self._last if _LAST.match(words) else self._next).append(link)

    @property
    def further(self) -> tuple[str, ...]:
        """The last page first: where the oldest stand in front, it has the newest."""
        return tuple(link for link in dict.fromkeys([*self._last, *self._next]) if link != self.base)

    @property
    def is_blind(self) -> bool:
        """Are there pages that only a script knows? A dead 下一页 beside a live 上一页 is the last page."""
        return self._has_blind and not self._has_back


def is_page_of(link: str, first: str) -> bool:
    """Is the address that of another page of the list at `first`: the same but for its number?"""
    if host_of(link) != host_of(first):
        return False
    one, other = urlsplit(first), urlsplit(link)
    if one.path == other.path:
        return one.query != other.query
    folder, _, name = one.path.rpartition("/")
    if not name:
        return folder_of(link) == f"{folder}/" and bool(_SOME_PAGE.fullmatch(other.path.rpartition("/")[2]))
    stem = f"{folder}/{_OWN_NUMBER.sub('', name.partition('.')[0])}"
    return other.path.startswith(stem) and bool(_NUMBERED.fullmatch(other.path[len(stem) :]))
