"""Rates at any moment, and the weekly digest."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.answers.reports import digest_json, rates_json
from tracker.domain.periods import Week
from tracker.services import report, summarise
from tracker.store.rates import By
from tracker.web.api import report_shapes as shapes
from tracker.web.api.answering import ERRORS, NOT_MODIFIED, answered
from tracker.web.api.guard import ReadsRates
from tracker.web.api.requests import Instant
from tracker.web.context import CurrentDesk

router = APIRouter(tags=["整改率"], responses=ERRORS)


AsOf = Annotated[
    Instant | None,
    Query(description="按当时的状态计算，如 2026-11-16T09:00:00+08:00", examples=["2026-11-16T01:00:00Z"]),
]
WeekName = Annotated[
    str | None,
    Query(
        pattern=r"^20\d\d-W(0[1-9]|[1-4]\d|5[0-3])$",
        description="如 2026-W47；不写则为本周",
        examples=["2026-W47"],
    ),
]


@router.get("/rates", response_model=shapes.Rates, responses=NOT_MODIFIED, summary="整改率与按期整改率")
def rates(
    request: Request, desk: CurrentDesk, bearer: ReadsRates, by: By = By.GROUP, as_of: AsOf = None
) -> Response:
    """每个数都附分子、分母；as_of 为过去的时刻时由经过算出，事项列表写同一 as_of 即是背后的清单。"""
    table = report.detailed_table(desk.office, by, now=desk.now(), as_of=as_of)
    return answered(request, rates_json(table, desk.office.rules.calendar))


@router.get("/digest", response_model=shapes.Digest, responses=NOT_MODIFIED, summary="周报的数字")
def digest(request: Request, desk: CurrentDesk, bearer: ReadsRates, week: WeekName = None) -> Response:
    """已发布的一期是当时冻结的数字。"""
    chosen = Week.parse(week) if week else None
    made = summarise.compile_digest(desk.office, now=desk.now(), period=chosen)
    return answered(request, digest_json(made, desk.office.rules.calendar))
