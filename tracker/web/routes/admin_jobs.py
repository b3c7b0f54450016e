"""The jobs: when each last ran, how long it took and what went wrong; and running one now."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from tracker.domain.errors import NotFoundError
from tracker.services import jobs as service
from tracker.services.job_book import list_jobs
from tracker.web import admin_words
from tracker.web.context import CurrentDesk

router = APIRouter(prefix="/admin/jobs")
_DONE = {"started": "已开始运行，稍候刷新本页看结果", "busy": "这项任务正在运行"}


@router.get("")
def show(request: Request, desk: CurrentDesk, done: str = "") -> Response:
    now = desk.now()
    found = list_jobs(desk.office, now=now)
    return desk.render(
        request,
        "admin/jobs.html",
        jobs=found,
        stale=all(job.is_stale(now) for job in found),
        now=now,
        words=admin_words,
        notice=_DONE.get(done, ""),
    )


@router.post("/{name}/run")
def run(desk: CurrentDesk, name: str) -> Response:
    """The very job of the scheduler, once; it may run at any moment and beside the scheduler."""
    office, clock = desk.office, desk.now
    if name not in service.jobs(office, clock):
        raise NotFoundError("没有这项任务")
    if not service.claim(office, name, now=clock()):
        return RedirectResponse("/admin/jobs?done=busy", status_code=303)
    work = BackgroundTask(service.tick, office, clock, name)
    return RedirectResponse("/admin/jobs?done=started", status_code=303, background=work)
