"""The SMS webhook against a gateway that checks what it gets and refuses with HTTP 200."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from notifiers.base import Letter
from notifiers.sms import LONGEST, POINTER, SmsGateway, SmsWebhook, sms_segments
from tests.fakes.http_server import Fault, Reply
from tests.fakes.sms_gateway import PASSWORD, PATH, FakeSmsGateway
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

PHONE = "13800000000"


@pytest.fixture
def settings(gateway: FakeSmsGateway) -> SmsGateway:
    return SmsGateway(
        url=gateway.url,
        fields={"mobile": "{phone}", "text": "{content}", "out_id": "{serial}", "password": PASSWORD},
        headers={"X-Token": "invented-token"},
        success_path="data.0.rspcod",
        success_value="success",
        id_path="data.0.msgGroup",
        timeout=0.3,
    )


def refused(settings: SmsGateway, phone: str = PHONE) -> DeliveryError:
    sms = SmsWebhook(settings)
    (payload,) = sms.compose(Letter("澜东区有1项到期"))
    with pytest.raises(DeliveryError) as caught:
        sms.send(phone, payload)
    assert PHONE not in f"{caught.value!r}{caught.value.details}"
    return caught.value


# --- accepted


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("body", ["json", "form"])
def test_a_message_arrives_whole_in_either_encoding(
    gateway: FakeSmsGateway,
    settings: SmsGateway,
    body: Literal["json", "form"],
    method: Literal["POST", "PUT"],
) -> None:
    sms = SmsWebhook(replace(settings, body=body, method=method, sign_prefix="【整改通】"))
    (payload,) = sms.compose(Letter("澜东区有1项到期：&=+%{phone}\n请签收"))
    assert sms.send(PHONE, payload) == "group-1"
    (seen,) = gateway.captured
    assert (seen.phone, seen.content) == (PHONE, "【整改通】澜东区有1项到期：&=+%{phone}\n请签收")
    assert seen.token == "invented-token"


def test_every_request_has_a_serial_which_stands_in_for_a_missing_id(
    gateway: FakeSmsGateway, settings: SmsGateway
) -> None:
    sms = SmsWebhook(replace(settings, id_path=""))
    ids = [sms.send(PHONE, b"once"), sms.send(PHONE, b"twice")]
    assert ids == [seen.serial for seen in gateway.captured]
    assert len(set(ids)) == 2
    assert all(len(one) == 20 and one.isdecimal() for one in ids)


@pytest.mark.parametrize(
    ("path", "value"), [("ok", "true"), ("code", "0"), ("nested.list.1.state", "OK"), ("rate", "1.5")]
)
def test_success_is_a_value_anywhere_in_the_answer_compared_as_text(
    gateway: FakeSmsGateway, settings: SmsGateway, path: str, value: str
) -> None:
    gateway.inject(
        PATH, Reply(b'{"ok":true,"code":0,"rate":1.5,"nested":{"list":[{},{"state":"OK"}]}}', status=202)
    )
    sms = SmsWebhook(replace(settings, success_path=path, success_value=value, id_path=""))
    serial = sms.send(PHONE, b"text")
    assert len(serial) == 20
    assert serial.isdecimal()


# --- refused, broken, uncertain


def test_a_refusal_is_permanent_and_quotes_the_gateways_word(
    gateway: FakeSmsGateway, settings: SmsGateway
) -> None:
    gateway.refuse_with = "InvalidMobile"
    error = refused(settings)
    assert error.outcome is Outcome.PERMANENT
    assert error.details["code"] == "InvalidMobile"
    assert error.details["phone"] == "138****0000"
    assert error.message == "短信网关：拒收（InvalidMobile），请按网关说明处理"


@pytest.mark.parametrize(
    ("meaning", "outcome", "scope", "pause"),
    [
        ("temporary", Outcome.TEMPORARY, Scope.MESSAGE, 65),
        ("message", Outcome.PERMANENT, Scope.MESSAGE, 0),
        ("address", Outcome.PERMANENT, Scope.ADDRESS, 0),
        ("channel", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ],
)
def test_a_listed_refusal_means_what_the_office_says(
    gateway: FakeSmsGateway,
    settings: SmsGateway,
    meaning: str,
    outcome: Outcome,
    scope: Scope,
    pause: int,
) -> None:
    gateway.refuse_with = "E7"
    error = refused(replace(settings, errors={"E7": meaning}))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)


def test_an_answer_that_echoes_number_and_account_is_blotted_out(
    gateway: FakeSmsGateway, settings: SmsGateway
) -> None:
    gateway.refuse_with = f"{PHONE} {PASSWORD} invented-token denied"
    assert refused(settings).details["code"] == "… … … denied"


FAULTS = [
    (Fault.HTTP_500, Outcome.TEMPORARY),
    (Fault.HTTP_502, Outcome.TEMPORARY),
    (Fault.REDIRECT, Outcome.PERMANENT),
    (Fault.HTML, Outcome.UNKNOWN),
    (Fault.SLOW, Outcome.UNKNOWN),
    (Fault.ACCEPT_THEN_DROP, Outcome.UNKNOWN),
    (Fault.CUT_ANSWER, Outcome.UNKNOWN),
    (Fault.DROP, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("fault", "outcome"), FAULTS)
def test_a_fault_is_named_for_what_is_known_of_the_message(
    gateway: FakeSmsGateway, settings: SmsGateway, fault: Fault, outcome: Outcome
) -> None:
    gateway.inject(PATH, fault)
    error = refused(settings)
    assert error.outcome is outcome
    assert len(str(error.details["serial"])) == 20, "without it nobody can ask the gateway"
    assert gateway.strays == []


@pytest.mark.parametrize(
    "answer", [b"[]", b'{"data":{}}', b'{"data":[]}', b'{"data":[{"rspcod":null}]}', b'"success"']
)
def test_an_answer_without_a_verdict_is_unknown(
    gateway: FakeSmsGateway, settings: SmsGateway, answer: bytes
) -> None:
    gateway.inject(PATH, Reply(answer))
    assert refused(settings).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "phone", ["", "1380000000", "138000000000", "23800000000", "13800000000,13800000001"]
)
def test_anything_but_one_mobile_number_is_refused_without_a_request(
    gateway: FakeSmsGateway, settings: SmsGateway, phone: str
) -> None:
    error = refused(settings, phone)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    assert gateway.captured == []


# --- settings


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {"mobile": "{phone}"}},
        {"fields": {"text": "{content}"}},
        {"fields": {"mobile": "{phone}", "text": "{content}", "at": "{time}"}},
        {"method": "GET"},
        {"body": "xml"},
        {"success_path": ""},
        {"errors": {"E7": "later"}},
        {"headers": {"X-Token": "口令"}},
        {"headers": {"X-Token": "a\r\nX-Other: b"}},
    ],
)
def test_an_impossible_setting_is_refused_at_once(settings: SmsGateway, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="短信网关"):
        replace(settings, **change)


def test_literal_braces_in_a_field_are_left_alone(gateway: FakeSmsGateway, settings: SmsGateway) -> None:
    fields = {**settings.fields, "text": '{"n": "{content}"}'}
    SmsWebhook(replace(settings, fields=fields)).send(PHONE, b"3")
    assert gateway.captured[0].content == '{"n": "3"}'


def test_a_representation_hides_account_and_password(settings: SmsGateway) -> None:
    assert PASSWORD not in repr(settings)
    assert "invented-token" not in repr(settings)


# --- lengths


def test_500_characters_with_the_signature_stay_whole(settings: SmsGateway) -> None:
    sms = SmsWebhook(replace(settings, sign_prefix="【整改通】"))
    (payload,) = sms.compose(Letter("澜" * 495))
    assert payload.decode() == "【整改通】" + "澜" * 495


def test_a_longer_text_ends_at_a_line_end_with_a_pointer(settings: SmsGateway) -> None:
    text = "\n".join(f"{number}. 青桥开发区专栏未更新" for number in range(100, 200))
    (payload,) = SmsWebhook(settings).compose(Letter(text))
    kept = payload.decode().removesuffix(POINTER)
    assert kept != payload.decode()
    assert text.startswith(kept + "\n")
    assert LONGEST - 20 < len(payload.decode()) <= LONGEST


def test_a_single_overlong_line_is_cut_to_exactly_the_limit(settings: SmsGateway) -> None:
    (payload,) = SmsWebhook(settings).compose(Letter("澜" * 501))
    assert payload.decode() == "澜" * (LONGEST - len(POINTER)) + POINTER


@pytest.mark.parametrize(
    ("characters", "segments"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_segments_follow_the_carriers_rule(characters: int, segments: int) -> None:
    assert sms_segments("澜" * characters) == segments


def test_the_signature_is_charged_and_what_was_cut_off_is_not(settings: SmsGateway) -> None:
    sms = SmsWebhook(replace(settings, sign_prefix="【整改通】"))
    assert [sms.segments("澜" * length) for length in (65, 66, 10_000)] == [1, 2, 8]
    assert [sms.segments(text) for text in ("", "\ud800")] == [1, 1], (
        "composing refuses these, counting does not"
    )


def test_a_rare_character_counts_twice() -> None:
    assert sms_segments("𠮷" * 35) == 1
    assert sms_segments("𠮷" * 36) == 2
