"""Signing in elsewhere: to WeCom or the city's unified sign-in, and back with a code.

Must never take a code that this browser did not set out for: the state is bound to it by a cookie that is
good for one journey. Must never write a code into a page, a log or another address.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import IdentityError
from tracker.services import far_sign_in
from tracker.services.accounts import SignIn, SignInError
from tracker.web.context import CurrentDesk, Desk
from tracker.web.guard import cookie_name, give_cookie, session_token, take_cookie, whence
from tracker.web.journey import Journey
from tracker.web.welcome import welcome

router = APIRouter(prefix="/sign-in")
JOURNEY_COOKIE = "rectify_journey"
_JOURNEY_SECONDS = 600
_WECOM, _OIDC = "/sign-in/wecom/back", "/sign-in/oidc/back"
_CONTACT_SECONDS = int(timedelta(hours=far_sign_in.CONTACT_HOURS).total_seconds())


@router.get("/wecom")
def to_wecom(request: Request, desk: CurrentDesk, next: str = "/") -> Response:
    """WeCom's own browser knows its owner; any other shows a code to scan."""
    if desk.office.wecom_sign_in is None:
        raise HTTPException(404)
    journey = Journey.begin(next)
    inside = "wxwork" in request.headers.get("user-agent", "").lower()
    return _set_out(
        desk, journey, desk.office.wecom_sign_in.address(_back(desk, _WECOM), journey.state, inside=inside)
    )


@router.get("/wecom/back")
def from_wecom(request: Request, desk: CurrentDesk, code: str = "", state: str = "") -> Response:
    if desk.office.wecom_sign_in is None:
        raise HTTPException(404)
    try:
        journey = _journey(request, desk, state)
        user_id = desk.office.wecom_sign_in.user_id(code)
        opened = far_sign_in.by_wecom(
            desk.office,
            user_id,
            now=desk.now(),
            whence=whence(request),
            old_token=session_token(request, desk),
        )
    except (IdentityError, SignInError) as error:
        return _refused(request, desk, error.message)
    return _arrived(desk, opened, journey)


@router.get("/oidc")
def to_oidc(request: Request, desk: CurrentDesk, next: str = "/") -> Response:
    if desk.office.oidc is None:
        raise HTTPException(404)
    journey = Journey.begin(next)
    try:
        place = desk.office.oidc.address(
            _back(desk, _OIDC), state=journey.state, nonce=journey.nonce, verifier=journey.verifier
        )
    except IdentityError as error:
        return _refused(request, desk, error.message)
    return _set_out(desk, journey, place)


@router.get("/oidc/back")
def from_oidc(request: Request, desk: CurrentDesk, code: str = "", state: str = "") -> Response:
    if desk.office.oidc is None:
        raise HTTPException(404)
    now = desk.now()
    try:
        journey = _journey(request, desk, state)
        if not code:
            raise IdentityError(f"{desk.office.oidc.name}没有确认身份，请重新登录")
        login = desk.office.oidc.login(
            code, _back(desk, _OIDC), nonce=journey.nonce, verifier=journey.verifier, now=now
        )
        opened = far_sign_in.by_login(
            desk.office, login, now=now, whence=whence(request), old_token=session_token(request, desk)
        )
    except (IdentityError, SignInError) as error:
        return _refused(request, desk, error.message)
    return _arrived(desk, opened, journey)


def _set_out(desk: Desk, journey: Journey, place: str) -> Response:
    response = RedirectResponse(place, status_code=303)
    give_cookie(response, desk, JOURNEY_COOKIE, journey.as_cookie(), max_age=_JOURNEY_SECONDS)
    return response


def _journey(request: Request, desk: Desk, state: str) -> Journey:
    """That on which this browser set out; raises IdentityError for any other's."""
    journey = Journey.parse(request.cookies.get(cookie_name(desk, JOURNEY_COOKIE), ""))
    if journey is None or not hmac.compare_digest(journey.state.encode(), state.encode()):
        raise IdentityError("登录没有从本机开始，或已过期，请重新登录")
    return journey


def _arrived(desk: Desk, opened: SignIn, journey: Journey) -> Response:
    holder = opened.session.holder if opened.session else None
    place = "/my" if holder and not journey.next_path.startswith("/my") else journey.next_path
    response = welcome(desk, opened, place, max_age=_CONTACT_SECONDS if holder else None)
    take_cookie(response, desk, JOURNEY_COOKIE)
    return response


def _refused(request: Request, desk: Desk, message: str) -> Response:
    response = desk.render(request, "sign_in/refused.html", 403, message=message)
    take_cookie(response, desk, JOURNEY_COOKIE)
    return response


def _back(desk: Desk, path: str) -> str:
    """Never from the request's own Host: whoever sends one could have the code sent elsewhere."""
    return (desk.office.public_url or "").rstrip("/") + path
