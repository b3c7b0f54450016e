"""Channels and addresses: whether they are well, taking one out of use, and a test message.

Must never show an address or the value of a setting.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.channels import variables_of_channels
from tracker.domain.errors import RectifyError
from tracker.services import endpoints as service
from tracker.services import trial
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE
from tracker.web.guard import CurrentSession

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_MOST_TROUBLED = 200
_DONE = {
    "disabled": "已停用，在等待的消息改由其他渠道发出",
    "enabled": "已恢复",
    "resumed": "渠道已恢复，即将再试",
}


@router.get("/channels")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    done: str = "",
    test: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Response:
    tested = trial.find_test(desk.office, test, now=desk.now()) if test else None
    return _page(request, desk, after=after, notice=_DONE.get(done, ""), tested=tested)


@router.post("/channels/endpoints/{number}/disable")
def disable(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    try:
        service.disable(desk.office, number, by=session.login, reason=reason, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/channels?done=disabled", status_code=303)


@router.post("/channels/endpoints/{number}/enable")
def enable(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    try:
        service.enable(desk.office, number, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/channels?done=enabled", status_code=303)


@router.post("/channels/{channel}/resume")
def resume(request: Request, desk: CurrentDesk, session: CurrentSession, channel: str) -> Response:
    """A channel that rests is tried at once."""
    try:
        service.resume(desk.office, channel, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/channels?done=resumed", status_code=303)


@router.post("/channels/test")
def send_test(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    channel: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Put a test message into the outbox; the page it leads to shows what becomes of it."""
    try:
        made = trial.send_test(desk.office, channel=channel, to=to, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message, typed=(channel, to))
    return RedirectResponse(f"/channels?test={made.first.id}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    after: int = 0,
    typed: tuple[str, str] = ("", ""),
    tested: trial.Trial | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    office, now = desk.office, desk.now()
    page = service.endpoint_page(office, after=after, size=PAGE, most_troubled=_MOST_TROUBLED)
    return desk.render(
        request,
        "channels/list.html",
        status,
        channels=service.list_channels(office, now=now),
        not_set_up={
            name: variables
            for name, variables in variables_of_channels().items()
            if name not in office.channels
        },
        page=page,
        most_troubled=_MOST_TROUBLED,
        after=after,
        next_link=f"/channels?after={page.others[-1].endpoint.id}#others" if page.has_more else "",
        words=words,
        now=now,
        typed=typed,
        tested=tested,
        message=message,
        notice=notice,
    )
