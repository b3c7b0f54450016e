"""The texts of a page that a visitor can see, each with its link.

Must never show what a browser would hide, nor fail on any HTML: broken pages are read as far as they go.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

# Scripts, styles, comments and other declarations; what is not closed reaches to the end, as in a browser.
_NOT_SHOWN = re.compile(
    r"<(script|style)\b.*?(?:</\1\b[^>]*>?|\Z)|<!--(?:-?>|.*?(?:--!?>|\Z))|<![^>]*(?:>|\Z)", re.I | re.S
)
_HIDING_STYLE = re.compile(r"display:none|visibility:(?:hidden|collapse)")
_SEARCH = re.compile(r"search|[?&](?:q|wd|keywords?)=", re.I)
_SILENT = ("template", "noscript", "textarea", "title")
_VOID = re.compile(r"area|base|br|col|embed|frame|hr|img|input|link|meta|param|source|track|wbr")
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|button|caption|center|d[dlt]|details|dialog|div|fieldset|fig\w+"
    r"|footer|form|h[1-6r]|head|header|iframe|label|legend|li|main|map|nav|ol|opt\w+|p|pre|section|select"
    r"|summary|t(?:able|body|d|foot|h|head|itle|r)|ul"
)
# Old pages leave these open; the next of its kind closes them (HTML standard, optional tags).
_CLOSES = {"a": "a", "li": "li", "option": "option", "dt": "dt dd", "dd": "dt dd"}
_CLOSES |= {"td": "td th", "th": "td th", "tr": "td th tr"}


def is_block(tag: str) -> bool:
    """Does a browser begin a new line for it?"""
    return _BLOCK.fullmatch(tag) is not None


@dataclass(frozen=True)
class Shown:
    """A text of the page with its link as written, or "". Not `certain`: hidden, or leads to a search."""

    text: str
    link: str
    certain: bool


class PageReader(HTMLParser):
    """Collects what a page shows, in order: whole blocks, links, titles of elements, names of images."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[Shown] = []
        self.title = ""
        self._open: list[tuple[str, bool]] = []  # tag, does it hide
        self._count: Counter[str] = Counter()
        self._hiding = 0
        self._text: list[str] = []
        self._link = ""
        self._link_start = 0  # where in _text the open link begins
        self._searches = False  # the open link leads to a search

    @classmethod
    def read(cls, html: str) -> PageReader:
        reader = cls()
        visible = _NOT_SHOWN.sub("", html)
        # An unfinished tag at the end would be tried again for each "<" of it: quadratic time.
        reader.feed(visible[: visible.rfind(">") + 1])
        reader.close()
        reader._flush()
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        block = is_block(tag)
        closes = _CLOSES.get(tag, "").split() + ["p"] * block
        while self._open and self._open[-1][0] in closes:
            self._pop()
        style = "".join(values.get("style", "").lower().split())
        void = _VOID.fullmatch(tag) is not None
        hides = "hidden" in values or bool(_HIDING_STYLE.search(style))
        if block or hides:
            self._flush()
        if not void:
            self._open.append((tag, hides))
            self._count[tag] += 1
            self._hiding += hides
        if tag == "a":
            self._link, self._link_start = values.get("href", ""), len(self._text)
            self._searches = bool(_SEARCH.search(self._link))
        image = tag in ("img", "area") and not hides
        if (image or not void) and not self._is_silent():
            link = values.get("href", "") if tag == "area" else self._link
            self._add(values.get("title", ""), link)
            self._add(values.get("alt", "") if image else "", link)

    # HTML knows no self-closing: <div hidden/> stays open.
    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        while self._count[tag]:
            closed = self._pop()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._count["title"] and not self._count["svg"]:  # an icon has a title too
            self.title += data
        if not self._is_silent():
            self._text.append(data)

    def _is_silent(self) -> bool:
        return any(self._count[tag] for tag in _SILENT)

    def _pop(self) -> str:
        tag, hides = self._open.pop()
        if tag == "a":
            self._add("".join(self._text[self._link_start :]) if self._link else "")
            if self._searches:  # the block around it must not show the word as its own
                del self._text[self._link_start :]
            self._link, self._searches = "", False
        if is_block(tag) or hides:
            self._flush()
        self._count[tag] -= 1
        self._hiding -= hides
        return tag

    def _flush(self) -> None:
        self._add("".join(self._text))
        self._text.clear()
        self._link_start = 0

    def _add(self, text: str, link: str | None = None) -> None:
        if joined := " ".join(text.split()):
            certain = not self._hiding and not self._searches
            self.shown.append(Shown(joined, self._link if link is None else link, certain))
