"""The one-tap link: a page that says whose items these are, and the button that opens them on this phone.

Must never sign anybody in by GET: whoever previews messages fetches their links. Must never write the token
into a page, a log or another address.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from tracker.services import links
from tracker.store.accounts import Session
from tracker.store.links import LinkState, StoredLink
from tracker.web.context import CurrentDesk, Desk
from tracker.web.guard import (
    FORM_COOKIE,
    LINK,
    SESSION_COOKIE,
    give_cookie,
    session_token,
    take_cookie,
    whence,
)
from tracker.web.welcome import form_page

router = APIRouter()
_SECONDS = int(timedelta(days=links.SESSION_DAYS).total_seconds())
_CLOSED = {
    LinkState.OPENED: "此链接已在另一台手机上使用",
    LinkState.EXPIRED: "此链接已过期",
    LinkState.REVOKED: "此链接已停用",
}


@router.get(LINK)
def look(request: Request, desk: CurrentDesk, token: str) -> Response:
    """Whose items these are, and the button; who is in already goes straight on."""
    link = links.examine(desk.office, token)
    if link is not None and _is_in(request, link):
        return RedirectResponse("/my", status_code=303)
    if link is None or link.state(desk.now()) is not LinkState.READY:
        return _closed(request, desk, link)
    name, days = masked(link.name), links.SESSION_DAYS
    return form_page(request, desk, "my/enter.html", link=link, name=name, days=days)


@router.post(LINK)
def enter(request: Request, desk: CurrentDesk, token: str) -> Response:
    """Sign this phone in, as the first and only one of the link."""
    link = links.examine(desk.office, token)
    response = RedirectResponse("/my", status_code=303)
    if link is None:
        return _closed(request, desk, None)
    if _is_in(request, link):
        return response
    old_token = session_token(request, desk)
    opened = links.enter(desk.office, link, now=desk.now(), whence=whence(request), old_token=old_token)
    if opened is None:
        return _closed(request, desk, links.examine(desk.office, token))
    take_cookie(response, desk, FORM_COOKIE)
    give_cookie(response, desk, SESSION_COOKIE, opened.token, max_age=_SECONDS)
    return response


def masked(name: str) -> str:
    """`张*`: enough for its owner to see that the link is theirs."""
    return name[:1] + "*" * (len(name) - 1)


def _is_in(request: Request, link: StoredLink) -> bool:
    """Whether this phone is signed in as the very contact whose link it is."""
    session: Session | None = request.state.session
    holder = session.holder if session else None
    return holder is not None and holder.contact_id == link.contact_id


def _closed(request: Request, desk: Desk, link: StoredLink | None) -> Response:
    """Why nobody can come in; None: no link of ours."""
    if link is None:
        return desk.render(request, "my/closed.html", 404, title="此链接不完整或无效", used=False)
    state = link.state(desk.now())
    used = state is LinkState.OPENED
    return desk.render(request, "my/closed.html", 410, title=_CLOSED[state], used=used)
