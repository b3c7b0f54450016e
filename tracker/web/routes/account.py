"""One's own account: password, where one is signed in, the second factor.

Must never show a token, nor a secret or recovery code a second time.
"""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.services import accounts, own_account, second_factor, users
from tracker.store.accounts import Session
from tracker.web.context import CurrentDesk, Desk
from tracker.web.devices import device
from tracker.web.errors import status_of
from tracker.web.guard import SESSION_COOKIE, CurrentSession, give_cookie, session_token, whence

router = APIRouter(prefix="/account")
_DONE = {
    "password": "密码已更换，其他登录已退出",
    "sessions": "已退出",
    "totp": "动态口令已启用，其他登录已退出",
    "off": "动态口令已停用，其他登录已退出",
}


@router.get("")
def show(request: Request, desk: CurrentDesk, session: CurrentSession, done: str = "") -> Response:
    return _page(request, desk, session, notice=_DONE.get(done, ""))


@router.post("/password")
def change_password(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """A new password; this browser goes on under a new token, all others are signed out."""
    try:
        if new != again:
            raise RectifyError("两次输入的新密码不一致")
        token, address = session_token(request, desk) or "", whence(request).address
        token = own_account.change_password(
            desk.office, session.login, old, new, token, now=desk.now(), address=address
        )
    except RectifyError as error:
        return _page(request, desk, session, status_of(error), message=error.message)
    return _go_on(desk, token, "/account?done=password")


@router.post("/sessions")
def end_sessions(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Annotated[int | None, Form(ge=1, lt=2**31)] = None,
) -> Response:
    """Sign one browser out, or without a number all but this one."""
    try:
        if number is None:
            own_account.sign_out_elsewhere(desk.office, session.login, session_token(request, desk) or "")
        else:
            users.sign_out(desk.office, session.login, number)
    except RectifyError as error:
        return _page(request, desk, session, status_of(error), message=error.message)
    return RedirectResponse("/account?done=sessions", status_code=303)


@router.get("/totp")
def show_totp(request: Request, desk: CurrentDesk, session: CurrentSession) -> Response:
    """What the telephone scans; without an offer, the button that makes one."""
    return _totp_page(request, desk, session)


@router.post("/totp")
def begin_totp(request: Request, desk: CurrentDesk, session: CurrentSession) -> Response:
    try:
        second_factor.begin(desk.office, session.login)
    except RectifyError as error:
        return _totp_page(request, desk, session, status_of(error), message=error.message)
    return RedirectResponse("/account/totp", status_code=303)


@router.post("/totp/confirm")
def confirm_totp(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    code: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Turn it on, and show the recovery codes this once."""
    token = session_token(request, desk) or ""
    try:
        done = second_factor.turn_on(desk.office, session.login, code, token, now=desk.now())
    except RectifyError as error:
        return _totp_page(request, desk, session, status_of(error), message=error.message)
    request.state.session = accounts.session_of(desk.office, done.token, now=desk.now())
    response = desk.render(request, "account/codes.html", codes=done.codes)
    give_cookie(response, desk, SESSION_COOKIE, done.token)
    return response


@router.post("/totp/off")
def end_totp(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    code: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    token, address = session_token(request, desk) or "", whence(request).address
    try:
        fresh = second_factor.turn_off(
            desk.office, session.login, code, token, now=desk.now(), address=address
        )
    except RectifyError as error:
        return _page(request, desk, session, status_of(error), message=error.message)
    return _go_on(desk, fresh, "/account?done=off")


def _go_on(desk: Desk, token: str, place: str) -> Response:
    response = RedirectResponse(place, status_code=303)
    give_cookie(response, desk, SESSION_COOKIE, token)
    return response


def _page(
    request: Request, desk: Desk, session: Session, status: int = 200, *, message: str = "", notice: str = ""
) -> Response:
    found = own_account.look(desk.office, session.login, session_token(request, desk) or "", now=desk.now())
    known = {"own": found, "device": device, "message": message, "notice": notice}
    return desk.render(request, "account/account.html", status, **known)


def _totp_page(
    request: Request, desk: Desk, session: Session, status: int = 200, *, message: str = ""
) -> Response:
    offer = None if session.has_code else second_factor.offered(desk.office, session.login)
    picture = segno.make(offer.uri, micro=False).png_data_uri(scale=5, border=3) if offer else ""
    is_required = session.role in desk.office.second_factor_for
    known = {"offer": offer, "picture": picture, "is_required": is_required, "message": message}
    return desk.render(request, "account/totp.html", status, **known)
