"""Papers (清单, 决算 …) that a problem says are not published: is one of that very name there, and new since?

Must never take a title alone for a paper, nor say that none is there while a document that may be it, or may
have it as an attachment, was not opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.probes.base import Target, Verdict
from tracker.probes.document import stated_dates
from tracker.probes.judging import Judged, Reason
from tracker.probes.listing import Entry, read_listing
from tracker.probes.paper_pages import has_content, is_unreadable, names
from tracker.probes.paper_titles import PaperName, owner_of
from tracker.probes.sights import Sight, host_of
from tracker.probes.walk import Walk

_GONE = frozenset({404, 410})
_MOST_CANDIDATES = 3
_MOST_ALIKE = 5  # as many as the evidence shows
_MOST_DOCUMENTS = 40  # of a site that has published more since, nobody says that it has not published this


@dataclass
class PaperSearch:
    """One paper, looked for on page after page; `alike` are the first few texts that speak of it."""

    name: str
    target: Target
    alike: list[str] = field(default_factory=list)
    _candidates: dict[str, Entry] = field(default_factory=dict)
    _unopened: dict[str, Entry] = field(default_factory=dict)
    _is_own: Callable[[str], bool] | None = None
    _is_cut: bool = False
    _harmless: frozenset[str] = frozenset()  # scripts of pages whose lists are in the page itself
    _drawing: frozenset[str] = frozenset()  # those of pages that show no list

    def __post_init__(self) -> None:
        self._paper = PaperName(self.name, self.target.issued_on.year)

    @property
    def is_settled(self) -> bool:
        return any(self._is_new(entry) for entry in self._candidates.values())

    def look(self, sight: Sight) -> None:
        """Take in what one page lists; the first one tells whose site it is."""
        if sight.unfit:
            return
        is_own = self._is_own = self._is_own or owner_of(sight)
        listing = read_listing(sight.page.text, sight.url, self.target.now.date())
        self._is_cut = self._is_cut or listing.blind_pager or bool(listing.further) or sight.has_placeholders
        if any(entry.dates for entry in listing.entries):
            self._harmless |= sight.scripts
        else:
            self._drawing |= sight.scripts
        for entry in listing.entries:
            if entry.shown and self._paper.is_title(entry.title, is_own):
                self._candidates.setdefault(entry.link, entry)
            if host_of(entry.link) == host_of(sight.url) and self._may_be_new(entry):
                self._unopened.setdefault(entry.link, entry)
        for text in [*(entry.title for entry in listing.entries), *(shown.text for shown in sight.shown)]:
            if (
                len(self.alike) < _MOST_ALIKE
                and self._paper.is_spoken_of(text)
                and text[:80] not in self.alike
            ):
                self.alike.append(text[:80])

    def judge(self, walk: Walk) -> Judged:
        """`fixed` only for a paper of that name, published since the list, that opens and holds something."""
        new = [entry for entry in self._candidates.values() if self._is_new(entry)][:_MOST_CANDIDATES]
        opened = [self._opened(entry, walk) for entry in new]
        if opened:
            return next((each for each in opened if each.verdict is Verdict.FIXED), opened[0])
        if self._candidates or self.alike:
            return self._only_alike()
        if not walk.is_complete or self._is_cut or self._drawing - self._harmless:
            return self._not_seen_whole()
        return self._absent_from_documents(walk)

    def _absent_from_documents(self, walk: Walk) -> Judged:
        """No title names it: has any document since the list it inside, or as an attachment?"""
        if len(self._unopened) > _MOST_DOCUMENTS:
            return self._not_seen_whole()
        known = {sight.url: [sight] for sight in walk.sights if not sight.frames}
        for link, entry in self._unopened.items():
            document = known.get(link) or list(walk.beyond([link]))
            if document and document[0].page.status in _GONE:
                continue
            if not document or document[0].unfit or is_unreadable(document):
                return self._not_seen_whole()
            if names(document, self._paper):
                self.alike.append(entry.title[:80])
                return self._only_alike()
        return Judged(Verdict.NOT_FIXED, Reason.ABSENT, f"网站上没有找到“{self.name}”")

    def _only_alike(self) -> Judged:
        words = f"只见与“{self.name}”相近、或发布日期不明或早于通报的内容，需人工核对"
        return Judged(Verdict.UNSURE, Reason.ONLY_ALIKE, words)

    def _not_seen_whole(self) -> Judged:
        words = f"所看的网页上没有找到“{self.name}”，但网站未能看全"
        return Judged(Verdict.UNSURE, Reason.NOT_SEEN_WHOLE, words)

    def _opened(self, entry: Entry, walk: Walk) -> Judged:
        seen = walk.see(entry.link)
        facts = {"name": self.name, "text": entry.title, "link": entry.link, "newest": str(min(entry.dates))}
        page = seen[0].page if seen else None
        if (doubt := self._doubt(seen, walk)) is not None:
            words = f"“{entry.title}”{doubt}，需人工核对"
            return Judged(Verdict.UNSURE, Reason.COLUMN_UNSEEN, words, facts, page)
        words = f"已见“{entry.title}”（{min(entry.dates)} 发布）"
        return Judged(Verdict.FIXED, Reason.FOUND, words, facts, page)

    def _doubt(self, seen: list[Sight], walk: Walk) -> str | None:
        """What speaks against the opened paper, in words; None if nothing does."""
        if not seen or seen[0].unfit:
            return "未能打开"
        if host_of(seen[0].url) != host_of(walk.first.url):
            return "在其他网站"
        stated = stated_dates(seen[0], self.target.now.date())
        if any(day < self.target.issued_on for day in stated):
            return "网页上的日期早于通报"
        if any(sight.says_empty for sight in seen):
            return "的网页写明尚无内容"
        return None if has_content(seen, self._paper, walk) else "的网页上未见正文或能打开的附件"

    def _may_be_new(self, entry: Entry) -> bool:
        return not entry.dates or max(entry.dates) >= self.target.issued_on

    def _is_new(self, entry: Entry) -> bool:
        return bool(entry.dates) and min(entry.dates) >= self.target.issued_on
