"""The phone pages of a unit's own people: their items, and the steps that are theirs to take.

Must never look an item up by itself: `OwnItem` gives those of the person's units only. No form counts twice.
"""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.domain.lifecycle import Event, State
from tracker.domain.steps import Step
from tracker.services import inspect, unit_steps
from tracker.services.my_items import LISTED, finished_items, my_items
from tracker.web import steps
from tracker.web.context import CurrentDesk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentPerson, CurrentSession, OwnItem
from tracker.web.item_of_unit import Shown, show_item
from tracker.web.steps import StepForm

router = APIRouter(prefix="/my")
Number = Annotated[int, Path(ge=1, lt=2**31)]
Once = Annotated[str, Form(max_length=100)]


@router.get("")
def show_all(
    request: Request, desk: CurrentDesk, person: CurrentPerson, signed: int | None = None
) -> Response:
    """The items of the person's units, grouped by what is to be done; those that are finished lie folded."""
    return desk.render(
        request,
        "my/list.html",
        person=person,
        mine=my_items(desk.office, person, now=desk.now()),
        listed=LISTED,
        once=secrets.token_urlsafe(16),
        notice="" if signed is None else f"已签收 {signed} 项" if signed else "都已签收",
    )


@router.get("/finished")
def show_finished(
    request: Request,
    desk: CurrentDesk,
    person: CurrentPerson,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Response:
    """What is struck off or withdrawn, one page after the other."""
    found, is_more = finished_items(desk.office, person, before=before)
    return desk.render(request, "my/finished.html", person=person, found=found, is_more=is_more)


@router.post("/sign")
def sign_all(
    desk: CurrentDesk,
    session: CurrentSession,
    person: CurrentPerson,
    numbers: Annotated[list[int], Form()],
    once: Once,
) -> Response:
    """Sign for all that the list showed as waiting for it."""
    count = unit_steps.take(
        desk.office,
        person,
        Step(Event.SIGN, person.name, desk.now()),
        numbers,
        once=f"{session.csrf} {once}",
        only_in=State.OPEN,
    )
    return RedirectResponse(f"/my?signed={count}", status_code=303)


@router.get("/{number}")
def show(
    request: Request, desk: CurrentDesk, person: CurrentPerson, own: OwnItem, done: Event | None = None
) -> Response:
    return show_item(request, desk, person=person, own=own, shown=Shown(done=done))


@router.post("/{number}")
def take_step(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    person: CurrentPerson,
    own: OwnItem,
    form: Annotated[StepForm, Depends()],
    once: Once,
    photos: Annotated[list[UploadFile] | None, File()] = None,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """One step in the person's own name; a refused one shows the page again with what was typed."""
    number = own.item.number
    try:
        unit_steps.take(
            desk.office,
            person,
            steps.wanted(desk, form, by=person.name),
            [number],
            once=f"{session.csrf} {once}",
            evidence=steps.proofs(form, [*(photos or ()), *(files or ())]),
        )
    except RectifyError as error:
        refused = Shown(typed=form, message=error.message)
        return show_item(request, desk, person=person, own=own, shown=refused, status=status_of(error))
    return RedirectResponse(f"/my/{number}?done={form.event.value}", status_code=303)


@router.post("/{number}/undo")
def undo_step(request: Request, desk: CurrentDesk, person: CurrentPerson, own: OwnItem) -> Response:
    """Take one's own last step back, a moment after it."""
    try:
        unit_steps.undo(desk.office, person, own.item.number, now=desk.now())
    except RectifyError as error:
        refused = Shown(message=error.message)
        return show_item(request, desk, person=person, own=own, shown=refused, status=status_of(error))
    return RedirectResponse(f"/my/{own.item.number}", status_code=303)


@router.get("/{number}/evidence/{evidence_id}")
def download(desk: CurrentDesk, own: OwnItem, evidence_id: Number) -> Response:
    """A file as it is kept; always saved, never opened inside these pages."""
    name, content = inspect.evidence_file(desk.office, own.item.number, evidence_id)
    disposition = f"attachment; filename=\"evidence\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )
