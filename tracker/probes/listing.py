"""The documents that a page lists, each with the dates that stand beside it or in its address.

Must never take a date in a headline for the day of publication, nor show an entry that a browser would hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from urllib.parse import urldefrag, urljoin

from lxml import etree, html
from lxml.html import HtmlElement

from tracker.probes.dates import dates_in, dates_of_address, is_only_date, mentions_date
from tracker.probes.extents import extents_of
from tracker.probes.pager import Pager, is_pager

_NO_DOCUMENT = re.compile(r"^(?:javascript:|mailto:|tel:|#|$)", re.I)
_ATTACHED = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|zip|rar|ofd)$", re.I)
_ROWS = frozenset({"li", "tr", "dl"})
_LONG_TITLE = 10
_PINNED = "置顶"
_MOST_LINKS = 2000  # no list of a real page is longer; a hostile one must not cost minutes
# Nor is a row of a list larger, in elements and in signs as they are sent.
_MOST_PARTS = 200
_MOST_SIGNS = 5000
_MOST_INNER = 50
_LONGEST_DATE = 60  # with its label and the time of day
_ROW_EXTRA = 80  # what stands in a row beside its title: a date, a source, a number
_BRACKETED = re.compile(r"[\[(（【][^\])）】]{1,24}[\])）】]$|\s\S{5,12}$")


@dataclass(frozen=True)
class Entry:
    """One document of a list. `dates` are all that claim to be its day of publication; `shown` is False for
    one that the page hides. Without `dates`, a `partial` one bears a date that
    nobody can place: month and day only, or a day to come. A `pinned` one (置顶) stands before newer ones.
    The only date of a `headlined` one stands in brackets at the end of its words: perhaps its headline's."""

    title: str
    link: str
    dates: tuple[date, ...] = ()
    partial: bool = False
    shown: bool = True
    pinned: bool = False
    headlined: bool = False


@dataclass(frozen=True)
class Listing:
    """What a page lists, in its order. `further` are the addresses of its other pages, the last one first;
    with `blind_pager` there are some that only a script knows."""

    entries: tuple[Entry, ...] = ()
    further: tuple[str, ...] = ()
    blind_pager: bool = False


def parsed(text: str) -> HtmlElement | None:
    """A page as a tree, as far as it can be read; None for one that has none."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        return html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def read_listing(text: str, base: str, today: date) -> Listing:
    """The listing of a page's HTML. Broken pages are read as far as they go."""
    root = parsed(text)
    if root is None:
        return Listing()
    rows = _Rows(root)
    entries: dict[str, Entry] = {}
    pager = Pager(base)
    for anchor, words in rows.words.items():
        href = (anchor.get("href") or "").strip()
        link = "" if _NO_DOCUMENT.match(href) else _absolute(base, href)
        if is_pager(words):
            pager.take(words, link)
        elif link:
            entry = _entry(anchor, rows, link, today)
            known = entries.get(entry.link) if entry else None
            if entry and (known is None or (not known.dates and entry.dates)):
                entries[entry.link] = entry
    return Listing(tuple(entries.values()), pager.further, pager.is_blind)


class _Rows:
    """The links of a page in their order, with their words, and their rows, each read once for all links."""

    def __init__(self, root: HtmlElement) -> None:
        self.extents = extents_of(root)
        anchors = islice(root.iter("a"), _MOST_LINKS)
        self.words = {anchor: words_of(anchor) for anchor in anchors if self._is_small(anchor)}
        self._read: dict[HtmlElement, tuple[int, str]] = {}

    def of(self, anchor: HtmlElement) -> HtmlElement:
        """The part of the page that speaks of this link only, or the list item or table row it stands in."""
        row, most = anchor, self.extents[anchor].signs + _ROW_EXTRA
        while (parent := row.getparent()) is not None and parent.tag != "body" and self._is_small(parent):
            extent = self.extents[parent]
            if parent.tag in _ROWS:
                return parent if extent.links < 5 else row
            if len(extent.addresses) > 1 or extent.signs > most:
                return row
            row = parent
        return row

    def read(self, row: HtmlElement) -> tuple[int, str]:
        """How long its longest link is, and what stands in none."""
        if row not in self._read:
            longest = max((len(self.words.get(each, "")) for each in row.iter("a")), default=0)
            self._read[row] = longest, " ".join(_texts_outside(row))
        return self._read[row]

    def _is_small(self, element: HtmlElement) -> bool:
        extent = self.extents[element]
        return extent.parts <= _MOST_PARTS and extent.raw <= _MOST_SIGNS


def _entry(anchor: HtmlElement, rows: _Rows, link: str, today: date) -> Entry | None:
    """The document behind a link; None for a link that is only navigation."""
    words = rows.words[anchor]
    longest, outside = rows.read(rows.of(anchor))
    # A browser knows no link in a link: whose a date in one would be is open, and to look for it costs much.
    title, inner = _split_title(anchor, words, nested=rows.extents[anchor].links > 1)
    # The longest link of a row is its title; the others are its category or a button.
    if not title or longest > len(words):
        return None
    beside = f"{outside} {inner}"
    dates = tuple(dict.fromkeys([*dates_in(beside, today), *dates_of_address(link, today)]))
    in_words = inner[:1] in ("(", "（") and all(
        words_of(each) != inner for each in islice(anchor.iterdescendants("*"), _MOST_INNER)
    )
    headlined = in_words and len(dates) == 1 and not dates_of_address(link, today)
    partial = not dates and mentions_date(beside)
    is_document = dates or partial or len(title) >= _LONG_TITLE or is_attachment(link)
    pinned = _PINNED in beside or _PINNED in words
    shown = not rows.extents[anchor].hidden
    return Entry(title, link, dates, partial, shown, pinned, headlined) if is_document else None


def _split_title(anchor: HtmlElement, words: str, *, nested: bool) -> tuple[str, str]:
    """Title and date of a link that holds both: in an element of its own, or in brackets at the end."""
    title = " ".join((anchor.get("title") or "").split())
    children = islice(anchor.iterdescendants(), 0 if nested else _MOST_INNER)
    inner = (words_of(child) for child in children if isinstance(child.tag, str))
    dated = next((text for text in inner if len(text) <= _LONGEST_DATE and is_only_date(text)), "")
    if not dated and (tail := _BRACKETED.search(words)) and is_only_date(tail[0]):
        dated = tail[0].strip()
    bare = words.replace(dated, "").strip() if dated else words
    return (title if len(title) > len(bare) and not dated else bare), dated


def _texts_outside(row: HtmlElement) -> Iterator[str]:
    """The row's texts that stand in no link."""
    if row.tag == "a":
        return
    if row.text:
        yield row.text
    for child in row:
        if isinstance(child.tag, str) and child.tag not in ("script", "style"):
            yield from _texts_outside(child)
        if child.tail:
            yield child.tail


def words_of(element: HtmlElement) -> str:
    """The text of an element, its blanks as a browser shows them."""
    return " ".join(element.text_content().split())


def is_attachment(link: str) -> bool:
    """Is the address that of a file (pdf, doc …), no page?"""
    return bool(_ATTACHED.search(link))


def _absolute(base: str, href: str) -> str:
    try:
        return urldefrag(urljoin(base, href)).url
    except ValueError:
        return ""
