"""Do the columns (专栏) of a website show that a problem is fixed? One look at one item.

Must never answer `fixed` on a likeness, on a page that could not be seen, or on a part of what was asked for:
that is `unsure`, and a person looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.domain.columns import ColumnRules, WalkLimits
from tracker.probes.account_page import latest_post
from tracker.probes.account_words import Account
from tracker.probes.base import LatestPost, Observation, Target, Verdict
from tracker.probes.browser import Render
from tracker.probes.finding import Search, alike_of
from tracker.probes.judging import Judged, Reason, judge
from tracker.probes.names import Wanted, comparable, wanted_of
from tracker.probes.papers import PaperSearch
from tracker.probes.reading import Scene
from tracker.probes.sights import UNFIT_WORDS, Unfit
from tracker.probes.sitemap import seek_beyond
from tracker.probes.visits import Fetch, Memory, Pace, Visits
from tracker.probes.walk import Walk

_PAPERS = "content_not_published"
_RESTING = "stale_column"


@dataclass
class WebsiteColumn:
    """The probe `website_column`. `fetch` gets a URL and returns a Page or raises FetchError."""

    fetch: Fetch
    columns: ColumnRules = field(default_factory=ColumnRules)
    limits: WalkLimits = field(default_factory=WalkLimits)
    pace: Pace = field(default_factory=Pace)
    memory: Memory = field(default_factory=Memory)
    render: Render | None = None
    name = "website_column"
    classes = frozenset(
        {"missing_column", "empty_column", _RESTING, "wrong_column", _PAPERS, "platform_missing"}
    )

    def look(self, target: Target) -> Observation:
        """Evidence keys: summary, reason, url, looked_at.

        Once a page came: final_url, status, sha256 (of the page that decided), pages (how many were opened)
        and blind (those that could not be seen). Once compared: wanted, found and alike (lists; found has
        name, text, link and what was seen of its contents).
        """
        evidence: dict[str, object] = {"url": target.url, "looked_at": target.now.isoformat()}
        wanted = wanted_of(target.problem_class, target.text)
        if wanted is None:
            judged = Judged(Verdict.UNSURE, Reason.NO_COLUMN_NAMED, "问题描述没有写明栏目名称，需人工核对")
            return _observation(judged, evidence)
        return self._look_for(target, wanted, evidence)

    def look_at_column(self, name: str, url: str, now: datetime) -> Observation:
        """How new a column of that very name is, on the site that begins at `url`; evidence as of `look`."""
        target = Target(0, _RESTING, name, url, now, issued_on=date.min, is_exact=True)
        return self._look_for(target, Wanted((name,), name), {"url": url, "looked_at": now.isoformat()})

    def look_at_account(self, platform: str, name: str, url: str, now: datetime) -> LatestPost:
        """When a new-media account posted last, by its page or a list of accounts at `url`."""
        visits = Visits(self.fetch, self.limits, self.memory, self.pace, now)
        return latest_post(Walk(visits, 0, url), Account(platform, name), now, self.render)

    def _look_for(self, target: Target, wanted: Wanted, evidence: dict[str, object]) -> Observation:
        visits = Visits(
            self.fetch, self.limits, self.memory, self.pace, target.now, read_since=target.read_since
        )
        walk = Walk(visits, self.limits.depth, target.url, self.render)
        if target.problem_class == _PAPERS:
            return self._look_for_papers(target, wanted, walk, evidence)
        return self._look_for_columns(target, wanted, walk, evidence)

    def _look_for_columns(
        self, target: Target, wanted: Wanted, walk: Walk, evidence: dict[str, object]
    ) -> Observation:
        whole = Search(wanted.whole, self.columns)
        parts = [whole, *(Search(name, self.columns) for name in wanted.names if name != wanted.whole)]
        former = Search(wanted.former, self.columns) if wanted.former else None

        def done() -> bool:
            every = all(part.is_settled for part in parts[1:] or parts)
            return not former and (whole.is_settled or every)

        searches = [*parts, former] if former else parts
        walk.visits.reserved = min(self.limits.sitemap_pages, self.limits.pages // 4)
        _stroll(walk, searches, done)
        walk.visits.reserved = 0
        unseen = _unseen(walk)
        if unseen is None or unseen.reason is Reason.BARE_PAGE:
            seek_beyond(walk, [part for part in parts if part.found is None], self.limits.sitemap_pages)
        # One column may have the very name of the whole list.
        sought = [whole] if whole.found or len(parts) == 1 else parts[1:]
        evidence |= _seen(walk) | {"wanted": list(wanted.names), "found": [], "alike": alike_of(sought)}
        if unseen and not any(part.is_beyond for part in parts):
            return _observation(unseen, evidence)
        scene = Scene(target, walk, self.columns, self.render, self.limits.list_pages)
        judged = [judge(scene, search, former) for search in sought]
        evidence["found"] = [each.facts for each in judged if each.facts]
        return _observation(_together(judged, wanted), evidence | _decisive(judged) | _seen_count(walk))

    def _look_for_papers(
        self, target: Target, wanted: Wanted, walk: Walk, evidence: dict[str, object]
    ) -> Observation:
        papers = [PaperSearch(name, target) for name in wanted.names]
        for sight in walk.steps(lambda shown: any(comparable(paper.name) in shown.text for paper in papers)):
            for paper in papers:
                paper.look(sight)
            if all(paper.is_settled for paper in papers):
                break
        unseen = _unseen(walk)
        evidence |= _seen(walk) | {"wanted": list(wanted.names), "found": [], "alike": []}
        if unseen:
            return _observation(unseen, evidence)
        judged = [paper.judge(walk) for paper in papers]
        evidence["alike"] = list(dict.fromkeys(title for paper in papers for title in paper.alike))[:5]
        evidence["found"] = [each.facts for each in judged if each.facts]
        return _observation(_together(judged, wanted), evidence | _seen_count(walk))


def _stroll(walk: Walk, searches: list[Search], done: Callable[[], bool]) -> None:
    for sight in walk.steps(lambda shown: any(search.is_likely(shown) for search in searches)):
        for search in searches:
            search.look(sight)
        if done():
            return


def _unseen(walk: Walk) -> Judged | None:
    """Nothing can be said of a site whose first page proves nothing."""
    if not walk.sights:
        blind = walk.blind[0]
        facts = {"fetch_reason": blind.reason}
        return Judged(Verdict.UNSURE, Reason.FETCH_FAILED, f"网页未能打开：{blind.message}", evidence=facts)
    first = walk.first
    if first.page.status != 200:
        words = f"网页返回状态码 {first.page.status}，无法判断"
        return Judged(Verdict.UNSURE, Reason.HTTP_STATUS, words)
    unfit = first.unfit or (Unfit.BARE_PAGE if any(each.url == first.url for each in walk.blind) else None)
    return Judged(Verdict.UNSURE, Reason(unfit.value), UNFIT_WORDS[unfit]) if unfit else None


def _seen(walk: Walk) -> dict[str, object]:
    if not walk.sights:
        return {}
    page = walk.first.page
    return {"final_url": page.url, "status": page.status, "sha256": page.sha256} | _seen_count(walk)


def _seen_count(walk: Walk) -> dict[str, object]:
    blind = [{"url": each.url, "reason": each.reason} for each in walk.blind[:5]]
    return {"pages": walk.visits.count, "blind": blind}


def _decisive(judged: list[Judged]) -> dict[str, object]:
    """Address, status and hash of the page that decided, in place of those of the start."""
    page = next((each.page for each in judged if each.page), None)
    return {"final_url": page.url, "status": page.status, "sha256": page.sha256} if page else {}


def _together(judged: list[Judged], wanted: Wanted) -> Judged:
    """One column that is not fixed decides for all; else one of which nobody can say."""
    for verdict in (Verdict.NOT_FIXED, Verdict.UNSURE):
        if these := [each for each in judged if each.verdict is verdict]:
            return Judged(verdict, these[0].reason, "；".join(each.summary for each in these))
    if wanted.open_list:
        words = "点名的栏目已整改，但问题以“等”概括或另有所指，需人工核对"
        return Judged(Verdict.UNSURE, Reason.OPEN_LIST, words)
    return Judged(Verdict.FIXED, judged[0].reason, "；".join(each.summary for each in judged))


def _observation(judged: Judged, evidence: dict[str, object]) -> Observation:
    return Observation(
        judged.verdict,
        {"summary": judged.summary, "reason": judged.reason.value, **evidence, **judged.evidence},
    )
