"""Backups: which there are, making one now, taking one away.

Must never restore one: the pages would run on while their database is exchanged.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from tracker.services import backup as service
from tracker.services import jobs
from tracker.web import admin_words
from tracker.web.context import CurrentDesk

router = APIRouter(prefix="/admin/backup")
_DONE = {"started": "已开始备份，稍候刷新本页看结果", "busy": "正在备份，请稍候"}


@router.get("")
def show(request: Request, desk: CurrentDesk, done: str = "") -> Response:
    office = desk.office
    return desk.render(
        request,
        "admin/backup.html",
        backups=service.list_backups(office),
        own=sorted(service.own_files(office)),
        folder=office.backup_dir.name,
        days=office.backup_days,
        is_sealed=bool(office.database.vault),
        run=jobs.last_runs(office).get(jobs.BACKUP),
        words=admin_words,
        notice=_DONE.get(done, ""),
    )


@router.post("")
def make(desk: CurrentDesk) -> Response:
    office, clock = desk.office, desk.now
    if not jobs.claim(office, jobs.BACKUP, now=clock()):
        return RedirectResponse("/admin/backup?done=busy", status_code=303)

    def work() -> None:
        service.make(office, now=clock())

    task = BackgroundTask(jobs.run_asked, office, clock, jobs.BACKUP, work)
    return RedirectResponse("/admin/backup?done=started", status_code=303, background=task)


@router.get("/{name}")
def download(desk: CurrentDesk, name: str) -> Response:
    file = service.find(desk.office, name)
    return FileResponse(file, media_type="application/zip", filename=file.name)
