"""The first page: today's work, and where the rectification stands."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.checks import Advice
from tracker.domain.lifecycle import State
from tracker.services import check_queue
from tracker.services.diagnose import diagnose
from tracker.services.office import Office
from tracker.services.today import MANY, todays_work
from tracker.store.conditions import Basis
from tracker.store.list_order import Order
from tracker.store.rates import By
from tracker.web.context import CurrentDesk
from tracker.web.filters import Filters
from tracker.web.tables import rate_view

router = APIRouter()

# What waits, most pressing first, each with the list that it is the beginning of.
_PILES = {
    "待核验": Filters(state=(State.SUBMITTED,), sort=Order.DUE),
    "逾期": Filters(overdue=True, sort=Order.DUE),
    "今日到期": Filters(basis=Basis.DUE_TODAY),
    "延期待审批": Filters(basis=Basis.EXTENSION, sort=Order.DUE),
    "异议待处理": Filters(basis=Basis.OBJECTION, sort=Order.DUE),
    "待签收": Filters(state=(State.OPEN,), sort=Order.DUE),
}
_PRESSING = "逾期"
_SHOWN_ELSEWHERE = frozenset({"outbox", "contacts"})  # remarks that stand among the work, with their lists


@router.get("/")
def overview(request: Request, desk: CurrentDesk) -> Response:
    office, now = desk.office, desk.now()
    wanted = {name: (filters.wanted, filters.sort) for name, filters in _PILES.items()}
    remarks = [finding for finding in diagnose(office, now=now) if not finding.ok]
    return desk.render(
        request,
        "overview/overview.html",
        checks=_checks(office, now),
        work=todays_work(office, wanted, now=now),
        lists=_PILES,
        pressing=_PRESSING,
        many=MANY,
        view=rate_view(office, desk.rates.table(office, By.GROUP, now=now), By.GROUP),
        remarks=[finding for finding in remarks if finding.name not in _SHOWN_ELSEWHERE],
    )


def _checks(office: Office, now: datetime) -> dict[Advice, int]:
    """What the checks ask people to do."""
    return {advice: count for advice, count in check_queue.count_advised(office, now=now).items() if count}
