"""`rectify messages`, `endpoints` and `test-message`: what a shell sees of sending, and never an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.http_server import Fault
from tests.fakes.loopback import loopback_only
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import HEADER

KEY, PHONE = "invented-robot-key-0001", "13800000001"
MONDAY = "2021-07-26T09:00"
LI = "市教育局 李联（联络员）"


@pytest.fixture
def wecom(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeCom]:
    with loopback_only(), FakeWeCom() as server:
        server.add_robot(KEY)
        monkeypatch.setenv("TRACKER_WECOM_BASE_URL", server.base_url)
        yield server


@pytest.fixture(autouse=True)
def _known(taken_in: None, wecom: FakeWeCom, rectify: Rectify, tmp_path: Path) -> None:
    people = tmp_path / "联系人.csv"
    people.write_text(
        f"{HEADER}\n市教育局,李联,联络员,{PHONE},lilian,{KEY},\n市行政审批局,钱管,审批局,,,,\n", "utf-8"
    )
    assert rectify("contacts", "import", people).status == 0


def nudged(rectify: Rectify, wecom: FakeWeCom, fault: Fault | int | None = None) -> dict[str, object]:
    """One message to 李联, carried out; as it is listed then."""
    if fault is not None:
        wecom.inject(KEY, fault)
    assert rectify("nudge", 1, "--by", "钱管", now=MONDAY).status == 0
    assert rectify("deliver", now=MONDAY).status == 0
    [*_, message] = rectify("messages").json["messages"]
    return message


def test_each_message_is_listed_with_what_became_of_each_call(rectify: Rectify, wecom: FakeWeCom) -> None:
    message = nudged(rectify, wecom)
    assert message == {
        "id": 1,
        "serial": "R-20210726-0001",
        "recipient": LI,
        "channel": "wecom_robot",
        "kind": "nudge",
        "state": "accepted",
        "error": None,
        "attempts": [
            {
                "at": "2021-07-26T09:00:00+08:00",
                "ended_at": "2021-07-26T09:00:00+08:00",
                "outcome": "accepted",
                "error": None,
            }
        ],
        "reason": message["reason"],
        "created_at": "2021-07-26T09:00:00+08:00",
        "send_after": "2021-07-26T09:00:00+08:00",
        "segments": None,
        "decided_at": None,
        "decided_by": None,
    }
    assert message["reason"]


def test_the_list_is_narrowed_newest_first(rectify: Rectify, wecom: FakeWeCom) -> None:
    nudged(rectify, wecom)
    ask = ("test-message", "--channel", "sandbox", "--to", "市行政审批局 钱管", "--by", "钱管")
    assert rectify(*ask, now=MONDAY).status == 0

    def ids(*options: object) -> list[int]:
        return [each["id"] for each in rectify("messages", *options).json["messages"]]

    assert ids() == ids("list") == [2, 1]
    assert ids("--state", "accepted") == ids("--channel", "wecom_robot") == [1]
    assert ids("--recipient", "审批局 钱") == [2]
    assert ids("--recipient", "%") == []
    assert ids("--limit", 1) == [2]
    assert "只列出最新的 1 条" in rectify("messages", "--limit", 1).err
    assert rectify("messages", "--state", "lost").status == 2
    assert "以同一编号重发" in rectify("messages", "decide", "--help", as_json=False).out
    assert "decide" in rectify("messages", "--help", as_json=False).out


def test_a_person_decides_about_what_nobody_knows(rectify: Rectify, wecom: FakeWeCom) -> None:
    message = nudged(rectify, wecom, Fault.ACCEPT_THEN_DROP)
    assert (message["state"], message["attempts"][0]["outcome"]) == ("unknown", "unknown")
    refused = rectify("messages", "decide", 1, "--as", "drop", "--by", "李联", now=MONDAY)
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_allowed")
    said = rectify("messages", "decide", 1, "--as", "resend", "--by", "钱管", now="2021-07-26T10:00")
    [again] = said.json["messages"]
    assert (again["state"], again["serial"], again["decided_by"]) == ("pending", message["serial"], "钱管")
    rectify("deliver", now="2021-07-26T10:01")
    [done] = rectify("messages").json["messages"]
    assert (done["state"], [each["outcome"] for each in done["attempts"]]) == (
        "accepted",
        ["unknown", "accepted"],
    )
    nothing_left = rectify("messages", "decide", 1, "--as", "accepted", "--by", "钱管", now=MONDAY)
    assert (nothing_left.status, nothing_left.json["error"]["code"]) == (1, "not_found")


def test_a_dead_robot_is_listed_first_and_taken_into_use_again(rectify: Rectify, wecom: FakeWeCom) -> None:
    wecom.remove_robot(KEY)
    nudged(rectify, wecom)
    said = rectify("endpoints", "list").json
    dead = said["endpoints"][0]
    assert dead["hint"] == "key=inve…0001"
    assert (dead["holders"], dead["disabled_by"], dead["failures"]) == (["市教育局联络员"], None, 1)
    assert "93000" in dead["reason"]
    assert said["resting"] == []
    assert "对方拒收，自动停用" in rectify("endpoints", "list", as_json=False).out
    fine = rectify("endpoints", "enable", dead["id"], "--by", "钱管").json["endpoints"]
    assert [each["disabled_at"] for each in fine] == [None]
    off = ("endpoints", "disable", dead["id"], "--by", "钱管", "--reason", "群已解散")
    [disabled] = rectify(*off, now=MONDAY).json["endpoints"]
    assert (disabled["disabled_by"], disabled["reason"]) == ("钱管", "群已解散")
    assert rectify(*off, now=MONDAY).json["error"]["message"] == f"序号 {dead['id']} 的接收地址已经停用"


def test_a_channel_that_does_not_rest_cannot_be_resumed(rectify: Rectify) -> None:
    refused = rectify("endpoints", "resume", "wecom_robot", "--by", "钱管")
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_found")


def test_a_test_message_says_at_once_what_became_of_it(rectify: Rectify, wecom: FakeWeCom) -> None:
    ask = ("test-message", "--channel", "wecom_robot", "--to", "市教育局 李联", "--by", "钱管", "--deliver")
    said = rectify(*ask, now=MONDAY).json
    assert (said["messages"][0]["kind"], said["state"], said["waits"]) == ("test", "accepted", None)
    assert len(wecom.captured) == 1
    wecom.remove_robot(KEY)
    words = rectify(*ask, now="2021-07-26T09:05", as_json=False).out
    assert "失败" in words
    assert "93000" in words


def test_a_test_message_at_night_says_until_when_it_waits(rectify: Rectify, wecom: FakeWeCom) -> None:
    ask = ("test-message", "--channel", "wecom_robot", "--to", "市教育局 李联", "--by", "钱管", "--deliver")
    said = rectify(*ask, now="2021-07-26T21:00").json
    assert (said["state"], said["waits"]) == (
        "pending",
        "现在不是外发时间，7月27日08:30起才会发出",
    )
    assert wecom.captured == []
    assert "7月27日08:30起才会发出" in rectify(*ask, now="2021-07-26T21:05", as_json=False).out


def test_who_was_reached_stands_beside_the_messages_of_an_item(rectify: Rectify, wecom: FakeWeCom) -> None:
    nudged(rectify, wecom)
    assert rectify("show", 1, now=MONDAY).json["reached"] == [
        {
            "at": "2021-07-26T09:00:00+08:00",
            "kind": "nudge",
            "reached": 1,
            "of": 1,
            "recipients": [
                {"recipient": LI, "state": "accepted", "channels": ["wecom_robot"], "error": None}
            ],
        }
    ]
    assert "催办：1 人中 1 人已受理" in rectify("show", 1, now=MONDAY, as_json=False).out


def test_no_command_shows_an_address_or_what_was_frozen(rectify: Rectify, wecom: FakeWeCom) -> None:
    nudged(rectify, wecom, 45009)
    frozen = wecom.captured[0].raw.decode()
    calls = [("messages",), ("endpoints", "list"), ("show", 1), ("inbox", "--all"), ("doctor",)]
    for call in calls:
        for as_json in (True, False):
            said = rectify(*call, now=MONDAY, as_json=as_json)
            assert [each for each in (KEY, PHONE, frozen, "msgtype") if each in said.out + said.err] == []
