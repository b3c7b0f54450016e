"""The DingTalk robot, against a fake that checks token, signature, keyword and rate."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from notifiers.base import Letter, Mentions
from notifiers.dingtalk import DingTalkRobot
from tests.fakes.dingtalk import SECRET, TOKEN, FakeDingTalk
from tests.fakes.http_server import Fault, Reply, json_reply
from tests.fakes.provider import NOW
from tracker.domain.errors import DeliveryError, Outcome, Scope

ADDRESS = f"{TOKEN}#{SECRET}"
PHONE = "13800000000"


@pytest.fixture
def platform() -> Iterator[FakeDingTalk]:
    with FakeDingTalk() as server:
        yield server


def robot(platform: FakeDingTalk, now: float = NOW) -> DingTalkRobot:
    return DingTalkRobot(platform.base_url, timeout=0.3, clock=lambda: now)


def refused(channel: DingTalkRobot, address: str = ADDRESS) -> DeliveryError:
    (payload,) = channel.compose(Letter("澜东区有1项到期"))
    with pytest.raises(DeliveryError) as caught:
        channel.send(address, payload)
    shown = f"{caught.value!r}{caught.value.details}"
    assert TOKEN not in shown
    assert SECRET not in shown
    return caught.value


def test_a_signed_message_arrives_as_markdown_that_pages_people(platform: FakeDingTalk) -> None:
    channel = robot(platform)
    letter = Letter(
        '## 整改提醒\n<font color="warning">剩余3天</font>', Mentions(("zhangsan",), (PHONE, "13800000001"))
    )
    (payload,) = channel.compose(letter)
    assert channel.send(ADDRESS, payload) == ""
    (seen,) = platform.accepted
    assert seen["markdown"] == {
        "title": "整改提醒",
        "text": f"## 整改提醒  \n剩余3天  \n@{PHONE} @13800000001",
    }
    assert seen["at"] == {"atMobiles": [PHONE, "13800000001"], "isAtAll": False}


def test_a_robot_without_a_secret_gets_no_signature(platform: FakeDingTalk) -> None:
    platform.secret = ""
    channel = robot(platform)
    channel.send(TOKEN, channel.compose(Letter("澜东区有1项到期"))[0])
    assert len(platform.accepted) == 1


def test_a_long_text_goes_out_in_parts_of_at_most_20_kilobytes(platform: FakeDingTalk) -> None:
    channel = robot(platform)
    payloads = channel.compose(Letter("\n".join(f'{n}. "青桥开发区"专栏未更新' for n in range(2000))))
    assert len(payloads) > 2
    assert max(map(len, payloads)) <= 20 * 1024
    for payload in payloads:
        channel.send(ADDRESS, payload)
    shown = "".join(one["markdown"]["text"] for one in platform.accepted)
    assert shown.count("专栏未更新") == 2000
    assert json.loads(payloads[0])["markdown"]["text"].startswith(f"（1/{len(payloads)}）")


CODES = [
    (-1, Outcome.TEMPORARY, Scope.MESSAGE, 10),
    (130101, Outcome.TEMPORARY, Scope.MESSAGE, 600),
    (410100, Outcome.TEMPORARY, Scope.MESSAGE, 600),
    (310000, Outcome.TEMPORARY, Scope.ADDRESS, 600),
    (400013, Outcome.PERMANENT, Scope.ADDRESS, 0),
    (400101, Outcome.PERMANENT, Scope.ADDRESS, 0),
    (400102, Outcome.PERMANENT, Scope.ADDRESS, 0),
    (400106, Outcome.PERMANENT, Scope.ADDRESS, 0),
    (40035, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (43004, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (400105, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (430101, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (430104, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (999999, Outcome.PERMANENT, Scope.MESSAGE, 0),
]


@pytest.mark.parametrize(("code", "outcome", "scope", "pause"), CODES)
def test_every_code_says_whether_to_try_again_and_how_far_it_reaches(
    platform: FakeDingTalk, code: int, outcome: Outcome, scope: Scope, pause: int
) -> None:
    platform.refuse_with = code
    error = refused(robot(platform))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)
    assert error.details == {"robot": "key=inve…cdef", "code": str(code)}


def test_the_21st_message_of_a_minute_waits_ten_minutes(platform: FakeDingTalk) -> None:
    channel = robot(platform)
    for _ in range(20):
        channel.send(ADDRESS, channel.compose(Letter("澜东区有1项到期"))[0])
    assert refused(channel).retry_after_seconds == 600


def test_neither_a_wrong_secret_nor_the_clock_nor_a_keyword_costs_a_robot_its_life(
    platform: FakeDingTalk,
) -> None:
    """All have one code; it used to disable the address, every address where the clock was wrong."""
    secret = refused(robot(platform), f"{TOKEN}#another")
    assert (secret.outcome, secret.scope) == (Outcome.TEMPORARY, Scope.ADDRESS)
    clock = refused(robot(platform, NOW + 3700))
    assert (clock.outcome, clock.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    platform.keyword = "整改"
    keyword = refused(robot(platform))
    assert (keyword.outcome, keyword.scope) == (Outcome.PERMANENT, Scope.MESSAGE)


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("错误描述:关键词不匹配;解决方案:请在发送的信息中包含此关键词;", Scope.MESSAGE),
        ("错误描述:机器人发送签名过期;解决方案:请重新计算签名", Scope.CHANNEL),
        ("错误描述:机器人发送签名不匹配;解决方案:请确认签名和时间戳都放在网址中", Scope.ADDRESS),
        ("ip 10.0.0.1 not in whitelist", Scope.ADDRESS),
        ("", Scope.ADDRESS),
    ],
)
def test_a_security_setting_is_told_by_its_words(platform: FakeDingTalk, words: str, scope: Scope) -> None:
    platform.inject(platform.PATH, json_reply({"errcode": 310000, "errmsg": words}))
    assert refused(robot(platform)).scope is scope


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"errcode":"0"}', b'{"errcode":true}'])
def test_an_answer_without_a_code_is_unknown(platform: FakeDingTalk, body: bytes) -> None:
    platform.inject(platform.PATH, Reply(body))
    assert refused(robot(platform)).outcome is Outcome.UNKNOWN


def test_an_answer_that_never_comes_is_unknown(platform: FakeDingTalk) -> None:
    platform.inject(platform.PATH, Fault.SLOW)
    assert refused(robot(platform)).outcome is Outcome.UNKNOWN
    assert len(platform.accepted) == 1, "it was taken although nobody said so"


@pytest.mark.parametrize("address", ["", "#secret", f"{TOKEN}&x=1", f"{TOKEN}#a b", f"https://a.cn/{TOKEN}"])
def test_an_address_that_is_none_is_refused_without_a_request(platform: FakeDingTalk, address: str) -> None:
    error = refused(robot(platform), address)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    assert platform.raw == []


def test_a_hint_shows_neither_token_nor_secret(platform: FakeDingTalk) -> None:
    assert robot(platform).hint(ADDRESS) == "key=inve…cdef"
