"""The queue of checks (核查): what looks fixed, what does not though it was handed in, what nobody can see.

Must never be seen by a unit's people: it is the bureau's opinion before it is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.checks import Advice
from tracker.domain.errors import RectifyError
from tracker.services import check_queue, verifying
from tracker.services import nudge as urging
from tracker.services.lamps import lamps
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, address
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/checks")
_REASON = re.compile(r"reason_([1-9]\d{0,8})")
_NUDGE = "自动核查显示已整改，请尽快报送"
_DONE = {
    "strike-off": "已销号 {} 项",
    "return": "已退回 {} 项，已通知责任单位",
    "again": "已要求再查 {} 项，下一轮核查时办理",
    "nudge": "已催办 {} 项，消息在工作时间发出",
}


class _Chosen:
    """Which items a button is about: the one it stands beside, or all that were ticked."""

    def __init__(
        self,
        kind: Annotated[Advice, Form()],
        only: Annotated[int | None, Form(ge=1, lt=2**31)] = None,
        numbers: Annotated[list[int] | None, Form()] = None,
    ) -> None:
        self.kind = kind
        self.numbers = [only] if only is not None else numbers or []


Chosen = Annotated[_Chosen, Depends()]


async def _reasons(request: Request) -> dict[int, str]:
    """Number → the reason that stands beside it in the form."""
    found = ((_REASON.fullmatch(name), value) for name, value in (await request.form()).items())
    return {int(match[1]): value for match, value in found if match and isinstance(value, str)}


@router.get("")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    kind: Advice = Advice.FIXED_REPORTED,
    after: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    done: str = "",
    count: int = 0,
) -> Response:
    notice = _DONE[done].format(count) if done in _DONE else ""
    return _page(request, desk, kind, after=after, notice=notice)


@router.post("/strike-off")
def strike_off(request: Request, desk: CurrentDesk, session: CurrentSession, chosen: Chosen) -> Response:
    def step() -> None:
        verifying.strike_off(desk.office, chosen.numbers, by=session.login, now=desk.now())

    return _take(request, desk, chosen, "strike-off", step)


@router.post("/return")
def send_back(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    chosen: Chosen,
    reasons: Annotated[dict[int, str], Depends(_reasons)],
) -> Response:
    def step() -> None:
        said = {number: reasons.get(number, "") for number in chosen.numbers}
        verifying.send_back(desk.office, said, by=session.login, now=desk.now())

    return _take(request, desk, chosen, "return", step, typed=reasons)


@router.post("/again")
def again(request: Request, desk: CurrentDesk, session: CurrentSession, chosen: Chosen) -> Response:
    def step() -> None:
        verifying.ask_again(desk.office, chosen.numbers, by=session.login, now=desk.now())

    return _take(request, desk, chosen, "again", step)


@router.post("/nudge")
def nudge(request: Request, desk: CurrentDesk, session: CurrentSession, chosen: Chosen) -> Response:
    def step() -> None:
        urging.nudge(desk.office, chosen.numbers, by=session.login, now=desk.now(), reason=_NUDGE)

    return _take(request, desk, chosen, "nudge", step)


def _take(
    request: Request,
    desk: Desk,
    chosen: _Chosen,
    done: str,
    step: Callable[[], None],
    *,
    typed: dict[int, str] | None = None,
) -> Response:
    """Carry it out with all that were chosen, or none; a refusal shows what was ticked and typed."""
    try:
        if not chosen.numbers:
            raise RectifyError("请先勾选事项")
        step()
    except RectifyError as error:
        return _page(
            request,
            desk,
            chosen.kind,
            status_of(error),
            message=error.message,
            chosen=chosen.numbers,
            typed=typed,
        )
    link = address("/checks", {"kind": chosen.kind.value, "done": done, "count": len(set(chosen.numbers))})
    return RedirectResponse(link, status_code=303)


def _page(
    request: Request,
    desk: Desk,
    kind: Advice,
    status: int = 200,
    *,
    after: int | None = None,
    chosen: list[int] | None = None,
    typed: dict[int, str] | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    office, now = desk.office, desk.now()
    found, more = check_queue.advised(office, kind, now=now, size=PAGE, after=after)
    units = check_queue.unreported_by_unit(office, now=now) if kind is Advice.FIXED_UNREPORTED else []
    return desk.render(
        request,
        "checks/list.html",
        status,
        kind=kind,
        counts=check_queue.count_advised(office, now=now),
        found=found,
        units=units,
        lamps=lamps(office, [each.item for each in found], now=now),
        next_link=address("/checks", {"kind": kind.value, "after": found[-1].item.number}) if more else "",
        first_link=address("/checks", {"kind": kind.value}) if after else "",
        chosen=set(chosen or ()),
        typed=typed or {},
        message=message,
        notice=notice,
    )
