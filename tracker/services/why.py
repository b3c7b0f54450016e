"""Why an item is reminded of next, or is not: one Chinese sentence, from the same functions that decide."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.escalation import clock_on, offset_on, timing_words
from tracker.domain.items import Item
from tracker.domain.ladders import Audience, Ladder
from tracker.domain.lifecycle import State
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.recipients import AddressBook
from tracker.store import Connection, contacts

_SILENT = {
    State.SUBMITTED: "不再提醒责任单位：已报送整改，等待核验；如被退回将重新提醒。",
    State.STRUCK_OFF: "不再提醒：已销号。",
    State.WITHDRAWN: "不再提醒：已撤销，不计入整改率。",
}


def why(connection: Connection, office: Office, item: Item) -> str:
    """When who is told next, at which rung, on which paper; or why nobody is."""
    standing, rules = item.standing, office.rules
    is_submitted = standing.state is State.SUBMITTED
    if item.next_reminder_at is None or (standing.due_on is None and not is_submitted):
        return _SILENT.get(standing.state) or _endless(item)
    at = rules.calendar.local(rules.reminding.release(item.next_reminder_at, rules.calendar))
    book = AddressBook({item.unit_id: item.unit}, contacts.find(connection))
    if is_submitted:
        return f"{_SILENT[standing.state]}{_unverified(book, item, at)}"
    ladder = LadderBook(connection, rules, [item.number]).of(item.number)
    sentence = _next_rung(office, item, ladder, book, at)
    if not _has_somebody(book, item, Audience.CONTACT):
        sentence += "责任单位尚未登记联络员，提醒只进入本地收件箱，请尽快登记。"
    return sentence


def _endless(item: Item) -> str:
    until = item.standing.deferred_until
    return f"不提醒：长期坚持事项，没有时限{f'；暂缓至{until}' if until else ''}。"


def _unverified(book: AddressBook, item: Item, at: datetime) -> str:
    words = f"{at:%Y-%m-%d %H:%M} 仍未核验的，提醒审批局"
    if _has_somebody(book, item, Audience.BUREAU):
        return f"{words}。"
    return f"{words}；但审批局尚未登记联系人，提醒只进入本地收件箱，请尽快登记。"


def _has_somebody(book: AddressBook, item: Item, audience: Audience) -> bool:
    return any(each.contact for each in book.recipients(item.unit_id, audience))


def _next_rung(office: Office, item: Item, ladder: Ladder, book: AddressBook, at: datetime) -> str:
    standing = item.standing
    assert standing.due_on is not None
    day = clock_on(standing.due_on, standing.deferred_until)
    # Counted from the deadline, so that the sentence names the rung, not the day it is read.
    offset = offset_on(day, at.date(), office.rules.calendar)
    stage = ladder.stage(offset)
    told = "、".join(who for who in ladder.audiences(offset) if _has_somebody(book, item, who))
    mark = "，暂定" if item.provisional else ""
    limit = f"时限{standing.due_on}{mark}"
    if standing.deferred_until is not None:
        limit += f"，暂缓至{standing.deferred_until}"
    words = (
        f"下次提醒：{at:%Y-%m-%d %H:%M}，{timing_words(offset)}（{limit}）{f'，告知{told}' if told else ''}"
    )
    if stage.paper.needs_approval:
        return f"{words}；届时{stage.colour}灯，并提出{stage.paper}，经批准后发出。"
    return f"{words}；届时{stage.colour}灯，为{stage.paper}。"
