"""Putting a staged document right before it is imported, and taking a correction back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.services import staging
from tracker.services.reading_room import Ready
from tracker.web import words
from tracker.web.context import CurrentDesk
from tracker.web.correcting import CorrectionForm, Deed
from tracker.web.errors import status_of
from tracker.web.filters import QueryPreview
from tracker.web.preview_page import show_preview

router = APIRouter(prefix="/uploads/{upload_id}/corrections")
UploadId = Annotated[int, Path(ge=1, lt=2**31)]


@router.post("")
def correct(
    request: Request,
    desk: CurrentDesk,
    upload_id: UploadId,
    filters: QueryPreview,
    form: Annotated[CorrectionForm, Depends()],
) -> Response:
    """Correct one finding and go back to its row; a refused one shows the page with what was typed."""
    before = desk.room.look(upload_id)
    if not isinstance(before, Ready):  # being read anew: what was seen may not be what is there
        return RedirectResponse(f"/uploads/{upload_id}", status_code=303)
    try:
        wanted = form.wanted(before.staged.preview)
        desk.room.keep(staging.correct(desk.office, upload_id, *wanted))
    except NotFoundError:
        raise
    except RectifyError as error:
        message = words.for_pages(error.message)
        return show_preview(request, desk, before, filters, status_of(error), typed=form, message=message)
    row = f"{form.key}.1" if form.deed is Deed.SPLIT else form.key
    anchor = "names" if form.deed is Deed.ALIAS else row
    return RedirectResponse(filters.link(f"/uploads/{upload_id}", anchor, edit=None), status_code=303)


@router.post("/retract")
def retract(
    desk: CurrentDesk,
    upload_id: UploadId,
    filters: QueryPreview,
    kind: Annotated[str, Form()],
    key: Annotated[str, Form()],
) -> Response:
    desk.room.keep(staging.retract(desk.office, upload_id, kind, key))
    return RedirectResponse(filters.link(f"/uploads/{upload_id}", edit=None), status_code=303)
