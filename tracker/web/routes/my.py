"""The phone pages of a unit's own contact: the unit's items, and the three steps that are theirs to take.

Must never look an item up by itself: `OwnItem` gives those of the holder's unit only.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.deadlines import DeadlineRule
from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, Event
from tracker.services.inspect import ItemFile
from tracker.services.judging import roles_towards
from tracker.services.lamps import lamps
from tracker.services.my_items import days_left, my_items, why_returned
from tracker.web import steps
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentHolder, OwnItem
from tracker.web.steps import StepForm

router = APIRouter()
_STEPS = (Event.SIGN, Event.SUBMIT, Event.EXTEND)
_FINISHED_SHOWN = 20


@router.get("/my")
def show_all(request: Request, desk: CurrentDesk, holder: CurrentHolder) -> Response:
    """The unit's items, most urgent first; those that are finished lie folded."""
    mine = my_items(desk.office, holder, now=desk.now())
    return desk.render(request, "my/list.html", holder=holder, mine=mine, shown=_FINISHED_SHOWN)


@router.get("/my/{number}")
def show(request: Request, desk: CurrentDesk, own: OwnItem, done: Event | None = None) -> Response:
    return _page(request, desk, own, notice=f"已{done.chinese}" if done else "")


@router.post("/my/{number}")
def take_step(
    *,
    request: Request,
    desk: CurrentDesk,
    holder: CurrentHolder,
    own: OwnItem,
    form: Annotated[StepForm, Depends()],
    photo: Annotated[UploadFile | None, File()] = None,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """One step in the holder's own name; a refused one shows the page again with what was typed."""
    number = own.item.number
    try:
        if form.event not in _STEPS:
            raise TransitionError(f"{form.event.chinese}不能在此办理")
        steps.take(desk, form, [number], by=holder.name, files=[photo, file])
    except RectifyError as error:
        return _page(request, desk, own, status_of(error), typed=form, message=error.message)
    return RedirectResponse(f"/my/{number}?done={form.event.value}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    own: ItemFile,
    status: int = 200,
    *,
    typed: StepForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    item = own.item
    roles = roles_towards(desk.office, item, request.state.session.login)
    rule = DeadlineRule.parse(item.rule, f"第 {item.number} 号事项") if item.rule else None
    source = next((each.source for each in desk.office.rules.classes if each.code == item.problem_class), "")
    return desk.render(
        request,
        "my/item.html",
        status,
        file=own,
        item=item,
        rule=rule.in_words() if rule else "",
        rule_source=source,
        returned=why_returned(item, own.history),
        lamps=lamps(desk.office, [item], now=desk.now()),
        days=days_left(desk.office, [item], desk.today()),
        events=[event for event in steps.possible(item, roles) if event in _STEPS],
        reason_needed=REASON_NEEDED,
        date_needed=DATE_NEEDED,
        typed=typed,
        message=message,
        notice=notice,
    )
