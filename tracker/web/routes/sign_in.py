"""Signing in and out, and the health address for whoever watches the process."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from tracker.services import accounts
from tracker.services.accounts import SignInError
from tracker.web.context import CurrentDesk, Desk
from tracker.web.guard import FORM_COOKIE, SESSION_COOKIE, CurrentSession, give_cookie, local_path

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
    """Open a session and go on to where the visitor was headed."""
    login, next_path = login.strip(), local_path(next)
    if not desk.throttle.admit(login, desk.now()):
        message = "登录失败次数过多，请 5 分钟后再试"
        return _form(request, desk, next_path=next_path, login=login, message=message, status=429)
    try:
        opened = accounts.sign_in(desk.office, login, password, now=desk.now())
    except SignInError as error:
        return _form(request, desk, next_path=next_path, login=login, message=error.message, status=401)
    desk.throttle.clear(login)
    response = RedirectResponse(next_path, status_code=303)
    response.delete_cookie(FORM_COOKIE, path="/sign-in")
    give_cookie(response, desk, SESSION_COOKIE, opened.token)
    return response


@router.post("/sign-out")
def sign_out(request: Request, desk: CurrentDesk, session: CurrentSession) -> Response:
    """End the session; whoever came by a link is told how to come in again."""
    accounts.sign_out(desk.office, request.cookies[SESSION_COOKIE])
    response = RedirectResponse("/sign-in?next=/my" if session.holder else "/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/healthz")
def health(desk: CurrentDesk) -> Response:
    """`ok` while the database can be opened; the handler of StoreError answers 503 otherwise."""
    with desk.office.database.read():
        return PlainTextResponse("ok")


def _form(
    request: Request, desk: Desk, *, next_path: str, login: str = "", message: str = "", status: int = 200
) -> Response:
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    response = desk.render(
        request,
        "sign_in/form.html",
        status,
        csrf=token,
        next_path=next_path,
        login=login,
        message=message,
        nobody=not accounts.list_accounts(desk.office),
    )
    give_cookie(response, desk, FORM_COOKIE, token, path="/sign-in")
    return response
