"""The outbox: what asks for a decision, what waits, what went out, and what the sandbox holds.

Must never show an address or what was frozen.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracker.domain.errors import RectifyError
from tracker.services import messages as service
from tracker.services import unknowns
from tracker.services.office import SANDBOX
from tracker.services.unknowns import Decision
from tracker.store.mailbox import Pile
from tracker.store.outbox import MessageState
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, address
from tracker.web.guard import CurrentSession

router = APIRouter()
Number = Annotated[int, Path(ge=1, lt=2**31)]
_TABS = {Pile.OPEN: "需处理", Pile.WAITING: "待发", Pile.ALL: "全部"}


class MessageFilters(BaseModel):
    """What the list is narrowed by, as it stands in the address; a field left empty does not narrow."""

    model_config = ConfigDict(frozen=True)

    tab: Pile = Pile.OPEN
    channel: str | None = None
    state: MessageState | None = None
    recipient: str | None = Field(None, max_length=100)
    before: int | None = Field(None, ge=1, lt=2**31)

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @property
    def narrowed(self) -> bool:
        return bool(self.channel or self.state or self.recipient)

    def link(self, path: str = "/messages", **changes: object) -> str:
        """The list with some fields changed; None takes a field out."""
        return address(path, self.model_dump(mode="json", exclude_none=True) | changes)


QueryFilters = Annotated[MessageFilters, Query()]


@router.get("/messages")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    filters: QueryFilters,
    done: Decision | None = None,
    count: int = 0,
) -> Response:
    notice = f"{count} 条消息{words.DECISIONS[done]}" if done else ""
    return _page(request, desk, filters, notice=notice)


@router.get("/inbox")
def inbox(
    request: Request, desk: CurrentDesk, before: Annotated[int | None, Query(ge=1, lt=2**31)] = None
) -> Response:
    """What the sandbox holds: all that would have left before a real channel was set up."""
    filters = MessageFilters(tab=Pile.ALL, channel=SANDBOX, before=before)
    return _page(request, desk, filters, is_inbox=True)


@router.post("/messages/decide")
def decide(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    decision: Annotated[Decision, Form()],
    ids: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """One decision about all that were ticked, or about none of them."""
    return _decide(request, desk, filters, ids or [], decision, by=session.login)


@router.post("/messages/{number}/decide")
def decide_one(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    filters: QueryFilters,
    number: Number,
    decision: Annotated[Decision, Form()],
) -> Response:
    """About this one, whatever else is ticked."""
    return _decide(request, desk, filters, [number], decision, by=session.login)


def _decide(
    request: Request, desk: Desk, filters: MessageFilters, chosen: list[int], decision: Decision, *, by: str
) -> Response:
    try:
        if not chosen:
            raise RectifyError("请先勾选消息")
        decided = unknowns.decide(desk.office, chosen, decision, by=by, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, filters, status_of(error), chosen=chosen, message=error.message)
    return RedirectResponse(filters.link(done=decision.value, count=len(decided)), status_code=303)


def _page(
    request: Request,
    desk: Desk,
    filters: MessageFilters,
    status: int = 200,
    *,
    is_inbox: bool = False,
    chosen: list[int] | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    found, more = service.look_through(
        desk.office,
        pile=filters.tab,
        channel=filters.channel,
        state=filters.state,
        recipient=filters.recipient,
        before=filters.before,
        size=PAGE,
    )
    further = {"before": found[-1].message.id} if more else {}
    back = {"before": None} if filters.before else {}

    def link(place: dict[str, int] | dict[str, None]) -> str:
        if not place:
            return ""
        return address("/inbox", place) if is_inbox else filters.link(**place)

    return desk.render(
        request,
        "messages/list.html",
        status,
        found=found,
        filters=filters,
        is_inbox=is_inbox,
        tabs=[(f"/messages?tab={pile.value}", name, pile) for pile, name in _TABS.items()],
        undecided=service.count_undecided(desk.office),
        states=MessageState,
        words=words,
        next_link=link(further),
        first_link=link(back),
        chosen=set(chosen or ()),
        message=message,
        notice=notice,
    )
