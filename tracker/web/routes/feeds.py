"""Exports of other systems: hand one in, see what it did, confirm one that is in doubt, look at earlier ones.

Must never keep the file: it is read while the request lasts, and names people.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import IntakeError, RectifyError
from tracker.domain.exports import Doubt
from tracker.services import feed_accounts, feed_cases, feed_history
from tracker.services.feeding import Fed
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/feeds")
FeedId = Annotated[int, Path(ge=1, lt=2**31)]
Upload = Annotated[UploadFile | None, File()]
_KINDS = {feed_cases.KIND: "办件", feed_accounts.KIND: "新媒体账号"}


@router.get("")
def show(request: Request, desk: CurrentDesk) -> Response:
    return _form(request, desk)


@router.post("/cases")
def take_cases(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    file: Upload = None,
    source: Annotated[str, Form()] = feed_cases.SOURCE,
) -> Response:
    try:
        named = _named(file)
        fed = feed_cases.take_in(
            desk.office, named.file, named.filename or "", by=session.login, now=desk.now(), source=source
        )
    except RectifyError as error:
        return _form(request, desk, status_of(error), message=error.message, source=source)
    return _to_result(fed)


@router.post("/accounts")
def take_accounts(
    *, request: Request, desk: CurrentDesk, session: CurrentSession, file: Upload = None
) -> Response:
    try:
        named = _named(file)
        fed = feed_accounts.take_in(
            desk.office, named.file, named.filename or "", by=session.login, now=desk.now()
        )
    except RectifyError as error:
        return _form(request, desk, status_of(error), message=error.message)
    return _to_result(fed)


@router.get("/{feed_id}")
def result(request: Request, desk: CurrentDesk, feed_id: FeedId, already: bool = False) -> Response:
    return _result(request, desk, feed_id, notice="此前已读入，未作改动。" if already else "")


@router.post("/{feed_id}/confirm")
def confirm(request: Request, desk: CurrentDesk, session: CurrentSession, feed_id: FeedId) -> Response:
    """A person says that the export is complete; what it leaves out is gone."""
    try:
        feed_cases.confirm(desk.office, feed_id, by=session.login, now=desk.now())
    except RectifyError as error:
        if status_of(error) == 404:
            raise
        return _result(request, desk, feed_id, status_of(error), message=error.message)
    return RedirectResponse(f"/feeds/{feed_id}", status_code=303)


def _named(file: UploadFile | None) -> UploadFile:
    if file is None or not file.filename:
        raise IntakeError("请选择导出文件")
    return file


def _to_result(fed: Fed) -> Response:
    return RedirectResponse(f"/feeds/{fed.feed.id}{'?already=true' if fed.already else ''}", status_code=303)


def _form(
    request: Request, desk: Desk, status: int = 200, *, message: str = "", source: str = feed_cases.SOURCE
) -> Response:
    feeds = feed_history.list_feeds(desk.office)
    known = {"feeds": feeds, "kinds": _KINDS, "source": source}
    return desk.render(request, "feeds/form.html", status, message=message, **known)


def _result(
    request: Request, desk: Desk, feed_id: int, status: int = 200, *, message: str = "", notice: str = ""
) -> Response:
    found = feed_history.open_feed(desk.office, feed_id)
    doubts = [Doubt(code).chinese for code in found.feed.doubts]
    known = {"found": found, "kinds": _KINDS, "doubts": doubts}
    return desk.render(request, "feeds/result.html", status, message=message, notice=notice, **known)
