"""Papers that wait for a person's approval, and those that were decided."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.domain.issuing import PaperKind, bears_the_head
from tracker.rendering.pdf import converter
from tracker.services import inspect
from tracker.services import papers as service
from tracker.store.papers import PaperState, StoredPaper
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_DONE = {
    "approved": "已批准，将在工作时间发出",
    "rejected": "已驳回",
    "voided": "已作废，文号保留；尚未发出的消息不再发出",
}
_FOR_UNITS = (PaperKind.REMINDER, PaperKind.URGING, PaperKind.STRIKE_OFF)
_DECIDED = 50  # on a page: each bears a form
_SUGGESTED_UNITS = 500  # more would make the page heavier than the list it shows
Issued = Annotated[str, Query(max_length=2000, pattern=r"^[0-9.]*$")]


@router.get("/papers")
def show(
    request: Request,
    desk: CurrentDesk,
    done: Literal["approved", "rejected", "voided"] | None = None,
    issued: Issued = "",
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Response:
    """`before`: only older ones than that; `issued`: ids of those just issued, with dots between them."""
    return papers_page(request, desk, notice=_DONE[done] if done else "", issued=issued, before=before)


@router.post("/papers/{number}/approve")
def approve(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    """A refused decision shows the list again, and why."""
    try:
        service.approve(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        return papers_page(request, desk, status_of(error), message=error.message)
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
        return papers_page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/papers?done={PaperState.REJECTED.value}", status_code=303)


def papers_page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    message: str = "",
    notice: str = "",
    issued: str = "",
    before: int | None = None,
) -> Response:
    decided, older = service.decided_page(desk.office, before=before, size=_DECIDED)
    fresh = _fresh(decided, issued)
    return desk.render(
        request,
        "papers/list.html",
        status,
        waiting=service.list_papers(desk.office, PaperState.PROPOSED),
        decided=decided,
        older=older,
        kinds=_FOR_UNITS,
        bears_the_head=bears_the_head,
        units=inspect.unit_names(desk.office, _SUGGESTED_UNITS),
        makes_pdf=converter() is not None,
        fresh={paper.id for paper in fresh},
        message=message,
        notice=f"已出具 {'、'.join(_serial(paper) for paper in fresh)}，可在下面下载" if fresh else notice,
    )


def _fresh(papers: list[StoredPaper], issued: str) -> list[StoredPaper]:
    wanted = set(issued.split("."))
    return [paper for paper in papers if paper.document and str(paper.id) in wanted]


def _serial(paper: StoredPaper) -> str:
    assert paper.document is not None
    return paper.document.serial
