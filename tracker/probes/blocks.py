"""Where on its page a link stands: in which block of the template, and below which heading.

Must never take a heading for one of a block that it does not stand over.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from tracker.probes.listing import parsed, words_of
from tracker.probes.sights import absolute

_HEADING = re.compile(r"h[1-6]|caption|legend")
_HEADING_CLASS = re.compile(
    r"(?:^|[\s_-])(?:(?:sub)?tit(?:le)?|head(?:er|ing)?|hd|caption)(?:$|[\s_\-\d])", re.I
)
_LONGEST_HEADING = 20
_MOST_PARTS = 12  # the elements of a heading; one with more is a block of its own
# What a hostile page may cost.
_LONGEST_CLASS = 40
_MOST_LINKS = 2000
# A row's place among the rows says nothing of the block that they make.
_ROWS = frozenset({"li", "tr", "dl", "dt", "dd", "p"})


@dataclass(frozen=True)
class Spot:
    """`block`: the same for one place of a template in all its pages; `heading`: "" if none stands over."""

    block: str
    heading: str


@dataclass
class _Open:
    """An element whose end has not been reached; `heading` stands in it and waits for what follows."""

    tag: str
    place: str
    children: Counter[str] = field(default_factory=Counter)
    heading: str = ""
    holds: bool = False  # one of the links
    parts: int = 0


def spots_of(text: str, base: str, links: Collection[str]) -> dict[str, frozenset[Spot]]:
    """The spots of each of the `links` (absolute) that the page at `base` shows."""
    root = parsed(text)
    found: defaultdict[str, set[Spot]] = defaultdict(set)
    trail, left = [_Open("", "")], _MOST_LINKS
    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        if not isinstance(element.tag, str):
            continue
        if event == "end":
            _close(trail, element)
            continue
        above = trail[-1]
        above.children[element.tag] += 1
        order = "" if element.tag in _ROWS else str(above.children[element.tag])
        trail.append(
            _Open(element.tag, f"{element.tag}{order}.{(element.get('class') or '')[:_LONGEST_CLASS]}")
        )
        link = absolute(base, (element.get("href") or "").strip()) if element.tag == "a" else ""
        if link in links and (left := left - 1) >= 0:
            found[link].add(_spot(trail))
    return {link: frozenset(spots) for link, spots in found.items()}


def _spot(trail: list[_Open]) -> Spot:
    for each in trail:
        each.holds = True
    heading = next((each.heading for each in reversed(trail) if each.heading), "")
    # The link itself and what it stands in directly are its row, whatever they are made of.
    places = [each.tag if each.tag in _ROWS else each.place for each in trail[1:-2]]
    return Spot("/".join([*places, trail[-2].tag]), heading)


def _close(trail: list[_Open], element: HtmlElement) -> None:
    """A heading, alone or in a box with hardly more than itself, stands over what follows."""
    ended, above = trail.pop(), trail[-1]
    above.parts += ended.parts + 1
    is_heading = _HEADING.fullmatch(ended.tag) or _HEADING_CLASS.search(element.get("class") or "")
    if ended.holds or ended.parts > _MOST_PARTS or not (ended.heading or is_heading):
        return
    words = words_of(element)
    if len(words) <= _LONGEST_HEADING:
        above.heading = ended.heading or words or above.heading
