"""Saved views of the list: kept, deleted at once, and brought back by who deleted them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from tracker.services import views as service
from tracker.web.context import CurrentDesk
from tracker.web.filters import QueryFilters
from tracker.web.guard import CurrentSession

router = APIRouter()
ViewId = Annotated[int, Path(ge=1, lt=2**31)]


@router.post("/views")
def save(
    *,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    name: Annotated[str, Form()] = "",
    shared: Annotated[bool, Form()] = False,
    starts: Annotated[bool, Form()] = False,
) -> Response:
    """Keep the list of this address under a name."""
    more = {"shared": shared, "starts": starts}
    view = service.save_view(desk.office, name, filters.query, by=session.login, now=desk.now(), **more)
    return RedirectResponse(filters.list_link(view=view.id, saved="true"), status_code=303)


@router.post("/views/{view_id}/delete")
def delete(desk: CurrentDesk, session: CurrentSession, view_id: ViewId) -> Response:
    view = service.delete_view(desk.office, view_id, by=session.login, now=desk.now())
    return RedirectResponse(f"/items?view=0&deleted={view.id}", status_code=303)


@router.post("/views/{view_id}/restore")
def restore(desk: CurrentDesk, session: CurrentSession, view_id: ViewId) -> Response:
    view = service.restore_view(desk.office, view_id, by=session.login)
    return RedirectResponse(f"/items?{view.query}&view={view.id}", status_code=303)
