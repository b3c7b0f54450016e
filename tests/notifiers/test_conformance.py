"""What holds for every channel of `NOTIFIERS`; whoever adds one there adds it to `CHANNELS` here."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers import NOTIFIERS
from notifiers.base import Mentions, Notifier
from notifiers.sandbox import Sandbox
from notifiers.sms import LONGEST, SmsGateway, SmsWebhook
from notifiers.wecom_robot import WeComRobot
from tests.fakes.http_server import Fault
from tests.fakes.sms_gateway import PASSWORD, PATH, FakeSmsGateway
from tests.fakes.wecom import FakeWeCom
from tracker.domain.errors import DeliveryError

KEY = "1234aaaa-0000-4000-8000-00000000cdef"
PHONE = "13800000042"
SECRETS = (KEY, PHONE, PASSWORD, "invented-token")


@dataclass(frozen=True)
class Subject:
    """A channel at work: built against its fake, with an address, a limit and a way to break the fake."""

    notifier: Notifier
    address: str
    largest_payload: int | None
    inject: Callable[[Fault], None]


def _sandbox(_wecom: FakeWeCom, _gateway: FakeSmsGateway) -> Subject:
    return Subject(Sandbox(), "澜东区联络员", None, lambda _fault: None)


def _robot(wecom: FakeWeCom, _gateway: FakeSmsGateway) -> Subject:
    wecom.add_robot(KEY)
    # Content may hold characters that JSON escapes: six bytes for one.
    robot = WeComRobot(wecom.base_url, timeout=0.2)
    return Subject(robot, KEY, 6 * 4096 + 100, lambda fault: wecom.inject(KEY, fault))


def _sms(_wecom: FakeWeCom, gateway: FakeSmsGateway) -> Subject:
    fields = {"mobile": "{phone}", "text": "{content}", "password": PASSWORD}
    headers = {"X-Token": "invented-token"}
    sms = SmsGateway(gateway.url, fields, "success", "true", headers=headers, timeout=0.2)
    return Subject(SmsWebhook(sms), PHONE, 4 * LONGEST, lambda fault: gateway.inject(PATH, fault))


CHANNELS = {"sandbox": _sandbox, "wecom_robot": _robot, "sms": _sms}


@pytest.fixture(params=CHANNELS)
def subject(request: pytest.FixtureRequest, wecom: FakeWeCom, gateway: FakeSmsGateway) -> Subject:
    return CHANNELS[request.param](wecom, gateway)


def test_every_registered_channel_is_tried_here() -> None:
    assert {notifier.channel for notifier in NOTIFIERS} == set(CHANNELS)
    assert len({notifier.channel for notifier in NOTIFIERS}) == len(NOTIFIERS)


@pytest.mark.parametrize("notifier", NOTIFIERS)
def test_a_channel_names_its_wording_and_its_rate(notifier: type[Notifier]) -> None:
    assert notifier.template in {"markdown", "sms"}
    assert notifier.per_minute is None or notifier.per_minute > 0


def test_a_composed_message_is_accepted(subject: Subject) -> None:
    for payload in subject.notifier.compose("云台区有1项到期", Mentions()):
        assert isinstance(subject.notifier.send(subject.address, payload), str)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=3000).filter(str.strip))
def test_composing_is_repeatable_and_stays_within_the_limit(subject: Subject, text: str) -> None:
    payloads = subject.notifier.compose(text, Mentions())
    assert list(payloads) == list(subject.notifier.compose(text, Mentions()))
    assert all(payload for payload in payloads)
    assert subject.largest_payload is None or all(len(one) <= subject.largest_payload for one in payloads)


@pytest.mark.parametrize("text", ["", " \n　", "half a pair: \ud800"])
def test_a_text_that_nobody_could_read_is_refused_for_good(subject: Subject, text: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        subject.notifier.compose(text, Mentions())
    assert caught.value.permanent


BREAKABLE = [
    (name, fault)
    for name in CHANNELS
    for fault in Fault
    if name == "wecom_robot" or (name == "sms" and fault is not Fault.WARNING)
]


@pytest.mark.parametrize(("name", "fault"), BREAKABLE)
def test_no_failure_shows_a_secret(
    wecom: FakeWeCom, gateway: FakeSmsGateway, name: str, fault: Fault
) -> None:
    subject = CHANNELS[name](wecom, gateway)
    (payload,) = subject.notifier.compose("澜西区有1项到期", Mentions())
    subject.inject(fault)
    with pytest.raises(DeliveryError) as caught:
        subject.notifier.send(subject.address, payload)
    _assert_clean(caught.value)


def test_no_failure_to_connect_shows_a_secret() -> None:
    with FakeWeCom() as wecom, FakeSmsGateway() as gateway:
        subjects = [_robot(wecom, gateway), _sms(wecom, gateway)]
    for subject in subjects:
        with pytest.raises(DeliveryError) as caught:
            subject.notifier.send(subject.address, b"{}")
        _assert_clean(caught.value)


def _assert_clean(error: DeliveryError) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error} {error!r} {error.message} {error.details} {''.join(traceback.format_exception(error))}"
    assert not [secret for secret in SECRETS if secret in shown]
    assert any("\u4e00" <= character <= "\u9fff" for character in error.message), "people read Chinese"
