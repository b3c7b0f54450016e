"""Bulletins and exports of other systems, taken in from an upload: a preview, or the import itself.

The same file twice changes nothing, so these need no Idempotency-Key. Must never hold a transaction while a
document is read.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from tracker.answers.feeds import fed_json
from tracker.answers.imports import preview_json
from tracker.domain.errors import IntakeError
from tracker.domain.text import file_name
from tracker.rendering.contract import Json, day, moment
from tracker.services import feed_accounts, feed_cases, inspect, register
from tracker.services.register import Preview, Source
from tracker.store.bulletins import StoredBulletin
from tracker.web.api import intake_shapes as shapes
from tracker.web.api.answering import ERRORS, NOT_MODIFIED, answered
from tracker.web.api.guard import ReadsItems, WritesBulletins, WritesFeeds, require_bureau
from tracker.web.api.requests import Day, Word
from tracker.web.context import CurrentDesk, Desk
from tracker.web.handed_in import MAXIMUM_BYTES, read_upload

router = APIRouter(tags=["读入"], responses=ERRORS)

Document = Annotated[UploadFile, File(description="docx、xlsx、pdf、html、txt 等，不超过 20 MB")]
Export = Annotated[UploadFile, File(description="xlsx 或 csv，不超过 20 MB")]
IssuedOn = Annotated[Day | None, Form(description="印发日期；不写则取自文中")]
Title = Annotated[Word | None, Form(description="标题；不写则取自文中")]
Strict = Annotated[bool, Form(description="遇到未登记的单位即拒绝")]


@router.get("/bulletins", response_model=shapes.Bulletins, responses=NOT_MODIFIED, summary="已读入的通报")
def list_bulletins(request: Request, desk: CurrentDesk, bearer: ReadsItems) -> Response:
    """最新印发的在前，撤销了读入的也在其中。"""
    require_bureau(bearer, "查看通报")
    found = inspect.list_bulletins(desk.office)
    return answered(request, {"bulletins": [_bulletin_json(desk, each) for each in found]})


@router.post("/bulletins/preview", response_model=shapes.Import, summary="预览")
def preview(
    request: Request,
    desk: CurrentDesk,
    bearer: WritesBulletins,
    file: Document,
    issued_on: IssuedOn = None,
    title: Title = None,
    strict_units: Strict = False,
) -> Response:
    """读一份通报，说明读入后会怎样；不写入任何内容。没有写明印发日期的按今天预览。"""
    require_bureau(bearer, "读入通报")
    source = _source(file, issued_on, title, strict_units)
    shown = register.preview(desk.office, source, assumed=desk.today())
    return _imported(request, desk, shown)


@router.post("/bulletins", response_model=shapes.Import, summary="读入")
def take_in(
    request: Request,
    desk: CurrentDesk,
    bearer: WritesBulletins,
    file: Document,
    issued_on: IssuedOn = None,
    title: Title = None,
    strict_units: Strict = False,
) -> Response:
    """读入一份通报：全部写入，或什么也不写。同一文件读两次不起变化。"""
    require_bureau(bearer, "读入通报")
    source = _source(file, issued_on, title, strict_units)
    done = register.commit(desk.office, source, by=bearer.name, now=desk.now())
    return _imported(request, desk, done)


@router.post("/feeds/cases", response_model=shapes.Fed, summary="办件导出")
def take_in_cases(
    request: Request,
    desk: CurrentDesk,
    bearer: WritesFeeds,
    file: Export,
    source: Annotated[Word, Form(min_length=1, description="导出自哪个系统")] = feed_cases.SOURCE,
) -> Response:
    """立项、更新件数、列出已无问题办件的事项。同一文件读两次不起变化。"""
    require_bureau(bearer, "读入办件导出")
    name = _checked_name(file)
    fed = feed_cases.take_in(desk.office, file.file, name, source=source, by=bearer.name, now=desk.now())
    return answered(request, fed_json(fed, desk.now(), desk.office.rules.calendar))


@router.post("/feeds/accounts", response_model=shapes.Fed, summary="新媒体账号表")
def take_in_accounts(request: Request, desk: CurrentDesk, bearer: WritesFeeds, file: Export) -> Response:
    """登记、立项、列出已恢复更新的事项。同一文件读两次不起变化。"""
    require_bureau(bearer, "读入新媒体账号表")
    fed = feed_accounts.take_in(desk.office, file.file, _checked_name(file), by=bearer.name, now=desk.now())
    return answered(request, fed_json(fed, desk.now(), desk.office.rules.calendar))


def _imported(request: Request, desk: Desk, shown: Preview) -> Response:
    return answered(request, preview_json(shown, desk.office, desk.now()))


def _source(file: UploadFile, issued_on: Day | None, title: str | None, strict_units: bool) -> Source:
    name, content = read_upload(file)
    return Source(content, name, issued_on, title or None, strict_units)


def _checked_name(file: UploadFile) -> str:
    """The file's name, if it is not too large."""
    name = file_name(file.filename or "")
    if (file.size or 0) > MAXIMUM_BYTES:
        raise IntakeError(f"{name}：超过 20 MB")
    return name


def _bulletin_json(desk: Desk, stored: StoredBulletin) -> Json:
    calendar = desk.office.rules.calendar
    return {
        "id": stored.id,
        "title": stored.title,
        "issued_on": day(stored.issued_on),
        "file": stored.filename,
        "sha256": stored.sha256,
        "counts": dict(stored.counts),
        "imported_at": moment(stored.imported_at, calendar),
        "imported_by": stored.imported_by,
        "undone_at": moment(stored.undone_at, calendar),
        "undone_by": stored.undone_by,
    }
