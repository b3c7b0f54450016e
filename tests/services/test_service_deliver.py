"""Carrying the outbox out: honest outcomes, one sender per message, and never more than a robot takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsGateway, SmsWebhook
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.http_server import Fault
from tests.fakes.loopback import loopback_only
from tests.fakes.sms_gateway import PASSWORD, FakeSmsGateway
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import at_once, carried, know, messages, put
from tests.support import Clock, at, take_in
from tracker.domain.delivery import GAPS
from tracker.services.deliver import Delivery, deliver
from tracker.services.diagnose import diagnose
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.services.sender import LEASE
from tracker.store import claiming, endpoints, settling
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled

KEY, OTHER = "invented-robot-key-0001", "invented-robot-key-0002"
PHONE = "13800000001"


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-27 09:00"))


@pytest.fixture
def wecom(clock: Clock) -> Iterator[FakeWeCom]:
    """The robot's server on the test's own clock, as strict as the documents."""
    with FakeWeCom(clock=lambda: clock().timestamp()) as server:
        server.add_robot(KEY)
        server.add_robot(OTHER)
        yield server


@pytest.fixture
def gateway() -> Iterator[FakeSmsGateway]:
    with FakeSmsGateway() as server:
        yield server


@pytest.fixture
def open_office(build_office: BuildOffice, wecom: FakeWeCom, gateway: FakeSmsGateway) -> BuildOffice:
    sms = SmsGateway(
        url=gateway.url,
        fields={"mobile": "{phone}", "text": "{content}", "password": PASSWORD},
        success_path="data.0.rspcod",
        success_value="success",
        timeout=0.3,
    )
    robot = WeComRobot(wecom.base_url, timeout=0.3)
    channels = {"wecom_robot": robot, "sms": SmsWebhook(sms), "sandbox": Sandbox()}
    return partial(build_office, channels=channels)


@pytest.fixture
def office(open_office: BuildOffice) -> Office:
    return open_office()


def states(office: Office) -> list[str]:
    return [message.state for message in messages(office)]


def test_accepted_is_what_the_provider_says(
    office: Office, clock: Clock, wecom: FakeWeCom, gateway: FakeSmsGateway
) -> None:
    put(office, clock(), KEY, ["市教育局有1项到期"])
    put(office, clock(), PHONE, ["市民政局有1项到期"], channel="sms")
    done = deliver(office, clock)
    assert done == Delivery(accepted=2, failed=0, unknown=0, pending=0)
    assert states(office) == ["accepted", "accepted"]
    assert [seen.content for seen in wecom.delivered] == ["市教育局有1项到期"]
    assert [(seen.phone, seen.content) for seen in gateway.captured] == [(PHONE, "市民政局有1项到期")]
    assert carried(office, clock) == []
    assert len(wecom.captured) == len(gateway.captured) == 1


def test_a_dead_key_fails_once_and_says_what_to_do(office: Office, clock: Clock, wecom: FakeWeCom) -> None:
    wecom.remove_robot(KEY)
    put(office, clock(), KEY, ["一"])
    [message] = carried(office, clock)
    assert message.state == "failed"
    assert (
        message.error
        == "机器人密钥无效或机器人已被移出群（错误码93000），请在群里重新添加机器人并更新联系人表"
    )
    clock.advance(days=1)
    deliver(office, clock)
    assert len(wecom.captured) == 1


def test_a_refused_text_message_fails_without_showing_the_number(
    office: Office, clock: Clock, gateway: FakeSmsGateway
) -> None:
    gateway.refuse_with = "NoBalance"
    put(office, clock(), PHONE, ["一"], channel="sms")
    [message] = carried(office, clock)
    assert message.state == "failed"
    assert "NoBalance" in (message.error or "")
    assert PHONE not in (message.error or "")


def test_a_block_puts_off_everything_for_that_robot_and_nothing_else(
    office: Office, clock: Clock, wecom: FakeWeCom
) -> None:
    put(office, clock(), KEY, ["一", "二"])
    put(office, clock(), OTHER, ["三"])
    wecom.inject(KEY, 45009)
    deliver(office, clock)
    assert states(office) == ["pending", "pending", "accepted"]
    assert "频繁" in (messages(office)[0].error or "")
    with office.database.read() as connection:
        held = [each.held_until for each in endpoints.listing(connection)]
    assert held == [clock() + timedelta(seconds=65), None]
    clock.advance(seconds=64)
    assert carried(office, clock) == []
    clock.advance(seconds=1)
    deliver(office, clock)
    assert states(office) == ["accepted"] * 3
    assert [seen.content for seen in wecom.delivered] == ["三", "一", "二"]


@pytest.mark.parametrize("fault", [Fault.HTTP_500, Fault.HTTP_502, -1])
def test_a_passing_trouble_is_tried_again_later(
    office: Office, clock: Clock, wecom: FakeWeCom, fault: Fault | int
) -> None:
    put(office, clock(), KEY, ["一"])
    wecom.inject(KEY, fault)
    deliver(office, clock)
    assert states(office) == ["pending"]
    clock.advance(minutes=2)
    deliver(office, clock)
    assert states(office) == ["accepted"]


def test_trouble_without_end_is_given_up(office: Office, clock: Clock, wecom: FakeWeCom) -> None:
    put(office, clock(), KEY, ["一"])
    wecom.inject(KEY, Fault.HTTP_500, times=99)
    for gap in GAPS:
        deliver(office, clock)
        clock.advance(seconds=gap.total_seconds())
    deliver(office, clock)
    assert states(office) == ["failed"]
    assert len(wecom.captured) == len(GAPS) + 1


@pytest.mark.parametrize(
    "fault", [Fault.SLOW, Fault.ACCEPT_THEN_DROP, Fault.CUT_ANSWER, Fault.WARNING, Fault.HTML]
)
def test_an_answer_that_does_not_come_is_unknown_and_never_sent_again(
    office: Office, clock: Clock, wecom: FakeWeCom, fault: Fault
) -> None:
    put(office, clock(), KEY, ["一"])
    wecom.inject(KEY, fault)
    deliver(office, clock)
    assert states(office) == ["unknown"]
    assert messages(office)[0].error
    clock.advance(days=2)
    deliver(office, clock)
    assert len(wecom.captured) == 1


def test_a_sender_that_died_leaves_an_honest_unknown(
    office: Office, open_office: BuildOffice, clock: Clock, wecom: FakeWeCom
) -> None:
    put(office, clock(), KEY, ["一"])
    with office.database.write() as connection:
        [claimed] = claiming.claim(
            connection, clock(), LEASE, {}, most=1, channels={"wecom_robot", "sms", "sandbox"}
        )
        assert settling.begin_calls(connection, [claimed], {claimed.id}, clock(), LEASE)
    successor = open_office()
    clock.moment += LEASE
    deliver(successor, clock)
    assert states(office) == ["sending"]  # the lease still runs
    clock.advance(seconds=1)
    deliver(successor, clock)
    [message] = messages(office)
    assert message.state == "unknown"
    assert "不会自动重发" in (message.error or "")
    clock.advance(days=1)
    deliver(successor, clock)
    assert wecom.captured == []


def test_what_a_dead_sender_had_not_begun_to_send_is_not_lost(
    office: Office, open_office: BuildOffice, clock: Clock, wecom: FakeWeCom
) -> None:
    put(office, clock(), KEY, ["一"])
    with office.database.write() as connection:
        assert (
            len(
                claiming.claim(
                    connection, clock(), LEASE, {}, most=1, channels={"wecom_robot", "sms", "sandbox"}
                )
            )
            == 1
        )
    clock.moment += LEASE
    clock.advance(seconds=1)
    deliver(open_office(), clock)
    assert states(office) == ["accepted"]
    assert len(wecom.captured) == 1


def test_a_sender_that_comes_back_too_late_changes_nothing(office: Office, clock: Clock) -> None:
    put(office, clock(), KEY, ["一"])
    with office.database.write() as connection:
        [claimed] = claiming.claim(
            connection, clock(), LEASE, {}, most=1, channels={"wecom_robot", "sms", "sandbox"}
        )
        begun = settling.begin_calls(connection, [claimed], {claimed.id}, clock(), LEASE)
    clock.advance(hours=1)
    deliver(office, clock)
    late = Settled(claimed, begun[claimed.id], MessageState.ACCEPTED, "accepted", clock())
    with office.database.write() as connection:
        settling.settle(connection, [late], settling.hold(connection, [claimed]))
    assert states(office) == ["unknown"]


@pytest.mark.slow
def test_deliverers_at_once_carry_each_message_out_once(
    open_office: BuildOffice, clock: Clock, wecom: FakeWeCom
) -> None:
    offices = [open_office() for _ in range(4)]
    keys = [f"invented-robot-key-1{n:03d}" for n in range(6)]
    for key in keys:
        wecom.add_robot(key)
    for attempt in range(10):
        for key in keys:
            put(offices[0], clock(), key, [f"{key} {attempt}"])
        results = at_once(*(partial(deliver, each, clock) for each in offices))
        assert not [result for result in results if isinstance(result, Exception)]
    assert Counter(states(offices[0])) == {"accepted": 60}
    assert set(Counter(seen.content for seen in wecom.captured).values()) == {1}
    assert len(wecom.captured) == 60


def test_a_robot_never_gets_more_than_eighteen_messages_in_any_minute(
    open_office: BuildOffice, clock: Clock, wecom: FakeWeCom
) -> None:
    one, two = open_office(), open_office()
    put(one, clock(), KEY, [f"第{n}条" for n in range(40)])
    for office in (one, two) * 15:
        deliver(office, clock)
        clock.advance(seconds=7)
    assert [seen.content for seen in wecom.delivered] == [f"第{n}条" for n in range(40)]
    moments = [seen.at for seen in wecom.captured]
    assert max(sum(start <= other < start + 60 for other in moments) for start in moments) == 18
    assert {seen.errcode for seen in wecom.captured} == {0}


class Narrow(Sandbox):
    """A channel that lets one address have one message a minute."""

    channel = "wecom_robot"
    per_minute: int | None = 1

    def compose(self, letter: Letter) -> Sequence[bytes]:
        return [letter.text.encode()]


def test_a_crowd_of_full_addresses_does_not_keep_others_waiting(
    build_office: BuildOffice, clock: Clock
) -> None:
    office = build_office(channels={"wecom_robot": Narrow(), "sandbox": Sandbox()})
    for n in range(25):
        put(office, clock(), f"full-{n}", [f"{n} 一", f"{n} 二"])
    put(office, clock(), "free", ["最后一条"])
    deliver(office, clock)
    assert Counter(states(office)) == {"accepted": 26, "pending": 25}
    assert states(office)[-1] == "accepted"


@pytest.mark.parametrize("moment", ["2021-07-27 08:29", "2021-07-27 18:00", "2021-07-31 10:00"])
def test_nothing_leaves_at_night_or_on_a_day_off(
    office: Office, clock: Clock, wecom: FakeWeCom, moment: str
) -> None:
    put(office, clock(), KEY, ["一"])
    clock.set(moment)
    assert deliver(office, clock) == Delivery(0, 0, 0, pending=1)
    assert wecom.captured == []


def test_a_process_without_a_channel_leaves_its_messages_to_those_that_have_it(
    office: Office, build_office: BuildOffice, clock: Clock
) -> None:
    """An administrator's shell, or a second machine, without the settings must not fail a city's messages."""
    put(office, clock(), KEY, ["一"])
    bare = build_office(channels={"sandbox": Sandbox()})
    assert carried(bare, clock) == []
    [found] = [each for each in diagnose(bare, now=clock()) if each.name == "endpoints"]
    assert (found.ok, "没有启用渠道 wecom_robot" in found.detail) == (False, True)
    assert [each.state for each in carried(office, clock)] == ["accepted"]


def test_one_impossible_contact_does_not_keep_the_others_from_being_told(
    office: Office, clock: Clock, wecom: FakeWeCom
) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(
        office,
        f"市教育局,李联,联络员,,lilian,{KEY},",
        f"澜东区,周联,联络员,,zhoulian,{OTHER},",
    )
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE contact SET wecom_userid = 'li><@all' WHERE name = '李联'")
    remind(office, now=clock())
    deliver(office, clock)
    by_recipient = {each.recipient: each for each in messages(office)}
    broken = by_recipient["市教育局 李联（联络员）"]
    assert (broken.state, broken.error) == ("failed", "企业微信账号含有不允许的字符，请检查联系人表")
    assert by_recipient["澜东区 周联（联络员）"].state == "accepted"
    assert [seen.key for seen in wecom.captured] == [OTHER]
    assert wecom.captured[0].user_ids == ("zhoulian",)
