"""Taking a step back: everything stands as before, both steps stay in the history, and others' steps hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.conftest import Begin
from tests.services.scenes import know, messages, rows
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.services import inspect
from tracker.services.advance import perform
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.services.step_back import may_undo, undo_step
from tracker.store import items

MONDAY = at("2021-07-26 10:00")
SOON, TOO_LATE = at("2021-07-26 10:10"), at("2021-07-26 10:11")
BEFORE: dict[Event, tuple[Event, ...]] = {
    Event.SIGN: (),
    Event.SUBMIT: (Event.SIGN,),
    Event.RETURN: (Event.SUBMIT,),
    Event.STRIKE_OFF: (Event.SUBMIT,),
    Event.EXTEND: (),
    Event.GRANT: (Event.EXTEND,),
    Event.REFUSE: (Event.EXTEND,),
    Event.WITHDRAW: (),
    Event.DEFER: (),
    Event.REOPEN: (Event.WITHDRAW,),
    Event.OBJECT: (),
    Event.UPHOLD: (Event.OBJECT,),
    Event.DISMISS: (Event.OBJECT,),
    Event.PROGRESS: (),
}


def imported(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))


@pytest.fixture(autouse=True)
def _bulletin(begin: Begin) -> None:
    begin(imported)


def item(office: Office, number: int) -> Item:
    return inspect.open_file(office, number).item


def take(office: Office, event: Event, number: int, by: str) -> None:
    to, left = date(2021, 9, 15), 3 if event is Event.PROGRESS else None
    link = [Evidence.link("https://example.invalid/new")] if event is Event.SUBMIT else []
    perform(office, event, [number], by=by, now=MONDAY, reason="属实", to=to, left=left, evidence=link)


@pytest.mark.parametrize("event", BEFORE)
def test_every_step_can_be_taken_back_as_if_it_had_not_been(office: Office, event: Event) -> None:
    number = 1 if event is Event.PROGRESS else 4
    for earlier in BEFORE[event]:
        take(office, earlier, number, "联络员")
    before = item(office, number)
    take(office, event, number, "核验员")
    assert item(office, number) != before
    [restored] = undo_step(office, [number], by=" 核验员 ", now=SOON)
    assert restored == before
    assert item(office, number) == before
    *_, done, undone = inspect.open_file(office, number).history
    assert (done.event, undone.event, undone.actor, undone.at) == (event, "undo_step", "核验员", SOON)
    assert (undone.state, undone.detail) == (before.standing.state, {"undoes": done.id})
    assert "已发出的消息无法收回" in str(undone.reason)


def test_every_event_has_such_a_test() -> None:
    assert set(BEFORE) == set(Event)


def test_only_ones_own_last_step_and_only_for_a_while(office: Office) -> None:
    perform(office, Event.SIGN, [1, 2], by="王丽", now=MONDAY)
    perform(office, Event.SUBMIT, [2], by="李强", now=MONDAY)
    before = rows(office)
    for by, now, numbers, words in (
        ("王丽", TOO_LATE, [1], "已过 10 分钟"),
        ("李强", SOON, [1], "由王丽办理，只能由本人撤回"),
        ("王丽", SOON, [1, 2, 3], "第 2 号事项.*李强.*第 3 号事项.*不是可以撤回的办理"),
    ):
        with pytest.raises(TransitionError, match=words):
            undo_step(office, numbers, by=by, now=now)
    with pytest.raises(NotFoundError):
        undo_step(office, [1, 99], by="王丽", now=SOON)
    assert rows(office) == before
    assert may_undo(office, inspect.open_file(office, 1).history, by="王丽", now=SOON)


def test_an_undone_step_is_not_undone_again_nor_the_one_before_it(office: Office) -> None:
    perform(office, Event.SIGN, [1], by="王丽", now=MONDAY)
    perform(office, Event.SUBMIT, [1], by="王丽", now=MONDAY)
    undo_step(office, [1], by="王丽", now=SOON)
    assert item(office, 1).standing.state is State.SIGNED
    with pytest.raises(TransitionError, match="不是可以撤回的办理"):
        undo_step(office, [1], by="王丽", now=SOON)


def test_a_reminder_sent_meanwhile_is_not_sent_again(office: Office) -> None:
    know(office, "市教育局,王丽,联络员,13800000001,,,")
    perform(office, Event.SIGN, [1], by="王丽", now=at("2021-07-27 08:55"))
    remind(office, now=at("2021-07-27 09:00"))
    sent, due_again = len(messages(office)), item(office, 1).next_reminder_at
    assert sent
    [back] = undo_step(office, [1], by="王丽", now=at("2021-07-27 09:01"))
    assert (back.standing.state, back.next_reminder_at) == (State.OPEN, due_again)
    remind(office, now=at("2021-07-27 09:02"))
    assert len(messages(office)) == sent


def test_a_page_is_looked_at_again_when_a_strike_off_is_taken_back(office: Office) -> None:
    with office.database.write() as connection:
        items.set_columns(connection, 4, page_url="https://example.invalid/")
    perform(office, Event.SUBMIT, [4], by="王丽", now=MONDAY)
    perform(office, Event.STRIKE_OFF, [4], by="核验员", now=MONDAY)
    undo_step(office, [4], by="核验员", now=SOON)
    with office.database.read() as connection:
        due = items.due_checks(connection, SOON, [item(office, 4).problem_class], limit=5)
    assert [each.number for each in due] == [4]


def test_how_many_minutes_is_the_offices_to_say(office: Office) -> None:
    limits = replace(office.rules.limits, undo_minutes=0)
    strict = replace(office, rules=replace(office.rules, limits=limits))
    perform(strict, Event.SIGN, [1], by="王丽", now=MONDAY)
    with pytest.raises(TransitionError, match="已过 0 分钟"):
        undo_step(strict, [1], by="王丽", now=SOON)
