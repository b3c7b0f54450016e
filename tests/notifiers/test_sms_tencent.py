"""SMS through Tencent Cloud, against a fake that checks signature, template and a number's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from notifiers.base import Letter
from notifiers.sms import Templates, TencentSms
from tests.fakes.http_server import Fault, Reply
from tests.fakes.provider import NOW
from tests.fakes.tencent import APP_ID, KEY_ID, KEY_SECRET, SIGN, TEMPLATE, FakeTencent
from tracker.domain.errors import DeliveryError, Outcome, Scope

PHONE = "13800000000"
LETTER = Letter("澜东区有3项到期", serial="ZG-7", facts={"count": "3", "date": "1月5日"})


@pytest.fixture
def cloud() -> Iterator[FakeTencent]:
    with FakeTencent() as server:
        yield server


def channel(
    cloud: FakeTencent,
    *,
    secret: str = KEY_SECRET,
    sign: str = SIGN,
    app_id: str = APP_ID,
    now: float = NOW,
    params: tuple[str, ...] = ("{count}", "{date}"),
) -> TencentSms:
    return TencentSms(
        cloud.base_url,
        key_id=KEY_ID,
        key_secret=secret,
        app_id=app_id,
        sign=sign,
        region="ap-guangzhou",
        templates=Templates({"default": TEMPLATE}, dict(zip("ba", params, strict=False)), 6),
        timeout=0.3,
        clock=lambda: now,
    )


def refused(sms: TencentSms) -> DeliveryError:
    (payload,) = sms.compose(LETTER)
    with pytest.raises(DeliveryError) as caught:
        sms.send(PHONE, payload)
    shown = f"{caught.value!r}{caught.value.details}"
    assert not [secret for secret in (PHONE, KEY_ID, KEY_SECRET) if secret in shown]
    return caught.value


def test_a_signed_request_is_accepted_with_its_serial_and_its_variables_in_order(cloud: FakeTencent) -> None:
    sms = channel(cloud)
    (payload,) = sms.compose(LETTER)
    assert PHONE.encode() not in payload
    assert sms.send(PHONE, payload) == "2645:1"
    (seen,) = cloud.accepted
    assert seen["phone"] == f"+86{PHONE}"
    assert (seen["TemplateParamSet"], seen["SessionContext"]) == (["3", "1月5日"], "ZG-7")


def test_the_third_message_of_a_day_to_one_number_is_given_up(cloud: FakeTencent) -> None:
    sms = channel(cloud)
    for _ in range(2):
        sms.send(PHONE, sms.compose(LETTER)[0])
    error = refused(sms)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.MESSAGE)
    assert "今天不再发送" in error.message
    sms.send("13800000001", sms.compose(LETTER)[0])


CODES = [
    ("LimitExceeded.PhoneNumberThirtySecondLimit", Outcome.TEMPORARY, Scope.MESSAGE, 65),
    ("LimitExceeded.PhoneNumberOneHourLimit", Outcome.TEMPORARY, Scope.MESSAGE, 3600),
    ("LimitExceeded.PhoneNumberDailyLimit", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("LimitExceeded.PhoneNumberSameContentDailyLimit", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("LimitExceeded.PhoneNumberCountLimit", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("LimitExceeded.DeliveryFrequencyLimit", Outcome.TEMPORARY, Scope.MESSAGE, 65),
    ("LimitExceeded.AppDailyLimit", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("LimitExceeded.SomethingNew", Outcome.TEMPORARY, Scope.MESSAGE, 3600),
    ("FailedOperation.SignatureIncorrectOrUnapproved", Outcome.PERMANENT, Scope.CHANNEL, 0),
    # A template is one kind's: the others' must go on.
    ("FailedOperation.TemplateIncorrectOrUnapproved", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("FailedOperation.InsufficientBalanceInSmsPackage", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("FailedOperation.PhoneNumberInBlacklist", Outcome.PERMANENT, Scope.ADDRESS, 0),
    ("FailedOperation.ContainSensitiveWord", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("FailedOperation.SomethingNew", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("InvalidParameterValue.TemplateParameterLengthLimit", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("InvalidParameterValue.IncorrectPhoneNumber", Outcome.PERMANENT, Scope.ADDRESS, 0),
    ("InvalidParameterValue.ContentLengthLimit", Outcome.PERMANENT, Scope.MESSAGE, 0),
    ("UnsupportedOperation.UnsupportedRegion", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("UnauthorizedOperation.RequestIpNotInWhitelist", Outcome.PERMANENT, Scope.CHANNEL, 0),
    ("InternalError.OtherError", Outcome.TEMPORARY, Scope.MESSAGE, 30),
    ("InternalError.Timeout", Outcome.UNKNOWN, Scope.MESSAGE, 0),
    ("NeverHeardOf", Outcome.PERMANENT, Scope.MESSAGE, 0),
]


@pytest.mark.parametrize(("code", "outcome", "scope", "pause"), CODES)
def test_every_code_says_whether_to_try_again_and_how_far_it_reaches(
    cloud: FakeTencent, code: str, outcome: Outcome, scope: Scope, pause: int
) -> None:
    cloud.refuse_with = code
    error = refused(channel(cloud))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)
    assert error.details["code"] == code


@pytest.mark.parametrize(
    ("code", "scope"), [("RequestLimitExceeded", Scope.CHANNEL), ("InternalError", Scope.MESSAGE)]
)
def test_a_refusal_of_the_whole_request_counts_for_its_one_number(
    cloud: FakeTencent, code: str, scope: Scope
) -> None:
    body = json.dumps({"Response": {"Error": {"Code": code, "Message": PHONE}, "RequestId": "r"}})
    cloud.inject("/", Reply(body.encode()))
    error = refused(channel(cloud))
    assert (error.outcome, error.scope) == (Outcome.TEMPORARY, scope)


def test_what_is_wrong_with_the_account_concerns_the_whole_channel(cloud: FakeTencent) -> None:
    wrong = [
        channel(cloud, secret="another"),
        channel(cloud, now=NOW - 6 * 60),
        channel(cloud, sign="别的签名"),
        channel(cloud, app_id="1"),
    ]
    for sms in wrong:
        error = refused(sms)
        assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert cloud.accepted == []


def test_variables_that_do_not_fit_a_template_concern_its_kind_of_message_only(cloud: FakeTencent) -> None:
    error = refused(channel(cloud, params=("{count}",)))
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.MESSAGE)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"Response":{"SendStatusSet":[]}}', b'{"Response":{"SendStatusSet":[{"Code":1}]}}'],
)
def test_an_answer_without_the_numbers_status_is_unknown(cloud: FakeTencent, body: bytes) -> None:
    cloud.inject("/", Reply(body))
    assert refused(channel(cloud)).outcome is Outcome.UNKNOWN


def test_the_signature_and_its_brackets_are_charged_too(cloud: FakeTencent) -> None:
    assert [channel(cloud).segments("澜" * length) for length in (65, 66)] == [1, 2]


def test_an_answer_that_never_comes_is_unknown(cloud: FakeTencent) -> None:
    cloud.inject("/", Fault.SLOW)
    assert refused(channel(cloud)).outcome is Outcome.UNKNOWN
    assert len(cloud.accepted) == 1, "it was taken although nobody said so"
