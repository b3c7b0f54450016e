"""What waits overnight: it goes to whoever is there in the morning, and only while it is true."""

from __future__ import annotations

from datetime import date

import pytest

from tests.conftest import Begin
from tests.services.scenes import know, messages
from tests.support import at, take_in
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import Event
from tracker.services import contacts, papers
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.nudge import nudge
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.services.step_back import undo_step

ISSUED = at("2021-07-23 17:00")
EDU, SECOND, NOBODY = "市教育局 李联（联络员）", "市教育局 赵联（联络员）", "市教育局（未登记联络员）"
EVENING = at("2021-07-26 19:00")


def settled(office: Office) -> None:
    take_in(office, ISSUED)
    know(
        office,
        "市教育局,李联,联络员,13800000001,,,",
        "市民政局,孙联,联络员,13800000002,,,",
        "市行政审批局,钱管,审批局,13800000004,,,",
    )


@pytest.fixture(autouse=True)
def _town(begin: Begin) -> None:
    begin(settled)


def returned_in_the_evening(office: Office) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 08:00"))
    perform(office, Event.RETURN, [1], by="核验员", now=EVENING, reason="不实")


def sent(office: Office, kind: str, morning: str = "2021-07-27 09:00") -> list[str]:
    """Who gets messages of a kind when the office opens."""
    deliver(office, lambda: at(morning))
    return [each.recipient for each in messages(office) if (each.kind, each.state) == (kind, "accepted")]


def test_a_return_that_was_withdrawn_the_same_evening_is_not_told(office: Office) -> None:
    returned_in_the_evening(office)
    undo_step(office, [1], by="核验员", now=at("2021-07-26 19:05"))
    [waiting] = messages(office)
    assert waiting.state == "superseded"
    assert waiting.error == "发出前所涉事项的办理情况已变，未发出"
    perform(office, Event.RETURN, [1], by="核验员", now=at("2021-07-26 19:06"), reason="不实")
    assert sent(office, "returned") == [EDU]


@pytest.mark.parametrize("event", [Event.SUBMIT, Event.WITHDRAW, Event.DEFER])
def test_a_nudge_leaves_only_while_something_it_lists_is_to_be_done(office: Office, event: Event) -> None:
    nudge(office, [1, 2], by="钱管", now=EVENING)
    who, until = "李联" if event is Event.SUBMIT else "核验员", date(2021, 8, 20)
    perform(office, event, [1], by=who, now=at("2021-07-26 20:00"), reason="属实", to=until)
    assert [each.state for each in messages(office)] == ["pending"]
    perform(office, event, [2], by=who, now=at("2021-07-26 20:00"), reason="属实", to=until)
    assert sent(office, "nudge") == []


def test_an_approved_paper_does_not_leave_once_its_item_is_handed_in(office: Office) -> None:
    remind(office, now=at("2021-08-09 09:00"))
    papers.approve(office, [1], by="分管领导", now=at("2021-08-09 21:00"))
    perform(office, Event.SUBMIT, [6], by="孙联", now=at("2021-08-09 22:00"))
    assert sent(office, "paper", "2021-08-10 08:40") == []


def test_a_notice_for_who_has_left_goes_to_the_successor(office: Office) -> None:
    returned_in_the_evening(office)
    contacts.remove_contact(office, "市教育局", "李联", now=at("2021-07-26 20:00"))
    [old, shown] = messages(office)
    assert (old.state, shown.recipient, shown.text) == ("superseded", NOBODY, old.text)
    know(office, "市教育局,赵联,联络员,13800000009,,,")
    assert sent(office, "returned") == [SECOND]


def test_a_notice_that_a_colleague_has_is_not_said_to_them_twice(office: Office) -> None:
    know(office, "市教育局,赵联,联络员,13800000009,,,")
    returned_in_the_evening(office)
    contacts.remove_contact(office, "市教育局", "李联", now=at("2021-07-26 20:00"))
    assert sent(office, "returned") == [SECOND]


def test_what_waits_follows_a_contact_to_the_new_address(office: Office) -> None:
    remind(office, now=at("2021-07-27 09:00"))
    returned_in_the_evening(office)
    know(office, "市教育局,李联,联络员,,,invented-robot-key-2,")
    planned = remind(office, now=at("2021-07-27 09:01")).planned
    assert {each.recipient for each in planned} == {EDU}
    states = [(each.kind, each.state) for each in messages(office) if each.recipient == EDU]
    assert sorted(states) == sorted(
        [(kind, state) for kind in ("reminder", "returned") for state in ("superseded", "pending")]
    )


def test_a_contact_removed_by_mistake_and_entered_again_loses_no_reminder(office: Office) -> None:
    first = remind(office, now=at("2021-07-27 09:00"))
    contacts.remove_contact(office, "市教育局", "李联", now=at("2021-07-27 09:00"))
    know(office, "市教育局,李联,联络员,13800000009,,,")
    again = remind(office, now=at("2021-07-27 09:00"))
    assert [each for each in first.planned if each.recipient == EDU] == list(again.planned)
    assert EDU in sent(office, "reminder", "2021-07-27 09:30")
    assert remind(office, now=at("2021-07-27 09:31")).planned == ()


def test_nudges_of_a_weekend_are_one(office: Office) -> None:
    nudge(office, [1], by="钱管", now=at("2021-07-30 19:00"))
    for later in ("2021-07-31 19:30", "2021-08-01 20:00"):
        with pytest.raises(TransitionError, match="第 1 号已催办过，上次的消息尚未发出"):
            nudge(office, [1], by="钱管", now=at(later))
    assert sent(office, "nudge", "2021-08-02 08:31") == [EDU]
    with pytest.raises(TransitionError, match="已催办过"):
        nudge(office, [1], by="钱管", now=at("2021-08-02 10:00"))
    nudge(office, [1], by="钱管", now=at("2021-08-03 09:00"))


def test_a_nudge_that_could_not_leave_yet_is_not_repeated(office: Office) -> None:
    nudge(office, [1], by="钱管", now=at("2021-07-26 10:00"))
    with pytest.raises(TransitionError, match="第 1 号已催办过，上次的消息尚未发出"):
        nudge(office, [1], by="钱管", now=at("2021-07-28 10:00"))


def test_a_deferred_item_is_nudged_only_when_its_rest_is_over(office: Office) -> None:
    perform(
        office, Event.DEFER, [4], by="核验员", now=at("2021-07-26 08:00"), reason="停电", to=date(2021, 9, 29)
    )
    with pytest.raises(TransitionError, match="第 4 号（暂缓）现在不需要责任单位办理"):
        nudge(office, [4], by="钱管", now=at("2021-07-26 10:00"))
    nudge(office, [4], by="钱管", now=at("2021-09-30 10:00"))
