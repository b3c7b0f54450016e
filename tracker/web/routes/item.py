"""One item: its words and place in the source, its history, evidence, checks, messages, and what is next."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Path, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.deadlines import DeadlineRule
from tracker.domain.errors import RectifyError
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, REMINDED, Event
from tracker.domain.people import DECIDING
from tracker.services import check_queue, inspect, step_back
from tracker.services import nudge as urging
from tracker.services.judging import roles_towards
from tracker.services.lamps import lamps
from tracker.services.reached import occasions
from tracker.store.accounts import Session
from tracker.web import steps, words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession
from tracker.web.steps import StepForm

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_LOOKS, _LOOKS_SHOWN = 50, 10  # looks that are folded, and how many of what comes of it


@router.get("/items/{number}")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    done: Event | None = None,
    nudged: bool = False,
) -> Response:
    notice = "已催办，消息在工作时间发出" if nudged else ""
    return _page(request, desk, session, number, notice=f"已{done.chinese}" if done else notice)


@router.post("/items/{number}")
def take_step(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    form: Annotated[StepForm, Depends()],
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """One step; a refused one shows the page again with what was typed (but a file must be chosen again)."""
    try:
        steps.take(desk, form, [number], by=session.login, files=[file])
    except RectifyError as error:
        return _page(request, desk, session, number, status_of(error), typed=form, message=error.message)
    return RedirectResponse(f"/items/{number}?done={form.event.value}", status_code=303)


@router.post("/items/{number}/undo-step")
def undo_step(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    """Take the last step back, if it was one's own and a moment ago."""
    try:
        step_back.undo_step(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, session, number, status_of(error), message=error.message)
    return RedirectResponse(f"/items/{number}", status_code=303)


@router.post("/items/{number}/nudge")
def nudge(request: Request, desk: CurrentDesk, session: CurrentSession, number: Number) -> Response:
    """Urge the unit at once; what was urged a short while ago is refused and says when."""
    try:
        urging.nudge(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, session, number, status_of(error), message=error.message)
    return RedirectResponse(f"/items/{number}?nudged=true", status_code=303)


@router.get("/items/{number}/evidence/{evidence_id}")
def download(desk: CurrentDesk, number: Number, evidence_id: Number) -> Response:
    """A file as it was handed in; always saved, never opened inside these pages."""
    name, content = inspect.evidence_file(desk.office, number, evidence_id)
    disposition = f"attachment; filename=\"evidence\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )


def _page(
    request: Request,
    desk: Desk,
    session: Session,
    number: int,
    status: int = 200,
    *,
    typed: StepForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    file, now = inspect.open_file(desk.office, number, looks=0), desk.now()
    looks, rest = check_queue.looks_of(desk.office, number, size=_LOOKS)
    roles = roles_towards(desk.office, file.item, session.login)
    rule = DeadlineRule.parse(file.item.rule, f"第 {number} 号事项") if file.item.rule else None
    source = next(
        (each.source for each in desk.office.rules.classes if each.code == file.item.problem_class), ""
    )
    return desk.render(
        request,
        "items/item.html",
        status,
        file=file,
        item=file.item,
        rule=rule.in_words() if rule else "",
        rule_source=source,
        proofs={row.id: [p for p in file.evidence if p.history_id == row.id] for row in file.history},
        lamps=lamps(desk.office, [file.item], now=now),
        occasions=occasions(file.messages),
        words=words,
        looks=looks[:_LOOKS_SHOWN],
        more_looks=rest is not None or len(looks) > _LOOKS_SHOWN,
        events=steps.possible(file.item, roles),
        may_nudge=bool(roles & DECIDING) and file.item.standing.state in REMINDED,
        may_undo=step_back.may_undo(desk.office, file.history, by=session.login, now=now),
        reason_needed=REASON_NEEDED,
        date_needed=DATE_NEEDED,
        typed=typed,
        message=message,
        notice=notice,
    )
