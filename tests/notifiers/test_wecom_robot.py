"""The group robot against a server that enforces the real limits and fails in the real ways."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from notifiers.base import Attachment, Card, Letter, Mentions
from notifiers.wecom_api import TENCENT
from notifiers.wecom_robot import MARKDOWN_BYTES, Style, WeComRobot
from tests.fakes.http_server import Fault, Reply, Trouble
from tests.fakes.wecom import SEND, UPLOAD, FakeWeCom
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

KEY = "1234aaaa-0000-4000-8000-00000000cdef"


@pytest.fixture
def robot(wecom: FakeWeCom) -> WeComRobot:
    wecom.add_robot(KEY)
    return WeComRobot(wecom.base_url, timeout=0.3)


def refused(robot: WeComRobot, address: str = KEY) -> DeliveryError:
    (payload,) = robot.compose(Letter("澜东区有1项到期"))
    with pytest.raises(DeliveryError) as caught:
        robot.send(address, payload)
    return caught.value


def deliver(robot: WeComRobot, letter: Letter) -> None:
    for payload in robot.compose(letter):
        robot.send(KEY, payload)


def contents(payloads: object) -> list[str]:
    assert isinstance(payloads, list)
    return [json.loads(payload)["markdown"]["content"] for payload in payloads]


# --- accepted


def test_a_message_arrives_in_the_group_as_it_was_written(wecom: FakeWeCom, robot: WeComRobot) -> None:
    text = '## 整改提醒\n> 澜东区：<font color="warning">3 天</font>后到期'
    (payload,) = robot.compose(Letter(text))
    assert robot.send(KEY, payload) == ""
    (seen,) = wecom.delivered
    assert (seen.kind, seen.content, seen.notes, seen.escaped) == ("markdown", text, (), False)
    assert seen.raw == payload


def test_the_full_url_of_the_configured_host_is_an_address_too(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose(Letter("云台区有1项到期"))
    robot.send(f" {wecom.base_url}{SEND}?key={KEY} ", payload)
    assert [seen.key for seen in wecom.delivered] == [KEY]


def test_the_default_host_is_tencents() -> None:
    assert TENCENT == "https://qyapi.weixin.qq.com"


def test_the_robots_own_limit_is_below_the_servers(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose(Letter("澜西区有1项到期"))
    assert robot.per_minute is not None
    for _ in range(robot.per_minute):
        robot.send(KEY, payload)
    assert len(wecom.delivered) == robot.per_minute


# --- refused, uncertain (faults: test_wecom_faults.py)


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
    assert error.outcome is Outcome.PERMANENT
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
    assert error.outcome is Outcome.PERMANENT
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
    ("text", "parts"), [("澜" * 1333 + "x", 1), ("澜" * 1333 + "xy", 2), ("澜" * 1334, 2)]
)
@pytest.mark.parametrize("style", ["markdown", "markdown_v2"])
def test_4000_bytes_are_one_message_and_4001_are_two(
    wecom: FakeWeCom, style: Style, text: str, parts: int
) -> None:
    wecom.add_robot(KEY)
    robot = WeComRobot(wecom.base_url, style=style)
    payloads = robot.compose(Letter(text))
    assert len(payloads) == parts
    for payload in payloads:
        robot.send(KEY, payload)
    assert len(wecom.delivered) == parts


def test_a_long_list_arrives_whole_in_numbered_parts(wecom: FakeWeCom, robot: WeComRobot) -> None:
    lines = [f"{number}. 青桥开发区第{number}项：专栏长期未更新" for number in range(1, 301)]
    payloads = robot.compose(Letter("\n".join(lines)))
    for payload in payloads:
        robot.send(KEY, payload)
    seen = [one.content for one in wecom.delivered]
    assert [one.partition("\n")[0] for one in seen] == [
        f"（{n}/{len(seen)}）" for n in range(1, len(seen) + 1)
    ]
    assert "".join(one.partition("\n")[2] for one in seen).splitlines() == lines


# --- mentions


def test_user_ids_are_paged_at_the_end_of_the_last_part(wecom: FakeWeCom, robot: WeComRobot) -> None:
    payloads = robot.compose(Letter("云澜市\n" * 1000, Mentions(user_ids=("zhang.san", "li-si"))))
    for payload in payloads:
        robot.send(KEY, payload)
    assert [one.user_ids for one in wecom.delivered] == [()] * (len(payloads) - 1) + [("zhang.san", "li-si")]
    assert wecom.delivered[-1].content.endswith("\n<@zhang.san><@li-si>")


def test_mentions_count_towards_the_limit(robot: WeComRobot) -> None:
    payloads = robot.compose(Letter("x" * MARKDOWN_BYTES, Mentions(user_ids=("zhang.san",))))
    assert all(len(content.encode()) <= MARKDOWN_BYTES for content in contents(payloads))
    assert len(payloads) == 2


def test_phones_are_paged_by_a_text_message_of_its_own(wecom: FakeWeCom, robot: WeComRobot) -> None:
    payloads = robot.compose(Letter("澜东区有1项到期", Mentions(phones=("13800000000", "13800000001"))))
    for payload in payloads:
        robot.send(KEY, payload)
    assert [(one.kind, one.phones) for one in wecom.delivered] == [
        ("markdown", ()),
        ("text", ("13800000000", "13800000001")),
    ]
    assert wecom.delivered[0].notes == ()


def test_somebody_with_user_id_and_phone_is_paged_once(wecom: FakeWeCom, robot: WeComRobot) -> None:
    """A letter names both, since DingTalk pages by telephone only."""
    deliver(robot, Letter("澜东区有1项到期", Mentions(user_ids=("zhang.san",), phones=("13800000000",))))
    assert [(one.kind, one.user_ids, one.phones) for one in wecom.delivered] == [
        ("markdown", ("zhang.san",), ()),
    ]


@pytest.mark.parametrize("user_id", ["", "@all", "a>b", "a b", "张三", "a\n", "x" * 65])
def test_a_user_id_that_could_break_the_markup_is_refused(robot: WeComRobot, user_id: str) -> None:
    with pytest.raises(DeliveryError, match="企业微信账号") as caught:
        robot.compose(Letter("澜东区有1项到期", Mentions(user_ids=(user_id,))))
    assert caught.value.outcome is Outcome.PERMANENT


# --- other styles

CARD = Card(
    "3 项将于 7月30日 到期",
    "云台区还有 3 项未整改",
    (("期限", "2021-07-30"),),
    "https://ledger.example.invalid/i",
)


def test_markdown_v2_drops_what_it_cannot_show_and_pages_by_a_text(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)
    robot = WeComRobot(wecom.base_url, style="markdown_v2")
    text = '**云台区**<font color="warning">3 天</font>后到期 <@li-si>'
    deliver(robot, Letter(text, Mentions(user_ids=("zhang.san",), phones=("13800000000",))))
    body, paging = wecom.delivered
    assert (body.kind, body.content, body.notes) == ("markdown_v2", "**云台区**3 天后到期", ())
    assert (paging.kind, paging.user_ids, paging.phones) == ("text", ("zhang.san",), ())
    assert paging.content


def test_a_text_of_nothing_but_marks_is_refused_in_markdown_v2(robot: WeComRobot) -> None:
    with pytest.raises(DeliveryError) as caught:
        WeComRobot(style="markdown_v2").compose(Letter("<font></font>"))
    assert caught.value.outcome is Outcome.PERMANENT


def test_a_letter_with_a_page_behind_it_becomes_a_card_and_a_text_that_pages(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)
    robot = WeComRobot(wecom.base_url, style="card")
    mentions = Mentions(user_ids=("zhang.san",))
    deliver(robot, Letter("云台区有3项到期", mentions, serial="R-20210726-0007", card=CARD))
    card, paging = wecom.delivered
    assert (card.kind, card.content) == ("template_card", CARD.title)
    assert json.loads(card.raw)["template_card"] == {
        "card_type": "text_notice",
        "main_title": {"title": CARD.title},
        "sub_title_text": CARD.summary,
        "horizontal_content_list": [
            {"keyname": "期限", "value": "2021-07-30"},
            {"keyname": "编号", "value": "R-20210726-0007"},
        ],
        "card_action": {"type": 1, "url": CARD.link},
    }
    assert (paging.kind, paging.user_ids) == ("text", ("zhang.san",))


@pytest.mark.parametrize("card", [None, replace(CARD, link=None)])
def test_without_a_page_behind_it_a_letter_stays_markdown(card: Card | None) -> None:
    (payload,) = WeComRobot(style="card").compose(Letter("云台区有3项到期", card=card))
    assert contents([payload]) == ["云台区有3项到期"]


def test_a_card_is_cut_to_what_it_can_show(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)
    robot = WeComRobot(wecom.base_url, style="card")
    long = replace(CARD, title="澜" * 40, summary="台" * 200, fields=(("办理期限到哪天", "青" * 40),) * 9)
    deliver(robot, Letter("云台区有9项到期", serial="R-20210726-0008", card=long))
    card = json.loads(wecom.delivered[0].raw)["template_card"]
    assert card["main_title"]["title"] == "澜" * 25 + "…"
    assert card["sub_title_text"] == "台" * 111 + "…"
    fields = card["horizontal_content_list"]
    assert [field["keyname"] for field in fields] == ["办理期限…"] * 5 + ["编号"]
    assert fields[0]["value"] == "青" * 25 + "…"


# --- attachments

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
CHART = Attachment("整改率.png", PNG, "image/png")
LEDGER = Attachment("整改台账.xlsx", b"a workbook of some bytes", "application/vnd.ms-excel")


def test_a_picture_is_shown_and_a_file_is_uploaded_under_its_name(
    wecom: FakeWeCom, robot: WeComRobot
) -> None:
    deliver(robot, Letter("本周周报", attachments=(CHART, LEDGER)))
    assert [(one.kind, one.content) for one in wecom.delivered] == [
        ("markdown", "本周周报"),
        ("image", f"[{len(PNG)} bytes]"),
        ("file", "整改台账.xlsx"),
    ]


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        (Attachment("a.png", b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024 - 8), "image/png"), "image"),
        (Attachment("a.png", b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024 - 7), "image/png"), "file"),
        (Attachment("a.jpg", b"\xff\xd8\xff" + bytes(9), "image/jpeg"), "image"),
        (Attachment("a.png", b"GIF89a, not a PNG", "image/png"), "file"),
        (Attachment("a.txt", b"12345", "text/plain"), None),
        (Attachment("a.txt", b"123456", "text/plain"), "file"),
        (Attachment("a.bin", bytes(20 * 1024 * 1024), "application/octet-stream"), "file"),
        (Attachment("a.bin", bytes(20 * 1024 * 1024 + 1), "application/octet-stream"), None),
    ],
    ids=["2MB", "2MB+1", "jpg", "no-png", "5B", "6B", "20MB", "20MB+1"],
)
def test_size_and_content_decide_how_an_attachment_travels(
    wecom: FakeWeCom, attachment: Attachment, kind: str | None
) -> None:
    wecom.add_robot(KEY)
    patient = WeComRobot(wecom.base_url)
    for payload in patient.compose(Letter("本周周报", attachments=(attachment,)))[1:]:
        patient.send(KEY, payload)
    assert [one.kind for one in wecom.delivered] == ([kind] if kind else [])


@pytest.mark.parametrize(
    "trouble",
    [Fault.HTML, Fault.SLOW, Fault.HANG, Fault.ACCEPT_THEN_DROP, Fault.CUT_ANSWER, Fault.HTTP_502, -1],
)
def test_an_upload_that_fails_showed_nobody_anything(
    wecom: FakeWeCom, robot: WeComRobot, trouble: Trouble
) -> None:
    (payload,) = robot.compose(Letter("本周周报", attachments=(LEDGER,)))[1:]
    wecom.inject(UPLOAD, trouble)
    with pytest.raises(DeliveryError) as caught:
        robot.send(KEY, payload)
    assert caught.value.outcome is Outcome.TEMPORARY
    assert wecom.captured == []


def test_a_file_message_that_gets_no_answer_is_unknown(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose(Letter("本周周报", attachments=(LEDGER,)))[1:]
    wecom.inject(KEY, Fault.ACCEPT_THEN_DROP)
    with pytest.raises(DeliveryError) as caught:
        robot.send(KEY, payload)
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("times", "sent"), [(1, True), (2, False)])
def test_an_upload_that_is_not_found_again_is_repeated_once(
    wecom: FakeWeCom, robot: WeComRobot, times: int, sent: bool
) -> None:
    (payload,) = robot.compose(Letter("本周周报", attachments=(LEDGER,)))[1:]
    wecom.inject(KEY, 40007, times=times)
    if sent:
        robot.send(KEY, payload)
    else:
        with pytest.raises(DeliveryError) as caught:
            robot.send(KEY, payload)
        assert (caught.value.outcome, caught.value.scope) == (Outcome.PERMANENT, Scope.MESSAGE)
    assert len(wecom.captured) == 2
    assert len(wecom.delivered) == sent


def test_an_upload_to_a_removed_robot_is_the_robots_end(wecom: FakeWeCom, robot: WeComRobot) -> None:
    (payload,) = robot.compose(Letter("本周周报", attachments=(LEDGER,)))[1:]
    wecom.remove_robot(KEY)
    with pytest.raises(DeliveryError) as caught:
        robot.send(KEY, payload)
    assert (caught.value.outcome, caught.value.scope) == (Outcome.PERMANENT, Scope.ADDRESS)


@pytest.mark.parametrize("address", [KEY, f"https://qyapi.weixin.qq.com{SEND}?key={KEY}"])
def test_a_hint_shows_the_ends_of_the_key_only(robot: WeComRobot, address: str) -> None:
    assert robot.hint(address) == "key=1234…cdef"
