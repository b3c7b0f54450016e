"""The outbox on its page: what asks for a decision comes first, and deciding is a press of a button."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notifiers.sandbox import Sandbox
from tests.fakes.pages_office import STAFF, Town
from tests.fakes.scripted_channel import ScriptedRobot, ScriptedSms, answer
from tests.services.scenes import know, messages, put
from tests.web.conftest import Visitor
from tracker.domain.errors import Outcome
from tracker.services.deliver import deliver
from tracker.services.nudge import nudge
from tracker.web.routes import messages as page_of_messages

KEY, OTHER, PHONE = "invented-robot-key-0001", "invented-robot-key-0002", "13800000001"


@pytest.fixture
def robot() -> ScriptedRobot:
    return ScriptedRobot()


@pytest.fixture
def busy(town: Town, robot: ScriptedRobot) -> Town:
    """A town with a robot: one message unknown, one refused, one accepted, one waiting."""
    town.office = replace(
        town.office, channels={"wecom_robot": robot, "sms": ScriptedSms(), "sandbox": Sandbox()}
    )
    robot.answers[KEY] = [answer(words="对方没有答复")]
    robot.answers[OTHER] = [answer(Outcome.PERMANENT, words="内容不合规")]
    put(town.office, town.now, KEY, ["甲"])
    put(town.office, town.now, OTHER, ["乙"])
    put(town.office, town.now, PHONE, ["丙"], channel="sms")
    deliver(town.office, town.clock)
    put(town.office, town.now, KEY, ["丁"])
    return town


@pytest.fixture
def desk(busy: Town, staff: Visitor) -> Visitor:
    staff.desk.office = busy.office
    return staff


def serials(page: str) -> list[str]:
    return re.findall(r'<span class="serial">([^<]+)</span>', page)


def state(town: Town, serial: str) -> str:
    return next(each.state for each in messages(town.office) if each.serial == serial)


def test_each_tab_holds_its_messages_newest_first(desk: Visitor) -> None:
    assert serials(desk.get("/messages").text) == ["乙", "甲"]
    assert serials(desk.get("/messages?tab=waiting").text) == ["丁"]
    assert serials(desk.get("/messages?tab=all").text) == ["丁", "丙", "乙", "甲"]
    assert serials(desk.get("/inbox").text) == []


def test_each_try_stands_with_its_time_its_outcome_and_why_not(desk: Visitor) -> None:
    page = desk.get("/messages").text
    assert "2026-11-17 10:00 第1次发送：结果不明" in page
    assert "2026-11-17 10:00 第1次发送：被拒收" in page
    assert page.count("内容不合规") == 1
    assert "对方可能收到了，也可能没有" in page
    assert "对方可能收到了" not in desk.get("/messages?tab=waiting").text


def test_the_filters_stand_in_the_address(desk: Visitor) -> None:
    assert serials(desk.get("/messages?tab=all&channel=sms").text) == ["丙"]
    assert serials(desk.get("/messages?tab=all&state=failed&recipient=&channel=").text) == ["乙"]
    page = desk.get(f"/messages?tab=all&recipient={PHONE}").text
    assert serials(page) == ["丙"]
    assert '<option value="sms" selected>' in desk.get("/messages?channel=sms").text
    assert "没有符合条件的消息" in desk.get("/messages?recipient=%25").text
    assert desk.get("/messages?tab=nothing").status_code == 400


def test_a_long_list_is_read_page_by_page(desk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_messages, "PAGE", 3)
    first = desk.get("/messages?tab=all").text
    assert serials(first) == ["丁", "丙", "乙"]
    [following] = re.findall(r'href="([^"]+)" rel="next"', first)
    second = desk.get(following.replace("&amp;", "&")).text
    assert serials(second) == ["甲"]
    assert 'rel="next"' not in second
    assert "回到第一页" in second


def test_the_sandbox_is_read_page_by_page_too(
    town: Town, staff: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_messages, "PAGE", 1)
    put(town.office, town.now, "市水务局 甲", ["一", "二"], channel="sandbox")
    first = staff.get("/inbox").text
    assert serials(first) == ["二"]
    [following] = re.findall(r'href="(/inbox\?before=\d+)" rel="next"', first)
    assert serials(staff.get(following).text) == ["一"]


def test_one_press_decides_about_one_message_whatever_is_ticked(busy: Town, desk: Visitor) -> None:
    answer_to = desk.post("/messages/1/decide?tab=open", "/messages", decision="accepted", ids=["2"])
    assert answer_to.status_code == 303
    page = desk.get(answer_to.headers["location"]).text
    assert "1 条消息已视为送达" in page
    assert serials(page) == ["乙"]
    assert (state(busy, "甲"), state(busy, "乙")) == ("accepted", "failed")
    assert messages(busy.office)[0].decided_by == STAFF
    assert f"{STAFF}视为已送达" in desk.get("/messages?tab=all").text


def test_what_was_ticked_is_sent_again_under_the_same_serials(
    busy: Town, desk: Visitor, robot: ScriptedRobot
) -> None:
    done = desk.post("/messages/decide?tab=open", "/messages", decision="resend", ids=["1", "2"])
    assert "2 条消息将以原编号重发" in desk.get(done.headers["location"]).text
    deliver(busy.office, busy.clock)
    assert (state(busy, "甲"), state(busy, "乙")) == ("accepted", "accepted")
    assert robot.sent.count(robot.sent[0]) == 2


def test_what_cannot_be_decided_together_is_said_and_stays_ticked(busy: Town, desk: Visitor) -> None:
    refused = desk.post("/messages/decide", "/messages", decision="accepted", ids=["1", "2"])
    assert refused.status_code == 409
    assert "序号 2 的消息已被拒收，不能视为已受理" in refused.text
    assert refused.text.count(" checked>") == 2
    assert (state(busy, "甲"), state(busy, "乙")) == ("unknown", "failed")
    assert "请先勾选消息" in desk.post("/messages/decide", "/messages", decision="drop").text
    assert desk.post("/messages/decide", "/messages", decision="burn", ids="1").status_code == 400
    assert desk.post("/messages/9/decide", "/messages", decision="drop").status_code == 404


def test_what_was_refused_offers_no_button_that_calls_it_accepted(desk: Visitor) -> None:
    page = desk.get("/messages").text
    refused = page[page.index('id="m2"') : page.index('id="m1"')]
    assert 'value="accepted"' not in refused
    assert 'value="resend"' in refused


def test_what_waits_or_is_over_has_no_buttons(desk: Visitor) -> None:
    assert 'name="decision"' not in desk.get("/messages?tab=waiting").text
    desk.post("/messages/decide", "/messages", decision="drop", ids=["1", "2"])
    page = desk.get("/messages?tab=all").text
    assert 'name="decision"' not in page
    assert "决定不再处理" in page
    assert "没有需要处理的消息" in desk.get("/messages").text


def test_the_overview_leads_to_what_was_not_sent(desk: Visitor) -> None:
    assert '<a href="/messages?tab=open"><b>2</b> 消息未送达或结果不明</a>' in desk.get("/").text
    desk.post("/messages/decide", "/messages", decision="drop", ids=["1", "2"])
    assert "未送达或结果不明" not in desk.get("/").text


def test_the_item_says_how_many_were_reached_and_names_the_others(
    busy: Town, desk: Visitor, robot: ScriptedRobot
) -> None:
    busy.take_in()
    key = "invented-robot-key-0003"
    know(busy.office, f"市水务局,李联,联络员,,,{key},", "市水务局,孙联,联络员,13800000002,,,")
    robot.answers[key] = [answer(Outcome.PERMANENT, words="群已停用")]
    nudge(busy.office, [1], by=STAFF, now=busy.now)
    deliver(busy.office, busy.clock)
    page = desk.get("/items/1").text
    assert "催办：2 人中 1 人已受理" in page
    assert "市水务局 李联（联络员）：失败，群已停用" in page
    assert "市水务局 孙联（联络员）：" not in page
