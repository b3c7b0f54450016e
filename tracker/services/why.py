"""Why an item is reminded of next, or is not: one Chinese sentence, from the same functions that decide."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.escalation import clock_on, timing_words
from tracker.domain.items import Item
from tracker.domain.ladders import Audience, Ladder
from tracker.domain.lifecycle import State
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.store import Connection, contacts

_SILENT = {
    State.SUBMITTED: "不再提醒责任单位：已报送整改，等待核验；如被退回将重新提醒。",
    State.STRUCK_OFF: "不再提醒：已销号。",
    State.WITHDRAWN: "不再提醒：已撤销，不计入整改率。",
}


def why(connection: Connection, office: Office, item: Item) -> str:
    """When who is told next, at which rung, on which paper; or why nobody is."""
    if item.next_reminder_at is None or item.standing.due_on is None:
        return _SILENT.get(item.standing.state, "不提醒：长期坚持事项，没有时限。")
    ladder = LadderBook(connection, office.rules, [item.number]).of(item.number)
    at = office.rules.calendar.local(item.next_reminder_at)
    if item.standing.state is State.SUBMITTED:
        return f"{_SILENT[State.SUBMITTED]}{at:%Y-%m-%d %H:%M} 仍未核验的，提醒审批局。"
    sentence = _next_rung(office, item, ladder, at)
    if not contacts.find(connection, unit_ids=[item.unit_id], roles=[Audience.CONTACT.value]):
        sentence += "责任单位尚未登记联络员，提醒只进入本地收件箱，请尽快登记。"
    return sentence


def _next_rung(office: Office, item: Item, ladder: Ladder, at: datetime) -> str:
    standing = item.standing
    assert standing.due_on is not None
    day = clock_on(standing.due_on, standing.deferred_until)
    # Counted from the deadline, so that the sentence names the rung, not the day it is read.
    offset = office.rules.calendar.working_days_between(day, at.date())
    stage = ladder.stage(offset)
    told = "、".join(ladder.audiences(offset))
    mark = "，暂定" if item.provisional else ""
    limit = f"时限{standing.due_on}{mark}"
    if standing.deferred_until is not None:
        limit += f"，暂缓至{standing.deferred_until}"
    words = f"下次提醒：{at:%Y-%m-%d %H:%M}，{timing_words(offset)}（{limit}），告知{told}"
    if stage.paper.needs_approval:
        return f"{words}；届时{stage.colour}灯，并提出{stage.paper}，经批准后发出。"
    return f"{words}；届时{stage.colour}灯，为{stage.paper}。"
