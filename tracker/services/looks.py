"""A look put into words: what was seen, where, when; and the same look many times over, told once.

Must never leave out that a look failed, or that part of a site could not be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tracker.domain.calendar import WorkCalendar
from tracker.domain.checks import Verdict
from tracker.probes import FetchReason
from tracker.probes.sights import UNFIT_WORDS
from tracker.store.observations import StoredObservation

_PROBES = {"website_column": "网站", "cases": "办件数据", "accounts": "新媒体账号"}
_WHY = {reason.value: reason.message for reason in FetchReason} | {
    unfit.value: words for unfit, words in UNFIT_WORDS.items()
}
_HASH_SHOWN = 12


@dataclass(frozen=True)
class LookView:
    """One look, or several in a row that saw the same: `times` of them, the first at `since`.

    address: "" where nothing was opened; digest: SHA-256 of the page that decided, or of the export; pages:
    how many were opened; facts and blind: lines of what was found, and of what could not be seen; picture:
    SHA-256 of the picture of the page, "" without one.
    """

    at: datetime
    since: datetime
    verdict: Verdict
    probe: str
    summary: str
    address: str
    status: int | None
    digest: str
    pages: int
    facts: tuple[str, ...]
    blind: tuple[str, ...]
    picture: str = ""
    times: int = 1

    @property
    def sameness(self) -> tuple[object, ...]:
        """Looks that agree in this tell the same. Not the digest: many pages count their visitors."""
        return self.probe, self.verdict, self.summary, self.address, self.status, self.facts, self.blind


def view(look: StoredObservation) -> LookView:
    """The look as people read it."""
    seen = look.evidence
    status = seen.get("status")
    return LookView(
        at=look.checked_at,
        since=look.checked_at,
        verdict=Verdict(look.verdict),
        probe=_PROBES.get(look.probe, look.probe),
        summary=str(seen.get("summary", "")),
        address=str(seen.get("final_url") or seen.get("url") or ""),
        status=status if isinstance(status, int) else None,
        digest=str(seen.get("sha256") or ""),
        pages=int(seen.get("pages") or 0),  # type: ignore[call-overload] # our own JSON
        facts=tuple(_facts(seen)),
        blind=tuple(_blind(seen)),
        picture=str((seen.get("screenshot") or {}).get("sha256", "")),  # type: ignore[attr-defined] # our own JSON
    )


def folded(views: Iterable[LookView]) -> list[LookView]:
    """Newest first in, newest first out: a run of looks that saw the same becomes one."""
    runs: list[LookView] = []
    for each in views:
        if runs and runs[-1].sameness == each.sameness:
            last = runs[-1]
            picture = last.picture or each.picture
            runs[-1] = replace(last, since=each.since, times=last.times + each.times, picture=picture)
        else:
            runs.append(each)
    return runs


def quote(look: StoredObservation, calendar: WorkCalendar) -> str:
    """One sentence with its evidence, for a reason in the history: when, what, where, status, hash."""
    seen = view(look)
    parts = [
        f"网址 {seen.address}" if seen.address else "",
        f"状态码 {seen.status}" if seen.status is not None else "",
        f"内容摘要 {seen.digest[:_HASH_SHOWN]}" if seen.digest else "",
    ]
    where = "，".join(part for part in parts if part)
    words = f"{calendar.local(seen.at):%Y-%m-%d %H:%M} 自动核查：{seen.summary}"
    return f"{words}（{where}）" if where else words


def return_reason(look: StoredObservation, calendar: WorkCalendar, *, times: int = 1) -> str:
    """A ready-made reason for sending an item back; `times`: how many looks in a row said so."""
    said = f"，连续 {times} 次核查均如此" if times > 1 else ""
    return f"报送后仍未见整改。{quote(look, calendar)}{said}。请整改到位后重新报送。"


def _facts(seen: Mapping[str, Any]) -> Iterable[str]:
    for found in seen.get("found") or ():
        newest = found.get("newest") or found.get("newest_at_most")
        document = (found.get("document") or {}).get("title")
        parts = [
            f"所见文字“{found['text']}”" if found.get("text") else "",
            f"{found['documents']} 条内容" if found.get("documents") else "",
            f"最新 {newest}" if newest else "",
            f"《{document}》" if document else "",
            f"期限 {found['limit']}" if found.get("limit") else "",
        ]
        yield f"{found.get('name', '')}：" + "，".join(part for part in parts if part)
    if alike := seen.get("alike"):
        yield f"相近的文字：{'、'.join(alike)}"
    if failed := seen.get("screenshot_failed"):
        yield f"没有留下网页截图：{failed}"
    if seen.get("file"):
        yield f"依据 {seen['file']}"


def _blind(seen: Mapping[str, Any]) -> Iterable[str]:
    for each in seen.get("blind") or ():
        yield f"未能看到 {each['url']}：{_WHY.get(each['reason'], '网页返回出错状态')}"
