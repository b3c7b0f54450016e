"""Publications of rates: the list, one beside those that correct it, and the form that makes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError
from tracker.domain.rates import WHOLE
from tracker.services import publishing
from tracker.services.publishing import Line, Publication
from tracker.store.rates import By
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession
from tracker.web.tables import as_they_stood, narrowed, row_view

router = APIRouter(prefix="/rates/snapshots")


@dataclass(frozen=True)
class _Typed:
    """What the form held: `corrects` is a number or empty."""

    title: str = ""
    corrects: str = ""
    reason: str = ""


@dataclass(frozen=True)
class _Cell:
    """What one publication says in one line. `links` maps the name of a number to the list behind it."""

    line: Line
    links: dict[str, str]


@router.get("")
def show_list(request: Request, desk: CurrentDesk) -> Response:
    return _page(request, desk, _Typed())


@router.post("")
def publish(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    title: Annotated[str, Form()] = "",
    corrects: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Freeze the figures as they stand now."""
    typed = _Typed(title, corrects.strip(), reason)
    try:
        number = int(typed.corrects) if typed.corrects.isdecimal() else None
        made = publishing.publish(
            desk.office, title, by=session.login, now=desk.now(), corrects=number, reason=reason
        )
    except RectifyError as error:
        return _page(request, desk, typed, status_of(error), message=error.message)
    return RedirectResponse(f"/rates/snapshots/{made.stored.id}", status_code=303)


@router.get("/{number}")
def show(
    *, request: Request, desk: CurrentDesk, number: Annotated[int, Path(lt=2**31)], by: By = By.GROUP
) -> Response:
    """One publication, in columns beside it those that correct it or that it corrects."""
    chosen = publishing.publication(desk.office, number)
    cut = by if by in publishing.CUTS else By.GROUP
    family = publishing.family(publishing.publications(desk.office), number)
    columns = [_column(desk, each, cut) for each in family]
    keys = dict.fromkeys(key for column in columns for key in column if key != WHOLE)
    rows = [(key, [column.get(key) for column in columns]) for key in (*keys, WHOLE)]
    return desk.render(
        request,
        "rates/snapshot.html",
        chosen=chosen,
        family=family,
        rows=rows,
        heads={each: each.chinese for each in publishing.CUTS},
        by=cut,
    )


def _column(desk: Desk, found: Publication, by: By) -> dict[str, _Cell]:
    """One publication by the keys of its lines, the whole too; numbers lead to the items as they stood."""
    whole = as_they_stood(desk.office, found.stored.as_of)
    lists = [(line, narrowed(desk.office, whole, by, line.row.key)) for line in found.rows(by)]
    lists.append((found.total, whole))
    return {line.row.key: _Cell(line, row_view(line.row, filters).links) for line, filters in lists}


def _page(request: Request, desk: Desk, typed: _Typed, status: int = 200, *, message: str = "") -> Response:
    found: list[Publication] = publishing.publications(desk.office)
    return desk.render(
        request, "rates/snapshots.html", status, found=found[::-1], typed=typed, message=message
    )
