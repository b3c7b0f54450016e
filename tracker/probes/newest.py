"""When a column was last added to: by its list, by its documents' pages, by htmldate where nothing is stated.

Must never trust one date alone: a list may say today and the document 2019, so the older claim counts for
"fresh" and the newer for "stale".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from htmldate import find_date

from tracker.probes.contents import Contents
from tracker.probes.dates import dates_in
from tracker.probes.fetch import Page
from tracker.probes.listing import Entry
from tracker.probes.sights import Sight

# htmldate logs each guess that it rejects.
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_DETAILS = 5
_META = re.compile(
    r"<meta\b(?=[^>]{0,300}\bname\s*=\s*[\"']?(?:PubDate|publishdate|publish_time|releasetime)\b)"
    r"[^>]{0,300}\bcontent\s*=\s*[\"']?([^\"'>]+)",
    re.I,
)
_ARTICLE = re.compile(r"<meta\b[^>]{0,300}\bname\s*=\s*[\"']?ArticleTitle\b", re.I)
_LABEL = re.compile(r"(?:发布|发文|公开|更新|成文|生成)?(?:时间|日期)[：:\s]{1,3}([^<>]{8,24})")


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
    sure = _dated(list(contents.sure), see, today)
    dated = [entry for entry in sure if entry.dates]
    newest = max(dated, key=lambda entry: min(entry.dates), default=None)
    if newest is not None and newest in contents.sure:  # its own page has not been asked yet
        checked = asked_page(newest, see, today)
        if checked is None:
            return Newest(at_most=_at_most(contents, sure), entry=newest)
        sure = [checked if entry is newest else entry for entry in sure]
        newest = checked
    surely = min(newest.dates) if newest else None
    return Newest(surely, _at_most(contents, sure), newest)


def is_document(sight: Sight) -> bool:
    """Does the page's head call it an article (国办发〔2017〕47号: ArticleTitle, PubDate), so no column?"""
    return bool(_META.search(sight.page.text) or _ARTICLE.search(sight.page.text))


def stated_dates(sight: Sight, today: date) -> list[date]:
    """The days of publication that a document's page states, in its head or in words."""
    found = [day for text in _META.findall(sight.page.text) for day in dates_in(text, today)]
    labelled = (dates_in(text, today) for shown in sight.shown for text in _LABEL.findall(shown.text))
    return [*found, *(day for days in labelled for day in days[:1])]


def _dated(entries: list[Entry], see: Callable[[str], list[Sight]], today: date) -> list[Entry]:
    """The entries with dates, from their own pages where the list has none; only the first few are asked."""
    undated = [entry for entry in entries if not entry.dates][:_DETAILS]
    asked = {entry.link: asked_page(entry, see, today, guess=True) for entry in undated}
    return [asked.get(entry.link) or entry for entry in entries]


def asked_page(
    entry: Entry, see: Callable[[str], list[Sight]], today: date, *, guess: bool = False
) -> Entry | None:
    """The entry with what its own page says of its day; None if the page is not to be had."""
    seen = see(entry.link)
    if not seen or seen[0].unfit:
        return None
    stated = [day for sight in seen for day in stated_dates(sight, today)]
    if not stated and guess:
        found = find_date(
            seen[0].page.text, url=entry.link, extensive_search=False, original_date=True, max_date=str(today)
        )
        stated = [date.fromisoformat(found)] if found else []
    return replace(entry, dates=tuple(dict.fromkeys([*entry.dates, *stated])))


def _at_most(contents: Contents, sure: list[Entry]) -> date | None:
    """The newest day that any document may be of; None while one of them, or a further page, is unknown."""
    claimed = [max(entry.dates) for entry in [*sure, *contents.maybe] if entry.dates]
    # A link without any date beside dated documents is none of them; one with half a date is.
    if not claimed or contents.by_script or any(entry.partial for entry in contents.maybe):
        return None
    # What is pinned to the top says nothing about the order of the rest.
    head = [entry.dates for entry in sure if not entry.pinned][:_DETAILS]
    falling = all(head) and all(min(one) >= max(next_one) for one, next_one in pairwise(head))
    has_order = falling and len(set(head)) > 1
    is_whole = all(entry.dates for entry in sure) and not (contents.further or contents.blind_pager)
    return max(claimed) if has_order or is_whole else None
