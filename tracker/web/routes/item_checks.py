"""The checks of one item: all its looks, which page is looked at, and asking for another look."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.services import advance, check_queue, inspect, verifying
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, address
from tracker.web.guard import CurrentSession
from tracker.web.pictures import POLICY

router = APIRouter(prefix="/items/{number}/checks")
Number = Annotated[int, Path(ge=1, lt=2**31)]
_DONE = {"again": "已要求再查，下一轮核查时办理", "watch": "已指定核查网址，下一轮核查时查看"}


@router.get("")
def show(
    request: Request,
    desk: CurrentDesk,
    number: Number,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    done: str = "",
) -> Response:
    return _page(request, desk, number, before=before, notice=_DONE.get(done, ""))


@router.get("/pictures/{digest}")
def show_picture(desk: CurrentDesk, number: Number, digest: str) -> Response:
    """What a browser showed of the page that decided a look."""
    content = check_queue.picture(desk.office, number, digest)
    return Response(content, media_type="image/jpeg", headers={"Content-Security-Policy": POLICY})


@router.post("/again")
def again(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    try:
        verifying.ask_again(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, number, status_of(error), message=error.message)
    return RedirectResponse(f"/items/{number}/checks?done=again", status_code=303)


@router.post("/watch")
def watch(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    url: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    try:
        advance.watch(desk.office, [number], url=url.strip(), by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, number, status_of(error), message=error.message, typed=url)
    return RedirectResponse(f"/items/{number}/checks?done=watch", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    number: int,
    status: int = 200,
    *,
    before: int | None = None,
    message: str = "",
    notice: str = "",
    typed: str | None = None,
) -> Response:
    item = inspect.open_file(desk.office, number, looks=0).item
    looks, rest = check_queue.looks_of(desk.office, number, size=PAGE, before=before)
    path = f"/items/{number}/checks"
    return desk.render(
        request,
        "checks/item.html",
        status,
        item=item,
        looks=looks,
        is_checkable=advance.is_checkable(desk.office, item),
        next_link=address(path, {"before": rest}) if rest else "",
        first_link=path if before else "",
        url=item.page_url or "" if typed is None else typed,
        message=message,
        notice=notice,
    )
