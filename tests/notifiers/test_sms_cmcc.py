"""SMS through 云MAS, against a fake that checks base64, mac, account and signature code."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from notifiers.base import Letter
from notifiers.sms import LONGEST, POINTER, CmccSms, Templates
from tests.fakes.cmcc import AP_ID, EC_NAME, FREE_TEXT, SECRET_KEY, SIGN, TEMPLATE, FakeCmcc
from tests.fakes.http_server import Fault, Reply
from tracker.domain.errors import DeliveryError, Outcome, Scope

PHONE = "13800000000"
LETTER = Letter("澜东区有3项到期", serial="ZG-7", facts={"count": "3", "date": "1月5日"})


@pytest.fixture
def mas() -> Iterator[FakeCmcc]:
    with FakeCmcc() as server:
        yield server


def channel(
    mas: FakeCmcc,
    *,
    templates: Templates | None = None,
    secret_key: str = SECRET_KEY,
    ap_id: str = AP_ID,
    sign: str = SIGN,
    extension: str = "",
    secret_in_body: bool = True,
) -> CmccSms:
    return CmccSms(
        mas.base_url + (TEMPLATE if templates else FREE_TEXT),
        ec_name=EC_NAME,
        ap_id=ap_id,
        secret_key=secret_key,
        sign=sign,
        extension=extension,
        secret_in_body=secret_in_body,
        templates=templates,
        timeout=0.3,
    )


def refused(sms: CmccSms) -> DeliveryError:
    (payload,) = sms.compose(LETTER)
    with pytest.raises(DeliveryError) as caught:
        sms.send(PHONE, payload)
    shown = f"{caught.value!r}{caught.value.details}"
    assert not [secret for secret in (PHONE, AP_ID, SECRET_KEY) if secret in shown]
    return caught.value


@pytest.mark.parametrize("group_field", ["msgGroup", "mgsGroup"])
def test_free_text_is_accepted_however_the_group_is_spelled(mas: FakeCmcc, group_field: str) -> None:
    mas.group_field = group_field
    sms = channel(mas, extension="01")
    (payload,) = sms.compose(LETTER)
    assert sms.send(PHONE, payload) == "group-1"
    (seen,) = mas.accepted
    assert (seen["mobiles"], seen["content"], seen["addSerial"]) == (PHONE, LETTER.text, "01")


@pytest.mark.parametrize(
    ("params", "sent"), [({}, '[""]'), ({"b": "{date}", "a": "{count}"}, '["1月5日","3"]')]
)
def test_a_templates_variables_are_a_string_that_holds_a_list(
    mas: FakeCmcc, params: dict[str, str], sent: str
) -> None:
    sms = channel(mas, templates=Templates({"default": "tmpl0001"}, params))
    sms.send(PHONE, sms.compose(LETTER)[0])
    (seen,) = mas.accepted
    assert (seen["templateId"], seen["params"]) == ("tmpl0001", sent)
    assert "content" not in seen


@pytest.mark.parametrize("secret_in_body", [True, False])
def test_the_secret_stands_in_the_body_only_where_it_is_wanted(mas: FakeCmcc, secret_in_body: bool) -> None:
    sms = channel(mas, secret_in_body=secret_in_body)
    (payload,) = sms.compose(LETTER)
    sms.send(PHONE, payload)
    assert (SECRET_KEY.encode() in base64.b64decode(mas.raw[0])) is secret_in_body


def test_the_frozen_payload_holds_the_content_alone(mas: FakeCmcc) -> None:
    (payload,) = channel(mas).compose(LETTER)
    assert json.loads(payload) == {"content": LETTER.text}


def test_a_text_over_500_characters_is_shortened(mas: FakeCmcc) -> None:
    (payload,) = channel(mas).compose(Letter("澜" * 501))
    assert json.loads(payload) == {"content": "澜" * (LONGEST - len(POINTER)) + POINTER}


CODES = [
    ("IllegalMac", Outcome.PERMANENT, Scope.CHANNEL),
    ("InvalidUsrOrPwd", Outcome.PERMANENT, Scope.CHANNEL),
    ("IllegalSignId", Outcome.PERMANENT, Scope.CHANNEL),
    ("NoSignId", Outcome.PERMANENT, Scope.CHANNEL),
    ("NOT_WHITE_IP", Outcome.PERMANENT, Scope.CHANNEL),
    ("InvalidMessage", Outcome.PERMANENT, Scope.MESSAGE),
    ("TooManyMobiles", Outcome.PERMANENT, Scope.MESSAGE),
    ("InvalidMobile", Outcome.PERMANENT, Scope.ADDRESS),
    ("NeverHeardOf", Outcome.PERMANENT, Scope.MESSAGE),
]


@pytest.mark.parametrize(("code", "outcome", "scope"), CODES)
def test_every_code_says_how_far_it_reaches(mas: FakeCmcc, code: str, outcome: Outcome, scope: Scope) -> None:
    mas.refuse_with = code
    error = refused(channel(mas))
    assert (error.outcome, error.scope, error.details["code"]) == (outcome, scope, code)


def test_what_is_wrong_with_the_account_concerns_the_whole_channel(mas: FakeCmcc) -> None:
    wrong = [
        (channel(mas, secret_key="another", secret_in_body=False), "IllegalMac"),
        (channel(mas, secret_key="another"), "InvalidUsrOrPwd"),
        (channel(mas, ap_id="another"), "InvalidUsrOrPwd"),
        (channel(mas, sign="【整改通】"), "IllegalSignId"),
    ]
    for sms, code in wrong:
        error = refused(sms)
        assert (error.scope, error.details["code"]) == (Scope.CHANNEL, code)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"success":true}',
        b'{"rspcod":"success","success":false}',
        b'{"rspcod":"IllegalMac","success":true}',
    ],
)
def test_an_answer_that_is_neither_yes_nor_no_is_unknown(mas: FakeCmcc, body: bytes) -> None:
    mas.inject(mas.PATH, Reply(body))
    assert refused(channel(mas)).outcome is Outcome.UNKNOWN


def test_an_answer_that_never_comes_is_unknown(mas: FakeCmcc) -> None:
    mas.inject(mas.PATH, Fault.SLOW)
    assert refused(channel(mas)).outcome is Outcome.UNKNOWN
    assert len(mas.accepted) == 1, "it was taken although nobody said so"
