"""What holds for every channel of `NOTIFIERS`; whoever adds one there adds it to `KINDS` here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers import NOTIFIERS
from notifiers.base import Letter, Mentions, Notifier, Wording
from notifiers.dingtalk import DingTalkRobot
from notifiers.email import EmailSmtp
from notifiers.feishu import FeishuRobot
from notifiers.group_robots import BODY_BYTES
from notifiers.sandbox import Sandbox
from notifiers.sms import LONGEST, AliyunSms, CmccSms, SmsGateway, SmsWebhook, Templates, TencentSms
from notifiers.wecom_app import WeComApp
from notifiers.wecom_robot import WeComRobot
from tests.fakes import aliyun, cmcc, dingtalk, feishu, sms_gateway, tencent
from tests.fakes.aliyun import FakeAliyun
from tests.fakes.certificates import self_signed
from tests.fakes.cmcc import FakeCmcc
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.feishu import FakeFeishu
from tests.fakes.http_server import Fault
from tests.fakes.provider import NOW
from tests.fakes.sms_gateway import FakeSmsGateway
from tests.fakes.smtp import FakeSmtp
from tests.fakes.tencent import FakeTencent
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND
from tracker.domain.errors import DeliveryError, Outcome, Scope

KEY = "1234aaaa-0000-4000-8000-00000000cdef"
CORP, AGENT, APP_SECRET, USER = "ww0000000000000001", 1000002, "invented-app-secret", "zhangsan"
PHONE, MAIL = "13800000042", "zhang.san@landong.example.cn"
SECRETS = (
    KEY,
    APP_SECRET,
    PHONE,
    MAIL,
    "invented-token",
    sms_gateway.PASSWORD,
    aliyun.KEY_ID,
    aliyun.KEY_SECRET,
    tencent.KEY_ID,
    tencent.KEY_SECRET,
    cmcc.AP_ID,
    cmcc.SECRET_KEY,
    dingtalk.TOKEN,
    dingtalk.SECRET,
    feishu.TOKEN,
    feishu.SECRET,
)
WAIT = 0.3  # seconds that a channel waits for an answer here


def letter(text: str) -> Letter:
    return Letter(text, Mentions((USER,)), serial="ZG-7", facts={"count": "1", "date": "1月5日"})


@dataclass(frozen=True)
class Kind:
    """How one channel is put to work: against which fake, built how, with which address.

    `fault`: under which name the fake takes faults. `largest`: bytes that a payload may have.
    """

    fake: Callable[[], AbstractContextManager[Any]]
    build: Callable[[str], Notifier]
    address: str
    fault: str = "/"
    largest: int | None = None


def _wecom() -> FakeWeCom:
    server = FakeWeCom()
    server.add_robot(KEY)
    server.add_app(CORP, AGENT, APP_SECRET, frozenset({USER}))
    return server


def _app(base_url: str) -> Notifier:
    return WeComApp(base_url, corp_id=CORP, agent_id=AGENT, secret=APP_SECRET, timeout=WAIT)


def _webhook(base_url: str) -> Notifier:
    fields = {"mobile": "{phone}", "text": "{content}", "password": sms_gateway.PASSWORD}
    headers = {"X-Token": "invented-token"}
    url = base_url + sms_gateway.PATH
    return SmsWebhook(SmsGateway(url, fields, "success", "true", headers=headers, timeout=WAIT))


def _aliyun(base_url: str) -> Notifier:
    return AliyunSms(
        base_url,
        key_id=aliyun.KEY_ID,
        key_secret=aliyun.KEY_SECRET,
        sign=aliyun.SIGN,
        templates=Templates({"default": aliyun.TEMPLATE}, {name: f"{{{name}}}" for name in aliyun.VARIABLES}),
        timeout=WAIT,
        clock=lambda: NOW,
    )


def _tencent(base_url: str) -> Notifier:
    return TencentSms(
        base_url,
        key_id=tencent.KEY_ID,
        key_secret=tencent.KEY_SECRET,
        app_id=tencent.APP_ID,
        sign=tencent.SIGN,
        region="ap-guangzhou",
        templates=Templates({"default": tencent.TEMPLATE}, {"a": "{count}", "b": "{date}"}),
        timeout=WAIT,
        clock=lambda: NOW,
    )


def _cmcc(base_url: str) -> Notifier:
    return CmccSms(
        base_url + cmcc.FREE_TEXT,
        ec_name=cmcc.EC_NAME,
        ap_id=cmcc.AP_ID,
        secret_key=cmcc.SECRET_KEY,
        sign=cmcc.SIGN,
        timeout=WAIT,
    )


def _email(base_url: str) -> Notifier:
    port = urlsplit(base_url).port
    sender = "rectify@yunlan.example.cn"
    return EmailSmtp("127.0.0.1", port=port, sender=sender, security="none", timeout=WAIT)


ESCAPED = 6  # bytes that JSON may need for one byte of text
KINDS: dict[type[Notifier], Kind] = {
    Sandbox: Kind(FakeSmsGateway, lambda _url: Sandbox(), "澜东区联络员"),
    WeComApp: Kind(_wecom, _app, USER, APP_SEND, ESCAPED * 2048 + 250),
    WeComRobot: Kind(_wecom, lambda url: WeComRobot(url, timeout=WAIT), KEY, KEY, ESCAPED * 4096 + 100),
    DingTalkRobot: Kind(
        FakeDingTalk,
        lambda url: DingTalkRobot(url, timeout=WAIT, clock=lambda: NOW),
        f"{dingtalk.TOKEN}#{dingtalk.SECRET}",
        FakeDingTalk.PATH,
        BODY_BYTES,
    ),
    FeishuRobot: Kind(
        FakeFeishu,
        lambda url: FeishuRobot(url, timeout=WAIT, clock=lambda: NOW),
        f"{feishu.TOKEN}#{feishu.SECRET}",
        FakeFeishu.PATH,
        BODY_BYTES,
    ),
    SmsWebhook: Kind(FakeSmsGateway, _webhook, PHONE, sms_gateway.PATH, 4 * LONGEST),
    AliyunSms: Kind(FakeAliyun, _aliyun, PHONE, largest=500),
    TencentSms: Kind(FakeTencent, _tencent, PHONE, largest=500),
    CmccSms: Kind(FakeCmcc, _cmcc, PHONE, FakeCmcc.PATH, ESCAPED * LONGEST + 20),
    EmailSmtp: Kind(FakeSmtp, _email, MAIL),
}
REMOTE = [kind for kind in KINDS if kind is not Sandbox]
OVER_HTTP = [kind for kind in REMOTE if kind is not EmailSmtp]


@dataclass(frozen=True)
class Subject:
    notifier: Notifier
    kind: Kind
    server: Any


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    kind = KINDS[request.param]
    with kind.fake() as server:
        yield Subject(kind.build(server.base_url), kind, server)


def failure(notifier: Notifier, kind: Kind) -> DeliveryError:
    payload, *_ = notifier.compose(letter("澜西区有1项到期"))
    with pytest.raises(DeliveryError) as caught:
        notifier.send(kind.address, payload)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error} {error!r} {error.message} {error.details} {''.join(traceback.format_exception(error))}"
    assert not [secret for secret in SECRETS if secret in shown + repr(notifier)]
    assert any("\u4e00" <= character <= "\u9fff" for character in error.message), "people read Chinese"
    return error


def test_every_registered_channel_is_tried_here() -> None:
    assert set(NOTIFIERS) == set(KINDS)
    assert len(NOTIFIERS) == len(KINDS)


@pytest.mark.parametrize("notifier", NOTIFIERS)
def test_a_channel_names_its_wording_its_rate_and_its_readers(notifier: type[Notifier]) -> None:
    assert notifier.wording in Wording
    assert notifier.per_minute is None or notifier.per_minute > 0
    assert notifier.repeatable is None or notifier.repeatable > timedelta(0)
    assert notifier.personal == (notifier.channel in {"wecom_app", "sms", "email"})


def test_a_composed_message_is_accepted_and_nothing_secret_is_logged(
    subject: Subject, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for payload in subject.notifier.compose(letter("云台区有1项到期")):
        assert isinstance(subject.notifier.send(subject.kind.address, payload), str)
    assert not [secret for secret in SECRETS if secret in caplog.text]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=3000).filter(str.strip))
def test_composing_is_repeatable_and_stays_within_the_limit(subject: Subject, text: str) -> None:
    payloads = subject.notifier.compose(letter(text))
    assert list(payloads) == list(subject.notifier.compose(letter(text)))
    assert all(payload for payload in payloads)
    largest = subject.kind.largest
    assert largest is None or all(len(one) <= largest for one in payloads)


@pytest.mark.parametrize("text", ["", " \n　", "half a pair: \ud800"])
def test_a_text_that_nobody_could_read_is_refused_for_good(subject: Subject, text: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        subject.notifier.compose(letter(text))
    assert caught.value.permanent


def test_a_hint_tells_addresses_apart_and_gives_none_away(subject: Subject) -> None:
    hint = subject.notifier.hint(subject.kind.address)
    assert hint
    assert not [secret for secret in SECRETS if secret in hint]


FAULTS = [
    (Fault.HTTP_500, Outcome.TEMPORARY, Scope.MESSAGE),
    (Fault.HTTP_502, Outcome.TEMPORARY, Scope.MESSAGE),
    (Fault.REDIRECT, Outcome.PERMANENT, Scope.CHANNEL),
    (Fault.HTML, Outcome.UNKNOWN, Scope.MESSAGE),
    (Fault.SLOW, Outcome.UNKNOWN, Scope.MESSAGE),
    (Fault.HANG, Outcome.UNKNOWN, Scope.MESSAGE),
    (Fault.ACCEPT_THEN_DROP, Outcome.UNKNOWN, Scope.MESSAGE),
    (Fault.CUT_ANSWER, Outcome.UNKNOWN, Scope.MESSAGE),
    (Fault.DROP, Outcome.UNKNOWN, Scope.MESSAGE),
]


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("fault", "outcome", "scope"), FAULTS)
def test_a_fault_on_the_way_is_named_for_what_is_known_of_the_message(
    channel: type[Notifier],
    fault: Fault,
    outcome: Outcome,
    scope: Scope,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    kind = KINDS[channel]
    with kind.fake() as server:
        server.inject(kind.fault, fault)
        error = failure(kind.build(server.base_url), kind)
        assert (error.outcome, error.scope) == (outcome, scope)
        assert server.strays == [], "a redirect is not followed"
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.mark.parametrize("channel", REMOTE, ids=lambda kind: kind.__name__)
def test_a_server_that_is_not_there_is_a_temporary_failure(channel: type[Notifier]) -> None:
    kind = KINDS[channel]
    with kind.fake() as server:
        notifier = kind.build(server.base_url)
    assert failure(notifier, kind).outcome is Outcome.TEMPORARY


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda kind: kind.__name__)
def test_a_certificate_that_nobody_vouches_for_gets_nothing(channel: type[Notifier], tmp_path: Path) -> None:
    kind = KINDS[channel]
    with FakeWeCom(tls=self_signed(tmp_path)) as server:
        error = failure(kind.build(server.base_url), kind)
    assert error.outcome is Outcome.TEMPORARY
    assert "TLS" in error.message
    assert server.captured == []
