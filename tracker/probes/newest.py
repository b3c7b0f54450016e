"""When a column was last added to: by its list, by its documents' pages.

Must never trust one date alone: a list may say today and the document 2019, so the older claim counts for
"fresh" and the newer for "stale".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, pairwise, takewhile

from tracker.probes.contents import Contents
from tracker.probes.document import is_hollow, published_dates, stated_dates
from tracker.probes.fetch import Page
from tracker.probes.listing import Entry
from tracker.probes.sights import Sight

_DETAILS = 5


@dataclass(frozen=True)
class Newest:
    """`surely`: the column has a document at least this new; `at_most`: and none newer. None: nobody can say.

    `entry` is the document that says so, `listed_on` the further page of the list that names it.
    """

    surely: date | None = None
    at_most: date | None = None
    entry: Entry | None = None
    listed_on: Page | None = None


def newest_of(contents: Contents, see: Callable[[str], list[Sight]], today: date) -> Newest:
    """How new the newest document of a column is. Opens the first documents if the list gives no dates, and
    the newest one to see what it says itself."""
    sure = _dated(contents, see, today)
    dated = [entry for entry in sure if entry.dates]
    newest = max(dated, key=lambda entry: min(entry.dates), default=None)
    if newest is not None and newest in contents.sure:  # its own page has not been asked yet
        checked = _opened(newest, contents, see, today)
        if checked is None:
            return Newest(at_most=_at_most(contents, sure, today), entry=newest)
        sure = [checked if entry is newest else entry for entry in sure]
        newest = checked
    if newest is not None and newest.headlined:  # and its own page does not say so
        return Newest(entry=newest)
    surely = min(newest.dates) if newest else None
    return Newest(surely, _at_most(contents, sure, today), newest)


def _dated(contents: Contents, see: Callable[[str], list[Sight]], today: date) -> list[Entry]:
    """The documents with dates, from their own pages where the list has none; only the first are asked."""
    undated = [entry for entry in contents.sure if not entry.dates][:_DETAILS]
    asked = {entry.link: _opened(entry, contents, see, today) for entry in undated}
    return [asked.get(entry.link) or entry for entry in contents.sure]


def asked_page(
    entry: Entry, see: Callable[[str], list[Sight]], today: date, known: Collection[str] = ()
) -> Entry | None:
    """The entry with what its own page says of its day, beside the texts `known` of other pages; None if the
    page is not to be had. One without a day gets none by a page that does not surely say it."""
    seen = see(entry.link)
    if not seen or seen[0].unfit:
        return None
    sure = [day for sight in seen for day in published_dates(sight, entry.title, today, known)]
    if not (entry.dates or sure):
        return entry
    stated = [day for sight in seen for day in stated_dates(sight, today, known)]
    dates = tuple(dict.fromkeys([*entry.dates, *sure, *stated]))
    return replace(entry, dates=dates, headlined=entry.headlined and not sure)


def _opened(entry: Entry, contents: Contents, see: Callable[[str], list[Sight]], today: date) -> Entry | None:
    """The document as its own page has it; None if that is not to be had, or holds nothing."""
    seen = see(entry.link)
    if not seen or is_hollow(seen, entry.title, contents.shown):
        return None
    return asked_page(entry, lambda _link: seen, today, contents.shown)


def _at_most(contents: Contents, sure: list[Entry], today: date) -> date | None:
    """The newest day that any document may be of; None while one of them, or a further page, is unknown."""
    claimed = [max(entry.dates) for entry in [*sure, *contents.maybe] if entry.dates]
    # A link without any date beside dated documents is none of them; one with half a date is.
    if not claimed or contents.by_script or any(entry.partial for entry in contents.maybe):
        return None
    newest = max(claimed)
    # What is pinned to the top says nothing about the order of the rest.
    listed = [entry.dates for entry in sure if not entry.pinned]
    head = listed[:_DETAILS]
    has_order = all(head) and _falls(head) and len(set(head)) > 1
    is_whole = all(entry.dates for entry in sure) and not (contents.further or contents.blind_pager)
    return newest if (has_order or is_whole) and not _is_slipped(listed, newest, today) else None


def _falls(listed: list[tuple[date, ...]]) -> bool:
    return all(min(one) >= max(next_one) for one, next_one in pairwise(listed))


def _is_slipped(listed: list[tuple[date, ...]], newest: date, today: date) -> bool:
    """Does a list that falls begin with an older day that would not break its order in a year that is
    written much like it (2012 for 2021)? Then that may be the newest of all."""
    dated = [dates for dates in listed if dates]
    first = list(takewhile(lambda dates: max(dates) < newest, dated))
    rest = dated[len(first) :]
    if not _falls(rest) or len(set(rest)) < 2:
        return False
    years = range(newest.year, today.year + 1)
    likely = (
        day.replace(day=min(day.day, 28), year=year)
        for day in chain(*first)
        for year in years
        if _is_alike(day.year, year)
    )
    return any(newest < day <= today for day in likely)


def _is_alike(year: int, other: int) -> bool:
    """Does one slip of the hand make the other of it: two digits turned round, or one of them wrong?"""
    one, two = str(year), str(other)
    return sorted(one) == sorted(two) or sum(a != b for a, b in zip(one, two, strict=True)) == 1
