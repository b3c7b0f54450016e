"""The first page: where the rectification stands, and what waits for somebody today."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.checks import Advice
from tracker.services import check_queue, inspect
from tracker.services.diagnose import diagnose
from tracker.services.messages import count_undecided
from tracker.services.office import Office
from tracker.services.report import rate_table
from tracker.store.rates import By
from tracker.web.context import CurrentDesk
from tracker.web.tables import rate_view

router = APIRouter()
_MESSAGES = 5


@router.get("/")
def overview(request: Request, desk: CurrentDesk) -> Response:
    office, now = desk.office, desk.now()
    table = rate_table(office, By.GROUP, now=now)
    return desk.render(
        request,
        "overview/overview.html",
        view=rate_view(office, table, By.GROUP, linked=True),
        waiting=inspect.count_waiting(office, now=now),
        undecided=count_undecided(office),
        messages=inspect.list_messages(office, limit=_MESSAGES),
        checks=_checks(office, now),
        remarks=[finding for finding in diagnose(office, now=now) if not finding.ok],
    )


def _checks(office: Office, now: datetime) -> dict[Advice, int]:
    """What the checks ask people to do."""
    return {advice: count for advice, count in check_queue.count_advised(office, now=now).items() if count}
