"""Channels and addresses on their page: what rests, what is disabled, whose it is, and a test message."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notifiers.sandbox import Sandbox
from tests.fakes.pages_office import STAFF, Town
from tests.fakes.scripted_channel import FROZEN, ScriptedRobot, ScriptedSms, answer
from tests.services.scenes import know, messages
from tests.web.conftest import Visitor
from tracker.domain.errors import Outcome, Scope
from tracker.services import endpoints, trial
from tracker.services.deliver import deliver
from tracker.web.routes import channels as page_of_channels

KEY, PHONE = "invented-robot-key-0001", "13800000001"
LI = "市水务局 李联"


@pytest.fixture
def robot() -> ScriptedRobot:
    return ScriptedRobot()


@pytest.fixture
def sms() -> ScriptedSms:
    return ScriptedSms()


@pytest.fixture
def linked(town: Town, robot: ScriptedRobot, sms: ScriptedSms) -> Town:
    """A town with a robot and short messages, and one contact who has both."""
    town.office = replace(town.office, channels={"wecom_robot": robot, "sms": sms, "sandbox": Sandbox()})
    town.take_in()
    know(town.office, f"市水务局,李联,联络员,{PHONE},,{KEY},", "市行政审批局,钱管,审批局,13800000004,,,")
    return town


@pytest.fixture
def desk(linked: Town, staff: Visitor) -> Visitor:
    staff.desk.office = linked.office
    return staff


def carry(town: Town, channel: str, to: str = LI) -> None:
    """One test message, carried out."""
    trial.send_test(town.office, channel=channel, to=to, by="钱管", now=town.now)
    deliver(town.office, town.clock)


def section(page: str, title: str) -> str:
    return page[page.index(title) :].partition("</section>")[0]


def test_each_channel_says_whether_it_is_in_use_and_what_is_missing(desk: Visitor) -> None:
    channels = section(desk.get("/channels").text, "<h2>渠道</h2>")
    assert re.findall(r'<th scope="row">([^<]+)</th>', channels) == [
        "企业微信群机器人",
        "短信",
        "模拟收件箱",
        "企业微信应用",
        "钉钉群机器人",
        "飞书群机器人",
        "邮件",
    ]
    assert channels.count("已启用") == 3
    assert "须设置 TRACKER_SMTP_HOST、TRACKER_SMTP_FROM" in channels
    assert "须设置 TRACKER_WECOM_CORP_ID、TRACKER_WECOM_AGENT_ID、TRACKER_WECOM_APP_SECRET" in channels


def test_a_channel_that_rests_says_why_and_until_when_and_can_be_resumed(
    linked: Town, desk: Visitor, sms: ScriptedSms
) -> None:
    sms.answers[PHONE] = [answer(Outcome.PERMANENT, Scope.CHANNEL, "短信账户余额不足")]
    carry(linked, "sms")
    page = desk.get("/channels").text
    assert "2026-11-17 10:00 起，至 2026-11-17 10:30：短信账户余额不足" in page
    assert '<a href="/channels">渠道暂停：sms（短信账户余额不足）</a>' in desk.get("/").text
    done = desk.post("/channels/sms/resume", "/channels")
    assert "渠道已恢复" in desk.get(done.headers["location"]).text
    deliver(linked.office, linked.clock)
    assert [address for address, _ in sms.sent].count(PHONE) == 2
    assert desk.post("/channels/sms/resume", "/channels").status_code == 404


def test_short_messages_stand_against_their_budget(linked: Town, desk: Visitor) -> None:
    carry(linked, "sms")
    one = messages(linked.office)[0].segments
    assert f"今日 {one} 条，本月 {one} 条（不限）" in desk.get("/channels").text


def test_an_address_in_trouble_comes_first_with_whose_it_is_and_is_put_right_by_a_button(
    linked: Town, desk: Visitor, robot: ScriptedRobot
) -> None:
    robot.answers[KEY] = [answer(Outcome.PERMANENT, Scope.ADDRESS, "机器人已被移出群")]
    carry(linked, "wecom_robot")
    linked.wait(minutes=2)
    page = desk.get("/channels").text
    trouble = section(page, "<h2>有问题的接收地址")
    assert "key=inve…0001" in trouble
    assert "市水务局联络员" in trouble
    assert "2026-11-17 10:00 系统：机器人已被移出群" in trouble
    assert "key=inve…0001" not in section(page, "<h2>其他接收地址")
    assert '<a href="/channels">1 个接收地址已停用：key=inve…0001</a>' in desk.get("/").text
    done = desk.post("/channels/endpoints/1/enable", "/channels")
    assert "已恢复" in desk.get(done.headers["location"]).text
    carry(linked, "wecom_robot")
    assert "没有停用或不成功的接收地址" in desk.get("/channels").text


def test_an_address_is_taken_out_of_use_with_a_reason(linked: Town, desk: Visitor) -> None:
    carry(linked, "wecom_robot")
    assert "key=inve…0001" in section(desk.get("/channels").text, "<h2>其他接收地址")
    done = desk.post("/channels/endpoints/1/disable", "/channels", reason="群已解散")
    assert "已停用" in desk.get(done.headers["location"]).text
    assert "shenpiju：群已解散" in section(desk.get("/channels").text, "<h2>有问题的接收地址")
    again = desk.post("/channels/endpoints/1/disable", "/channels")
    assert (again.status_code, "已经停用" in again.text) == (409, True)
    assert desk.post("/channels/endpoints/1/enable", "/channels").status_code == 303
    assert desk.post("/channels/endpoints/1/enable", "/channels").status_code == 409
    assert desk.post("/channels/endpoints/99/disable", "/channels").status_code == 404


def test_an_address_that_belongs_to_nobody_any_more_says_so(linked: Town, desk: Visitor) -> None:
    carry(linked, "wecom_robot")
    know(linked.office, f"市水务局,李联,联络员,{PHONE},,invented-robot-key-0009,")
    assert "联系人表中已无此地址" in desk.get("/channels").text


def test_many_addresses_are_read_page_by_page(
    linked: Town, desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_channels, "PAGE", 1)
    for channel in ("wecom_robot", "sms"):
        carry(linked, channel)
    first = desk.get("/channels").text
    assert ("key=inve…0001" in first, "138****0001" in first) == (True, False)
    [following] = re.findall(r'href="([^"]+)" rel="next"', first)
    second = desk.get(following.partition("#")[0]).text
    assert ("key=inve…0001" in second, "138****0001" in second) == (False, True)
    assert 'rel="next"' not in second


def test_a_test_message_is_sent_and_its_page_shows_what_became_of_it(linked: Town, desk: Visitor) -> None:
    done = desk.post("/channels/test", "/channels", channel="sms", to=LI)
    place = done.headers["location"]
    waiting = desk.get(place).text
    assert "<strong>待发</strong>" in waiting
    assert "调度程序运行时一分钟内发出" in waiting
    deliver(linked.office, linked.clock)
    page = desk.get(place).text
    assert "（市水务局 李联（联络员），短信）：<strong>已受理</strong>" in page
    assert "调度程序运行时" not in page
    assert "测试消息 R-" not in desk.get("/channels?test=99").text


def test_a_test_message_at_night_says_until_when_it_waits(linked: Town, desk: Visitor) -> None:
    linked.wait(hours=9)
    linked.sign_in(STAFF)
    desk.resume(linked, STAFF)
    done = desk.post("/channels/test", "/channels", channel="sms", to=LI)
    page = desk.get(done.headers["location"]).text
    assert "现在不是外发时间，11月18日08:30起才会发出" in page


def test_a_test_message_that_cannot_be_sent_says_why_and_keeps_what_was_typed(desk: Visitor) -> None:
    refused = desk.post("/channels/test", "/channels", channel="sms", to="市水务局 李四")
    assert refused.status_code == 404
    assert "没有名为“李四”的联系人（现有：李联）" in refused.text
    assert 'name="to" value="市水务局 李四"' in refused.text
    assert '<option value="sms" selected>' in refused.text


def test_nothing_secret_stands_on_any_page(linked: Town, desk: Visitor, robot: ScriptedRobot) -> None:
    robot.answers[KEY] = [answer(Outcome.TEMPORARY, words="系统繁忙")]
    for channel in ("wecom_robot", "sms"):
        carry(linked, channel)
    assert len(endpoints.list_endpoints(linked.office)) == 2
    for address in ("/", "/channels", "/channels?test=1", "/messages?tab=all", "/messages?tab=waiting"):
        page = desk.get(address).text
        assert [secret for secret in (KEY, PHONE, FROZEN) if secret in page] == [], address
