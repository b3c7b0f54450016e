"""What a column holds: its page with its frames, beside its neighbours, drawn where a script draws it, and
its list's further pages where the first one cannot decide.

Must never count what a further page shows for the column's own unless that page bears the first one's title.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from tracker.domain.columns import ColumnRules
from tracker.probes.addresses import FetchError
from tracker.probes.base import Target
from tracker.probes.browser import Render
from tracker.probes.contents import Contents, contents_of
from tracker.probes.document import is_document
from tracker.probes.finding import Found
from tracker.probes.listing import read_listing
from tracker.probes.newest import Newest, newest_of
from tracker.probes.pager import is_page_of
from tracker.probes.sights import Sight, absolute, folder_of, host_of
from tracker.probes.walk import Walk

# As many neighbours as it takes to know the list of one; not every column has one.
_SIBLINGS = (2, 4)
_NEXT = 2  # the first number of a pager may be the page itself, under another address
_PAGE_IN_TITLE = re.compile(
    r"[\s_\-–—|(（]*(?:第\s*\d{1,4}\s*页|\d{1,4}\s*/\s*\d{1,4})[)）]?|_\d{1,4}(?=$|[-_|])"
)


@dataclass(frozen=True)
class Scene:
    """What a judgement needs beside the column itself. `list_pages`: how many further ones may be turned."""

    target: Target
    walk: Walk
    columns: ColumnRules
    render: Render | None = None
    list_pages: int = 0

    @property
    def today(self) -> date:
        return self.target.now.date()


@dataclass(frozen=True)
class Reading:
    """A column's page as it was read. `contents` are those of its first page; `is_drawn`: by a browser."""

    scene: Scene
    sights: list[Sight]
    siblings: list[Sight]
    name: str
    contents: Contents
    is_drawn: bool = False

    @classmethod
    def of(cls, scene: Scene, found: Found, sights: list[Sight]) -> Reading:
        """Read the column that was `found`, opened as `sights`, beside its neighbours in the menu."""
        for most in _SIBLINGS:
            siblings = _siblings(scene, found, sights, most)
            contents = contents_of(sights, siblings, scene.today, found.text)
            if not contents.unproven:
                break
        drawn = None
        if contents.by_script and scene.render:
            drawn = _drawn(scene, scene.render, sights, siblings, found.text)
        return cls(scene, sights, siblings, found.text, drawn or contents, is_drawn=drawn is not None)

    def newest(self, is_enough: Callable[[Newest], bool]) -> tuple[Contents, Newest]:
        """Contents and newest by the first page; by the further ones where that cannot decide."""
        see, today = self.scene.walk.see, self.scene.today
        newest = newest_of(self.contents, see, today)
        if is_enough(newest) or self._is_believed(newest):
            return self.contents, newest
        if self.is_drawn or not self.contents.further:
            return self.contents, replace(newest, at_most=None)

        def promises(contents: Contents) -> bool:
            dated = (min(entry.dates) for entry in contents.sure if entry.dates)
            return any(is_enough(Newest(surely=day)) for day in dated)

        contents, turned = self._leafed(promises)
        newest = newest_of(contents, see, today)
        link = newest.entry.link if newest.entry else ""
        on = next((each.page for each in turned if link in _links(each)), None) if link else None
        at_most = None if contents.further or contents.blind_pager else newest.at_most
        return contents, replace(newest, at_most=at_most, listed_on=on)

    def _is_believed(self, newest: Newest) -> bool:
        """Is there none newer on the pages that follow? The first page alone may be pinned as a whole, so
        that the next one with documents of its own must have none either."""
        contents = self.contents
        if newest.at_most is None or not (contents.further or contents.blind_pager):
            return newest.at_most is not None
        known = {entry.link for entry in contents.sure}
        for link in sorted(contents.further, key=lambda link: (len(link), link))[:_NEXT]:
            page, is_whole = ([], False) if self.is_drawn else self._page(link)
            turned = contents_of(page, self.siblings, self.scene.today, self.name)
            anew = [entry for entry in turned.sure if entry.link not in known and not entry.pinned]
            if anew or not is_whole:
                days = [day for entry in anew for day in entry.dates]
                return is_whole and bool(days) and max(days) <= newest.at_most
        return False

    def _leafed(self, is_enough: Callable[[Contents], bool]) -> tuple[Contents, list[Sight]]:
        """The contents with the list's further pages, turned until they are enough or none may be turned.

        What was not turned stays in `further`.
        """
        contents, waiting, left = self.contents, list(self.contents.further), list[str]()
        turned: list[Sight] = []
        known = {sight.url for sight in self.sights}
        for _ in range(self.scene.list_pages):
            waiting = [link for link in dict.fromkeys(waiting) if link not in known]
            if not waiting or is_enough(contents):
                break
            link = waiting.pop(0)
            page, is_whole = self._page(link)
            left += [] if is_whole else [link]
            turned += page
            known |= {link, *(sight.url for sight in page)}
            contents = contents_of([*self.sights, *turned], self.siblings, self.scene.today, self.name)
            waiting += contents.further
        left += [link for link in waiting if link not in known]
        return replace(contents, further=tuple(dict.fromkeys(left))), turned

    def _page(self, link: str) -> tuple[list[Sight], bool]:
        """One further page with its frames, and was it seen whole; none that may be another list's."""
        firsts = [sight for sight in self.sights if host_of(sight.url) == host_of(link)]
        if not any(is_page_of(link, one.url) or folder_of(link) == folder_of(one.url) for one in firsts):
            return [], False
        blind = len(self.scene.walk.blind)
        seen = self.scene.walk.see(link)
        if not seen or seen[0].unfit or not any(_title(one) == _title(seen[0]) for one in firsts):
            return [], False
        return seen, len(self.scene.walk.blind) == blind


def _links(sight: Sight) -> set[str]:
    return {absolute(sight.url, shown.link) for shown in sight.shown if shown.link}


def _title(sight: Sight) -> str:
    """What the page calls itself, whichever page of its list it is."""
    return _PAGE_IN_TITLE.sub("", sight.reader.title).strip()


def _siblings(scene: Scene, found: Found, sights: list[Sight], most: int) -> list[Sight]:
    """The nearest pages in the menu; what the column itself lists with a day is a document of it."""
    listings = (read_listing(sight.page.text, sight.url, scene.today) for sight in sights)
    dated = {each.link for listing in listings for each in listing.entries if each.dates or each.partial}
    own = {sight.url for sight in sights} | dated | {scene.walk.first.url}
    siblings: list[Sight] = []
    for link in found.beside:
        if len(siblings) >= most:
            break
        if link not in own:
            seen = scene.walk.see(link)
            siblings += [each for each in seen if not (each.unfit or each.url in own or is_document(each))][
                :1
            ]
    return siblings


def _drawn(
    scene: Scene, render: Render, sights: list[Sight], siblings: list[Sight], name: str
) -> Contents | None:
    """The contents once the scripts have run; None if no browser could show them."""
    try:
        sight = Sight.of(render(sights[0].url))
    except FetchError:
        return None
    if sight.unfit:
        return None
    return replace(contents_of([sight], siblings, scene.today, name), by_script=False)
