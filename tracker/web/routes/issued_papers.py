"""Papers that a person issues from the pages, their documents to download, and voiding one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.domain.issuing import PaperKind
from tracker.services import issued
from tracker.services.issue import issue, issue_for_unit
from tracker.services.issued import PrintedPaper
from tracker.services.office import Office
from tracker.web.context import CurrentDesk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession
from tracker.web.routes.papers import papers_page

router = APIRouter(prefix="/papers")
Number = Annotated[int, Path(ge=1, lt=2**31)]
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.post("/issue")
def issue_papers(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    kind: Annotated[PaperKind, Form()],
    unit: Annotated[str, Form(max_length=200)] = "",
    numbers: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Papers about some items, or about all of a unit's of which the kind can speak."""
    try:
        if numbers:
            found = issue(desk.office, kind, numbers, by=session.login, now=desk.now())
        elif unit.strip():
            found = issue_for_unit(desk.office, kind, unit.strip(), by=session.login, now=desk.now())
        else:
            raise RectifyError("请填写责任单位")
    except RectifyError as error:
        return papers_page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/papers?issued={'.'.join(str(each.id) for each in found)}", status_code=303)


@router.get("/{number}/docx")
def download(desk: CurrentDesk, number: Number) -> Response:
    """The document as it was issued."""
    return _file(issued.print_paper, desk.office, number, _DOCX)


@router.get("/{number}/pdf")
def download_pdf(desk: CurrentDesk, number: Number) -> Response:
    """The same as PDF; where there is no LibreOffice, a page that says so."""
    return _file(issued.print_pdf, desk.office, number, "application/pdf")


@router.post("/{number}/void")
def void(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    reason: Annotated[str, Form()] = "",
) -> Response:
    try:
        issued.void(desk.office, number, by=session.login, reason=reason, now=desk.now())
    except RectifyError as error:
        return papers_page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/papers?done=voided", status_code=303)


def _file(printed: Callable[[Office, int], PrintedPaper], office: Office, number: int, kind: str) -> Response:
    paper = printed(office, number)
    name = quote(paper.filename, safe="")
    disposition = f"attachment; filename=\"paper\"; filename*=UTF-8''{name}"
    return Response(paper.content, media_type=kind, headers={"Content-Disposition": disposition})
