"""The weekly digest: its figures, its words as they are sent, its chart."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.domain.periods import Week
from tracker.services.documents import draw_chart
from tracker.services.summarise import Digest, compile_digest
from tracker.web.context import CurrentDesk, Desk

router = APIRouter(prefix="/digest")


@router.get("")
def digest(request: Request, desk: CurrentDesk, week: str = "") -> Response:
    chosen, current = _week(desk, week), Week.of(desk.today())
    return desk.render(
        request,
        "digest/digest.html",
        digest=_compile(desk, chosen),
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


def _week(desk: Desk, name: str) -> Week:
    return Week.parse(name) if name else Week.of(desk.today())


def _compile(desk: Desk, week: Week) -> Digest:
    return compile_digest(desk.office, now=desk.now(), week=week)
