"""What belongs to a column's page: its documents, told apart from what stands on every page of the site.

Must never give a column the entries of a side bar: fresh "latest news" beside an empty column is none of
its own. What may or may not belong to it is kept apart from what surely does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from tracker.probes.dates import is_only_date
from tracker.probes.listing import Entry, Listing, read_listing
from tracker.probes.sights import Sight, folder_of, host_of

_NUMBER = re.compile(r"(?<!\d)\d{3,9}(?!\d)")
_YEARS = re.compile(r"(?:19|20)\d{2}(?:[01]\d){0,2}(?:[0-3]\d)?")


@dataclass(frozen=True)
class Contents:
    """`sure` documents are the column's own, `maybe` ones perhaps. `text` counts the signs of running text
    of its own; `by_script`: a script may show more than we see. `compared`: there was another page to compare
    with."""

    sure: tuple[Entry, ...] = ()
    maybe: tuple[Entry, ...] = ()
    text: int = 0
    says_empty: bool = False
    by_script: bool = False
    compared: bool = False
    further: tuple[str, ...] = ()
    blind_pager: bool = False


def contents_of(column: list[Sight], siblings: list[Sight], today: date) -> Contents:
    """What the column's page and its frames hold, beside what its siblings show too."""
    listings = [read_listing(sight.page.text, sight.url, today) for sight in column]
    beside = {sight.url: read_listing(sight.page.text, sight.url, today) for sight in siblings}
    common = {entry.link for listing in beside.values() for entry in listing.entries}
    entries = list({entry.link: entry for listing in listings for entry in listing.entries}.values())
    sure, maybe = _parted(entries, common, column, siblings)
    return Contents(
        sure=tuple(sure),
        maybe=tuple(maybe),
        text=_own_text(column, siblings),
        says_empty=any(sight.says_empty for sight in column),
        by_script=_by_script(column, siblings, list(beside.values())),
        compared=bool(siblings),
        further=tuple(link for listing in listings for link in listing.further),
        blind_pager=any(listing.blind_pager for listing in listings),
    )


def _parted(
    entries: list[Entry], common: set[str], column: list[Sight], siblings: list[Sight]
) -> tuple[list[Entry], list[Entry]]:
    """The entries that are surely the column's, and those that may be."""
    tied = [entry for entry in entries if any(_is_tied(entry.link, sight, siblings) for sight in column)]
    own = [entry for entry in entries if entry.link not in common]
    if tied:
        # Where addresses tell, what every page shows belongs to none.
        sure = [entry for entry in tied if entry.shown]
        return sure, [entry for entry in [*tied, *own] if entry not in sure]
    hosts = {host_of(sight.url) for sight in column}
    sure = [entry for entry in own if entry.shown and host_of(entry.link) in hosts] if siblings else []
    return sure, [entry for entry in entries if entry not in sure]


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


def _own_text(column: list[Sight], siblings: list[Sight]) -> int:
    elsewhere = {shown.text for sight in siblings for shown in sight.shown}
    own = {
        shown.text
        for sight in column
        for shown in sight.shown
        if shown.certain and not shown.link and shown.text not in elsewhere and not is_only_date(shown.text)
    }
    return sum(len(text) for text in own)


def _by_script(column: list[Sight], siblings: list[Sight], beside: list[Listing]) -> bool:
    """May a script show more? Not one that a sibling has too whose documents are in the page itself."""
    if any(sight.has_placeholders for sight in column):
        return True
    proven = {
        script
        for sight, listing in zip(siblings, beside, strict=True)
        if any(entry.dates for entry in listing.entries)
        for script in sight.scripts
    }
    return any(sight.scripts - proven for sight in column)
