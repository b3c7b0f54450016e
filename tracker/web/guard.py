"""The one place that decides whether a request may pass: a session, the table, and a POST's form token.

They are dependencies of the application itself, so a new route is guarded without saying so. Who may come in
says `tracker/web/access.py`; whose items they see is bound to the request here, and nowhere else.
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
from tracker.store.sessions import Whence
from tracker.web.access import HOMES, TABLE, UNITS, Door, Seat, Who, seat_of
from tracker.web.context import CurrentDesk, Desk, unbound_desk

SESSION_COOKIE = "rectify_session"
FORM_COOKIE = "rectify_form"  # the token of the sign-in form, where no session holds one yet
LINK = "/t/{token}"
# Where whoever has yet to turn on the second factor gets no further than.
_ENROLMENT = frozenset({"/account/totp", "/account/totp/confirm", "/sign-out"})
_NOTHING: frozenset[int] = frozenset()


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


def require_session(request: Request) -> None:
    """Put session and desk into `request.state`, the desk bound to what the session may see.

    Raises SignInRequiredError on every page that is not public, and OutOfReachError where the table does not
    name the session's seat.
    """
    desk, who = unbound_desk(request), _who(request)
    request.state.session = None
    request.state.desk = desk.within(_NOTHING)
    if who is Door.SIGNED_BY_FAR_SIDE:
        request.state.desk = desk
        return
    token = session_token(request, desk)
    session = accounts.session_of(desk.office, token, now=desk.now()) if token else None
    request.state.session = session
    if who is Door.PUBLIC:
        return
    if session is None:
        # After a POST only its page can be come back to, and only by GET.
        query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
        raise SignInRequiredError(request.url.path + query if request.method == "GET" else "/")
    _require_seat(session, who, request)
    _require_second_factor(session, desk, request)
    request.state.desk = desk.within(judging.reach_of(desk.office, session))


def _require_seat(session: Session, who: Who, request: Request) -> None:
    """Raise OutOfReachError, or lead to a page of their own, unless the table names the session's seat."""
    seat = seat_of(session)
    if isinstance(who, frozenset) and seat in who:
        return
    if seat is Seat.HOLDER:
        raise OutOfReachError("您是通过消息中的链接进入的，只能查看和办理本单位的事项")
    if who == UNITS:
        if request.method == "GET":
            raise ElsewhereError("/items")
        raise OutOfReachError("此页面供责任单位的联络员和负责人使用，请在“事项”中办理")
    if request.url.path == "/" and request.method == "GET" and seat in HOMES:
        raise ElsewhereError(HOMES[seat])
    if seat in HOMES:
        raise OutOfReachError("您的账号只能查看和办理本单位（本区）的事项，此项由全市的工作人员办理")
    raise OutOfReachError("您的账号没有此项权限，请与管理员联系")


def _require_second_factor(session: Session, desk: Desk, request: Request) -> None:
    """Whoever has to have one turns it on before anything else."""
    if session.has_code or session.role not in desk.office.second_factor_for:
        return
    if _route(request) not in _ENROLMENT:
        raise ElsewhereError("/account/totp")


def _who(request: Request) -> Who:
    return TABLE[request.method, _route(request)]


def _route(request: Request) -> str:
    """The route that answers, as it is written."""
    path: str = request.scope["route"].path
    return path


async def require_token(request: Request) -> None:
    """Refuse a POST whose form does not bear the session's token (where nobody is in yet: the cookie's)."""
    who = _who(request)
    if request.method in {"GET", "HEAD", "OPTIONS"} or who is Door.SIGNED_BY_FAR_SIDE:
        return
    session: Session | None = request.state.session
    expected = request.cookies.get(cookie_name(unbound_desk(request), FORM_COOKIE), "")
    if session is not None and who is not Door.PUBLIC:
        expected = session.csrf
    given = (await request.form()).get("csrf")
    if (
        not expected
        or not isinstance(given, str)
        or not hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise FormTokenError("页面已过期，请返回上一页刷新后再提交")


def current_session(request: Request) -> Session:
    """Who is signed in, on every page that is not public."""
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


def local_path(wanted: str) -> str:
    """`wanted` if it is a path of these pages, else `/`: a link must not lead elsewhere after the sign-in."""
    parts = urlsplit(wanted)
    inside = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    clean = inside and not parts.scheme and not parts.netloc and wanted.isprintable()
    return wanted if clean else "/"


def cookie_name(desk: Desk, name: str) -> str:
    """Behind https with the prefix by which a browser takes the cookie from this very host alone."""
    return f"__Host-{name}" if desk.secure_cookies else name


def session_token(request: Request, desk: Desk) -> str | None:
    """The token of the session that the browser brought, if any."""
    return request.cookies.get(cookie_name(desk, SESSION_COOKIE))


def whence(request: Request) -> Whence:
    """Where the request comes from, for the owner of the session to recognise."""
    address = request.client.host if request.client else ""
    return Whence(address, request.headers.get("user-agent", ""))


def give_cookie(response: Response, desk: Desk, name: str, value: str, *, max_age: int | None = None) -> None:
    """Out of reach of scripts and other sites' forms; `max_age` in seconds, else it ends with the browser."""
    response.set_cookie(
        cookie_name(desk, name),
        value,
        max_age=max_age,
        httponly=True,
        samesite="lax",
        secure=desk.secure_cookies,
    )


def take_cookie(response: Response, desk: Desk, name: str) -> None:
    """Take a cookie back; a browser heeds that only if it looks as it did when it was given."""
    response.delete_cookie(cookie_name(desk, name), httponly=True, samesite="lax", secure=desk.secure_cookies)
