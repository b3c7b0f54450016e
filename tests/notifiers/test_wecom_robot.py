"""The group robot against a server that enforces the real limits and fails in the real ways."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from notifiers.base import Mentions
from notifiers.wecom_robot import MARKDOWN_BYTES, TENCENT, WeComRobot
from tests.fakes.http_server import Fault, Reply
from tests.fakes.wecom import SEND, FakeWeCom
from tracker.domain.errors import ConfigError, DeliveryError, Outcome

KEY = "1234aaaa-0000-4000-8000-00000000cdef"
NOBODY = Mentions()


@pytest.fixture
def robot(wecom: FakeWeCom) -> WeComRobot:
    wecom.add_robot(KEY)
    return WeComRobot(wecom.base_url, timeout=0.3)


def refused(robot: WeComRobot, address: str = KEY) -> DeliveryError:
    (payload,) = robot.compose("澜东区有1项到期", NOBODY)
    with pytest.raises(DeliveryError) as caught:
        robot.send(address, payload)
    return caught.value


def contents(payloads: object) -> list[str]:
    assert isinstance(payloads, list)
    return [json.loads(payload)["markdown"]["content"] for payload in payloads]


# --- accepted


def test_a_message_arrives_in_the_group_as_it_was_written(wecom: FakeWeCom, robot: WeComRobot) -> None:
    text = '## 整改提醒\n> 澜东区：<font color="warning">3 天</font>后到期'
    (payload,) = robot.compose(text, NOBODY)
    assert robot.send(KEY, payload) == ""
    (seen,) = wecom.delivered
    assert (seen.kind, seen.content, seen.notes, seen.escaped) == ("markdown", text, (), False)
    assert seen.raw == payload


def test_the_full_url_of_the_configured_host_is_an_address_too(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose("云台区有1项到期", NOBODY)
    robot.send(f" {wecom.base_url}{SEND}?key={KEY} ", payload)
    assert [seen.key for seen in wecom.delivered] == [KEY]


def test_the_default_host_is_tencents() -> None:
    assert TENCENT == "https://qyapi.weixin.qq.com"


def test_the_robots_own_limit_is_below_the_servers(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose("澜西区有1项到期", NOBODY)
    assert robot.per_minute is not None
    for _ in range(robot.per_minute):
        robot.send(KEY, payload)
    assert len(wecom.delivered) == robot.per_minute


# --- refused, broken, uncertain

ERRCODES = [
    (-1, Outcome.TEMPORARY, 10),
    (45009, Outcome.TEMPORARY, 65),
    (45033, Outcome.TEMPORARY, 3),
    (93000, Outcome.PERMANENT, 0),
    (93004, Outcome.PERMANENT, 0),
    (93008, Outcome.PERMANENT, 0),
    (40058, Outcome.PERMANENT, 0),
    (44004, Outcome.PERMANENT, 0),
    (99999, Outcome.PERMANENT, 0),  # not in any list
]


@pytest.mark.parametrize(("errcode", "outcome", "pause"), ERRCODES)
def test_an_errcode_decides_whether_and_when_to_try_again(
    wecom: FakeWeCom, robot: WeComRobot, errcode: int, outcome: Outcome, pause: int
) -> None:
    wecom.inject(KEY, errcode)
    error = refused(robot)
    assert (error.outcome, error.retry_after_seconds) == (outcome, pause)
    assert error.details["errcode"] == errcode
    assert error.details["hint"] == f"{int(wecom.now)}_1"
    assert error.details["robot"] == "key=1234…cdef"
    assert str(errcode) in error.message


FAULTS = [
    (Fault.HTTP_500, Outcome.TEMPORARY),
    (Fault.HTTP_502, Outcome.TEMPORARY),
    (Fault.REDIRECT, Outcome.PERMANENT),
    (Fault.HTML, Outcome.UNKNOWN),
    (Fault.WARNING, Outcome.UNKNOWN),
    (Fault.SLOW, Outcome.UNKNOWN),
    (Fault.ACCEPT_THEN_DROP, Outcome.UNKNOWN),
    (Fault.CUT_ANSWER, Outcome.UNKNOWN),
    (Fault.DROP, Outcome.UNKNOWN),  # from here it cannot be told whether the body was read
]


@pytest.mark.parametrize(("fault", "outcome"), FAULTS)
def test_a_fault_is_named_for_what_is_known_of_the_message(
    wecom: FakeWeCom, robot: WeComRobot, fault: Fault, outcome: Outcome
) -> None:
    wecom.inject(KEY, fault)
    assert refused(robot).outcome is outcome
    assert wecom.strays == [], "a redirect was followed"
    assert not (wecom.delivered and outcome is not Outcome.UNKNOWN), "a delivered message counts as not sent"


def test_every_fault_is_in_the_table() -> None:
    assert {fault for fault, _ in FAULTS} == set(Fault)


def test_a_server_that_is_not_there_is_a_temporary_failure() -> None:
    with FakeWeCom() as gone:
        robot = WeComRobot(gone.base_url)
    assert refused(robot).outcome is Outcome.TEMPORARY


def test_a_tls_handshake_that_fails_is_a_temporary_failure(wecom: FakeWeCom) -> None:
    robot = WeComRobot(wecom.base_url.replace("http:", "https:"))
    error = refused(robot)
    assert error.outcome is Outcome.TEMPORARY
    assert "TLS" in error.message


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b'"ok"',
        b"{}",
        b'{"errcode":"0"}',
        b'{"errcode":false}',
        b'{"errcode":0.0}',
        b"\xff",
        b"[" * 60_000,
    ],
)
def test_an_answer_without_an_errcode_is_unknown(wecom: FakeWeCom, robot: WeComRobot, answer: bytes) -> None:
    wecom.inject(KEY, Reply(answer))
    assert refused(robot).outcome is Outcome.UNKNOWN


def test_a_removed_robot_tells_the_administrator_what_to_do(wecom: FakeWeCom, robot: WeComRobot) -> None:
    wecom.remove_robot(KEY)
    error = refused(robot)
    assert error.permanent
    assert (
        error.message
        == "机器人密钥无效或机器人已被移出群（错误码93000），请在群里重新添加机器人并更新联系人表"
    )


# --- addresses


@pytest.mark.parametrize(
    "address",
    [
        "",
        "two words",
        f"https://elsewhere.example.invalid{SEND}?key={KEY}",
        f"BASE/cgi-bin/webhook/send/?key={KEY}",
        f"BASE@elsewhere.example.invalid{SEND}?key={KEY}",
        f"BASE{SEND}",
        f"BASE{SEND}?key=",
        f"BASE{SEND}?key={KEY}&debug=1",
        f"BASE{SEND}?key={KEY}&key={KEY}",
        f"BASE{SEND}?key={KEY}#x",
        f"BASE{SEND}?key={quote('澜')}",
        f"{KEY}&debug=1",
        f"../../{KEY}",
    ],
)
def test_any_other_address_is_refused_without_a_request(
    wecom: FakeWeCom, robot: WeComRobot, address: str
) -> None:
    error = refused(robot, address.replace("BASE", wecom.base_url))
    assert error.permanent
    assert KEY not in error.message
    assert wecom.captured == []
    assert wecom.strays == []


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "qyapi.weixin.qq.com",
        "ftp://127.0.0.1",
        "http://",
        "http://a:b@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1:99999",
        f"http://{'a' * 64}.invalid",
        "http://[",
    ],
)
def test_an_impossible_base_url_is_refused_at_once(base_url: str) -> None:
    with pytest.raises(ConfigError):
        WeComRobot(base_url)


# --- lengths


@pytest.mark.parametrize(
    ("text", "parts"), [("澜" * 1365 + "x", 1), ("澜" * 1365 + "xy", 2), ("澜" * 1366, 2)]
)
def test_4096_bytes_are_one_message_and_4097_are_two(
    wecom: FakeWeCom, robot: WeComRobot, text: str, parts: int
) -> None:
    payloads = robot.compose(text, NOBODY)
    assert len(payloads) == parts
    for payload in payloads:
        robot.send(KEY, payload)
    assert len(wecom.delivered) == parts


def test_a_long_list_arrives_whole_in_numbered_parts(wecom: FakeWeCom, robot: WeComRobot) -> None:
    lines = [f"{number}. 青桥开发区第{number}项：专栏长期未更新" for number in range(1, 301)]
    payloads = robot.compose("\n".join(lines), NOBODY)
    for payload in payloads:
        robot.send(KEY, payload)
    seen = [one.content for one in wecom.delivered]
    assert [one.partition("\n")[0] for one in seen] == [
        f"（{n}/{len(seen)}）" for n in range(1, len(seen) + 1)
    ]
    assert "".join(one.partition("\n")[2] for one in seen).splitlines() == lines


# --- mentions


def test_user_ids_are_paged_at_the_end_of_the_last_part(wecom: FakeWeCom, robot: WeComRobot) -> None:
    payloads = robot.compose("云澜市\n" * 1000, Mentions(user_ids=("zhang.san", "li-si")))
    for payload in payloads:
        robot.send(KEY, payload)
    assert [one.user_ids for one in wecom.delivered] == [()] * (len(payloads) - 1) + [("zhang.san", "li-si")]
    assert wecom.delivered[-1].content.endswith("\n<@zhang.san><@li-si>")


def test_mentions_count_towards_the_limit(robot: WeComRobot) -> None:
    payloads = robot.compose("x" * MARKDOWN_BYTES, Mentions(user_ids=("zhang.san",)))
    assert all(len(content.encode()) <= MARKDOWN_BYTES for content in contents(payloads))
    assert len(payloads) == 2


def test_phones_are_paged_by_a_text_message_of_its_own(wecom: FakeWeCom, robot: WeComRobot) -> None:
    payloads = robot.compose("澜东区有1项到期", Mentions(phones=("13800000000", "13800000001")))
    for payload in payloads:
        robot.send(KEY, payload)
    assert [(one.kind, one.phones) for one in wecom.delivered] == [
        ("markdown", ()),
        ("text", ("13800000000", "13800000001")),
    ]
    assert wecom.delivered[0].notes == ()


def test_a_known_user_id_makes_the_second_message_unnecessary(robot: WeComRobot) -> None:
    mentions = Mentions(user_ids=("zhang.san",), phones=("13800000000",))
    assert len(robot.compose("澜东区有1项到期", mentions)) == 1


@pytest.mark.parametrize("user_id", ["", "@all", "a>b", "a b", "张三", "a\n", "x" * 65])
def test_a_user_id_that_could_break_the_markup_is_refused(robot: WeComRobot, user_id: str) -> None:
    with pytest.raises(DeliveryError, match="企业微信账号") as caught:
        robot.compose("澜东区有1项到期", Mentions(user_ids=(user_id,)))
    assert caught.value.permanent
