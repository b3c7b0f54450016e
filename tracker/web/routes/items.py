"""The list of items: all about it stands in its address; a page at a time, one step for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.lifecycle import Event
from tracker.rendering.sheets import write_sheet
from tracker.services import inspect, lists, step_back
from tracker.services import nudge as urging
from tracker.services import views as saving
from tracker.services.lamps import lamps
from tracker.services.lists import Listed
from tracker.services.office import Office
from tracker.web import steps
from tracker.web.choices import choices, sorts
from tracker.web.columns import HEADINGS, headings, in_order, sheet_rows
from tracker.web.context import CurrentDesk, Desk
from tracker.web.downloads import workbook
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, Filters, QueryFilters
from tracker.web.guard import CurrentSession
from tracker.web.moments import past_moment
from tracker.web.steps import StepForm
from tracker.web.undoing import Undoable, undoable

router = APIRouter()
_SUGGESTED_UNITS = 500  # more would make every page heavier than the list it shows
Moved = Annotated[str, Query(max_length=2000, pattern=r"^[0-9.]*$")]


@router.get("/items")
def show_list(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    done: Event | None = None,
    moved: Moved = "",
    undone: int = 0,
    nudged: int = 0,
    saved: bool = False,
    deleted: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:
    """A list that nobody asked anything of begins with the view that its reader chose."""
    if not request.query_params and (view := saving.start_view(desk.office, session.login)):
        return RedirectResponse(f"/items?{view.query}&view={view.id}", status_code=303)
    notice = f"已催办 {nudged} 项，消息在工作时间发出" if nudged else ""
    notice = f"已撤回 {undone} 项" if undone else notice
    notice = "视图已保存" if saved else notice
    return _page(request, desk, filters, notice=notice, undo=undoable(done, moved), deleted=deleted)


@router.post("/items")
def take_step(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    form: Annotated[StepForm, Depends()],
    numbers: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """One step with all that were ticked, or with none of them."""
    chosen = numbers or []
    try:
        _require_present(desk, filters)
        if not chosen:
            raise RectifyError("请先勾选事项")
        changed = steps.take(desk, form, chosen, by=session.login)
    except RectifyError as error:
        return _page(
            request, desk, filters, status_of(error), chosen=chosen, typed=form, message=error.message
        )
    moved = ".".join(str(item.number) for item in changed)
    return RedirectResponse(filters.link(done=form.event.value, moved=moved), status_code=303)


@router.post("/items/undo-step")
def undo_step(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    numbers: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Take back what was just done with many, for all of them or none."""
    chosen = numbers or []
    try:
        _require_present(desk, filters)
        step_back.undo_step(desk.office, chosen, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, filters, status_of(error), chosen=chosen, message=error.message)
    return RedirectResponse(filters.link(undone=len(chosen)), status_code=303)


@router.post("/nudges")
def nudge(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    reason: Annotated[str, Form()] = "",
    numbers: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Urge the units of all that were ticked, or none of them."""
    chosen = numbers or []
    try:
        _require_present(desk, filters)
        if not chosen:
            raise RectifyError("请先勾选事项")
        urging.nudge(desk.office, chosen, by=session.login, reason=reason.strip() or None, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, filters, status_of(error), chosen=chosen, message=error.message)
    return RedirectResponse(filters.link(nudged=len(chosen)), status_code=303)


@router.get("/items.xlsx")
def export(desk: CurrentDesk, filters: QueryFilters) -> Response:
    """The list with these filters, order and columns, from its first page to its last."""
    office, columns, past = desk.office, in_order(filters.cols), past_moment(desk, filters.as_of)

    def write(target: Path) -> None:
        listed = lists.whole_list(office, filters.wanted, filters.sort, now=desk.now(), as_of=past)
        with listed as batches:
            write_sheet(target, headings(desk, columns, past), sheet_rows(desk, batches, columns, past))

    day = office.rules.calendar.today(past or desk.now())
    return workbook("items.xlsx", f"整改事项-{'截至' if past else ''}{day}.xlsx", write)


def _page(
    request: Request,
    desk: Desk,
    filters: Filters,
    status: int = 200,
    *,
    chosen: Sequence[int] = (),
    typed: StepForm | None = None,
    message: str = "",
    notice: str = "",
    undo: Undoable | None = None,
    deleted: int = 0,
) -> Response:
    office, session = desk.office, request.state.session
    past = past_moment(desk, filters.as_of)
    try:
        listed = _listed(desk, filters, past)
    except (
        NotFoundError
    ) as error:  # a unit that nobody knows: said beside the form, where it can be put right
        listed, message = Listed([], None, None), message or error.message
    return desk.render(
        request,
        "items/list.html",
        status,
        filters=filters,
        choices=choices(office, filters),
        sorts=sorts(filters),
        **_views(office, session.login),
        units=inspect.unit_names(office, _SUGGESTED_UNITS),
        columns=in_order(filters.cols),
        headings=HEADINGS,
        items=listed.items,
        past=past,
        lamps={} if past else lamps(office, listed.items, now=desk.now()),
        later=filters.page_link(after=listed.later) if listed.later else "",
        earlier=filters.page_link(before=listed.earlier) if listed.earlier else "",
        events=steps.common(filters.state),
        chosen=set(chosen),
        typed=typed or StepForm(event=Event.STRIKE_OFF),
        message=message,
        notice=notice,
        undo=undo,
        deleted=deleted,
    )


def _views(office: Office, login: str) -> dict[str, object]:
    """The saved views that this person sees, and what they may do with them."""
    return {"views": saving.list_views(office, login), "powers": saving.powers_of(office, login)}


def _require_present(desk: Desk, filters: Filters) -> None:
    """What a past list shows may long be otherwise: nobody may act on it unseen."""
    if past_moment(desk, filters.as_of):
        raise RectifyError("这是过去时刻的清单，不能据此办理，请回到现在的清单")


def _listed(desk: Desk, filters: Filters, past: datetime | None) -> Listed:
    return lists.list_page(
        desk.office,
        filters.wanted,
        filters.sort,
        now=desk.now(),
        as_of=past,
        size=PAGE,
        start=filters.start,
        backwards=filters.before is not None,
    )
