"""The imported documents, and taking in another: a preview first, then the decision.

Nothing is kept here between the two: the preview's form carries the file, and the import judges it anew.
"""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response

from tracker.domain.errors import IntakeError, RectifyError
from tracker.services import inspect, register
from tracker.services.register import Preview, Source
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession
from tracker.web.words import OUTCOMES

router = APIRouter()
_MAXIMUM_BYTES = 20 * 1024 * 1024
_PART = 768 * 1024  # a form field may hold 1 MiB


class ImportForm:
    """What the reader says of the document; empty fields leave it to the document itself."""

    def __init__(
        self,
        issued_on: Annotated[str, Form()] = "",
        title: Annotated[str, Form()] = "",
        strict_units: Annotated[bool, Form()] = False,
    ) -> None:
        self.issued_on, self.title, self.strict_units = issued_on.strip(), title.strip(), strict_units

    def source(self, content: bytes, filename: str) -> Source:
        """Raises RectifyError for a day that is none."""
        try:
            issued_on = date.fromisoformat(self.issued_on) if self.issued_on else None
        except ValueError:
            raise RectifyError(f"“{self.issued_on}”不是有效的日期，请写成 2026-11-30 的形式") from None
        return Source(content, filename, issued_on, self.title or None, self.strict_units)


@router.get("/bulletins")
def show_list(request: Request, desk: CurrentDesk) -> Response:
    return _list(request, desk)


@router.post("/bulletins/preview")
def preview(
    request: Request,
    desk: CurrentDesk,
    form: Annotated[ImportForm, Depends()],
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Say what an import would do; writes nothing."""
    try:
        if file is None or not file.filename:
            raise IntakeError("请选择通报文件")
        content = file.file.read(_MAXIMUM_BYTES + 1)
        if len(content) > _MAXIMUM_BYTES:
            raise IntakeError(f"{file.filename}：超过 20 MB，请在服务器上用 rectify import 读入")
        plan = register.preview(desk.office, form.source(content, file.filename))
    except RectifyError as error:
        return _list(request, desk, status_of(error), typed=form, message=_for_pages(error.message))
    return _preview(request, desk, plan, form, content)


@router.post("/bulletins")
def commit(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    form: Annotated[ImportForm, Depends()],
    filename: Annotated[str, Form()],
    parts: Annotated[list[str], Form()],
) -> Response:
    """Import what was previewed, in one transaction."""
    try:
        content = b"".join(base64.b64decode(part, validate=True) for part in parts)
    except ValueError:
        raise IntakeError("预览页中的文件内容不完整，请重新上传") from None
    source = form.source(content, filename)
    plan = register.commit(desk.office, source, by=session.login, now=desk.now())
    if plan.already:
        return _list(request, desk, notice="该文件此前已读入，未作改动")
    counts = "、".join(f"{OUTCOMES[name]} {count}" for name, count in plan.counts.items() if count)
    return _list(request, desk, notice=f"已读入《{plan.reading.title}》：{counts or '没有事项'}")


def _list(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    typed: ImportForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    return desk.render(
        request,
        "bulletins/list.html",
        status,
        bulletins=inspect.list_bulletins(desk.office),
        outcomes=OUTCOMES,
        typed=typed or ImportForm(),
        message=message,
        notice=notice,
    )


def _preview(request: Request, desk: Desk, plan: Preview, form: ImportForm, content: bytes) -> Response:
    parts = [content[start : start + _PART] for start in range(0, len(content), _PART)]
    return desk.render(
        request,
        "bulletins/preview.html",
        plan=plan,
        outcomes=OUTCOMES,
        form=form,
        parts=[base64.b64encode(part).decode() for part in parts],
    )


def _for_pages(message: str) -> str:
    """The service names the command line's option where this page has a field."""
    return message.replace("请用 --issued-on 指明", "请填写印发日期")
