"""Callbacks are opened and answered as Tencent does it, and nothing else is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.wecom_crypto import WINDOW, Callback, CallbackError, Signature
from tests.fakes.wecom_callbacks import AES_KEY, CORP_ID, RANDOM, TOKEN, Answer, Call, FarSide, pad
from tracker.domain.errors import ConfigError

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
CALLBACK = Callback(TOKEN, AES_KEY, CORP_ID)


def nobody(method: str, address: str, body: bytes) -> Answer:
    raise TimeoutError


FAR_SIDE = FarSide(nobody, lambda: NOW)


def opened(call: Call, now: datetime = NOW) -> dict[str, str]:
    return CALLBACK.event(Signature(call.msg_signature, call.timestamp, call.nonce), call.body, now)


def why(call: Call, now: datetime = NOW) -> object:
    """The reason of a refusal, which only the log may know."""
    with pytest.raises(CallbackError) as caught:
        opened(call, now)
    assert caught.value.message == "请求未通过企业微信回调校验"
    return caught.value.details["why"]


def test_the_echo_of_the_reference_is_opened_though_its_key_has_spare_bits():
    token, key = "FakeToken2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    callback = Callback(token, key, "ww0123456789abcdef")
    echostr = "Q3stYC6hdFzMh9T8HCvyDKf5xMjJx7zzxVVf3LTgHJVWatGN6JmO8YQBEn+O1Rg2bJYMqvbSo9E+natz4f+JcQ=="
    signature = Signature("c762fd882118f9e4aef0456035d0dceb921e84b2", "1760000000", "nonce123")
    now = datetime.fromtimestamp(1760000000, UTC)
    assert callback.echo(signature, echostr, now) == "1234567890123456789"
    far_side = FarSide(nobody, lambda: now, token=token, aes_key=key, corp_id="ww0123456789abcdef")
    assert far_side.encrypt(b"1234567890123456789") == echostr


@pytest.mark.parametrize(("length", "padding"), [(19, 7), (20, 6), (30, 28), (26, 32)])
def test_messages_are_padded_to_thirty_two_bytes_as_in_the_reference(length: int, padding: int):
    padded = pad(bytes(16 + 4 + length + len(CORP_ID)))
    assert padded[-1] == padding
    text = "x" * length
    call = FAR_SIDE.check(text)
    signature = Signature(call.msg_signature, call.timestamp, call.nonce)
    assert CALLBACK.echo(signature, call.echostr, NOW) == text


def test_the_fields_of_an_event_are_read_by_name():
    fields = opened(FAR_SIDE.press("zhang.san", "sign", "a1"))
    assert fields["FromUserName"] == "zhang.san"
    assert fields["EventKey"] == "sign"
    assert fields["TaskId"] == "a1"
    assert fields["CreateTime"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    "change",
    [
        lambda call: replace(call, msg_signature=""),
        lambda call: replace(call, msg_signature="é"),
        lambda call: replace(call, msg_signature=call.msg_signature.upper()),
        lambda call: replace(call, msg_signature=f"{'0' * 40}"),
        lambda call: replace(call, timestamp=str(int(call.timestamp) + 1)),
        lambda call: replace(call, nonce=f"{call.nonce}0"),
        lambda call: replace(call, body=call.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")),
        lambda call: replace(call, body=b"<xml/>"),
    ],
)
def test_what_is_not_signed_with_the_token_is_not_opened(change: Callable[[Call], Call]):
    assert why(change(FAR_SIDE.press("zhang", "sign", "a1"))) == "signature"


def test_another_token_another_key_and_another_corporation_are_refused():
    def stranger(**other: str) -> Call:
        return FarSide(nobody, lambda: NOW, **other).press("zhang", "sign", "a1")

    assert why(stranger(token="AnotherToken")) == "signature"
    assert why(stranger(aes_key=AES_KEY.swapcase())) == "content"
    assert why(stranger(corp_id="ww0000other0000000")) == "receiver"
    assert why(stranger(corp_id="")) == "receiver"


def test_a_call_is_good_for_five_minutes_and_not_before_its_time():
    call = FAR_SIDE.press("zhang", "sign", "a1")
    second = timedelta(seconds=1)
    assert opened(call, NOW + WINDOW)
    assert opened(call, NOW - WINDOW)
    assert why(call, NOW + WINDOW + second) == "time"
    assert why(call, NOW - WINDOW - second) == "time"


@pytest.mark.parametrize("timestamp", ["", "-1", "１７６３８５９６００", "1e9", "9" * 13, "1763859600.0"])
def test_a_time_that_is_no_number_of_seconds_is_refused_though_signed(timestamp: str):
    encrypted = FAR_SIDE.encrypt(b"<xml/>")
    signed = FAR_SIDE.sign(timestamp, "n", encrypted)
    call = replace(FAR_SIDE.event("<xml/>", encrypted=encrypted), timestamp=timestamp, nonce="n")
    assert why(replace(call, msg_signature=signed)) == "time"


def _bad_last(value: int) -> Callable[[bytes], bytes]:
    return lambda plain: pad(plain)[:-1] + bytes([value])


@pytest.mark.parametrize("value", [0, 1, 33, 255])
def test_padding_that_lies_is_refused(value: int):
    message = b"<xml><A>12345</A></xml>"
    assert pad(RANDOM + bytes(4) + message + CORP_ID.encode())[-1] == 3
    call = FAR_SIDE.event("", encrypted=FAR_SIDE.encrypt(message, padding=_bad_last(value)))
    assert why(call) in {"content", "receiver"}
    assert opened(FAR_SIDE.event(message)) == {"A": "12345"}


def test_one_wrong_byte_within_the_padding_is_refused():
    def spoilt(plain: bytes) -> bytes:
        padded = bytearray(pad(plain))
        padded[-2] ^= 1
        return bytes(padded)

    message = b"<xml><A>12345</A></xml>"
    assert pad(RANDOM + bytes(4) + message + CORP_ID.encode())[-1] > 1
    assert why(FAR_SIDE.event("", encrypted=FAR_SIDE.encrypt(message, padding=spoilt))) == "content"


def test_what_was_cut_off_is_refused():
    whole = FAR_SIDE.encrypt(b"<xml><A>" + b"x" * 200 + b"</A></xml>")
    for length in (0, 1, 3, 4, 20, 40, 44, 64, 128, len(whole) - 4, len(whole) - 1):
        assert why(FAR_SIDE.event("", encrypted=whole[:length] or " ")) in {"content", "receiver"}


@pytest.mark.parametrize("length", [0, 3, 5, 2**31, 2**32 - 1])
def test_a_length_that_lies_is_refused(length: int):
    plain = RANDOM + length.to_bytes(4, "big") + b"<a/>" + CORP_ID.encode()
    assert why(FAR_SIDE.event("", encrypted=FAR_SIDE.encrypt_raw(pad(plain)))) == "receiver"


_BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><Event>&b;&f;</Event></xml>'
)


@pytest.mark.parametrize(
    "document",
    [
        _BOMB.encode(),
        _BOMB.encode("utf-16"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + _BOMB).encode("utf-16-le"),
        ('<?xml version="1.0" encoding="UTF-7"?>' + _BOMB).encode("utf-7"),
        b"<!DOCTYPE xml><xml/>",
        b"<xml><Event>&unknown;</Event></xml>",
        b"<xml><Event>",
        b"",
        b"{}",
        b"\xff\xfe\x00",
    ],
)
def test_entities_and_what_is_no_xml_are_refused_outside_and_inside(document: bytes):
    honest = FAR_SIDE.event("<xml/>")
    assert why(replace(honest, body=document)) == "content"
    assert why(FAR_SIDE.event(document)) == "content"


def test_a_press_is_answered_encrypted_and_signed_for_the_one_who_pressed():
    answer = CALLBACK.button("zhang", "已签收 <A&B>", NOW)
    assert "已签收".encode() not in answer
    assert FAR_SIDE.read(Answer(200, answer)) == "已签收 <A&B>"
    again = CALLBACK.button("zhang", "已签收 <A&B>", NOW)
    assert again != answer


@pytest.mark.parametrize("key", ["", AES_KEY[:-1], f"{AES_KEY}=", f"{AES_KEY[:-1]}+", f"{AES_KEY[:-1]}中"])
def test_a_key_that_is_none_is_named_and_not_quoted(key: str):
    with pytest.raises(ConfigError) as caught:
        Callback(TOKEN, key, CORP_ID)
    assert "TRACKER_WECOM_CALLBACK_AES_KEY" in caught.value.message
    assert AES_KEY[:10] not in f"{caught.value.message}{caught.value.details}"


def test_no_secret_stands_in_what_is_printed_of_a_callback():
    assert TOKEN not in repr(CALLBACK)
    assert AES_KEY not in repr(CALLBACK)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_echo_comes_back_as_it_was(text: str):
    call = FAR_SIDE.check(text)
    signature = Signature(call.msg_signature, call.timestamp, call.nonce)
    assert CALLBACK.echo(signature, call.echostr, NOW) == text


def test_an_echo_that_is_no_text_is_refused():
    encrypted = FAR_SIDE.encrypt(b"\xff\xfe")
    call = FAR_SIDE.event("", encrypted=encrypted)
    with pytest.raises(CallbackError):
        CALLBACK.echo(Signature(call.msg_signature, call.timestamp, call.nonce), encrypted, NOW)


@given(st.binary(max_size=200))
def test_whatever_is_encrypted_is_opened_or_refused(content: bytes):
    for padded in (pad(content), content):
        encrypted = FAR_SIDE.encrypt_raw(padded) if len(padded) % 16 == 0 else padded.hex()
        assert why(FAR_SIDE.event("", encrypted=encrypted or "=")) in {"content", "receiver"}
