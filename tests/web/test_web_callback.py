"""WeCom's calls over the wire: what is answered, what is refused without a word, what stands in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from notifiers.wecom_crypto import Callback
from tests.fakes.pages_office import Town
from tests.fakes.wecom_callbacks import AES_KEY, CORP_ID, PATH, TOKEN, Answer, Call, FarSide
from tests.web.conftest import Visitor
from tracker.bootstrap import build_office
from tracker.domain.errors import ConfigError
from tracker.services import contacts, inspect
from tracker.settings import load_settings
from tracker.store import outbox
from tracker.store.outbox import NewMessage
from tracker.web.routes.wecom_callback import MAX_EVENT_BYTES

USER, LETTER, PHONE = "Li.Lian", "a1" * 32, "13800000001"
CONTACTS = f"单位,姓名,角色,手机,企业微信账号,群机器人,邮箱\n市水务局,李联,联络员,{PHONE},{USER},,\n"
REFUSED = "请求未通过企业微信回调校验"


@pytest.fixture
def town(town: Town) -> Town:
    """With a callback, and a card about the first two items on 李联's telephone."""
    town.office = replace(town.office, callback=Callback(TOKEN, AES_KEY, CORP_ID))
    town.take_in()
    contacts.import_contacts(town.office, CONTACTS.encode(), "联系人.csv", now=town.now)
    card = NewMessage(
        dedup="card",
        letter=LETTER,
        serial="R-20261117-0001",
        kind="reminder",
        recipient="市水务局 李联（联络员）",
        channel="wecom_app",
        address=USER,
        hint=USER,
        text="",
        payload=b"{}",
        reason="到期前7个工作日",
        send_after=town.now,
        numbers=(1, 2),
    )
    with town.office.database.write() as connection:
        outbox.enqueue(connection, [card], town.now)
    return town


@pytest.fixture
def carry(town: Town) -> Callable[[str, str, bytes], Answer]:
    visitor = Visitor(town)

    def request(method: str, address: str, body: bytes) -> Answer:
        answer = visitor.request(method, address, content=body)
        return Answer(answer.status_code, answer.content)

    return request


@pytest.fixture
def far_side(town: Town, carry: Callable[[str, str, bytes], Answer]) -> FarSide:
    return FarSide(carry, town.clock)


def events(town: Town, number: int = 1) -> list[str]:
    """What happened to an item after it was taken in."""
    return [row.event for row in inspect.open_file(town.office, number).history[1:]]


def sent(visitor: Visitor, call: Call) -> tuple[int, str]:
    """Status and text of the answer to one try."""
    answer = visitor.request("GET" if call.echostr else "POST", call.address, content=call.body)
    return answer.status_code, answer.text


def test_the_check_of_the_address_is_answered_with_the_plain_echo(far_side, visitor):
    call = far_side.check("1234567890123456789")
    assert far_side.deliver(call).body == b"1234567890123456789"
    answer = visitor.get(call.address)
    assert answer.headers["content-type"].startswith("text/plain")
    assert "set-cookie" not in answer.headers


def test_a_press_is_carried_out_and_answered_in_the_buttons_place(town, far_side):
    answer = far_side.deliver(far_side.press(USER, "sign", LETTER))
    assert far_side.read(answer) == "已签收"
    assert events(town, 1) == events(town, 2) == ["sign"]
    assert far_side.read(far_side.deliver(far_side.press(USER, "submit", f"{LETTER}-1"))) == "已报送整改"
    assert events(town) == ["sign", "submit"]


def test_an_event_that_comes_three_times_is_answered_the_same_and_done_once(town, far_side):
    call = far_side.press(USER, "sign", LETTER)
    said = [far_side.read(far_side.deliver(call)) for _ in range(3)]
    sealed_anew = far_side.press(USER, "sign", LETTER)
    assert [*said, far_side.read(far_side.deliver(sealed_anew))] == ["已签收"] * 4
    assert events(town) == ["sign"]


def test_two_buttons_within_one_second_are_both_heard(town, far_side):
    pressed = [far_side.press(USER, button, LETTER) for button in ("sign", "submit")]
    assert [far_side.read(far_side.deliver(call)) for call in pressed] == ["已签收", "已报送整改"]
    assert events(town) == ["sign", "submit"]


def test_an_answer_that_was_lost_or_late_is_given_again(town, carry):
    lost = iter([True, False])

    def cut_once(method: str, address: str, body: bytes) -> Answer:
        answer = carry(method, address, body)
        if next(lost):
            raise TimeoutError
        return answer

    far_side = FarSide(cut_once, town.clock)
    assert far_side.read(far_side.deliver(far_side.press(USER, "sign", LETTER))) == "已签收"
    seconds: Iterator[float] = iter([0, 6, 10, 11])
    slow = FarSide(carry, town.clock, watch=lambda: next(seconds))
    assert slow.read(slow.deliver(slow.press(USER, "submit", LETTER))) == "已报送整改"
    assert events(town) == ["sign", "submit"]


def test_a_captured_call_is_worth_nothing_after_five_minutes(town, far_side, visitor):
    calls = [far_side.press(USER, "sign", LETTER), far_side.check("echo")]
    town.wait(minutes=5, seconds=1)
    for call in calls:
        status, text = sent(visitor, call)
        assert (status, REFUSED in text) == (400, True)
    assert events(town) == []


def test_whatever_is_wrong_with_a_call_it_is_told_the_same(town, far_side, carry, visitor):
    press = far_side.press(USER, "sign", LETTER)
    other = FarSide(carry, town.clock, corp_id="ww0000other0000000")
    crooked = far_side.encrypt(b"<xml/>", padding=lambda plain: plain.ljust(64, b"\0"))
    wrong = [
        replace(press, msg_signature="0" * 40),
        replace(press, timestamp=""),
        replace(press, body=b""),
        replace(far_side.check("echo"), msg_signature=""),
        other.press(USER, "sign", LETTER),
        far_side.event("", encrypted=crooked),
        far_side.event("", encrypted=far_side.encrypt(b"<xml/>")[:-8]),
        far_side.event('<!DOCTYPE xml [<!ENTITY a "sign">]><xml><EventKey>&a;</EventKey></xml>'),
        replace(press, body=b"<!DOCTYPE xml>" + press.body),
    ]
    answers = {sent(visitor, call) for call in wrong}
    assert len(answers) == 1
    assert answers.pop()[0] == 400
    assert events(town) == []


def test_no_event_but_a_press_is_answered_in_words(town, far_side):
    for inside in (
        "<xml><MsgType>text</MsgType><Content>签收</Content><MsgId>1</MsgId></xml>",
        "<xml><MsgType>event</MsgType><Event>enter_agent</Event></xml>",
        "<xml/>",
    ):
        assert far_side.deliver(far_side.event(inside)) == Answer(200, b"")
    assert far_side.deliver(far_side.press(USER, "strike_off", LETTER)) == Answer(200, b"")
    assert events(town) == []


def test_a_press_that_cannot_be_carried_out_is_answered_in_words_too(town, far_side):
    for user, task in (("nobody", LETTER), (USER, "b2" * 32), ("", "")):
        assert far_side.read(far_side.deliver(far_side.press(user, "sign", task)))
    assert events(town) == []


def test_a_body_longer_than_any_event_is_not_read_to_its_end(far_side, visitor):
    call = far_side.press(USER, "sign", LETTER)
    read: list[int] = []

    async def endless():
        for size in range(1000):
            read.append(size)
            yield b"x" * (MAX_EVENT_BYTES // 4)

    assert visitor.request("POST", call.address, content=endless()).status_code == 413
    assert len(read) < 10


def test_without_a_callback_there_is_no_such_page(tmp_path):
    (tmp_path / "without").mkdir()
    town = Town(tmp_path / "without")
    try:
        visitor = Visitor(town)
        far_side = FarSide(lambda *_: Answer(200), town.clock)
        assert sent(visitor, far_side.check("echo"))[0] == 404
        assert sent(visitor, far_side.press(USER, "sign", LETTER))[0] == 404
    finally:
        town.close()


SETTINGS = {
    "TRACKER_WECOM_CALLBACK_TOKEN": TOKEN,
    "TRACKER_WECOM_CALLBACK_AES_KEY": AES_KEY,
    "TRACKER_WECOM_CORP_ID": CORP_ID,
    "TRACKER_WECOM_AGENT_ID": "1000002",
    "TRACKER_WECOM_APP_SECRET": "InventedSecret2026",
}


def test_the_settings_make_the_callback(monkeypatch):
    assert build_office(load_settings()).callback is None
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    assert build_office(load_settings()).callback is not None


@pytest.mark.parametrize("missing", SETTINGS)
def test_half_a_callback_is_refused_at_the_start_naming_what_is_missing(monkeypatch, missing):
    for name in SETTINGS.keys() - {missing}:
        monkeypatch.setenv(name, SETTINGS[name])
    with pytest.raises(ConfigError) as caught:
        build_office(load_settings())
    assert missing in caught.value.message
    assert not any(value in caught.value.message for value in SETTINGS.values())


def test_a_session_does_not_stand_in_for_the_signature(town, staff, far_side):
    forged = replace(far_side.press(USER, "sign", LETTER), msg_signature="")
    assert staff.get(PATH).status_code == 400
    assert sent(staff, forged)[0] == 400
    assert events(town) == []


def test_a_refusal_names_its_reason_in_the_log_and_no_secret(town, far_side, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "tracker")  # whatever a command before has set
    call = far_side.press(USER, "sign", LETTER)
    far_side.deliver(call)
    town.wait(minutes=6)
    sent(visitor, call)
    sent(visitor, replace(call, msg_signature="0" * 40))
    records = [record for record in caplog.records if record.name != "httpx"]  # the far side's own log
    said = [record.getMessage() for record in records if record.name.startswith("tracker")]
    assert said == [f"a callback of WeCom was refused: {why}" for why in ("time", "signature")]
    everything = " ".join(f"{record.getMessage()} {record.__dict__}" for record in records)
    for secret in (TOKEN, AES_KEY, PHONE, call.msg_signature):
        assert secret not in everything


def test_a_busy_database_is_no_answer_so_that_the_press_comes_again(town, far_side, visitor):
    call = far_side.press(USER, "sign", LETTER)
    with town.office.database.write():
        assert sent(visitor, call)[0] == 503
    assert far_side.read(far_side.deliver(call)) == "已签收"
    assert events(town) == ["sign"]
