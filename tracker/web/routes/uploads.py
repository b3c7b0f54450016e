"""Taking documents in: hand in, look at the preview, decide. What is staged outlives a restart."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.services import staging
from tracker.services.reading_room import LONG_BYTES, Imported, UnderWay
from tracker.services.register import Source
from tracker.services.staging import ShownOtherwiseError
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PreviewFilters, QueryPreview
from tracker.web.guard import CurrentSession
from tracker.web.handed_in import DocumentForm, day
from tracker.web.preview_page import Head
from tracker.web.upload_state import imported_at, show_state

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
    """What the import would do; writes nothing. A long document shows how far it has come."""
    return show_state(request, desk, upload_id=upload_id, state=desk.room.look(upload_id), filters=filters)


@router.get("/{upload_id}/progress")
def progress(desk: CurrentDesk, upload_id: UploadId) -> Response:
    """How far a long document has come; `under_way` false: the page has something else to show."""
    state = desk.room.look(upload_id)
    if not isinstance(state, UnderWay):
        return JSONResponse({"under_way": False})
    told = {"phase": state.phase.value, "done": state.done, "total": state.total, "seconds": state.seconds}
    return JSONResponse({"under_way": True} | told)


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
        desk.room.keep(
            staging.amend(desk.office, upload_id, title=title.strip() or None, issued_on=day(issued_on))
        )
    except NotFoundError:
        raise
    except RectifyError as error:
        state, message = desk.room.look(upload_id), words.for_pages(error.message)
        head = Head(title, issued_on)
        return show_state(
            request,
            desk,
            upload_id=upload_id,
            state=state,
            filters=PreviewFilters(),
            status=status_of(error),
            head=head,
            message=message,
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
        state = desk.room.commit(upload_id, by=session.login, now=desk.now(), shown=shown)
    except ShownOtherwiseError as error:
        state, message = desk.room.look(upload_id), error.message
        return show_state(
            request,
            desk,
            upload_id=upload_id,
            state=state,
            filters=PreviewFilters(),
            status=409,
            message=message,
        )
    place = imported_at(state) if isinstance(state, Imported) else f"/uploads/{upload_id}"
    return RedirectResponse(place, status_code=303)


@router.post("/{upload_id}/discard")
def discard(desk: CurrentDesk, upload_id: UploadId) -> Response:
    staging.discard(desk.office, upload_id)
    return RedirectResponse("/uploads", status_code=303)


def _stage_all(desk: Desk, sources: list[Source], *, by: str) -> tuple[list[int], list[str]]:
    """The ids of what was staged, and why the others were not; what is long is read once it lies there."""
    staged, faults = [], []
    for source in sources:
        is_long = len(source.content) > LONG_BYTES
        keep = staging.lay_down if is_long else staging.stage
        try:
            staged.append(keep(desk.office, source, by=by, now=desk.now()))
        except RectifyError as error:
            faults.append(words.for_pages(error.message))
        else:
            if is_long:
                desk.room.look(staged[-1])
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
