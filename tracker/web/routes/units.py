"""The responsible units: who vouches for those that imports brought, and which names mean which unit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.services import inspect
from tracker.services.unit_aliases import teach_alias
from tracker.store.units import Holding
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import address
from tracker.web.guard import CurrentSession
from tracker.web.tables import Sheet

router = APIRouter(prefix="/units")
_SUGGESTED = 500  # more would make the page heavier than the list it shows
Page = Annotated[int, Query(ge=1, lt=100_000)]


@router.get("")
def show_list(
    *,
    request: Request,
    desk: CurrentDesk,
    pending: bool = False,
    page: Page = 1,
    merge: int | None = None,
    confirmed: int = 0,
    moved: int | None = None,
) -> Response:
    """`merge` is the id of the unit whose name the form begins with."""
    notice = f"已确认 {confirmed} 个单位" if confirmed else ""
    if moved is not None:
        notice = f"已记住这个写法，移交事项 {moved} 项"
    alias = next((unit.name for unit in inspect.list_units(desk.office) if unit.id == merge), "")
    return _page(request, desk, pending=pending, page=page, alias=alias, notice=notice)


@router.post("/confirm")
def confirm(
    request: Request, desk: CurrentDesk, names: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Vouch for the units that were ticked."""
    if not names:
        return _page(request, desk, 400, message="请先勾选单位")
    inspect.confirm_units(desk.office, names)
    return RedirectResponse(f"/units?confirmed={len(names)}", status_code=303)


@router.post("/aliases")
def learn(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    alias: Annotated[str, Form()] = "",
    unit: Annotated[str, Form()] = "",
    across_levels: Annotated[bool, Form()] = False,
) -> Response:
    """From now on the name means the unit; what was tracked under the name goes to it."""
    try:
        if not alias.strip() or not unit.strip():
            raise RectifyError("写法和所指单位都须填写")
        taught = teach_alias(
            desk.office,
            alias.strip(),
            unit.strip(),
            by=session.login,
            now=desk.now(),
            across_levels=across_levels,
        )
    except RectifyError as error:
        message = words.for_pages(error.message)
        return _page(request, desk, status_of(error), alias=alias, unit=unit, message=message)
    return RedirectResponse(f"/units?moved={len(taught.moved)}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    pending: bool = False,
    page: int = 1,
    alias: str = "",
    unit: str = "",
    message: str = "",
    notice: str = "",
) -> Response:
    found, held = inspect.list_units(desk.office), inspect.unit_holdings(desk.office)
    waiting = [each for each in found if not each.confirmed]
    sheet = Sheet.cut(waiting if pending else found, page)
    listed = desk.office.rules.units
    names = sorted({each.name for each in found if each.confirmed} | {each.name for each in listed})
    return desk.render(
        request,
        "units/list.html",
        status,
        sheet=sheet.with_rows([(each, held.get(each.id, Holding())) for each in sheet.rows]),
        levels={level.value: name for level, name in words.LEVELS.items()},
        own_aliases={each.name: each.aliases for each in listed},
        everything=len(found),
        waiting=len(waiting),
        pending=pending,
        known_units=names if len(names) <= _SUGGESTED else [],
        link=lambda to: address("/units", {"pending": "true" if pending else None, "page": to}),
        alias=alias,
        unit=unit,
        message=message,
        notice=notice,
    )
