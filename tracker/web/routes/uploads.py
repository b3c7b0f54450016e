"""Taking documents in: hand in, look at the preview, decide. What is staged outlives a restart."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.services import staging
from tracker.services.register import Source
from tracker.services.staging import ShownOtherwiseError
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PreviewFilters, QueryPreview
from tracker.web.guard import CurrentSession
from tracker.web.handed_in import DocumentForm, day
from tracker.web.preview_page import Head, show_preview

router = APIRouter(prefix="/uploads")
UploadId = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("")
def show_form(request: Request, desk: CurrentDesk, staged: int = 0) -> Response:
    return _form(request, desk, notice=f"{staged} 份文件已待确认，请逐份查看预览" if staged else "")


@router.post("")
def hand_in(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    form: Annotated[DocumentForm, Depends()],
) -> Response:
    """Stage each document; those that cannot be read are named, the others stay staged."""
    try:
        sources = form.sources()
    except RectifyError as error:
        return _form(request, desk, status_of(error), typed=form, message=error.message)
    staged, faults = _stage_all(desk, sources, by=session.login)
    if faults:
        notice = f"其余 {len(staged)} 份已待确认" if staged else ""
        message = "；".join(faults)
        return _form(request, desk, 400, typed=form, message=message, notice=notice)
    place = f"/uploads/{staged[0]}" if len(staged) == 1 else f"/uploads?staged={len(staged)}"
    return RedirectResponse(place, status_code=303)


@router.get("/{upload_id}")
def preview(request: Request, desk: CurrentDesk, upload_id: UploadId, filters: QueryPreview) -> Response:
    """What the import would do; writes nothing."""
    return show_preview(request, desk, staging.staged(desk.office, upload_id), filters)


@router.post("/{upload_id}")
def amend(
    *,
    request: Request,
    desk: CurrentDesk,
    upload_id: UploadId,
    title: Annotated[str, Form()] = "",
    issued_on: Annotated[str, Form()] = "",
) -> Response:
    """Title and day of issue, where the document says them wrong; a field left empty asks the document."""
    try:
        staging.amend(desk.office, upload_id, title=title.strip() or None, issued_on=day(issued_on))
    except NotFoundError:
        raise
    except RectifyError as error:
        staged = staging.staged(desk.office, upload_id)
        head = Head(title, issued_on)
        message = words.for_pages(error.message)
        return show_preview(
            request, desk, staged, PreviewFilters(), status_of(error), head=head, message=message
        )
    return RedirectResponse(f"/uploads/{upload_id}", status_code=303)


@router.post("/{upload_id}/commit")
def commit(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    upload_id: UploadId,
    shown: Annotated[str, Form()] = "",
) -> Response:
    """Import what was previewed, in one transaction; if that has changed, show it anew instead."""
    try:
        plan = staging.commit_upload(desk.office, upload_id, by=session.login, now=desk.now(), shown=shown)
    except ShownOtherwiseError as error:
        staged = staging.staged(desk.office, upload_id)
        return show_preview(request, desk, staged, PreviewFilters(), 409, message=error.message)
    place = "/bulletins?already=true" if plan.already else f"/bulletins/{plan.bulletin_id}?done=true"
    return RedirectResponse(place, status_code=303)


@router.post("/{upload_id}/discard")
def discard(desk: CurrentDesk, upload_id: UploadId) -> Response:
    staging.discard(desk.office, upload_id)
    return RedirectResponse("/uploads", status_code=303)


def _stage_all(desk: Desk, sources: list[Source], *, by: str) -> tuple[list[int], list[str]]:
    """The ids of what was staged, and why the others were not."""
    staged, faults = [], []
    for source in sources:
        try:
            staged.append(staging.stage(desk.office, source, by=by, now=desk.now()))
        except RectifyError as error:
            faults.append(words.for_pages(error.message))
    return staged, faults


def _form(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    typed: DocumentForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    return desk.render(
        request,
        "uploads/form.html",
        status,
        uploads=staging.list_uploads(desk.office),
        typed=typed or DocumentForm(),
        message=message,
        notice=notice,
    )
