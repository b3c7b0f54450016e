"""The one place that decides whether a request may pass: a session, and for every POST its form token.

Both are dependencies of the application itself, so a new route is guarded without saying so. What only the
bureau may change says so by `BUREAU_ONLY`; who may take a step with an item, the workflow says.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request

from tracker.domain.errors import RectifyError
from tracker.services import accounts, judging
from tracker.store.accounts import Session
from tracker.web.context import CurrentDesk

SESSION_COOKIE = "rectify_session"
FORM_COOKIE = "rectify_form"  # the token of the sign-in form, where no session holds one yet
PUBLIC = frozenset({"/sign-in", "/healthz"})


class SignInRequiredError(Exception):
    """Nobody is signed in; `next` is where to go afterwards, a local path."""

    def __init__(self, next_path: str) -> None:
        super().__init__(next_path)
        self.next = next_path

    @property
    def location(self) -> str:
        return f"/sign-in?next={quote(self.next, safe='/')}" if self.next != "/" else "/sign-in"


class FormTokenError(RectifyError):
    """The form is not one that this session was given, or the session has changed since."""

    code = "form_token"


def require_session(request: Request, desk: CurrentDesk) -> None:
    """Put the session into `request.state`; raises SignInRequiredError on every page but `PUBLIC`."""
    token = request.cookies.get(SESSION_COOKIE)
    session = accounts.session_of(desk.office, token, now=desk.now()) if token else None
    request.state.session = session
    if session is None and request.url.path not in PUBLIC:
        # After a POST only its page can be come back to, and only by GET.
        query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
        raise SignInRequiredError(request.url.path + query if request.method == "GET" else "/")


async def require_token(request: Request) -> None:
    """Refuse a POST whose form does not bear the session's token (at the sign-in: the cookie's)."""
    if request.method != "POST":
        return
    session: Session | None = request.state.session
    if request.url.path in PUBLIC or session is None:
        expected = request.cookies.get(FORM_COOKIE, "")
    else:
        expected = session.csrf
    given = (await request.form()).get("csrf")
    if (
        not expected
        or not isinstance(given, str)
        or not hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise FormTokenError("页面已过期，请返回上一页刷新后再提交")


def current_session(request: Request) -> Session:
    """Who is signed in, on every page that is not `PUBLIC`."""
    session: Session = request.state.session
    return session


CurrentSession = Annotated[Session, Depends(current_session)]


def require_bureau(request: Request, desk: CurrentDesk, session: CurrentSession) -> None:
    """Raise ForbiddenError where a unit's people would change what is the whole city's; all may read."""
    if request.method == "POST":
        judging.require_bureau(desk.office, session.login, "此项操作")


BUREAU_ONLY = Depends(require_bureau)


def local_path(wanted: str) -> str:
    """`wanted` if it is a path of these pages, else `/`: a link must not lead elsewhere after the sign-in."""
    parts = urlsplit(wanted)
    inside = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    clean = inside and not parts.scheme and not parts.netloc and wanted.isprintable()
    return wanted if clean else "/"
