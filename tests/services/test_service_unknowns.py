"""What failed, and what nobody knows the outcome of, is decided by a person or by the office's rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from notifiers.sandbox import Sandbox
from tests.conftest import BuildOffice
from tests.fakes.scripted_channel import ScriptedRobot, answer
from tests.services.scenes import know, messages, put, rows, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.delivery import OnUnknown
from tracker.domain.errors import ForbiddenError, NotFoundError, Outcome, Scope, TransitionError
from tracker.services import contacts
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.unknowns import BY_RULE, Decision, apply_rule, decide
from tracker.store import decisions, endpoints, mailbox
from tracker.store.outbox import StoredMessage
from tracker.store.schema import message, message_item


def list_undecided(office: Office) -> list[StoredMessage]:
    """Messages that ask for a decision, the oldest first."""
    with office.database.write() as connection:
        return decisions.undecided(connection)


KEY, OTHER = "invented-robot-key-0001", "invented-robot-key-0002"


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-27 09:00"))


@pytest.fixture
def robot() -> ScriptedRobot:
    return ScriptedRobot()


@pytest.fixture
def office(build_office: BuildOffice, robot: ScriptedRobot) -> Office:
    return build_office(channels={"wecom_robot": robot, "sandbox": Sandbox()})


@pytest.fixture
def two_open(office: Office, robot: ScriptedRobot, clock: Clock) -> list[int]:
    """One message that nobody knows about, and one that was refused; their ids."""
    robot.answers[KEY] = [answer()]
    robot.answers[OTHER] = [answer(Outcome.PERMANENT, words="内容不合规")]
    put(office, clock(), KEY, ["一"])
    put(office, clock(), OTHER, ["二"])
    deliver(office, clock)
    found = list_undecided(office)
    assert [each.state for each in found] == ["unknown", "failed"]
    return [each.id for each in found]


def states(office: Office) -> list[str]:
    return [each.state for each in messages(office)]


def test_what_was_seen_to_have_arrived_is_taken_as_accepted_and_who_said_so_is_kept(
    office: Office, two_open: list[int], clock: Clock
) -> None:
    [decided] = decide(office, two_open[:1], Decision.ACCEPTED, by="王经办", now=clock.advance(hours=1))
    assert (decided.state, decided.decided_by, decided.decided_at) == ("accepted", "王经办", clock())
    assert [each.id for each in list_undecided(office)] == two_open[1:]


def test_what_is_sent_again_are_the_same_bytes_under_the_same_serial(
    office: Office, two_open: list[int], clock: Clock, robot: ScriptedRobot
) -> None:
    before = [(each.serial, each.text) for each in messages(office)]
    decide(office, two_open, Decision.RESEND, by="王经办", now=clock.advance(hours=1))
    assert list_undecided(office) == []
    deliver(office, clock)
    assert states(office) == ["accepted", "accepted"]
    assert [(each.serial, each.text) for each in messages(office)] == before
    assert sorted(robot.sent[2:]) == sorted(robot.sent[:2])


def test_what_is_dropped_stays_as_it_is_and_is_never_sent_again(
    office: Office, two_open: list[int], clock: Clock, robot: ScriptedRobot
) -> None:
    decide(office, two_open, Decision.DROP, by="王经办", now=clock())
    assert (states(office), list_undecided(office)) == (["unknown", "failed"], [])
    clock.advance(days=1)
    deliver(office, clock)
    assert len(robot.sent) == 2
    with pytest.raises(NotFoundError, match=f"序号 {two_open[0]} 的消息不存在，或无须处理"):
        decide(office, two_open[:1], Decision.RESEND, by="王经办", now=clock())


def test_a_trouble_that_comes_back_after_a_decision_asks_again(
    office: Office, two_open: list[int], clock: Clock, robot: ScriptedRobot
) -> None:
    robot.answers[KEY] = [answer()]
    decide(office, two_open[:1], Decision.RESEND, by="王经办", now=clock.advance(hours=1))
    deliver(office, clock)
    assert {each.id for each in list_undecided(office)} == set(two_open)


@pytest.mark.parametrize(
    ("decision", "words"), [(Decision.ACCEPTED, "已被拒收，不能视为已受理"), (Decision.RESEND, "地址已停用")]
)
def test_what_cannot_be_done_with_one_is_done_with_none(
    office: Office, two_open: list[int], clock: Clock, decision: Decision, words: str
) -> None:
    refused = next(each for each in messages(office) if each.id == two_open[1])
    with office.database.write() as connection:
        endpoints.disable(connection, [refused.endpoint_id], "号码停机", clock())
    before = rows(office)
    with pytest.raises(TransitionError, match=words):
        decide(office, two_open, decision, by="王经办", now=clock())
    assert rows(office) == before


def test_a_message_that_asks_for_no_decision_is_left_alone_with_all_the_others(
    office: Office, two_open: list[int], clock: Clock
) -> None:
    before = rows(office)
    with pytest.raises(NotFoundError, match="序号 99 的消息"):
        decide(office, [*two_open, 99], Decision.DROP, by="王经办", now=clock())
    assert rows(office) == before


def test_a_units_contact_decides_nothing(office: Office, two_open: list[int], clock: Clock) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,13800000001,,,")
    before = rows(office)
    with pytest.raises(ForbiddenError, match="处理未送达的消息"):
        decide(office, two_open, Decision.DROP, by="李联", now=clock())
    assert rows(office) == before


def ruled(office: Office, unknown: OnUnknown) -> Office:
    delivery = replace(office.rules.delivery, unknown=unknown, unknown_after=timedelta(minutes=60))
    return replace(office, rules=replace(office.rules, delivery=delivery))


def test_by_default_the_rule_decides_nothing(office: Office, two_open: list[int], clock: Clock) -> None:
    assert office.rules.delivery.unknown is OnUnknown.ASK
    clock.advance(hours=3)
    deliver(office, clock)
    assert [each.id for each in list_undecided(office)] == two_open


def test_a_rule_that_accepts_waits_its_time_and_leaves_refusals_to_people(
    office: Office, two_open: list[int], clock: Clock, robot: ScriptedRobot
) -> None:
    lenient = ruled(office, OnUnknown.ACCEPT)
    clock.advance(minutes=59)
    deliver(lenient, clock)
    assert [each.id for each in list_undecided(office)] == two_open
    clock.advance(minutes=1)
    deliver(lenient, clock)
    assert [(each.state, each.decided_by) for each in messages(office)] == [
        ("accepted", BY_RULE),
        ("failed", None),
    ]
    assert len(robot.sent) == 2


def test_a_rule_that_resends_does_so_once_and_then_asks(
    office: Office, two_open: list[int], clock: Clock, robot: ScriptedRobot
) -> None:
    eager = ruled(office, OnUnknown.RESEND)
    know(office, f"市教育局,{KEY},联络员,,,{KEY},")  # a rule sends to nobody who is no contact
    robot.answers[KEY] = [answer(), answer()]
    for _ in range(4):
        clock.advance(minutes=60)
        deliver(eager, clock)
    assert [address for address, _ in robot.sent] == [KEY, OTHER, KEY]
    assert {each.id for each in list_undecided(office)} == set(two_open)


def test_a_rule_never_resends_to_a_disabled_address(
    office: Office, clock: Clock, robot: ScriptedRobot
) -> None:
    robot.answers[KEY] = [answer(), answer(Outcome.PERMANENT, Scope.ADDRESS, "机器人已被移出群")]
    put(office, clock(), KEY, ["一", "二"])
    deliver(office, clock)
    clock.advance(minutes=90)
    deliver(ruled(office, OnUnknown.RESEND), clock)
    assert states(office) == ["unknown", "failed"]
    assert len(robot.sent) == 2


@pytest.fixture
def unheard(office: Office, clock: Clock, robot: ScriptedRobot) -> Office:
    """A contact's message of whose outcome nobody knows, in an office that sends such once more."""
    know(office, f"市教育局,{KEY},联络员,,,{KEY},")
    robot.answers[KEY] = [answer()]
    put(office, clock(), KEY, ["一"])
    deliver(office, clock)
    assert states(office) == ["unknown"]
    return ruled(office, OnUnknown.RESEND)


def test_a_rule_never_resends_to_somebody_who_has_left(
    unheard: Office, clock: Clock, robot: ScriptedRobot
) -> None:
    contacts.remove_contact(unheard, "市教育局", KEY, now=clock.advance(minutes=30))
    clock.advance(minutes=31)
    deliver(unheard, clock)
    assert (states(unheard), len(robot.sent)) == (["unknown"], 1)


def test_a_rule_never_resends_to_an_address_that_was_given_up(
    unheard: Office, clock: Clock, robot: ScriptedRobot
) -> None:
    know(unheard, f"市教育局,{KEY},联络员,,,{OTHER},")
    clock.advance(minutes=61)
    deliver(unheard, clock)
    assert (states(unheard), len(robot.sent)) == (["unknown"], 1)


def test_a_rule_never_resends_the_reminder_of_another_day(
    unheard: Office, clock: Clock, robot: ScriptedRobot
) -> None:
    clock.advance(days=1)
    deliver(unheard, clock)
    assert (states(unheard), len(robot.sent)) == (["unknown"], 1)


def test_a_rule_never_resends_a_reminder_about_what_is_done(
    office: Office, unheard: Office, clock: Clock, robot: ScriptedRobot
) -> None:
    take_in(office, at("2021-07-23 17:00"))
    with office.database.write() as connection:
        [message] = mailbox.latest(connection)
        connection.execute(insert(message_item).values(message_id=message.id, item_number=1))
    strike_off(office, [1], clock.advance(minutes=5))
    clock.advance(minutes=61)
    deliver(unheard, clock)
    assert messages(office)[0].state == "unknown"
    assert sum(payload.endswith("一".encode()) for _, payload in robot.sent) == 1


@pytest.mark.parametrize("state", ["accepted", "pending", "standby"])
def test_a_rule_never_resends_what_another_way_carries(
    office: Office, unheard: Office, clock: Clock, robot: ScriptedRobot, state: str
) -> None:
    put(office, clock(), OTHER, ["二"])
    with office.database.write() as connection:
        first, second = mailbox.latest(connection)[::-1]
        other_way = {"letter": first.letter, "rank": 1, "state": state}
        connection.execute(update(message).where(message.c.id == second.id).values(other_way))
        clock.advance(minutes=61)
        apply_rule(connection, unheard, clock())
    assert states(office) == ["unknown", state]
