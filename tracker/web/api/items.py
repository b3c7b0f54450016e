"""Items: the list, one with all that belongs to it, the files that came with it, and what checks saw."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.answers.items import check_json, file_json
from tracker.rendering.contract import item_json
from tracker.services import inspect
from tracker.services.lamps import lamps
from tracker.web.api import shapes
from tracker.web.api.answering import ERRORS, NOT_MODIFIED, answered
from tracker.web.api.guard import ReadsItems
from tracker.web.api.requests import After, ItemQuery, Limit, PathNumber
from tracker.web.context import CurrentDesk

router = APIRouter(tags=["事项"], responses=ERRORS)
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/items", response_model=shapes.ItemPage, responses=NOT_MODIFIED, summary="事项列表")
def list_items(
    request: Request, desk: CurrentDesk, bearer: ReadsItems, query: Annotated[ItemQuery, Query()]
) -> Response:
    """按编号从小到大；一页一页地取，直到 next 为 null。单位身份的令牌只看到本单位的事项。"""
    now, calendar = desk.now(), desk.office.rules.calendar
    found = inspect.list_items(desk.office, query.wanted(), now=now, as_of=query.as_of)
    moment = query.as_of or now
    page = found[: query.limit]
    more = page[-1].number if len(found) > query.limit else None
    return answered(request, {"items": [item_json(item, moment, calendar) for item in page], "next": more})


@router.get("/items/{number}", response_model=shapes.ItemFile, responses=NOT_MODIFIED, summary="一个事项")
def show_item(request: Request, desk: CurrentDesk, bearer: ReadsItems, number: PathNumber) -> Response:
    """事项、经过、核查、消息，以及为什么（不）提醒。ETag 可用于 If-Match。"""
    now = desk.now()
    version = inspect.version_of(desk.office, number)  # before the rest: what is newer only looks changed
    file = inspect.open_file(desk.office, number)
    colour = lamps(desk.office, [file.item], now=now).get(number)
    answer = file_json(file, colour, now, desk.office.rules.calendar)
    return answered(request, answer, version=version)


@router.get(
    "/items/{number}/evidence/{evidence_id}",
    response_class=Response,
    responses={200: _FILE},
    summary="一份佐证文件",
)
def download(desk: CurrentDesk, bearer: ReadsItems, number: PathNumber, evidence_id: PathNumber) -> Response:
    """报送时的原文件；总是作为附件下载。"""
    name, content = inspect.evidence_file(desk.office, number, evidence_id)
    disposition = f"attachment; filename=\"evidence\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/checks", response_model=shapes.CheckPage, responses=NOT_MODIFIED, summary="自动核查的结果")
def list_checks(
    request: Request, desk: CurrentDesk, bearer: ReadsItems, before: After = None, limit: Limit = 100
) -> Response:
    """最新的在前；下一页的 before 是 next。"""
    calendar = desk.office.rules.calendar
    found = inspect.list_checks(desk.office, before=before, size=limit + 1)
    page = found[:limit]
    more = page[-1][0] if len(found) > limit else None
    checks = [check_json(check, calendar) for _, check in page]
    return answered(request, {"checks": checks, "next": more})
