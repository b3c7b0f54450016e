"""Papers (清单, 决算 …) that a problem says are not published: is one of that very name there, and new since?

Must never take a paper *about* the paper for it (关于编制…清单的通知), nor one from before the bulletin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.probes.base import Target, Verdict
from tracker.probes.document import stated_dates
from tracker.probes.judging import Judged, Reason
from tracker.probes.listing import Entry, read_listing
from tracker.probes.names import comparable
from tracker.probes.sights import Sight
from tracker.probes.walk import Walk

# 关于公布…清单的公告 publishes it; every other 关于 is about it.
_PUBLISHES = re.compile(r"^.{0,30}?关于(?:公布|公开|印发|发布)(.+?)的(?:公告|通告|通知|公示)$")
_TRAILER = re.compile(r"(?:[(（【\[].{0,20}[)）】\]]|(?:19|20)\d{2}年?版?|公示|公开|公布)+$")
_YEAR = re.compile(r"(?:19|20)\d{2}(?=年)")
_ANNUAL = re.compile(r"决算|预算|年报|年度报告")
_ABOUT = re.compile(r"关于|报送|编制|征求|意见|废止|取消|解读|会议|部署|推进|研究|答记者|问答")


@dataclass
class PaperSearch:
    """One paper, looked for on page after page; `alike` are titles that speak of it."""

    name: str
    target: Target
    alike: list[str] = field(default_factory=list)
    _candidates: list[Entry] = field(default_factory=list)
    _is_cut: bool = False

    @property
    def is_settled(self) -> bool:
        return any(self._is_new(entry) for entry in self._candidates)

    def look(self, sight: Sight) -> None:
        """Take in what one page lists."""
        if sight.unfit:
            return
        today = self.target.now.date()
        listing = read_listing(sight.page.text, sight.url, today)
        self._is_cut = self._is_cut or listing.blind_pager or bool(listing.further) or sight.has_placeholders
        for entry in listing.entries:
            if entry.shown and self._is_the_paper(entry.title):
                self._candidates.append(entry)
        for text in [*(entry.title for entry in listing.entries), *(shown.text for shown in sight.shown)]:
            if comparable(self.name) in comparable(text) and text not in self.alike:
                self.alike.append(text[:80])

    def judge(self, walk: Walk) -> Judged:
        """`fixed` only for a paper of that name, published since the list, that opens."""
        for entry in self._candidates:
            if self._is_new(entry):
                return self._opened(entry, walk)
        if self._candidates or self.alike:
            words = f"只见与“{self.name}”相近、或发布日期不明或早于通报的内容，需人工核对"
            return Judged(Verdict.UNSURE, Reason.ONLY_ALIKE, words)
        if not walk.is_complete or self._is_cut:
            words = f"所看的网页上没有找到“{self.name}”，但网站未能看全"
            return Judged(Verdict.UNSURE, Reason.NOT_SEEN_WHOLE, words)
        return Judged(Verdict.NOT_FIXED, Reason.ABSENT, f"网站上没有找到“{self.name}”")

    def _opened(self, entry: Entry, walk: Walk) -> Judged:
        seen = walk.see(entry.link)
        facts = {"name": self.name, "text": entry.title, "link": entry.link, "newest": str(min(entry.dates))}
        stated = stated_dates(seen[0], self.target.now.date()) if seen else []
        page = seen[0].page if seen else None
        if not seen or seen[0].unfit or any(day < self.target.issued_on for day in stated):
            words = f"“{entry.title}”未能打开，或网页上的日期早于通报，需人工核对"
            return Judged(Verdict.UNSURE, Reason.COLUMN_UNSEEN, words, facts, page)
        words = f"已见“{entry.title}”（{min(entry.dates)} 发布）"
        return Judged(Verdict.FIXED, Reason.FOUND, words, facts, page)

    def _is_the_paper(self, title: str) -> bool:
        published = _PUBLISHES.match(title)
        bare = _TRAILER.sub("", published[1] if published else title)
        if not comparable(bare).endswith(comparable(self.name)):
            return False
        head = comparable(bare)[: -len(comparable(self.name))]
        if _ABOUT.search(head):
            return False
        years = [int(year) for year in _YEAR.findall(title)]
        # An account of years ago is no answer to its absence now.
        return not _ANNUAL.search(self.name) or any(year >= self.target.issued_on.year - 1 for year in years)

    def _is_new(self, entry: Entry) -> bool:
        return bool(entry.dates) and min(entry.dates) >= self.target.issued_on
