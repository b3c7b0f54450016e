"""The leader's page: one sentence, the rates and how they went, one light per unit; and the wall screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.board import Lamp, Light
from tracker.domain.errors import NotFoundError
from tracker.domain.periods import IssuePeriod
from tracker.domain.rates import WHOLE, Rate, RateRow, trim
from tracker.rendering.trend import Series, Trend, trend_chart
from tracker.services import inspect
from tracker.services.leader import LeaderView, leader_view
from tracker.store.bulletins import StoredBulletin
from tracker.store.conditions import Basis
from tracker.store.rates import Scope
from tracker.web.context import CurrentDesk, Desk
from tracker.web.filters import Filters, address
from tracker.web.tables import RowView, row_view

router = APIRouter(prefix="/leader")
_LAMPS, _WALL_LAMPS = 120, 18
_CHOICES = 40
_TURN_SECONDS, _REFRESH_SECONDS = 12, 60


@router.get("")
def show(
    *, request: Request, desk: CurrentDesk, bulletin: str = "", issued: str = "", wall: bool = False
) -> Response:
    """`bulletin` is a number, `issued` a period (`2021Q3`, `2021-07`); empty as a form sends it: all."""
    choice = _choose(desk, bulletin, issued)
    view = leader_view(desk.office, desk.boards, choice.scope, now=desk.now())
    page = _dress(desk, choice, view)
    return desk.render(request, "leader/wall.html" if wall else "leader/leader.html", **page)


@router.get("/trend.png")
def picture(desk: CurrentDesk, bulletin: str = "", issued: str = "") -> Response:
    """The trend for a paper or a chat: the same lines as on the page."""
    choice = _choose(desk, bulletin, issued)
    view = leader_view(desk.office, desk.boards, choice.scope, now=desk.now())
    subtitle = f"{choice.title}　截至{desk.office.rules.calendar.local(view.as_of):%Y年%m月%d日 %H:%M}"
    return Response(trend_chart(_trend(view), "整改率走势", subtitle), media_type="image/png")


@dataclass(frozen=True)
class _Choice:
    """What the page is about. `filters` narrows the lists behind its numbers in the same way."""

    title: str
    scope: Scope
    filters: Filters
    bulletins: list[StoredBulletin]
    periods: list[IssuePeriod]

    def link(self, path: str = "/leader", **more: object) -> str:
        """The address of the page, or of a picture of it."""
        return address(path, {"bulletin": self.scope.bulletin_id, "issued": self.filters.issued} | more)


def _choose(desk: Desk, bulletin: str, issued: str) -> _Choice:
    """Raises NotFoundError for a bulletin nobody has, RectifyError for a period that is none."""
    standing = [each for each in inspect.list_bulletins(desk.office) if each.undone_at is None]
    standing.sort(key=lambda each: (each.issued_on, each.id), reverse=True)
    periods = {IssuePeriod.of(each.issued_on): None for each in standing}
    chosen = next((each for each in standing if str(each.id) == bulletin.strip()), None)
    if bulletin.strip() and chosen is None:
        raise NotFoundError(f"没有序号为 {bulletin.strip()} 的通报")
    period = IssuePeriod.parse(issued.strip()) if issued.strip() else None
    filters = Filters(bulletin=str(chosen.id) if chosen else None, issued=period.name if period else None)
    title = "、".join(
        words for words in (chosen and chosen.title, period and f"{period.chinese}印发") if words
    )
    scope = Scope(bulletin_id=chosen.id if chosen else None, issued=period)
    return _Choice(title or "全部通报", scope, filters, standing[:_CHOICES], list(periods))


@dataclass(frozen=True)
class _LampView:
    """One unit on the board. `words` says why it has this light; `link` leads to the items that are why."""

    lamp: Lamp
    words: str
    link: str


def _dress(desk: Desk, choice: _Choice, view: LeaderView) -> dict[str, Any]:
    lit = Counter(lamp.light for lamp in view.lamps)
    trend = _trend(view)
    return {
        "choice": choice,
        "view": view,
        "whole": row_view(view.total, choice.filters),
        "groups": [(_group(choice, row), _delta(view, row.key)) for row in view.groups],
        "delta": _delta(view, WHOLE),
        "trend": trend,
        "drawing": trend.drawing(),
        "by_light": {light: lit[light] for light in Light},
        "lamps": [_lamp(desk, choice, view, lamp) for lamp in view.lamps[:_LAMPS]],
        "wall_lamps": [_lamp(desk, choice, view, lamp) for lamp in view.lamps[:_WALL_LAMPS]],
        "turn": _TURN_SECONDS,
        "refresh": _REFRESH_SECONDS,
    }


def _group(choice: _Choice, row: RateRow) -> RowView:
    return row_view(row, choice.filters.model_copy(update={"group": row.key}))


def _lamp(desk: Desk, choice: _Choice, view: LeaderView, lamp: Lamp) -> _LampView:
    calendar, tally = desk.office.rules.calendar, lamp.tally
    mine = choice.filters.model_copy(update={"unit": lamp.unit})
    if lamp.light is Light.RED:
        assert tally.latest_at is not None
        days = calendar.working_days_between(calendar.today(tally.latest_at), calendar.today(view.as_of))
        return _LampView(lamp, f"{tally.overdue} 项逾期，最久 {days} 个工作日", mine.link(overdue="true"))
    if lamp.light is Light.AMBER:
        until = calendar.add_working_days(calendar.today(view.as_of), view.near_days)
        link = mine.link(basis=Basis.WAITING.value, due_to=until)
        return _LampView(lamp, f"{tally.near} 项临期", link)
    if lamp.light is Light.WHITE:
        return _LampView(lamp, f"{tally.open} 项在办", mine.link(basis=Basis.UNFINISHED.value))
    return _LampView(lamp, f"{tally.rectified} 项已销号", mine.link(basis=Basis.RECTIFIED.value))


def _delta(view: LeaderView, key: str) -> str:
    """`较上周一（7月19日）提高3.2个百分点`: the difference of the printed figures; empty if unknown."""
    before = view.last_monday
    earlier = before.rates.get(key) if before else None
    now = view.trend[-1].rates[key]
    if before is None or earlier is None or earlier.value is None or now.value is None:
        return ""
    since = f"较上周一（{_day(before.on)}）"
    if now.value == earlier.value:
        return f"{since}持平"
    change = trim(abs(now.value - earlier.value))
    return f"{since}{'提高' if now.value > earlier.value else '下降'}{change}个百分点"


def _trend(view: LeaderView) -> Trend:
    """The whole only where there are several groups: else it would hide behind the one."""
    names = [row.key for row in view.groups]
    if len(names) != 1:
        names.insert(0, WHOLE)
    *past, last = view.trend
    labels = (*(f"{point.on.month}/{point.on.day}" for point in past), "今天")
    rates: list[tuple[Rate | None, ...]] = [
        tuple(point.rates.get(name) for point in (*past, last)) for name in names
    ]
    return Trend(labels, tuple(Series(name, line) for name, line in zip(names, rates, strict=True)))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
