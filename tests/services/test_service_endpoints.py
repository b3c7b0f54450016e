"""Staff see which addresses and channels are in trouble and whose they are, and may do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from tests.conftest import BuildOffice
from tests.fakes.scripted_channel import FROZEN, ScriptedRobot, ScriptedSms, answer
from tests.services.scenes import know, messages, put, rows
from tests.support import Clock, at, take_in
from tracker.domain.errors import ForbiddenError, NotFoundError, Outcome, Scope, TransitionError
from tracker.services import endpoints, trial
from tracker.services.deliver import deliver
from tracker.services.nudge import nudge
from tracker.services.office import Office

KEY, OTHER = "invented-robot-key-0001", "invented-robot-key-0002"
PHONE = "13800000001"
LI = "市教育局 李联（联络员）"


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
    office = build_office(channels={"wecom_robot": robot, "sms": sms, "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    know(
        office,
        f"市教育局,李联,联络员,{PHONE},,{KEY},",
        f"市教育局,赵头,负责人,13800000002,,{KEY},",
        "市行政审批局,钱管,审批局,13800000004,,,",
    )
    return office


def test_those_in_trouble_come_first_with_whose_they_are_and_what_waits(
    office: Office, robot: ScriptedRobot, clock: Clock
) -> None:
    robot.answers[KEY] = [answer(Outcome.TEMPORARY, words="系统繁忙")]
    put(office, clock(), OTHER, ["零"])
    put(office, clock(), KEY, ["一", "二"])
    deliver(office, clock)
    failing, fine = endpoints.list_endpoints(office)
    assert failing.endpoint.hint == "key=inve…0001"
    assert failing.holders == ("市教育局联络员", "市教育局负责人")
    assert failing.waiting == 2
    assert (failing.endpoint.failing_since, failing.endpoint.last_error) == (clock(), "系统繁忙")
    assert (fine.holders, fine.waiting, fine.endpoint.accepted_at) == ((), 0, clock())
    page = endpoints.endpoint_page(office, after=0, size=10, most_troubled=10)
    assert (page.troubled, page.others, page.has_more) == ([failing], [fine], False)
    assert KEY not in repr(page)


def test_thousands_of_addresses_are_seen_a_page_at_a_time(office: Office, clock: Clock) -> None:
    for n in range(5):
        put(office, clock(), f"invented-robot-key-1{n:03d}", ["一"])
    seen, after = [], 0
    while True:
        page = endpoints.endpoint_page(office, after=after, size=2, most_troubled=1)
        seen.append([each.endpoint.id for each in page.others])
        if not page.has_more:
            break
        after = seen[-1][-1]
    assert seen == [[1, 2], [3, 4], [5]]


def test_what_waits_for_a_disabled_address_goes_another_way_under_the_same_serial(
    office: Office, robot: ScriptedRobot, sms: ScriptedSms, clock: Clock
) -> None:
    nudge(office, [1], by="钱管", now=clock())
    [before] = messages(office)
    assert (before.channel, before.recipient) == ("wecom_robot", LI)
    done = endpoints.disable(office, before.endpoint_id, by="钱管", reason="群已解散", now=clock())
    assert (done.endpoint.disabled_by, done.endpoint.reason, done.waiting) == ("钱管", "群已解散", 0)
    deliver(office, clock)
    assert robot.sent == []
    old, new = messages(office)
    assert (old.state, new.state, new.channel) == ("superseded", "accepted", "sandbox")
    assert new.serial == before.serial
    assert new.recipient == LI


def test_an_enabled_address_is_used_again(office: Office, robot: ScriptedRobot, clock: Clock) -> None:
    put(office, clock(), KEY, ["一"])
    [health] = endpoints.list_endpoints(office)
    endpoints.disable(office, health.endpoint.id, by="钱管", now=clock())
    deliver(office, clock)
    assert robot.sent == []
    with pytest.raises(TransitionError, match="已经停用"):
        endpoints.disable(office, health.endpoint.id, by="钱管", now=clock())
    enabled = endpoints.enable(office, health.endpoint.id, by="钱管", now=clock())
    assert enabled.endpoint.disabled_at is None
    deliver(office, clock)
    assert [address for address, _ in robot.sent] == [KEY]
    with pytest.raises(TransitionError, match="没有停用"):
        endpoints.enable(office, health.endpoint.id, by="钱管", now=clock())
    with pytest.raises(NotFoundError, match="没有序号为 99 的接收地址"):
        endpoints.disable(office, 99, by="钱管", now=clock())


def test_a_units_contact_changes_nothing_about_sending(office: Office, clock: Clock) -> None:
    put(office, clock(), KEY, ["一"])
    before = rows(office)
    with pytest.raises(ForbiddenError, match="停用接收地址"):
        endpoints.disable(office, 1, by="李联", now=clock())
    with pytest.raises(ForbiddenError, match="恢复接收地址"):
        endpoints.enable(office, 1, by="李联", now=clock())
    with pytest.raises(ForbiddenError, match="恢复渠道"):
        endpoints.resume(office, "sms", by="李联", now=clock())
    with pytest.raises(ForbiddenError, match="发送测试消息"):
        trial.send_test(office, channel="sms", to="市教育局 李联", by="李联", now=clock())
    assert rows(office) == before


def test_a_channel_that_rests_is_tried_at_once_when_a_person_says_so(
    office: Office, sms: ScriptedSms, clock: Clock
) -> None:
    sms.answers[PHONE] = [answer(Outcome.PERMANENT, Scope.CHANNEL, "短信账户余额不足")]
    put(office, clock(), PHONE, ["一"], channel="sms")
    deliver(office, clock)
    resting = {each.name: each.pause for each in endpoints.list_channels(office, now=clock())}
    assert resting["wecom_robot"] is None
    assert resting["sms"] is not None
    assert resting["sms"].reason == "短信账户余额不足"
    clock.advance(minutes=1)
    deliver(office, clock)
    assert len(sms.sent) == 1
    endpoints.resume(office, "sms", by="钱管", now=clock())
    deliver(office, clock)
    assert [address for address, _ in sms.sent].count(PHONE) == 2
    assert [each.pause for each in endpoints.list_channels(office, now=clock())] == [None] * 3
    with pytest.raises(NotFoundError, match="没有暂停"):
        endpoints.resume(office, "sms", by="钱管", now=clock())


def test_resuming_a_channel_frees_no_address_that_is_held_for_another_reason(
    office: Office, sms: ScriptedSms, clock: Clock
) -> None:
    other = "13800000009"
    sms.answers[other] = [answer(Outcome.TEMPORARY, words="发送过于频繁")]
    sms.answers[PHONE] = [answer(Outcome.PERMANENT, Scope.CHANNEL, "短信账户余额不足")]
    put(office, clock(), other, ["一"], channel="sms")
    put(office, clock(), PHONE, ["一"], channel="sms")
    deliver(office, clock)
    endpoints.resume(office, "sms", by="钱管", now=clock())
    held = {each.endpoint.hint: each.endpoint.held_until for each in endpoints.list_endpoints(office)}
    assert held["138****0001"] is None
    assert held["138****0009"] is not None


def test_short_messages_are_counted_against_the_budget_by_day_and_month(office: Office, clock: Clock) -> None:
    office = replace(
        office, rules=replace(office.rules, delivery=replace(office.rules.delivery, sms_per_month=300))
    )
    for day in ("2021-07-26 09:00", "2021-07-27 09:00"):
        trial.send_test(office, channel="sms", to="市教育局 李联", by="钱管", now=clock.set(day))
        deliver(office, clock)
    robot, sms, _ = endpoints.list_channels(office, now=clock())
    one = messages(office)[-1].segments or 0
    assert one > 0
    assert (sms.today, sms.month, sms.budget, sms.is_charged) == (one, 2 * one, 300, True)
    assert (robot.is_charged, robot.budget) == (False, None)


def test_a_test_message_goes_to_that_person_on_that_channel_and_names_who_sent_it(
    office: Office, robot: ScriptedRobot, sms: ScriptedSms, clock: Clock
) -> None:
    made = trial.send_test(office, channel="sms", to=" 市教育局　李联 ", by="钱管", now=clock())
    assert (made.waits, made.first.recipient, made.first.channel) == ("", LI, "sms")
    assert made.first.kind == "test"
    assert "钱管" in made.first.text
    assert PHONE not in repr(made)
    assert FROZEN not in repr(made)
    deliver(office, clock)
    assert ([address for address, _ in sms.sent], robot.sent) == ([PHONE], [])
    found = trial.find_test(office, made.first.id, now=clock())
    assert found is not None
    assert found.state == "accepted"
    assert found.serial.encode() in sms.sent[0][1]


@pytest.mark.parametrize("moment", ["2021-07-27 20:00", "2021-07-31 10:00"])
def test_a_test_message_outside_working_hours_waits_and_says_until_when(
    office: Office, sms: ScriptedSms, clock: Clock, moment: str
) -> None:
    now = clock.set(moment)
    made = trial.send_test(office, channel="sms", to="市教育局 李联", by="钱管", now=now)
    day = "7月28日" if now.day == 27 else "8月2日"
    assert made.waits == f"现在不是外发时间，{day}08:30起才会发出"
    deliver(office, clock)
    assert sms.sent == []


def test_a_test_message_by_a_channel_that_rests_says_so(
    office: Office, sms: ScriptedSms, clock: Clock
) -> None:
    sms.answers[PHONE] = [answer(Outcome.PERMANENT, Scope.CHANNEL, "短信账户余额不足")]
    put(office, clock(), PHONE, ["一"], channel="sms")
    deliver(office, clock)
    made = trial.send_test(office, channel="sms", to="市教育局 李联", by="钱管", now=clock())
    assert made.waits == "渠道暂停中（短信账户余额不足），7月27日09:30或恢复后才会发出"


def test_a_test_message_that_nobody_can_get_is_refused(office: Office, clock: Clock) -> None:
    def send(channel: str, to: str) -> None:
        trial.send_test(office, channel=channel, to=to, by="钱管", now=clock())

    with pytest.raises(NotFoundError, match="渠道 email 没有启用，可用：wecom_robot、sms、sandbox"):
        send("email", "市教育局 李联")
    with pytest.raises(NotFoundError, match="须写明单位和姓名"):
        send("sms", "李联")
    with pytest.raises(NotFoundError, match="没有名为“李四”的联系人（现有：李联、赵头）"):
        send("sms", "市教育局 李四")
    with pytest.raises(TransitionError, match="钱管（审批局）没有可用的企业微信群机器人地址"):
        send("wecom_robot", "市行政审批局 钱管")
    put(office, clock(), PHONE, ["一"], channel="sms")
    endpoints.disable(office, 1, by="钱管", now=clock())
    with pytest.raises(TransitionError, match="该地址已停用"):
        send("sms", "市教育局 李联")


def test_a_test_message_pressed_twice_goes_out_once(office: Office, clock: Clock) -> None:
    ask = {"channel": "sms", "to": "市教育局 李联", "by": "钱管"}
    trial.send_test(office, **ask, now=clock())
    with pytest.raises(TransitionError, match="一分钟之内已向"):
        trial.send_test(office, **ask, now=clock.advance(seconds=5))
    trial.send_test(office, **ask, now=clock.advance(minutes=1))
    assert len(messages(office)) == 2


class InTwo(ScriptedRobot):
    """A robot that needs two messages for one, and is not heard of the second."""

    def compose(self, letter: Letter) -> Sequence[bytes]:
        return [f"{letter.serial} {part}".encode() for part in (1, 2)]

    def send(self, address: str, payload: bytes) -> str:
        if payload.endswith(b"2"):
            raise answer()
        return super().send(address, payload)


@pytest.mark.usefixtures("office")
def test_a_test_message_in_two_parts_is_accepted_when_both_are(
    build_office: BuildOffice, clock: Clock
) -> None:
    halved = build_office(channels={"wecom_robot": InTwo(), "sandbox": Sandbox()})
    made = trial.send_test(halved, channel="wecom_robot", to="市教育局 李联", by="钱管", now=clock())
    assert (made.state, len(made.parts), made.first.serial) == ("pending", 2, f"{made.serial}/1")
    deliver(halved, clock)
    found = trial.find_test(halved, made.parts[1].id, now=clock())
    assert found is not None
    assert ([each.state for each in found.parts], found.state) == (["accepted", "unknown"], "unknown")
    assert found.error == "对方没有答复"


def test_only_a_test_message_is_found_as_one(office: Office, clock: Clock) -> None:
    put(office, clock(), PHONE, ["一"], channel="sms")
    assert trial.find_test(office, messages(office)[0].id, now=clock()) is None
    assert trial.find_test(office, 99, now=clock()) is None
