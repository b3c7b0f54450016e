"""The one place that decides whether a request may pass: a session, its reach, and a POST's form token.

They are dependencies of the application itself, so a new route is guarded without saying so: whoever came by
a link gets no further than `LINK_PAGES`. What only the bureau may change says so by `BUREAU_ONLY`; who may
take a step with an item, the workflow says.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Path, Request
from fastapi.responses import Response

from tracker.domain.errors import ForbiddenError, RectifyError
from tracker.services import accounts, judging
from tracker.services.inspect import ItemFile
from tracker.services.my_items import my_file
from tracker.services.unit_people import UnitPerson, unit_person
from tracker.store.accounts import Session
from tracker.web.context import CurrentDesk, Desk

SESSION_COOKIE = "rectify_session"
FORM_COOKIE = "rectify_form"  # the token of the sign-in form, where no session holds one yet
# Routes as they are written, not addresses: what stands in braces is any value.
LINK = "/t/{token}"
PUBLIC = frozenset({"/sign-in", "/healthz", LINK})
UNGUARDED = frozenset({"/wecom/callback"})  # neither session nor form token: signed by the far side
LINK_PAGES = frozenset(
    {
        "/my",
        "/my/finished",
        "/my/sign",
        "/my/{number}",
        "/my/{number}/undo",
        "/my/{number}/evidence/{evidence_id}",
        "/sign-out",
    }
)


class ElsewhereError(Exception):
    """The visitor is to go on at `location`, a local address."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class SignInRequiredError(ElsewhereError):
    """Nobody is signed in; `next_path` is where to go afterwards, a local path."""

    def __init__(self, next_path: str) -> None:
        super().__init__(f"/sign-in?next={quote(next_path, safe='/')}" if next_path != "/" else "/sign-in")


class OutOfReachError(ForbiddenError):
    """The page is not one of those that this session may see."""


class FormTokenError(RectifyError):
    """The form is not one that this session was given, or the session has changed since."""

    code = "form_token"


def require_session(request: Request, desk: CurrentDesk) -> None:
    """Put the session into `request.state`; raises SignInRequiredError on every page but `PUBLIC`, and
    OutOfReachError where the session does not reach.
    """
    route = _route(request)
    request.state.session = None
    if route in UNGUARDED:
        return
    token = request.cookies.get(SESSION_COOKIE)
    session = accounts.session_of(desk.office, token, now=desk.now()) if token else None
    request.state.session = session
    if route in PUBLIC:
        return
    if session is None:
        # After a POST only its page can be come back to, and only by GET.
        query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
        raise SignInRequiredError(request.url.path + query if request.method == "GET" else "/")
    _require_reach(session, route)


def _require_reach(session: Session, route: str) -> None:
    """A link opens the pages of one unit and nothing else."""
    if session.holder is not None and route not in LINK_PAGES:
        raise OutOfReachError("您是通过消息中的链接进入的，只能查看和办理本单位的事项")


def _route(request: Request) -> str:
    """The route that answers, as it is written."""
    path: str = request.scope["route"].path
    return path


async def require_token(request: Request) -> None:
    """Refuse a POST whose form does not bear the session's token (where nobody is in yet: the cookie's)."""
    route = _route(request)
    if request.method != "POST" or route in UNGUARDED:
        return
    session: Session | None = request.state.session
    expected = request.cookies.get(FORM_COOKIE, "")
    if session is not None and route not in PUBLIC:
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


def current_person(request: Request, desk: CurrentDesk, session: CurrentSession) -> UnitPerson:
    """Who acts for a unit, on the pages that are a unit's own; all others have better ones, and go there."""
    person = unit_person(desk.office, session)
    if person is None and request.method == "GET":
        raise ElsewhereError("/items")
    if person is None:
        raise OutOfReachError("此页面供责任单位的联络员和负责人使用，请在“事项”中办理")
    return person


CurrentPerson = Annotated[UnitPerson, Depends(current_person)]


def own_item(
    number: Annotated[int, Path(ge=1, lt=2**31)], desk: CurrentDesk, person: CurrentPerson
) -> ItemFile:
    """The item of the address, of the person's units; raises NotFoundError for any other."""
    return my_file(desk.office, person, number)


OwnItem = Annotated[ItemFile, Depends(own_item)]


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


def give_cookie(
    response: Response, desk: Desk, name: str, value: str, *, path: str = "/", max_age: int | None = None
) -> None:
    """Out of reach of scripts and other sites. forms; `max_age` in seconds, else it ends with the browser."""
    response.set_cookie(
        name, value, max_age=max_age, path=path, httponly=True, samesite="lax", secure=desk.secure_cookies
    )
