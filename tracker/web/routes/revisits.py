"""回头看: struck-off items that were seen unmended again, for a person to decide about."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.services import revisiting
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/revisits")
RevisitId = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("")
def show(request: Request, desk: CurrentDesk, dismissed: bool = False) -> Response:
    return _page(request, desk, notice="已记为不算反弹。" if dismissed else "")


@router.post("/{revisit_id}/confirm")
def confirm(request: Request, desk: CurrentDesk, session: CurrentSession, revisit_id: RevisitId) -> Response:
    try:
        new = revisiting.confirm(desk.office, revisit_id, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/items/{new.number}", status_code=303)


@router.post("/{revisit_id}/dismiss")
def dismiss(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    revisit_id: RevisitId,
    reason: Annotated[str, Form()] = "",
) -> Response:
    try:
        revisiting.dismiss(desk.office, revisit_id, by=session.login, reason=reason, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/revisits?dismissed=true", status_code=303)


def _page(
    request: Request, desk: Desk, status: int = 200, *, message: str = "", notice: str = ""
) -> Response:
    lists = revisiting.list_revisits(desk.office)
    return desk.render(request, "revisits/list.html", status, lists=lists, message=message, notice=notice)
