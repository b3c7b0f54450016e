"""How much every part of a page that has links holds, measured in one pass over it.

Must never read a text twice: to gather the text of all that a link lies in, link by link, takes time that
grows with the square of the page, and a page of 25 KB can then hold a check for half a minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.I)


@dataclass(slots=True)
class Extent:
    """Of one element: how many elements it has (itself one), its links, the first two addresses of these.

    `signs` counts its text as a browser shows it (with the blank before it, if any), `raw` as it was sent.
    `hidden`: a browser hides it, itself or by what it lies in.
    """

    hidden: bool
    signs: int
    raw: int
    parts: int = 1
    links: int = 0
    addresses: set[str | None] = field(default_factory=set)

    def take_in(self, inner: Extent) -> None:
        self.parts += inner.parts
        self.links += inner.links
        if len(self.addresses) < 2:
            self.addresses |= inner.addresses


@dataclass(slots=True)
class _Text:
    """The text of the page up to here."""

    signs: int = 0
    raw: int = 0
    _is_apart: bool = False

    def read(self, text: str | None) -> None:
        if not text:
            return
        self.raw += len(text)
        if words := text.split():
            gap = self.signs > 0 and (self._is_apart or text[0].isspace())
            self.signs += sum(map(len, words)) + len(words) - 1 + gap
        self._is_apart = text[-1].isspace()


def extents_of(root: HtmlElement) -> dict[HtmlElement, Extent]:
    """The extents of all links (`a`), and of all that they lie in."""
    extents: dict[HtmlElement, Extent] = {}
    opened: list[Extent] = []
    text = _Text()
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            hidden = bool(opened and opened[-1].hidden) or hides(element)
            opened.append(Extent(hidden, text.signs, text.raw))
            text.read(element.text)
            continue
        if event == "end":
            extent = opened.pop()
            extent.signs, extent.raw = text.signs - extent.signs, text.raw - extent.raw
            if element.tag == "a":
                extent.links += 1
                extent.addresses.add(element.get("href"))
            if extent.links:
                extents[element] = extent
            if opened:
                opened[-1].take_in(extent)
        text.read(element.tail)
    return extents


def is_hidden(element: HtmlElement) -> bool:
    """Would a browser hide it, itself or by what it lies in?"""
    return any(hides(each) for each in (element, *element.iterancestors()))


def hides(element: HtmlElement) -> bool:
    """Does it itself hide all that lies in it?"""
    return "hidden" in element.attrib or bool(_HIDING.search(element.get("style") or ""))
