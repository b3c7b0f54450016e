"""The ledger (整改台账): downloaded as a workbook, edited elsewhere, and taken back in after a preview.

Nothing is kept here between preview and decision: the form carries the file, and it is judged anew.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from tracker.domain.errors import IntakeError, RectifyError
from tracker.services import take_back
from tracker.services.ledger import write_office_ledger
from tracker.services.take_back import LedgerRefusedError, TakenBack
from tracker.web.context import CurrentDesk, Desk
from tracker.web.downloads import workbook
from tracker.web.errors import status_of
from tracker.web.filters import QueryFilters
from tracker.web.guard import CurrentSession
from tracker.web.moments import past_moment

router = APIRouter()
_MAXIMUM_BYTES = 20 * 1024 * 1024
_PART = 768 * 1024  # a form field may hold 1 MiB


@router.get("/ledger.xlsx")
def download(desk: CurrentDesk, filters: QueryFilters) -> Response:
    """The items of the list that these filters show; without any, all."""
    if past_moment(desk, filters.as_of):
        raise RectifyError("台账只有现在的：改后读回的是现在的事项。过去时刻的清单请在列表页导出")

    def write(target: Path) -> None:
        write_office_ledger(desk.office, target, now=desk.now(), wanted=filters.wanted)

    return workbook("ledger.xlsx", f"整改台账-{desk.today()}.xlsx", write)


@router.get("/ledger")
def show(request: Request, desk: CurrentDesk) -> Response:
    return _form(request, desk)


@router.post("/ledger/preview")
def preview(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Say what taking the file back would change; writes nothing."""
    try:
        if file is None or not file.filename:
            raise IntakeError("请选择台账文件")
        content = file.file.read(_MAXIMUM_BYTES + 1)
        if len(content) > _MAXIMUM_BYTES:
            raise IntakeError(f"{file.filename}：超过 20 MB，请在服务器上用 rectify ledger import 读回")
        found = take_back.preview(desk.office, content, file.filename, by=session.login, now=desk.now())
    except RectifyError as error:
        return _form(request, desk, status_of(error), message=error.message)
    return _result(request, desk, found, content)


@router.post("/ledger")
def commit(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filename: Annotated[str, Form()],
    parts: Annotated[list[str], Form()],
    skip_refused: Annotated[bool, Form()] = False,
) -> Response:
    """Write what was previewed; if something came in between, show the preview again instead."""
    try:
        content = b"".join(base64.b64decode(part, validate=True) for part in parts)
    except ValueError:
        raise IntakeError("预览页中的文件内容不完整，请重新上传") from None
    by, now = session.login, desk.now()
    try:
        found = take_back.commit(desk.office, content, filename, by=by, now=now, skip_refused=skip_refused)
    except LedgerRefusedError:
        found = take_back.preview(desk.office, content, filename, by=by, now=now)
        message = "预览之后又有变动，有的行现在不能写入；没有写入任何内容，请重新确认。"
        return _result(request, desk, found, content, status=409, message=message)
    return _result(request, desk, found, content)


def _form(request: Request, desk: Desk, status: int = 200, *, message: str = "") -> Response:
    return desk.render(request, "ledger/form.html", status, message=message)


def _result(
    request: Request, desk: Desk, found: TakenBack, content: bytes, *, status: int = 200, message: str = ""
) -> Response:
    parts = [content[start : start + _PART] for start in range(0, len(content), _PART)]
    return desk.render(
        request,
        "ledger/result.html",
        status,
        found=found,
        parts=[base64.b64encode(part).decode() for part in parts],
        message=message,
    )
