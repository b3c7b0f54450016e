"""What a browser is given when its owner has proved who they are, whichever way they came in.

Must never lead anywhere but to these pages, nor put a token into an address.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from tracker.services.accounts import SignIn
from tracker.web.context import Desk
from tracker.web.guard import (
    FORM_COOKIE,
    SESSION_COOKIE,
    cookie_name,
    give_cookie,
    local_path,
    take_cookie,
)

STEP_COOKIE = "rectify_step"  # of a sign-in that waits for its second factor
_STEP_SECONDS = 300


def welcome(desk: Desk, opened: SignIn, next_path: str, *, max_age: int | None = None) -> Response:
    """Go on to where the visitor was headed, or to the second factor first."""
    next_path = local_path(next_path)
    if opened.session is None:
        response = RedirectResponse(f"/sign-in/code?next={quote(next_path, safe='/')}", status_code=303)
        give_cookie(response, desk, STEP_COOKIE, opened.token, max_age=_STEP_SECONDS)
        return response
    response = RedirectResponse(next_path, status_code=303)
    take_cookie(response, desk, FORM_COOKIE)
    take_cookie(response, desk, STEP_COOKIE)
    give_cookie(response, desk, SESSION_COOKIE, opened.token, max_age=max_age)
    return response


def form_page(request: Request, desk: Desk, template: str, status: int = 200, **context: object) -> Response:
    """A page with a form for whoever is not signed in: its token travels in page and cookie."""
    token = request.cookies.get(cookie_name(desk, FORM_COOKIE)) or secrets.token_urlsafe(32)
    response = desk.render(request, template, status, csrf=token, **context)
    give_cookie(response, desk, FORM_COOKIE, token)
    return response
