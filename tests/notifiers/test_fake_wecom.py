"""The fake itself: a test double that is laxer than WeCom would prove nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.certificates import self_signed
from tests.fakes.http_server import Fault
from tests.fakes.wecom import SEND, UPLOAD, FakeWeCom
from tests.fakes.wecom_messages import Note
from tests.fakes.wecom_rules import Rules

KEY, OTHER = "key-of-a-robot-0001", "key-of-a-robot-0002"
OK = {"errcode": 0, "errmsg": "ok"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _a_robot(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)


def post(wecom: FakeWeCom, body: object, key: str = KEY) -> dict[str, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = requests.post(wecom.base_url + SEND, params={"key": key}, data=data, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=UTF-8")
    value: dict[str, Any] = answer.json()
    return value


def upload(wecom: FakeWeCom, content: bytes, key: str = KEY, kind: str = "file") -> dict[str, Any]:
    query = {"key": key, "type": kind}
    files = {"media": ("台账.xlsx", content)}
    answer = requests.post(wecom.base_url + UPLOAD, params=query, files=files, timeout=10)
    value: dict[str, Any] = answer.json()
    return value


def text(content: str, **more: object) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": content, **more}}


def markdown(content: str, kind: str = "markdown", **more: object) -> dict[str, object]:
    return {"msgtype": kind, kind: {"content": content, **more}}


def card(**change: object) -> dict[str, object]:
    content: dict[str, object] = {
        "card_type": "text_notice",
        "main_title": {"title": "三天后到期"},
        "card_action": {"type": 1, "url": "https://ledger.example.invalid/"},
    }
    return {"msgtype": "template_card", "template_card": content | change}


# --- the answer


def test_success_is_exactly_two_fields(wecom: FakeWeCom) -> None:
    assert post(wecom, text("澜东区")) == OK


def test_an_error_has_hint_address_and_link(wecom: FakeWeCom) -> None:
    answer = post(wecom, text(""))
    assert answer["errcode"] == 44004
    assert "hint: [" in answer["errmsg"]
    assert answer["errmsg"].endswith("e=44004")


@pytest.mark.parametrize("key", ["", "nobody-s-key"])
def test_an_unknown_key_is_93000(wecom: FakeWeCom, key: str) -> None:
    assert post(wecom, text("澜东区"), key)["errcode"] == 93000


def test_a_removed_robot_is_93000_and_a_disabled_one_93004(wecom: FakeWeCom) -> None:
    wecom.disable_robot(KEY)
    assert post(wecom, text("澜东区"))["errcode"] == 93004
    wecom.remove_robot(KEY)
    assert post(wecom, text("澜东区"))["errcode"] == 93000


def test_a_wrong_method_or_path_is_a_transport_error(wecom: FakeWeCom) -> None:
    assert requests.get(wecom.base_url + SEND, timeout=10).status_code == 405
    assert requests.post(wecom.base_url + "/send", timeout=10).status_code == 404
    assert wecom.strays == ["POST /send"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"not json", 40008),
        ([], 40008),
        ({}, 40008),
        ({"msgtype": "sticker"}, 40008),
        ({"msgtype": "text"}, 40058),
        ({"msgtype": "text", "text": "澜"}, 40058),
        ({"msgtype": "text", "text": {}}, 44004),
        (text("澜", mentioned_list="zhangsan"), 40058),
        (markdown(""), 44004),
        ({"msgtype": "file", "file": {"media_id": "nobody's"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 40058),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "u"}] * 9}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{"title": "t"}]}}, 40058),
        (card(card_type="button_interaction"), 42031),
        (card(card_action=None), 42045),
        (card(card_action={"type": 1}), 42028),
        (card(card_action={"type": 2}), 42030),
        (card(main_title={}), 42033),
        (card(card_type="news_notice"), 42044),
        (card(horizontal_content_list=[{"keyname": "k"}] * 7), 42035),
        (card(horizontal_content_list=[{}]), 42027),
        (card(horizontal_content_list=[{"keyname": "k", "type": 1}]), 42028),
        (card(horizontal_content_list=[{"keyname": "k", "type": 2}]), 42029),
        (card(horizontal_content_list=[{"keyname": "k", "type": 3}]), 42050),
        (card(jump_list=[{"title": "t"}] * 4), 42042),
        (card(jump_list=[{"title": "t", "type": 2}]), 42030),
        (card(vertical_content_list=[{"title": "t"}] * 5), 42036),
        (card(vertical_content_list=[{}]), 42033),
    ],
)
def test_a_broken_body_gets_its_code_and_is_not_delivered(
    wecom: FakeWeCom, body: object, errcode: int
) -> None:
    assert post(wecom, body)["errcode"] == errcode
    assert [(one.errcode, one.delivered) for one in wecom.captured] == [(errcode, False)]


def test_a_card_of_either_type_is_accepted(wecom: FakeWeCom) -> None:
    image = {"url": "https://ledger.example.invalid/chart.png"}
    assert post(wecom, card()) == OK
    assert post(wecom, card(card_type="news_notice", card_image=image)) == OK


# --- lengths


@pytest.mark.parametrize(
    ("make", "content", "errcode"),
    [
        (text, "澜" * 682 + "xx", 0),
        (text, "澜" * 683, 40058),
        (markdown, "澜" * 1365 + "x", 0),
        (markdown, "澜" * 1365 + "xx", 40058),
        (lambda content: markdown(content, "markdown_v2"), "澜" * 1365 + "x", 0),
        (lambda content: markdown(content, "markdown_v2"), "澜" * 1365 + "xx", 40058),
    ],
)
def test_lengths_are_bytes_of_the_decoded_text(
    wecom: FakeWeCom, make: Any, content: str, errcode: int
) -> None:
    assert post(wecom, make(content))["errcode"] == errcode


@pytest.mark.parametrize(("size", "errcode"), [(5120, 0), (5121, 40058)])
def test_the_observed_mode_takes_longer_texts(size: int, errcode: int) -> None:
    with FakeWeCom(rules=Rules(strict=False)) as wecom:
        wecom.add_robot(KEY)
        assert post(wecom, text("x" * size))["errcode"] == errcode


# --- the rate


def test_the_21st_call_in_a_minute_blocks_that_key_for_a_minute(wecom: FakeWeCom) -> None:
    wecom.add_robot(OTHER)
    assert [post(wecom, text("澜"))["errcode"] for _ in range(21)] == [0] * 20 + [45009]
    assert post(wecom, text("澜"), OTHER) == OK
    wecom.advance(59.9)
    assert post(wecom, text("澜"))["errcode"] == 45009
    wecom.advance(0.1)
    assert post(wecom, text("澜")) == OK
    assert len(wecom.delivered) == 22


def test_the_window_slides(wecom: FakeWeCom) -> None:
    for _ in range(20):
        assert post(wecom, text("澜")) == OK
        wecom.advance(3.0)
    assert post(wecom, text("澜")) == OK


@pytest.mark.parametrize(("strict", "errcode"), [(True, 45009), (False, 0)])
def test_refused_calls_count_in_strict_mode_only(strict: bool, errcode: int) -> None:
    with FakeWeCom(rules=Rules(strict=strict)) as wecom:
        wecom.add_robot(KEY)
        for _ in range(20):
            post(wecom, text(""))
        assert post(wecom, text("澜"))["errcode"] == errcode


def test_the_limit_holds_across_processes(wecom: FakeWeCom) -> None:
    script = (
        "import sys, requests\n"
        "for _ in range(7):\n"
        "    requests.post(sys.argv[1], json={'msgtype': 'text', 'text': {'content': 'x'}}, timeout=10)\n"
    )
    command = [sys.executable, "-c", script, f"{wecom.base_url}{SEND}?key={KEY}"]
    clients = [subprocess.Popen(command) for _ in range(3)]
    assert [client.wait(60) for client in clients] == [0, 0, 0]
    assert sorted(one.errcode or 0 for one in wecom.captured) == [0] * 20 + [45009]


def test_two_calls_at_once_are_45033_where_that_is_switched_on() -> None:
    with FakeWeCom(rules=Rules(refuse_concurrent=True)) as wecom:
        wecom.add_robot(KEY)
        wecom.inject(KEY, Fault.SLOW)
        first = threading.Thread(target=post, args=(wecom, text("澜")))
        first.start()
        assert wecom.wait_for(1)
        assert post(wecom, text("澜"))["errcode"] == 45033
    first.join()


# --- what people see


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (text("澜"), ()),
        (text("澜", mentioned_mobile_list=["13800000009"]), (Note.NOBODY_PINGED,)),
        (text("澜", mentioned_mobile_list=["13800000001", "13800000009"]), ()),
        (text("澜", mentioned_list=["@all"]), ()),
        (markdown("<@zhang.san>"), ()),
        (markdown("<@li.si>"), (Note.NOBODY_PINGED,)),
        (markdown("澜", mentioned_list=["zhang.san"]), (Note.MENTIONS_IGNORED,)),
        (markdown('<font color="red">澜</font>'), (Note.UNKNOWN_COLOUR,)),
        (markdown('<font color="info">澜</font>'), ()),
        (markdown("| 单位 | 整改率 |"), (Note.NOT_RENDERED,)),
        (markdown("```\n澜\n```"), (Note.NOT_RENDERED,)),
        (markdown("| 单位 | 整改率 |", "markdown_v2"), ()),
        (markdown('<font color="info">澜</font>', "markdown_v2"), (Note.FONT_IN_V2,)),
        (markdown("<@zhang.san>", "markdown_v2"), (Note.NOT_RENDERED_MENTION,)),
        ({"msgtype": "news", "news": {"articles": [{"title": "澜" * 43, "url": "u"}]}}, (Note.TITLE_CUT,)),
    ],
)
def test_what_will_look_odd_is_noted_though_accepted(
    wecom: FakeWeCom, body: object, notes: tuple[Note, ...]
) -> None:
    wecom.add_robot(KEY, members=frozenset({"zhang.san", "13800000001"}))
    assert post(wecom, body) == OK
    assert wecom.delivered[0].notes == notes


def test_only_the_right_people_are_recorded_as_paged(wecom: FakeWeCom) -> None:
    post(wecom, text("<@a1>", mentioned_list=["b2"], mentioned_mobile_list=["13800000001"]))
    post(wecom, markdown("<@a1>", mentioned_list=["b2"]))
    paged = [(one.user_ids, one.phones) for one in wecom.delivered]
    assert paged == [(("b2", "a1"), ("13800000001",)), (("a1",), ())]


def test_escapes_and_raw_utf8_are_told_apart(wecom: FakeWeCom) -> None:
    post(wecom, text("澜"))
    post(wecom, json.dumps(text("澜"), ensure_ascii=False).encode())
    assert [one.escaped for one in wecom.delivered] == [True, False]


def test_the_switches_open_what_the_documents_leave_open() -> None:
    with FakeWeCom(rules=Rules(mention_only=True, check_url_scheme=True)) as wecom:
        wecom.add_robot(KEY)
        assert post(wecom, text("", mentioned_list=["@all"])) == OK
        news = {"articles": [{"title": "t", "url": "ledger.example.invalid"}]}
        assert post(wecom, {"msgtype": "news", "news": news})["errcode"] == 45034


# --- images and files


@pytest.mark.parametrize(
    ("encoded", "digest", "errcode"),
    [
        (base64.b64encode(PNG).decode(), hashlib.md5(PNG).hexdigest(), 0),
        (base64.b64encode(PNG).decode(), "0" * 32, 301019),
        (base64.encodebytes(PNG).decode(), hashlib.md5(PNG).hexdigest(), 301019),
        ("data:image/png;base64," + base64.b64encode(PNG).decode(), hashlib.md5(PNG).hexdigest(), 301019),
        (base64.b64encode(PNG + b"\0" * 2**21).decode(), "0" * 32, 40009),
        (base64.b64encode(b"GIF89a").decode(), hashlib.md5(b"GIF89a").hexdigest(), 40058),
    ],
)
def test_an_image_is_checked_byte_by_byte(wecom: FakeWeCom, encoded: str, digest: str, errcode: int) -> None:
    answer = post(wecom, {"msgtype": "image", "image": {"base64": encoded, "md5": digest}})
    assert answer["errcode"] == errcode


def test_an_upload_is_the_robots_own_and_lives_three_days(wecom: FakeWeCom) -> None:
    wecom.add_robot(OTHER)
    answer = upload(wecom, b"a workbook")
    assert isinstance(answer["created_at"], str)
    body = {"msgtype": "file", "file": {"media_id": answer["media_id"]}}
    assert post(wecom, body, OTHER)["errcode"] == 40007
    wecom.advance(3 * 24 * 3600 - 1)
    assert post(wecom, body) == OK
    wecom.advance(1)
    assert post(wecom, body)["errcode"] == 40007


def test_the_file_is_checked_before_the_key(wecom: FakeWeCom) -> None:
    assert upload(wecom, b"", "nobody-s-key")["errcode"] == 44001
    assert upload(wecom, b"a workbook", "nobody-s-key")["errcode"] == 93000


@pytest.mark.parametrize(
    ("content", "kind", "errcode"),
    [
        (b"12345", "file", 40058),
        (b"123456", "file", 0),
        (b"\0" * (20 * 2**20 + 1), "file", 45001),
        (b"#!AMR\n" + b"\0" * 9, "voice", 0),
        (b"RIFF-not-amr", "voice", 40058),
        (b"123456", "image", 40058),
    ],
)
def test_an_upload_has_a_kind_and_a_size(wecom: FakeWeCom, content: bytes, kind: str, errcode: int) -> None:
    assert upload(wecom, content, kind=kind)["errcode"] == errcode


# --- administration


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.SLOW, Fault.CUT_ANSWER])
def test_a_lost_answer_does_not_undo_the_delivery(wecom: FakeWeCom, fault: Fault) -> None:
    wecom.inject(KEY, fault)
    with pytest.raises(requests.RequestException):
        requests.post(f"{wecom.base_url}{SEND}?key={KEY}", json=text("澜"), timeout=0.3)
    assert len(wecom.delivered) == 1


def test_faults_hit_the_next_calls_of_their_key_only(wecom: FakeWeCom) -> None:
    wecom.add_robot(OTHER)
    wecom.inject(KEY, -1, times=2)
    assert post(wecom, text("澜"), OTHER) == OK
    assert [post(wecom, text("澜"))["errcode"] for _ in range(3)] == [-1, -1, 0]


def test_reset_forgets_everything(wecom: FakeWeCom) -> None:
    wecom.inject(KEY, -1)
    wecom.advance(5)
    before = wecom.now
    post(wecom, text("澜"))
    wecom.reset()
    assert (wecom.captured, wecom.now) == ([], before - 5)
    assert post(wecom, text("澜"))["errcode"] == 93000


def test_it_runs_by_hand_and_shows_what_arrives_in_chinese() -> None:
    command = [sys.executable, "-u", "-m", "tests.fakes.wecom", "--port", "0", "--key", KEY]
    environment = {"PYTHONIOENCODING": "utf-8", "PATH": ""}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip().removeprefix("接口地址：")
        assert KEY in process.stdout.readline()
        process.stdout.readline()
        body = markdown("澜东区有1项到期 <@zhang.san>")
        requests.post(f"{base_url}{SEND}?key={KEY}", json=body, timeout=10)
        assert process.stdout.readline() == "—— 收到 markdown 消息，已送达群聊；提醒：zhang.san\n"
        assert process.stdout.readline() == "澜东区有1项到期 <@zhang.san>\n"
        process.terminate()


# --- connections


def test_connections_are_kept_and_counted_until_the_server_hangs_up(wecom: FakeWeCom) -> None:
    with requests.Session() as session:
        for _ in range(3):
            session.post(f"{wecom.base_url}{SEND}?key={KEY}", json=text("澜"), timeout=10)
        assert wecom.connections == 1
        wecom.hang_up()
        session.post(f"{wecom.base_url}{SEND}?key={KEY}", json=text("澜"), timeout=10)
    assert (wecom.connections, len(wecom.delivered)) == (2, 4)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DROP])
def test_a_request_that_was_dropped_was_never_seen(fault: Fault) -> None:
    with FakeWeCom(slow_seconds=0.01) as wecom:
        wecom.add_robot(KEY)
        wecom.inject(KEY, fault)
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{wecom.base_url}{SEND}?key={KEY}", json=text("澜"), timeout=10)
        assert wecom.captured == []


def test_over_tls_it_is_believed_only_by_who_knows_its_certificate(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with FakeWeCom(tls=certificate) as wecom:
        url = f"{wecom.base_url}{SEND}?key={KEY}"
        with pytest.raises(requests.exceptions.SSLError):
            requests.post(url, json=text("澜"), timeout=10)
        assert requests.post(url, json=text("澜"), timeout=10, verify=certificate[0]).status_code == 200
    assert len(wecom.captured) == 1
