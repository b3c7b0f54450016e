"""One item: its words and place in the source, its history, evidence, checks, messages, and what is next."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import IntakeError, NotFoundError, RectifyError
from tracker.domain.issuing import PaperKind
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, REMINDED, Event, State
from tracker.domain.people import DECIDING
from tracker.services import check_queue, inspect, issued, lists, step_back
from tracker.services import nudge as urging
from tracker.services.deadline_reason import deadline_reason
from tracker.services.inspect import ItemFile
from tracker.services.judging import roles_towards
from tracker.services.lamps import lamps
from tracker.services.reached import occasions
from tracker.services.source_lines import source_lines
from tracker.store.accounts import Session
from tracker.web import steps, words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import Filters, from_query
from tracker.web.guard import CurrentSession
from tracker.web.moments import past_moment
from tracker.web.pictures import POLICY, may_be_picture, picture_type
from tracker.web.steps import StepForm
from tracker.web.timeline import timeline

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_LOOKS, _LOOKS_SHOWN = 50, 10  # looks that are folded, and how many of what comes of it
ListOf = Annotated[str, Query(alias="list", max_length=2000)]  # the address of the list one came from


@router.get("/items/{number}")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    within: ListOf = "",
    done: Event | None = None,
    nudged: bool = False,
) -> Response:
    notice = "已催办，消息在工作时间发出" if nudged else ""
    notice = f"已{done.chinese}" if done else notice
    return _page(request, desk, session, number, filters=from_query(within), notice=notice)


@router.post("/items/{number}")
def take_step(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    number: Number,
    form: Annotated[StepForm, Depends()],
    within: ListOf = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """One step; a refused one shows the page again with what was typed (but a file must be chosen again)."""
    filters = from_query(within)
    try:
        steps.take(desk, form, [number], by=session.login, files=[file])
    except RectifyError as error:
        status = status_of(error)
        return _page(
            request, desk, session, number, filters=filters, status=status, typed=form, message=error.message
        )
    return RedirectResponse(filters.item_link(number, done=form.event.value), status_code=303)


@router.post("/items/{number}/undo-step")
def undo_step(
    *, request: Request, desk: CurrentDesk, session: CurrentSession, number: Number, within: ListOf = ""
) -> Response:
    """Take the last step back, if it was one's own and a moment ago."""
    filters = from_query(within)
    try:
        step_back.undo_step(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        status = status_of(error)
        return _page(request, desk, session, number, filters=filters, status=status, message=error.message)
    return RedirectResponse(filters.item_link(number), status_code=303)


@router.post("/items/{number}/nudge")
def nudge(
    *, request: Request, desk: CurrentDesk, session: CurrentSession, number: Number, within: ListOf = ""
) -> Response:
    """Urge the unit at once; what was urged a short while ago is refused and says when."""
    filters = from_query(within)
    try:
        urging.nudge(desk.office, [number], by=session.login, now=desk.now())
    except RectifyError as error:
        status = status_of(error)
        return _page(request, desk, session, number, filters=filters, status=status, message=error.message)
    return RedirectResponse(filters.item_link(number, nudged="true"), status_code=303)


@router.get("/items/{number}/evidence/{evidence_id}")
def download(desk: CurrentDesk, number: Number, evidence_id: Number) -> Response:
    """A file as it was handed in; always saved, never opened inside these pages."""
    name, content = inspect.evidence_file(desk.office, number, evidence_id)
    disposition = f"attachment; filename=\"evidence\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )


@router.get("/items/{number}/evidence/{evidence_id}/picture")
def show_picture(desk: CurrentDesk, number: Number, evidence_id: Number) -> Response:
    """The same file to be looked at, if it is a picture by its own bytes; raises NotFoundError if not."""
    _, content = inspect.evidence_file(desk.office, number, evidence_id)
    kind = picture_type(content)
    if kind is None:
        raise NotFoundError("这份材料不是图片，请下载查看")
    return Response(content, media_type=kind, headers={"Content-Security-Policy": POLICY})


@router.get("/items/{number}/source")
def show_source(request: Request, desk: CurrentDesk, number: Number, within: ListOf = "") -> Response:
    """The item's words among the lines of its document, read again when somebody asks for it."""
    item = inspect.open_file(desk.office, number).item
    try:
        lines, message = source_lines(desk.office, item), ""
    except IntakeError as error:
        lines, message = [], error.message
    return desk.render(
        request,
        "items/source.html",
        item=item,
        lines=lines,
        message=message,
        back=from_query(within).item_link(number),
    )


def _issuable(file: ItemFile) -> list[PaperKind]:
    """The papers about this one item for which there is an occasion."""
    occasions_for = {
        PaperKind.STRIKE_OFF: file.item.standing.state is State.STRUCK_OFF,
        PaperKind.EXTENSION: any(row.event == Event.EXTEND for row in file.history),
    }
    return [kind for kind, is_so in occasions_for.items() if is_so]


def _page(
    request: Request,
    desk: Desk,
    session: Session,
    number: int,
    *,
    filters: Filters,
    status: int = 200,
    typed: StepForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    file, now = inspect.open_file(desk.office, number, looks=0), desk.now()
    past = past_moment(desk, filters.as_of)
    looks, rest = check_queue.looks_of(desk.office, number, size=_LOOKS)
    roles = roles_towards(desk.office, file.item, session.login)
    return desk.render(
        request,
        "items/item.html",
        status,
        file=file,
        item=file.item,
        filters=filters,
        past=past,
        turn=lists.neighbours(desk.office, filters.wanted, filters.sort, number, now=now, as_of=past),
        deadline=deadline_reason(desk.office, file.item),
        entries=timeline(file),
        proofs={row.id: [p for p in file.evidence if p.history_id == row.id] for row in file.history},
        may_be_picture=may_be_picture,
        lamps=lamps(desk.office, [file.item], now=now),
        occasions=occasions(file.messages),
        words=words,
        looks=looks[:_LOOKS_SHOWN],
        more_looks=rest is not None or len(looks) > _LOOKS_SHOWN,
        events=steps.possible(file.item, roles),
        may_nudge=bool(roles & DECIDING) and file.item.standing.state in REMINDED,
        may_undo=step_back.may_undo(desk.office, file.history, by=session.login, now=now),
        papers=issued.documents_about(desk.office, number) if roles & DECIDING else [],
        issuable=_issuable(file) if roles & DECIDING else [],
        reason_needed=REASON_NEEDED,
        date_needed=DATE_NEEDED,
        typed=typed,
        message=message,
        notice=notice,
    )
