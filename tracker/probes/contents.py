"""What belongs to a column's page: its documents, told apart from what stands on every page of the site.

Must never give a column the entries of a side bar: fresh "latest news" beside an empty column is none of
its own. What may or may not belong to it is kept apart from what surely does.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from tracker.probes.blocks import Spot, spots_of
from tracker.probes.dates import is_only_date
from tracker.probes.document import pictures_of
from tracker.probes.listing import Entry, read_listing
from tracker.probes.names import comparable
from tracker.probes.sights import Sight, folder_of, host_of

_NUMBER = re.compile(r"(?<!\d)\d{3,9}(?!\d)")
_LONGEST_TITLE = 120
_YEARS = re.compile(r"(?:19|20)\d{2}(?:[01]\d){0,2}(?:[0-3]\d)?")


@dataclass(frozen=True)
class Contents:
    """`sure` documents are the column's own, `maybe` ones perhaps. `text` counts the signs of running text
    of its own; `by_script`: a script may show more than we see. `compared`: there was another page to compare
    with; `unproven`: none of these has a list where the page shows documents that no other page has. `shown`
    are the texts of all of these pages, and their pictures by address."""

    sure: tuple[Entry, ...] = ()
    maybe: tuple[Entry, ...] = ()
    text: int = 0
    says_empty: bool = False
    by_script: bool = False
    compared: bool = False
    unproven: bool = False
    further: tuple[str, ...] = ()
    blind_pager: bool = False
    shown: frozenset[str] = frozenset()

    @property
    def is_said_empty(self) -> bool:
        """Does it say itself that it holds nothing, and nothing on it speaks against that?"""
        return self.says_empty and not (self.sure or self.by_script or self.unproven)


@dataclass(frozen=True)
class _Neighbour:
    """A neighbour's page with all that it lists, the entries that it alone `own`s, and the `spots` of these:
    none of them below a heading that the column's page has as well (点击排行)."""

    sight: Sight
    links: frozenset[str]
    own: tuple[Entry, ...]
    spots: frozenset[Spot]


def contents_of(column: list[Sight], siblings: list[Sight], today: date, name: str = "") -> Contents:
    """What the page of the column `name` and its frames hold, beside what its siblings show too."""
    listings = [read_listing(sight.page.text, sight.url, today) for sight in column]
    entries = list({entry.link: entry for listing in listings for entry in listing.entries}.values())
    neighbours = _neighbours(column, entries, siblings, today)
    sure, maybe, unproven = _parted(entries, column, neighbours, name)
    return Contents(
        sure=tuple(sure),
        maybe=tuple(maybe),
        text=_own_text(column, siblings),
        says_empty=any(sight.says_empty for sight in column),
        by_script=_by_script(column, neighbours),
        compared=bool(siblings),
        unproven=unproven,
        further=tuple(link for listing in listings for link in listing.further),
        blind_pager=any(listing.blind_pager for listing in listings),
        shown=frozenset().union(*map(_all_of, [*column, *siblings])),
    )


def _neighbours(
    column: list[Sight], entries: list[Entry], siblings: list[Sight], today: date
) -> list[_Neighbour]:
    listed = [read_listing(sight.page.text, sight.url, today).entries for sight in siblings]
    times = Counter(link for each in [entries, *listed] for link in {entry.link for entry in each})
    linked = {shown.text for sight in column for shown in sight.shown if shown.link}
    shared = {shown.text for sight in column for shown in sight.shown} - linked - {""}
    found = []
    for sight, each in zip(siblings, listed, strict=True):
        alone = {entry.link: entry for entry in each if entry.shown and times[entry.link] == 1}
        title = _name_of(sight)
        spots = {
            link: {spot for spot in at if spot.heading not in shared or comparable(spot.heading) in title}
            for link, at in spots_of(sight.page.text, sight.url, alone).items()
        }
        own = tuple(alone[link] for link, at in spots.items() if at)
        links = frozenset(entry.link for entry in each)
        found.append(_Neighbour(sight, links, own, frozenset().union(*spots.values())))
    return found


def _parted(
    entries: list[Entry], column: list[Sight], neighbours: list[_Neighbour], name: str
) -> tuple[list[Entry], list[Entry], bool]:
    """The entries that are surely the column's, those that may be, and is there one that no page tells of."""
    siblings = [each.sight for each in neighbours]
    tied = [entry for entry in entries if any(_is_tied(entry.link, sight, siblings) for sight in column)]
    common = frozenset().union(*(each.links for each in neighbours))
    own = [entry for entry in entries if entry.link not in common]
    if tied:
        # Where addresses tell, what every page shows belongs to none.
        sure = [entry for entry in tied if entry.shown]
        return sure, [entry for entry in [*tied, *own] if entry not in sure], False
    hosts = {host_of(sight.url) for sight in column}
    near = {entry.link: entry for entry in own if entry.shown and host_of(entry.link) in hosts}
    blocks = {(spot.block, bool(spot.heading)) for each in neighbours for spot in each.spots}
    placed = {
        link
        for sight in column
        for link, spots in spots_of(sight.page.text, sight.url, near).items()
        if any((spot.block, bool(spot.heading)) in blocks and _is_of(spot, sight, name) for spot in spots)
    }
    sure = [entry for link, entry in near.items() if link in placed]
    return sure, [entry for entry in entries if entry not in sure], len(sure) < len(near)


def _name_of(sight: Sight) -> str:
    return comparable(sight.reader.title[:_LONGEST_TITLE])


def _is_of(spot: Spot, sight: Sight, name: str) -> bool:
    """Is what stands over it no name of something else (最新信息) than the column, the page or its site?"""
    over, own = comparable(spot.heading), comparable(name)
    return over in _name_of(sight) or (bool(own) and own in over)


def _is_tied(link: str, sight: Sight, siblings: list[Sight]) -> bool:
    """Does the address of a document lie under its column's, or bear the column's number?"""
    if host_of(link) != host_of(sight.url):
        return False
    folder = folder_of(sight.url)
    shared = [each for each in siblings if folder_of(each.url).startswith(folder)]
    if folder != "/" and siblings and not shared and folder_of(link).startswith(folder):
        return True
    taken = {number for each in siblings for number in _numbers(each.url)}
    return bool(siblings) and bool((_numbers(sight.url) - taken) & _numbers(link))


def _numbers(url: str) -> set[str]:
    parts = urlsplit(url)
    return {each for each in _NUMBER.findall(f"{parts.path}?{parts.query}") if not _YEARS.fullmatch(each)}


def _all_of(sight: Sight) -> set[str]:
    return {shown.text for shown in sight.shown} | pictures_of(sight)


def _own_text(column: list[Sight], siblings: list[Sight]) -> int:
    elsewhere = {shown.text for sight in siblings for shown in sight.shown}
    own = {
        shown.text
        for sight in column
        for shown in sight.shown
        if shown.certain and not shown.link and shown.text not in elsewhere and not is_only_date(shown.text)
    }
    return sum(len(text) for text in own)


def _by_script(column: list[Sight], neighbours: list[_Neighbour]) -> bool:
    """May a script show more? Not one that a sibling has too whose own documents are in the page itself."""
    if any(sight.has_placeholders for sight in column):
        return True
    proven = {
        script
        for each in neighbours
        if any(entry.dates for entry in each.own)
        for script in each.sight.scripts
    }
    return any(sight.scripts - proven for sight in column)
