"""The one-tap link: a page that says whose items these are, and the button that opens them on this phone.

Must never sign anybody in by GET: whoever previews messages fetches their links. Must never write the token
into a page, a log or another address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from tracker.services import links
from tracker.services.new_link import send_new_link
from tracker.store.accounts import Session
from tracker.store.links import LinkState, StoredLink
from tracker.web.context import CurrentDesk, Desk, unbound_desk
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
def enter(
    request: Request, desk: CurrentDesk, token: str, again: Annotated[bool, Form()] = False
) -> Response:
    """Sign this phone in, as the first and only one of the link; or send its owner a new one (`again`)."""
    link = links.examine(desk.office, token)
    if again:
        return _ask_again(request, desk, link)
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


def _ask_again(request: Request, desk: Desk, link: StoredLink | None) -> Response:
    """Whoever asks, and by whatever link, reads the same answer; it goes to the link's owner alone."""
    if link is not None and link.revoked_at is None:
        send_new_link(unbound_desk(request).office, link, now=desk.now())  # its items are the owner's to see
    return desk.render(request, "my/asked.html")


def _closed(request: Request, desk: Desk, link: StoredLink | None) -> Response:
    """Why nobody can come in, and the form that asks for a new link; None: no link of ours."""
    state = link.state(desk.now()) if link else None
    title = _CLOSED[state] if state else "此链接不完整或无效"
    status, used = 410 if link else 404, state is LinkState.OPENED
    return form_page(request, desk, "my/closed.html", status, title=title, used=used)
