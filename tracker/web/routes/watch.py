"""What is watched (预警): how near each account and column is to its limit, who was warned, and why not.

Must never show all of a large register at once: what presses comes first, the rest on demand.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import IntakeError, RectifyError
from tracker.domain.watching import Nearness
from tracker.intake.readers import MAXIMUM_BYTES
from tracker.rendering.words import NEARNESS
from tracker.services.column_register import import_columns, remove_column
from tracker.services.watch_items import open_from_watch
from tracker.services.watching import survey, why
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/watch")
_SHOWN = 300


@router.get("")
def show(
    request: Request, desk: CurrentDesk, state: Nearness | None = None, done: str | None = None
) -> Response:
    notices = {"columns": "栏目表已读入，稍后逐个查看。", "removed": "已不再查看该栏目。"}
    return _page(request, desk, state=state, notice=notices.get(done or "", ""))


@router.post("/columns")
def take_columns(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    try:
        if file is None or not file.filename:
            raise IntakeError("请选择栏目表")
        content = file.file.read(MAXIMUM_BYTES + 1)
        import_columns(desk.office, content, file.filename, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/watch?done=columns", status_code=303)


@router.post("/remove")
def remove(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    unit: Annotated[str, Form()] = "",
    column: Annotated[str, Form()] = "",
) -> Response:
    try:
        remove_column(desk.office, unit, column, by=session.login)
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/watch?done=removed", status_code=303)


@router.post("/{kind}/{subject_id}/open")
def open_item(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    kind: Literal["account", "column"],
    subject_id: Annotated[int, Path(ge=1, lt=2**31)],
) -> Response:
    """A person has made sure, and makes it an item."""
    try:
        item = open_from_watch(desk.office, kind, subject_id, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/items/{item.number}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    state: Nearness | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    now = desk.now()
    everything = survey(desk.office, now=now)
    # Without a choice all but those that nothing is the matter with.
    wanted = [
        each
        for each in everything
        if each.nearness is state
        or (state is None and (each.nearness is not Nearness.FINE or each.failing_since))
    ]
    rows = [(each, why(desk.office, each, now)) for each in wanted[:_SHOWN]]
    return desk.render(
        request,
        "watch/list.html",
        status,
        rows=rows,
        found=len(wanted),
        counts=Counter(each.nearness for each in everything),
        states=NEARNESS,
        chosen=state,
        message=message,
        notice=notice,
    )
