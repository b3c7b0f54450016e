"""What the office has laid down: ladders, deadlines of the classes, which file says so; judging a new file.

Must never write a file: the settings are the server's, and whoever may change them there may restart it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from tracker.domain.errors import ConfigError, RectifyError
from tracker.rules import check_file
from tracker.services.backup import own_files
from tracker.web import admin_words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.ladder_view import rung_views

router = APIRouter(prefix="/admin/ladders")
_MAXIMUM_BYTES = 1024 * 1024


@router.get("")
def show(request: Request, desk: CurrentDesk) -> Response:
    return _page(request, desk)


@router.post("/check")
def check(
    *,
    request: Request,
    desk: CurrentDesk,
    name: Annotated[str, Form(max_length=50)],
    text: Annotated[str, Form(max_length=_MAXIMUM_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """All faults of a file at once; it is judged with the others as they are and then forgotten."""
    try:
        content = text.encode()
        if file is not None and file.filename:
            content = file.file.read(_MAXIMUM_BYTES + 1)
        if not content.strip() or len(content) > _MAXIMUM_BYTES:
            raise ConfigError("请选择文件或粘贴内容，不超过 1 MB")
        zone = desk.office.rules.calendar.zone.key
        faults = check_file(desk.office.rules.files, name, content, zone)
    except RectifyError as error:
        return _page(request, desk, status_of(error), checked=name, text=text, message=error.message)
    return _page(request, desk, checked=name, text=text, faults=faults)


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    checked: str = "ladders.toml",
    text: str = "",
    faults: list[str] | None = None,
    message: str = "",
) -> Response:
    rules = desk.office.rules
    codes = rules.ladders.by_code
    return desk.render(
        request,
        "admin/ladders.html",
        status,
        ladders=[(code, ladder, rung_views(ladder)) for code, ladder in codes.items()],
        classes_of={
            code: [rules.class_name(each) for each, own in rules.ladders.of_class.items() if own == code]
            for code in codes
        },
        lists_of={
            code: [words for words, own in rules.ladders.of_list.items() if own == code] for code in codes
        },
        classes=rules.classes,
        deadlines=rules.deadlines,
        ladder_of=lambda code: rules.ladders.of_class.get(code, "default"),
        files=rules.files,
        own=own_files(desk.office),
        words=admin_words,
        checked=checked,
        text=text,
        faults=faults,
        message=message,
    )
