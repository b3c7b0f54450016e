"""The rate tables: cut in several ways, now or as they stood at a past moment."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.errors import RectifyError
from tracker.domain.periods import plausible
from tracker.services.report import detailed_table, ranking
from tracker.store.rates import By
from tracker.web.context import CurrentDesk, Desk
from tracker.web.tables import rate_view

router = APIRouter()


@router.get("/rates")
def rates(request: Request, desk: CurrentDesk, by: By = By.GROUP, as_of: str = "") -> Response:
    now, moment = desk.now(), _moment(desk, as_of)
    is_past = moment is not None and moment < now
    if is_past:
        table = detailed_table(desk.office, by, now=now, as_of=moment)
    else:
        table = desk.detailed_rates.table(desk.office, by, now=now)
    return desk.render(
        request,
        "rates/rates.html",
        view=rate_view(desk.office, table, by, linked=not is_past),
        heads={each: each.chinese for each in By},
        by=by,
        as_of=as_of,
        is_past=is_past,
        ranking=ranking(desk.office, now=now, as_of=moment) if by is By.UNIT else (),
    )


def _moment(desk: Desk, text: str) -> datetime | None:
    """A moment on the office's clock, as a browser's field or a person writes it."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RectifyError(f"“{text}”不是有效的时刻，请写成 2026-11-22T09:00 的形式") from None
    plausible(moment.date())
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.office.rules.calendar.zone)
