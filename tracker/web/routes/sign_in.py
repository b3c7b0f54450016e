"""Signing in with a password and a second factor, signing out, and the health address."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from tracker.services import accounts, second_factor
from tracker.services.accounts import SignInError
from tracker.services.lockout import LockedOutError
from tracker.web.context import CurrentDesk, Desk
from tracker.web.guard import (
    SESSION_COOKIE,
    CurrentSession,
    cookie_name,
    local_path,
    session_token,
    take_cookie,
    whence,
)
from tracker.web.welcome import STEP_COOKIE, form_page, welcome

router = APIRouter()


@router.get("/sign-in")
def form(request: Request, desk: CurrentDesk, next: str = "/") -> Response:
    """The form; whose account is signed in already is sent on."""
    if request.state.session is not None and request.state.session.holder is None:
        return RedirectResponse(local_path(next), status_code=303)
    return _form(request, desk, next_path=local_path(next))


@router.post("/sign-in")
def sign_in(
    request: Request,
    desk: CurrentDesk,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session and go on to where the visitor was headed, or ask for the second factor."""
    login, old_token = login.strip(), session_token(request, desk)
    try:
        opened = accounts.sign_in(
            desk.office, login, password, now=desk.now(), whence=whence(request), old_token=old_token
        )
    except (SignInError, LockedOutError) as error:
        status = 429 if isinstance(error, LockedOutError) else 401
        next_path = local_path(next)
        return _form(request, desk, next_path=next_path, login=login, message=error.message, status=status)
    return welcome(desk, opened, next)


@router.get("/sign-in/code")
def code_form(request: Request, desk: CurrentDesk, next: str = "/") -> Response:
    """Ask for the second factor of whoever gave the right password."""
    if not request.cookies.get(cookie_name(desk, STEP_COOKIE)):
        return RedirectResponse("/sign-in", status_code=303)
    return form_page(request, desk, "sign_in/code.html", next_path=local_path(next), message="")


@router.post("/sign-in/code")
def enter_code(
    request: Request,
    desk: CurrentDesk,
    code: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    pending = request.cookies.get(cookie_name(desk, STEP_COOKIE), "")
    old_token = session_token(request, desk)
    try:
        opened = second_factor.enter(
            desk.office, pending, code, now=desk.now(), whence=whence(request), old_token=old_token
        )
    except (SignInError, LockedOutError) as error:
        status = 429 if isinstance(error, LockedOutError) else 401
        known = {"next_path": local_path(next), "message": error.message}
        return form_page(request, desk, "sign_in/code.html", status, **known)
    return welcome(desk, opened, next)


@router.post("/sign-out")
def sign_out(request: Request, desk: CurrentDesk, session: CurrentSession) -> Response:
    """End the session; whoever came by a link is told how to come in again."""
    accounts.sign_out(desk.office, session_token(request, desk) or "")
    response = RedirectResponse("/sign-in?next=/my" if session.holder else "/sign-in", status_code=303)
    take_cookie(response, desk, SESSION_COOKIE)
    return response


@router.get("/healthz")
def health(desk: CurrentDesk) -> Response:
    """`ok` while the database can be opened; the handler of StoreError answers 503 otherwise."""
    with desk.office.database.read():
        return PlainTextResponse("ok")


def _form(
    request: Request, desk: Desk, *, next_path: str, login: str = "", message: str = "", status: int = 200
) -> Response:
    office, further = desk.office, quote(next_path, safe="/")
    doors = []
    if office.wecom_sign_in is not None:
        doors.append((f"/sign-in/wecom?next={further}", "企业微信登录"))
    if office.oidc is not None:
        doors.append((f"/sign-in/oidc?next={further}", f"{office.oidc.name}登录"))
    return form_page(
        request,
        desk,
        "sign_in/form.html",
        status,
        next_path=next_path,
        login=login,
        message=message,
        doors=doors,
        nobody=not accounts.list_accounts(office),
    )
