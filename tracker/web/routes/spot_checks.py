"""抽查: draw, the list for paper, and what was found of each drawn item."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracker.domain.errors import RectifyError
from tracker.rendering.words import RESULTS
from tracker.services import spot_checks, spot_results
from tracker.services.spot_checks import MOST, Choice
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/spot-checks")
DrawId = Annotated[int, Path(ge=1, lt=2**31)]


class DrawForm(BaseModel):
    """What is drawn from, and how; a field left empty does not narrow."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    csrf: str = ""
    count: int = Field(20, ge=1, le=MOST)
    unit: str | None = None
    domain: str | None = None
    problem_class: str | None = Field(None, alias="class")
    since: date | None = None
    everything: bool = False
    per_unit: bool = False
    seed: str | None = None

    @field_validator("unit", "domain", "problem_class", "since", "seed", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @property
    def choice(self) -> Choice:
        return Choice(self.unit, self.domain, self.problem_class, self.since, self.everything)


@router.get("")
def show_all(request: Request, desk: CurrentDesk) -> Response:
    return _list(request, desk)


@router.post("")
def draw(
    request: Request, desk: CurrentDesk, session: CurrentSession, form: Annotated[DrawForm, Form()]
) -> Response:
    try:
        made = spot_checks.draw(
            desk.office,
            form.choice,
            count=form.count,
            by=session.login,
            now=desk.now(),
            seed=form.seed,
            per_unit=form.per_unit,
        )
    except RectifyError as error:
        return _list(request, desk, status_of(error), message=error.message)
    return RedirectResponse(f"/spot-checks/{made.draw.id}", status_code=303)


@router.get("/{draw_id}")
def show(request: Request, desk: CurrentDesk, draw_id: DrawId) -> Response:
    return _draw(request, desk, draw_id)


@router.post("/{draw_id}/{number}")
def record(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    draw_id: DrawId,
    number: Annotated[int, Path(ge=1, lt=2**31)],
    result: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """What somebody found of one item."""
    try:
        if result not in RESULTS:
            raise RectifyError("请选择符合或不符合")
        fit = result == spot_results.FIT
        spot_results.record(
            desk.office, draw_id, number, fit=fit, note=note, by=session.login, now=desk.now()
        )
    except RectifyError as error:
        if status_of(error) == 404:
            raise
        return _draw(request, desk, draw_id, status_of(error), message=error.message)
    return RedirectResponse(f"/spot-checks/{draw_id}#i{number}", status_code=303)


def _list(request: Request, desk: Desk, status: int = 200, *, message: str = "") -> Response:
    return desk.render(
        request,
        "spot_checks/list.html",
        status,
        draws=spot_checks.list_draws(desk.office),
        classes=desk.office.rules.classes,
        most=MOST,
        message=message,
    )


def _draw(request: Request, desk: Desk, draw_id: int, status: int = 200, *, message: str = "") -> Response:
    found = spot_checks.show(desk.office, draw_id)
    verified = spot_checks.verify(desk.office, draw_id)
    known = {"found": found, "verified": verified, "results": RESULTS}
    return desk.render(request, "spot_checks/draw.html", status, message=message, **known)
