"""The page of a staged document as it stands: being read, unreadable, ready to be looked through, taken in.

Must never read a document itself: the reading room does.
"""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from tracker.services.reading_room import Failed, Imported, State, UnderWay
from tracker.services.staging import ShownOtherwiseError
from tracker.web import words
from tracker.web.context import Desk
from tracker.web.errors import status_of
from tracker.web.filters import PreviewFilters
from tracker.web.preview_page import Head, show_preview


def show_state(
    request: Request,
    desk: Desk,
    *,
    upload_id: int,
    state: State,
    filters: PreviewFilters,
    status: int = 200,
    head: Head | None = None,
    message: str = "",
) -> Response:
    """The page that fits; a refused title or day comes back with what was typed."""
    if isinstance(state, Failed) and isinstance(state.error, ShownOtherwiseError):
        message = state.error.message
        desk.room.forget(upload_id)
        state = desk.room.look(upload_id)
    match state:
        case Imported():
            return RedirectResponse(imported_at(state), status_code=303)
        case UnderWay():
            return desk.render(
                request, "uploads/working.html", status, state=state, upload_id=upload_id, message=message
            )
        case Failed():
            desk.room.forget(upload_id)
            said = message or words.for_pages(state.error.message)
            head = head or Head("", "")
            return desk.render(
                request,
                "uploads/failed.html",
                status_of(state.error),
                upload_id=upload_id,
                message=said,
                head=head,
            )
        case _:
            return show_preview(request, desk, state, filters, status, head=head, message=message)


def imported_at(done: Imported) -> str:
    """Where what was taken in is shown."""
    return "/bulletins?already=true" if done.already else f"/bulletins/{done.bulletin_id}?done=true"
