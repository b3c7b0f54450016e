"""SMS through Alibaba Cloud, against a fake that checks signature, template and daily limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifiers.base import Letter
from notifiers.sms import AliyunSms, Templates
from tests.fakes.aliyun import KEY_ID, KEY_SECRET, SIGN, TEMPLATE, FakeAliyun
from tests.fakes.http_server import Fault, Reply
from tests.fakes.provider import NOW
from tracker.domain.errors import DeliveryError, Outcome, Scope

PHONE = "13800000000"
PARAMS = {"count": "{count}", "date": "{date}", "serial": "{serial}"}
LETTER = Letter("澜东区有3项到期", serial="ZG-7", facts={"count": "3", "date": "1月5日"})


@pytest.fixture
def cloud() -> Iterator[FakeAliyun]:
    with FakeAliyun() as server:
        yield server


def channel(
    cloud: FakeAliyun, *, secret: str = KEY_SECRET, code: str = TEMPLATE, now: float = NOW
) -> AliyunSms:
    return AliyunSms(
        cloud.base_url,
        key_id=KEY_ID,
        key_secret=secret,
        sign=SIGN,
        templates=Templates({"default": code}, PARAMS, 35),
        timeout=0.3,
        clock=lambda: now,
    )


def refused(sms: AliyunSms, letter: Letter = LETTER, phone: str = PHONE) -> DeliveryError:
    (payload,) = sms.compose(letter)
    with pytest.raises(DeliveryError) as caught:
        sms.send(phone, payload)
    shown = f"{caught.value!r}{caught.value.details}"
    assert not [secret for secret in (PHONE, KEY_ID, KEY_SECRET) if secret in shown]
    return caught.value


def test_a_signed_request_is_accepted_with_its_serial_and_variables(cloud: FakeAliyun) -> None:
    sms = channel(cloud)
    (payload,) = sms.compose(replace(LETTER, facts={"count": "3", "date": "1月5日 +*~/"}))
    assert [sms.send(PHONE, payload), sms.send(PHONE, payload)] == ["biz-1", "biz-2"]
    seen = cloud.accepted[0]
    assert (seen["PhoneNumbers"], seen["SignName"], seen["OutId"]) == (PHONE, SIGN, "ZG-7")
    assert json.loads(seen["TemplateParam"]) == {"count": "3", "date": "1月5日 +*~/", "serial": "ZG-7"}


def test_the_frozen_payload_holds_no_number_and_no_key(cloud: FakeAliyun) -> None:
    (payload,) = channel(cloud).compose(LETTER)
    assert json.loads(payload) == {
        "params": {"count": "3", "date": "1月5日", "serial": "ZG-7"},
        "serial": "ZG-7",
        "template": TEMPLATE,
    }


CODES = [
    ("isp.SYSTEM_ERROR", Outcome.TEMPORARY, Scope.MESSAGE, 30),
    ("isv.DAY_LIMIT_CONTROL", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.MONTH_LIMIT_CONTROL", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.MOBILE_NUMBER_ILLEGAL", Outcome.PERMANENT, Scope.ADDRESS, 0),
    ("isv.MOBILE_COUNT_OVER_LIMIT", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.SMS_SIGNATURE_ILLEGAL", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.SIGN_STATE_ILLEGAL", Outcome.PERMANENT, Scope.CHANNEL, 0),
    # A template is one kind's: the others' must go on.
    ("isv.SMS_TEMPLATE_ILLEGAL", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.TEMPLATE_MISSING_PARAMETERS", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.INVALID_JSON_PARAM", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.INVALID_PARAMETERS", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.PARAM_LENGTH_LIMIT", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.PARAM_NOT_SUPPORT_URL", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.BLACK_KEY_CONTROL_LIMIT", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.SMS_CONTENT_ILLEGAL", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("isv.AMOUNT_NOT_ENOUGH", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.OUT_OF_SERVICE", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.DENY_IP_RANGE", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isp.RAM_PERMISSION_DENY", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("isv.NEVER_HEARD_OF", Outcome.PERMANENT, Scope.MESSAGE, 0),
]


@pytest.mark.parametrize(("code", "outcome", "scope", "pause"), CODES)
def test_every_code_says_whether_to_try_again_and_how_far_it_reaches(
    cloud: FakeAliyun, code: str, outcome: Outcome, scope: Scope, pause: int
) -> None:
    cloud.refuse_with = code
    error = refused(channel(cloud))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)
    assert error.details["code"] == code


@pytest.mark.parametrize(
    ("text", "outcome", "pause"),
    [
        ("触发分钟级流控Permits:1", Outcome.TEMPORARY, 65),
        ("触发小时级流控Permits:5", Outcome.TEMPORARY, 3600),
        ("触发天级流控Permits:10", Outcome.PERMANENT, 0),
        ("something new", Outcome.TEMPORARY, 3600),
    ],
)
def test_a_limit_of_frequency_waits_a_minute_or_an_hour_but_not_a_day(
    cloud: FakeAliyun, text: str, outcome: Outcome, pause: int
) -> None:
    cloud.refuse_with, cloud.refusal_text = "isv.BUSINESS_LIMIT_CONTROL", text
    error = refused(channel(cloud))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, Scope.MESSAGE, pause)


def test_the_51st_message_of_a_day_is_given_up(cloud: FakeAliyun) -> None:
    sms = channel(cloud)
    (payload,) = sms.compose(LETTER)
    for _ in range(50):
        sms.send(PHONE, payload)
    assert "今天不再发送" in refused(sms).message


def test_a_wrong_key_or_clock_concerns_the_whole_channel(cloud: FakeAliyun) -> None:
    for sms in (channel(cloud, secret="another"), channel(cloud, now=NOW + 16 * 60)):
        error = refused(sms)
        assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert cloud.accepted == []


def test_a_template_that_was_not_approved_concerns_its_kind_of_message_only(cloud: FakeAliyun) -> None:
    error = refused(channel(cloud, code="SMS_2"))
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.MESSAGE)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"Code":true}', b"null"])
def test_an_answer_without_a_code_is_unknown(cloud: FakeAliyun, body: bytes) -> None:
    cloud.inject("/", Reply(body))
    assert refused(channel(cloud)).outcome is Outcome.UNKNOWN


def test_an_answer_that_never_comes_is_unknown(cloud: FakeAliyun) -> None:
    cloud.inject("/", Fault.SLOW)
    assert refused(channel(cloud)).outcome is Outcome.UNKNOWN
    assert len(cloud.accepted) == 1, "it was taken although nobody said so"


def test_a_number_that_is_none_is_refused_without_a_request(cloud: FakeAliyun) -> None:
    error = refused(channel(cloud), phone="13800000000,13800000001")
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    assert cloud.raw == []
