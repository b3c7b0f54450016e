"""The one place that decides whether a request may pass: a bearer token, its scope, and how often it asks.

Each route says by `needs(scope)` what it takes; a test walks all of them. Who may do what with an item the
workflow judges, by the person that the token acts as. Must never accept a cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from tracker.domain.errors import ForbiddenError
from tracker.domain.people import DECIDING
from tracker.services.tokens import Bearer, Scope, bearer_of
from tracker.web.api.errors import RETRY_SECONDS, ScopeError, TooManyError, UnauthorizedError
from tracker.web.api.throttle import Throttle
from tracker.web.context import unbound_desk

PER_MINUTE = 600
_SCHEME = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="rct_…",
    description="令牌由管理员用 rectify tokens create 签发，只显示一次。",
)


def new_throttle() -> Throttle:
    """So many requests a token may make; counted by each process for itself."""
    return Throttle(PER_MINUTE, timedelta(seconds=RETRY_SECONDS))


def identify(request: Request) -> None:
    """Put the bearer into `request.state`, and the desk bound to what it may see; in front of every route.

    Raises UnauthorizedError, TooManyError.
    """
    desk = unbound_desk(request)
    now = desk.now()
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    found = bearer_of(desk.office, token, now=now) if scheme.lower() == "bearer" else None
    if found is None:
        raise UnauthorizedError("需要有效的令牌：Authorization: Bearer rct_…")
    throttle: Throttle = request.app.state.throttle
    if not throttle.admit(found.token.id, now):
        raise TooManyError(f"请求过于频繁，每分钟不超过 {PER_MINUTE} 次")
    request.state.bearer = found
    request.state.desk = desk.within(found.actor.reach)


def needs(scope: Scope) -> Callable[..., Bearer]:
    """A dependency that lets tokens of this scope pass, and tells who asks; the scheme is for the manual.

    Raises ScopeError naming the scope.
    """

    def bearer(
        request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]
    ) -> Bearer:
        found: Bearer = request.state.bearer
        if not found.has(scope):
            raise ScopeError(f"令牌没有所需的权限：{scope.value}", details={"scope": scope.value})
        return found

    bearer.__name__ = f"needs_{scope.name.lower()}"
    return bearer


def _by(scope: Scope) -> Any:
    """The same for a route, whose description names the scope."""
    return Security(needs(scope), scopes=[scope.value])


ReadsItems = Annotated[Bearer, _by(Scope.ITEMS_READ)]
WritesItems = Annotated[Bearer, _by(Scope.ITEMS_WRITE)]
ReadsRates = Annotated[Bearer, _by(Scope.RATES_READ)]
WritesBulletins = Annotated[Bearer, _by(Scope.BULLETINS_WRITE)]
WritesFeeds = Annotated[Bearer, _by(Scope.FEEDS_WRITE)]
ReadsContacts = Annotated[Bearer, _by(Scope.CONTACTS_READ)]
ReadsMessages = Annotated[Bearer, _by(Scope.MESSAGES_READ)]


def require_bureau(bearer: Bearer, doing: str) -> None:
    """Raise ForbiddenError unless the token acts for the whole city."""
    if not bearer.actor.everywhere & DECIDING:
        raise ForbiddenError(f"{bearer.name}不是全市的经办人，不能{doing}")
