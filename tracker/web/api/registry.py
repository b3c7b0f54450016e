"""Units, contacts and the outbox: what the whole city's people may look at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.answers.messages import message_json
from tracker.answers.registry import contact_json, unit_json
from tracker.services import contacts, inspect, messages
from tracker.store.mailbox import Pile
from tracker.store.outbox import MessageState
from tracker.store.units import Holding
from tracker.web.api import shapes
from tracker.web.api.answering import ERRORS, NOT_MODIFIED, answered
from tracker.web.api.guard import ReadsContacts, ReadsItems, ReadsMessages, require_bureau
from tracker.web.api.requests import After, Limit, Word
from tracker.web.context import CurrentDesk

router = APIRouter(tags=["单位、联系人、消息"], responses=ERRORS)


@router.get("/units", response_model=shapes.Units, responses=NOT_MODIFIED, summary="责任单位")
def list_units(request: Request, desk: CurrentDesk, bearer: ReadsItems) -> Response:
    """级别、上级、别名、事项数。单位身份的令牌只看到本单位。"""
    held = inspect.unit_holdings(desk.office)
    reached = [
        unit
        for unit in inspect.list_units(desk.office)
        if bearer.actor.reach is None or unit.id in bearer.actor.reach
    ]
    return answered(request, {"units": [unit_json(unit, held.get(unit.id, Holding())) for unit in reached]})


@router.get("/contacts", response_model=shapes.Contacts, responses=NOT_MODIFIED, summary="联系人")
def list_contacts(request: Request, desk: CurrentDesk, bearer: ReadsContacts) -> Response:
    """号码和密钥只显示首尾。"""
    require_bureau(bearer, "查看联系人")
    return answered(
        request, {"contacts": [contact_json(each) for each in contacts.list_contacts(desk.office)]}
    )


@router.get("/messages", response_model=shapes.MessagePage, responses=NOT_MODIFIED, summary="发件箱")
def list_messages(
    request: Request,
    desk: CurrentDesk,
    bearer: ReadsMessages,
    pile: Annotated[Pile, Query(description="open 待处理，waiting 待发，all 全部")] = Pile.ALL,
    state: MessageState | None = None,
    channel: Word | None = None,
    recipient: Annotated[Word | None, Query(description="接收人中含有的文字")] = None,
    before: After = None,
    limit: Limit = 100,
) -> Response:
    """最新的在前；下一页的 before 是 next。"""
    require_bureau(bearer, "查看发件箱")
    found, more = messages.look_through(
        desk.office,
        pile=pile,
        channel=channel,
        state=state.value if state else None,
        recipient=recipient,
        before=before,
        size=limit,
    )
    calendar = desk.office.rules.calendar
    last = found[-1].message.id if more else None
    return answered(request, {"messages": [message_json(each, calendar) for each in found], "next": last})
