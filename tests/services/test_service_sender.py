"""The sender when things go wrong around it: lost leases, busy databases, wrong clocks, poisoned messages."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.conftest import BuildOffice
from tests.fakes.scripted_channel import ScriptedRobot, ScriptedSms, answer
from tests.services.scenes import carried, messages, put
from tests.support import Clock, at
from tracker.domain.delivery import CHANNEL_REST, GAPS
from tracker.domain.errors import DeliveryError, Outcome, Scope
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.sender import LEASE
from tracker.services.unknowns import Decision, decide
from tracker.store import claiming, clockwork, endpoints, mailbox, pauses, settling
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled

ONE, TWO = "invented-robot-key-0001", "invented-robot-key-0002"
PHONE = "13800000001"


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-27 09:00"))


@pytest.fixture
def robot() -> ScriptedRobot:
    return ScriptedRobot()


@pytest.fixture
def sms() -> ScriptedSms:
    return ScriptedSms()


@pytest.fixture
def office(build_office: BuildOffice, robot: ScriptedRobot, sms: ScriptedSms) -> Office:
    return build_office(channels={"wecom_robot": robot, "sms": sms, "sandbox": ScriptedRobot()})


def states(office: Office) -> list[str]:
    return [message.state for message in messages(office)]


def refused_by_the_channel() -> DeliveryError:
    return answer(Outcome.PERMANENT, Scope.CHANNEL, "账号或密码不对")


def test_a_sender_that_lost_its_lease_leaves_the_endpoint_to_whoever_has_it_now(
    office: Office, clock: Clock
) -> None:
    """Else the next message there would be nobody's: claimed for ever, by a sender that is dead."""
    put(office, clock(), ONE, ["一", "二"])
    channels = {"wecom_robot"}
    with office.database.write() as connection:
        [slow] = claiming.claim(connection, clock(), LEASE, {}, most=1, channels=channels)
        begun = settling.begin_calls(connection, [slow], {slow.id}, clock(), LEASE)
    clock.advance(minutes=6)
    with office.database.write() as connection:
        settling.abandon_expired(connection, clock(), LEASE)
        [taken] = claiming.claim(connection, clock(), LEASE, {}, most=1, channels=channels)
        late = Settled(slow, begun[slow.id], MessageState.ACCEPTED, "accepted", clock())
        held = settling.hold(connection, [slow])
        assert settling.settle(connection, [late], held) == []
        settling.put_back(connection, [slow], held)
        assert claiming.claim(connection, clock(), LEASE, {}, most=1, channels=channels) == []
    assert taken.id != slow.id
    clock.advance(minutes=6)  # that sender died as well, before its call
    deliver(office, clock)
    assert states(office) == ["unknown", "accepted"]


def test_what_may_have_arrived_is_not_repeated_when_the_far_side_has_forgotten_it(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    """A timeout on Friday evening: by Monday the duplicate check of four hours is long over."""
    robot.repeatable = timedelta(hours=4)
    clock.set("2021-07-30 17:59")
    put(office, clock(), ONE, ["一"])
    robot.answers[ONE] = [answer()]
    deliver(office, clock)
    assert states(office) == ["pending"]
    clock.set("2021-08-02 08:31")
    deliver(office, clock)
    assert states(office) == ["unknown"]
    assert len(robot.sent) == 1
    [message] = messages(office)
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
    decide(office, [message.id], Decision.RESEND, by="值班", now=clock())
    deliver(office, clock)
    assert (states(office), len(robot.sent)) == (["accepted"], 2)  # a person may order it


def test_a_channel_that_refuses_costs_no_message_its_life(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    put(office, clock(), ONE, ["一"])
    robot.answers[ONE] = [
        *(refused_by_the_channel() for _ in range(len(GAPS) + 3)),
        answer(Outcome.TEMPORARY, words="繁忙"),
    ]
    for _ in range(len(GAPS) + 5):
        deliver(office, clock)
        clock.advance(seconds=CHANNEL_REST.total_seconds())
    assert states(office) == ["accepted"]


def test_after_its_rest_a_channel_is_tried_with_one_message(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    keys = [f"invented-robot-key-{n:04d}" for n in range(30)]
    for key in keys:
        put(office, clock(), key, [f"给 {key}"])
        robot.answers[key] = [refused_by_the_channel()] * 9
    deliver(office, clock)
    before = len(robot.sent)
    clock.advance(seconds=CHANNEL_REST.total_seconds())
    deliver(office, clock)
    assert len(robot.sent) == before + 1
    assert states(office) == ["pending"] * 30  # none stays in a sender's hands
    robot.answers.clear()
    clock.advance(seconds=CHANNEL_REST.total_seconds())
    deliver(office, clock)
    assert states(office) == ["accepted"] * 30


def test_one_message_that_is_refused_in_the_channels_name_does_not_stop_the_others_for_ever(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    put(office, clock(), ONE, ["有毒"])
    robot.answers[ONE] = [refused_by_the_channel()] * 99
    for n in range(8):
        put(office, clock(), TWO, [f"好的 {n}"])
        deliver(office, clock)
        clock.advance(seconds=CHANNEL_REST.total_seconds())
    deliver(office, clock)
    assert states(office) == ["failed", *["accepted"] * 8]
    assert sum(address == ONE for address, _ in robot.sent) == 3
    with office.database.read() as connection:
        assert pauses.pauses(connection) == []


def test_a_channel_that_only_asks_to_slow_down_rests_so_long(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    put(office, clock(), ONE, ["一"])
    slower = DeliveryError("请求过快", outcome=Outcome.TEMPORARY, scope=Scope.CHANNEL, retry_after_seconds=5)
    robot.answers[ONE] = [slower]
    deliver(office, clock)
    clock.advance(seconds=5)
    deliver(office, clock)
    assert states(office) == ["accepted"]


def test_refused_calls_do_not_use_up_a_numbers_share_of_the_day(
    office: Office, sms: ScriptedSms, clock: Clock
) -> None:
    put(office, clock(), PHONE, ["一"], channel="sms")
    sms.answers[PHONE] = [answer(Outcome.TEMPORARY, words="繁忙")] * 6
    for gap in GAPS:
        deliver(office, clock)
        clock.advance(seconds=gap.total_seconds())
    assert states(office) == ["accepted"]


def test_a_message_that_is_sent_again_by_order_has_all_its_tries_before_it(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    put(office, clock(), ONE, ["一"])
    robot.answers[ONE] = [answer(Outcome.TEMPORARY, words="繁忙")] * (len(GAPS) + 2)
    for gap in (*GAPS, timedelta()):
        deliver(office, clock)
        clock.advance(seconds=gap.total_seconds())
    assert states(office) == ["failed"]
    [message] = messages(office)
    decide(office, [message.id], Decision.RESEND, by="值班", now=clock())
    deliver(office, clock)
    assert states(office) == ["pending"]  # one more trouble is no end
    clock.advance(minutes=1)
    deliver(office, clock)
    assert states(office) == ["accepted"]


def test_what_was_noted_under_a_wrong_clock_blocks_nothing(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    """A drill a year ahead (`--now`), or a machine whose clock was wrong once."""
    robot.per_minute = 2
    ahead = Clock(at("2022-07-27 09:00"))
    for key, said in ((ONE, answer(Outcome.TEMPORARY)), (TWO, refused_by_the_channel())):
        put(office, ahead(), key, [f"演练 {key}"])
        robot.answers[key] = [said]
    deliver(office, ahead)
    ahead.advance(minutes=1)
    deliver(office, ahead)
    robot.answers.clear()
    put(office, clock(), ONE, ["真的一"])
    put(office, clock(), TWO, ["真的二"])
    deliver(office, clock)
    assert states(office)[2:] == ["accepted", "accepted"]


def test_a_busy_database_loses_no_answer(build_office: BuildOffice, clock: Clock) -> None:
    """Somebody writes for longer than a writer waits, just when the answer comes."""
    robot = ScriptedRobot()
    office = build_office(channels={"wecom_robot": robot, "sandbox": ScriptedRobot()}, busy_seconds=0.05)
    other = build_office(busy_seconds=5)
    put(office, clock(), ONE, ["一"])
    locked, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with other.database.write() as connection:
            endpoints.lock(connection, [each.id for each in endpoints.listing(connection)])
            locked.set()
            may_go.wait(10)

    holder = threading.Thread(target=hold)
    plain = robot.send

    def send(address: str, payload: bytes) -> str:
        said = plain(address, payload)
        holder.start()
        locked.wait(10)
        threading.Timer(0.3, may_go.set).start()
        return said

    robot.send = send  # type: ignore[method-assign]
    deliver(office, clock)
    holder.join()
    assert states(office) == ["accepted"]


def test_what_was_claimed_is_given_back_on_every_way_out(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    for n in range(60):
        put(office, clock(), f"invented-robot-key-{n:04d}", [f"第 {n} 条"])
    closing = Clock(clock.set("2021-07-27 17:59"))
    plain = robot.send

    def send(address: str, payload: bytes) -> str:
        closing.set("2021-07-27 18:00")
        return plain(address, payload)

    robot.send = send  # type: ignore[method-assign]
    deliver(office, closing)
    assert set(states(office)) == {"accepted", "pending"}
    with office.database.read() as connection:
        assert mailbox.waiting(connection) == states(office).count("pending")
    assert carried(office, closing) == []
