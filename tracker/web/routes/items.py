"""The list of items: filters in the address, a page at a time, and one step for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.lifecycle import Event, State
from tracker.services import inspect
from tracker.services import nudge as urging
from tracker.services.lamps import lamps
from tracker.services.office import Office
from tracker.store.conditions import Basis
from tracker.web import steps
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, Filters, QueryFilters
from tracker.web.guard import CurrentSession
from tracker.web.steps import StepForm

router = APIRouter()
_SUGGESTED_UNITS = 500  # more would make every page heavier than the list it shows
_BASES = {
    Basis.UNFINISHED: "未完成",
    Basis.DUE_TODAY: "今日到期",
    Basis.COUNTED: "计入整改率",
    Basis.ON_TIME: "按期销号",
    Basis.JUDGED: "已销号或逾期",
    Basis.WAITING: "整改中，未逾期",
    Basis.RETURNED: "曾被退回",
    Basis.RECURRED: "反弹",
    Basis.RECTIFIED: "已销号",
}


@router.get("/items")
def show_list(
    *,
    request: Request,
    desk: CurrentDesk,
    filters: QueryFilters,
    done: Event | None = None,
    count: int = 0,
    nudged: int = 0,
) -> Response:
    notice = f"已催办 {nudged} 项，消息在工作时间发出" if nudged else ""
    notice = f"已{done.chinese} {count} 项" if done else notice
    return _page(request, desk, filters, notice=notice)


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
        if not chosen:
            raise RectifyError("请先勾选事项")
        changed = steps.take(desk, form, chosen, by=session.login)
    except RectifyError as error:
        return _page(
            request, desk, filters, status_of(error), chosen=chosen, typed=form, message=error.message
        )
    return RedirectResponse(filters.link(done=form.event.value, count=len(changed)), status_code=303)


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
        if not chosen:
            raise RectifyError("请先勾选事项")
        urging.nudge(desk.office, chosen, by=session.login, reason=reason.strip() or None, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, filters, status_of(error), chosen=chosen, message=error.message)
    return RedirectResponse(filters.link(nudged=len(chosen)), status_code=303)


def _page(
    request: Request,
    desk: Desk,
    filters: Filters,
    status: int = 200,
    *,
    chosen: list[int] | None = None,
    typed: StepForm | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    office = desk.office
    found, more = inspect.list_page(office, filters.wanted, now=desk.now(), size=PAGE)
    units = inspect.list_units(office)
    return desk.render(
        request,
        "items/list.html",
        status,
        filters=filters,
        choices=_choices(office, filters),
        units=units if len(units) <= _SUGGESTED_UNITS else [],
        items=found,
        lamps=lamps(office, found, now=desk.now()),
        next_link=filters.link(after=found[-1].number) if more else "",
        first_link=filters.link(after=None) if filters.after else "",
        events=steps.common(filters.state),
        chosen=set(chosen or ()),
        typed=typed or StepForm(event=Event.SIGN),
        message=message,
        notice=notice,
    )


@dataclass(frozen=True)
class _Choice:
    """One drop-down of the filter form: field, label, (value, words) pairs, what is chosen."""

    name: str
    label: str
    options: list[tuple[str, str]]
    current: str | None


def _choices(office: Office, filters: Filters) -> list[_Choice]:
    classes = office.rules.classes
    domains = dict.fromkeys(each.domain for each in classes if each.domain)
    bulletins = [(str(each.id), each.title) for each in inspect.list_bulletins(office)]
    return [
        _Choice("state", "状态", [(state.value, state.chinese) for state in State], filters.state),
        _Choice("group", "组别", [(name, name) for name in (DEPARTMENTS, DISTRICTS)], filters.group),
        _Choice("domain", "领域", [(name, name) for name in domains], filters.domain),
        _Choice("class", "问题类别", [(each.code, each.name) for each in classes], filters.problem_class),
        _Choice("basis", "范围", [(basis.value, name) for basis, name in _BASES.items()], filters.basis),
        _Choice("bulletin", "通报", _with_current(bulletins, filters.bulletin), filters.bulletin),
    ]


def _with_current(options: list[tuple[str, str]], current: str | None) -> list[tuple[str, str]]:
    """A link may name a bulletin by its title: it must not look as if nothing were chosen."""
    named = current is None or any(value == current for value, _ in options)
    return options if named else [(current or "", current or ""), *options]
