"""The weekly digest: its figures, its words as they are sent, its chart."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.periods import Week
from tracker.domain.rates import RateRow
from tracker.rendering.digest import DigestView
from tracker.services.documents import draw_chart
from tracker.services.summarise import Digest, compile_digest
from tracker.store.rates import By
from tracker.web.context import CurrentDesk, Desk
from tracker.web.tables import as_they_stood, narrowed, row_view

router = APIRouter(prefix="/digest")


@router.get("")
def digest(request: Request, desk: CurrentDesk, week: str = "") -> Response:
    chosen, current = _week(desk, week), Week.of(desk.today())
    made = _compile(desk, chosen)
    return desk.render(
        request,
        "digest/digest.html",
        digest=made,
        lists=_lists(desk, made.view),
        week=chosen.name,
        previous=chosen.previous().name,
        is_current=chosen == current,
    )


@router.get("/chart.png")
def chart(desk: CurrentDesk, week: str = "") -> Response:
    return Response(draw_chart(_compile(desk, _week(desk, week)).view), media_type="image/png")


@router.get("/text.md")
def text(desk: CurrentDesk, week: str = "") -> Response:
    """The words as a file."""
    made = _compile(desk, _week(desk, week))
    name = quote(f"整改周报-{made.view.period}.md")
    headers = {"Content-Disposition": f"attachment; filename=\"digest.md\"; filename*=UTF-8''{name}"}
    return Response(made.text + "\n", media_type="text/markdown; charset=utf-8", headers=headers)


def _lists(desk: Desk, view: DigestView) -> dict[str, dict[str, str]]:
    """By the name of a group, and of the whole: what leads from each number to the items as they stood."""
    whole = as_they_stood(desk.office, view.as_of)
    rows = [
        RateRow(each.name, each.rate, each.on_time, each.overdue, each.open)
        for each in (*view.groups, view.total)
    ]
    narrowing = [*(narrowed(desk.office, whole, By.GROUP, each.name) for each in view.groups), whole]
    return {row.key: row_view(row, filters).links for row, filters in zip(rows, narrowing, strict=True)}


def _week(desk: Desk, name: str) -> Week:
    return Week.parse(name) if name else Week.of(desk.today())


def _compile(desk: Desk, week: Week) -> Digest:
    return compile_digest(desk.office, now=desk.now(), week=week)
