"""The rate tables: cut in several ways, now or as they stood at a past moment."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.services.report import detailed_table, ranking
from tracker.store.rates import By
from tracker.web.context import CurrentDesk
from tracker.web.moments import past_moment
from tracker.web.tables import rate_view

router = APIRouter()


@router.get("/rates")
def rates(request: Request, desk: CurrentDesk, by: By = By.GROUP, as_of: str = "") -> Response:
    now, moment = desk.now(), past_moment(desk, as_of)
    if moment:
        table = detailed_table(desk.office, by, now=now, as_of=moment)
    else:
        table = desk.detailed_rates.table(desk.office, by, now=now)
    return desk.render(
        request,
        "rates/rates.html",
        view=rate_view(desk.office, table, by, past=moment is not None),
        heads={each: each.chinese for each in By},
        by=by,
        as_of=as_of,
        is_past=moment is not None,
        ranking=ranking(desk.office, now=now, as_of=moment) if by is By.UNIT else (),
    )
