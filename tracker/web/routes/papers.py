"""Papers that wait for a person's approval, and those that were decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.services import papers as service
from tracker.store.papers import PaperState
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_DONE = {PaperState.APPROVED: "已批准，将在工作时间发出", PaperState.REJECTED: "已驳回"}


@router.get("/papers")
def show(request: Request, desk: CurrentDesk, done: PaperState | None = None) -> Response:
    return _page(request, desk, notice=_DONE.get(done, "") if done else "")


@router.post("/papers/{number}/approve")
def approve(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    """A refused decision shows the list again, and why."""
    try:
        service.approve(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/papers?done={PaperState.APPROVED.value}", status_code=303)


@router.post("/papers/{number}/reject")
def reject(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    reason: Annotated[str, Form()] = "",
) -> Response:
    try:
        service.reject(desk.office, [number], by=session.login, reason=reason, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/papers?done={PaperState.REJECTED.value}", status_code=303)


def _page(
    request: Request, desk: Desk, status: int = 200, *, message: str = "", notice: str = ""
) -> Response:
    papers = service.list_papers(desk.office)
    return desk.render(
        request,
        "papers/list.html",
        status,
        waiting=[paper for paper in papers if paper.state is PaperState.PROPOSED],
        decided=[paper for paper in papers if paper.state is not PaperState.PROPOSED],
        message=message,
        notice=notice,
    )
