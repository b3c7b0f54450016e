"""The audit trail: looked through, verified as a whole, taken away for the archives."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.background import BackgroundTask

from tracker.domain.errors import RectifyError
from tracker.rendering.words import EVENTS
from tracker.services import audit_search, jobs
from tracker.services.audit_export import export as write_export
from tracker.store.history import HistoryRow
from tracker.web import words
from tracker.web.context import CurrentDesk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, address
from tracker.web.handed_in import day

router = APIRouter(prefix="/admin/audit")
_DONE = {"started": "已开始查验，稍候刷新本页看结果", "busy": "正在查验，请稍候"}


class AuditFilters(BaseModel):
    """What is looked for, as it stands in the address; a field left empty does not narrow."""

    model_config = ConfigDict(frozen=True)

    actor: str | None = Field(None, max_length=100)
    number: int | None = Field(None, ge=1, lt=2**31)
    event: str | None = Field(None, max_length=20)
    first: str | None = Field(None, max_length=10)
    last: str | None = Field(None, max_length=10)
    under: int | None = Field(None, ge=1, lt=2**31)

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    def link(self, **changes: object) -> str:
        return address("/admin/audit", self.model_dump(mode="json", exclude_none=True) | changes)


@router.get("")
def show(
    request: Request, desk: CurrentDesk, filters: Annotated[AuditFilters, Query()], done: str = ""
) -> Response:
    status, message = 200, ""
    found: list[tuple[int, HistoryRow]] = []
    more = False
    try:
        wanted = filters.model_dump(include={"actor", "number", "event", "under"})
        first, last = day(filters.first or ""), day(filters.last or "")
        found, more = audit_search.search(desk.office, size=PAGE, first=first, last=last, **wanted)
    except RectifyError as error:
        status, message = status_of(error), error.message
    return desk.render(
        request,
        "admin/audit.html",
        status,
        found=found,
        filters=filters,
        events=EVENTS,
        words=words,
        run=jobs.last_runs(desk.office).get(jobs.AUDIT),
        next_link=filters.link(under=found[-1][1].id) if more else "",
        first_link=filters.link(under=None) if filters.under else "",
        export_link=address("/admin/audit/export", {"first": filters.first, "last": filters.last}),
        message=message,
        notice=_DONE.get(done, ""),
    )


@router.post("/verify")
def verify(desk: CurrentDesk) -> Response:
    office, clock = desk.office, desk.now
    if not jobs.claim(office, jobs.AUDIT, now=clock()):
        return RedirectResponse("/admin/audit?done=busy", status_code=303)
    task = BackgroundTask(
        jobs.run_asked, office, clock, jobs.AUDIT, lambda: audit_search.verification(office)
    )
    return RedirectResponse("/admin/audit?done=started", status_code=303, background=task)


@router.get("/export")
def export(desk: CurrentDesk, first: str = "", last: str = "") -> Response:
    """The history of these days, as `rectify audit export` writes it."""
    start, end = day(first), day(last)
    room = Path(mkdtemp(prefix="rectify-audit-"))
    gone = BackgroundTask(shutil.rmtree, room, ignore_errors=True)
    file = room / f"audit-{desk.today()}.jsonl"
    try:
        write_export(desk.office, file, now=desk.now(), start=start, end=end)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    return FileResponse(file, media_type="application/jsonl", filename=file.name, background=gone)
