"""Webhooks: signed so that a receiver by the specification takes them, to examined addresses alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from notifiers.base import Letter
from notifiers.webhook import Webhook, signature
from tests.fakes.certificates import self_signed
from tests.fakes.http_server import Fault
from tests.fakes.provider import NOW
from tests.fakes.webhook_receiver import SECRET, FakeReceiver
from tests.fakes.wecom import FakeWeCom
from tracker.channels import build_systems
from tracker.domain.errors import DeliveryError, Outcome, Scope
from tracker.probes.addresses import Policy, checked_address, checked_url
from tracker.settings import Settings

NEWS = '{"type":"item.step","data":{"numbers":[1]}}'


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    with FakeReceiver() as server:
        yield server


def webhook(place: str = "127.0.0.1", now: float = NOW) -> Webhook:
    return Webhook(lambda _url: place, timeout=0.3, clock=lambda: now)


def refused(channel: Webhook, address: str) -> DeliveryError:
    [payload] = channel.compose(Letter(NEWS))
    with pytest.raises(DeliveryError) as caught:
        channel.send(address, payload)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error!r} {error.message} {error.details}"
    assert "invented" not in shown
    assert SECRET not in shown
    return error


def test_the_signature_is_that_of_the_specifications_example() -> None:
    """The vector that the reference libraries of standardwebhooks.com are tested with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    given = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_sent_is_accepted_and_names_the_host_of_the_url(
    receiver: FakeReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = webhook()
    address = f"{receiver.url('hooks.example.cn')} {SECRET}"
    [payload] = channel.compose(Letter(NEWS))
    assert channel.send(address, payload) == ""
    assert receiver.accepted == [{"type": "item.step", "data": {"numbers": [1]}}]
    assert receiver.hosts[0].startswith("hooks.example.cn:"), "though the name was not looked up again"
    assert "invented" not in caplog.text
    assert "invented" not in channel.hint(address)


def test_a_repeat_bears_the_same_id(receiver: FakeReceiver) -> None:
    receiver.inject(receiver.PATH, Fault.ACCEPT_THEN_DROP)
    address = f"{receiver.url()} {SECRET}"
    assert refused(webhook(), address).outcome is Outcome.UNKNOWN
    webhook(now=NOW + 120).send(address, NEWS.encode())
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert len(receiver.accepted) == 1


@pytest.mark.parametrize(
    ("status", "outcome", "scope"),
    [
        (410, Outcome.PERMANENT, Scope.ADDRESS),
        (400, Outcome.TEMPORARY, Scope.MESSAGE),
        (401, Outcome.TEMPORARY, Scope.MESSAGE),
        (404, Outcome.TEMPORARY, Scope.MESSAGE),
        (500, Outcome.TEMPORARY, Scope.MESSAGE),
        (504, Outcome.UNKNOWN, Scope.MESSAGE),
    ],
)
def test_a_refusal_is_the_systems_own_and_only_gone_is_for_good(
    receiver: FakeReceiver, status: int, outcome: Outcome, scope: Scope
) -> None:
    receiver.refuse_with = status
    error = refused(webhook(), f"{receiver.url()} {SECRET}")
    assert (error.outcome, error.scope) == (outcome, scope)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.REDIRECT, Outcome.TEMPORARY),
        (Fault.SLOW, Outcome.UNKNOWN),
        (Fault.DROP, Outcome.UNKNOWN),
        (Fault.ACCEPT_THEN_DROP, Outcome.UNKNOWN),
    ],
)
def test_a_fault_on_the_way_is_named_for_what_is_known(
    receiver: FakeReceiver, fault: Fault, outcome: Outcome
) -> None:
    receiver.inject(receiver.PATH, fault)
    assert refused(webhook(), f"{receiver.url()} {SECRET}").outcome is outcome
    assert receiver.strays == [], "a redirect is not followed"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/hook",
        "http://[::ffff:127.0.0.1]:{port}/hook",
        "http://2130706433:{port}/hook",
        "http://10.1.2.3:8080/hook",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1:{port}/hook",
    ],
)
def test_an_internal_address_is_refused_unless_the_office_allows_it(receiver: FakeReceiver, url: str) -> None:
    channel = build_systems(Settings())["webhook"]
    assert isinstance(channel, Webhook)
    port = receiver.base_url.rpartition(":")[2]
    error = refused(channel, f"{url.format(port=port)} {SECRET}")
    assert "地址不能使用" in error.message
    assert receiver.raw == []


def test_a_network_that_the_office_allows_is_reached(receiver: FakeReceiver) -> None:
    channel = build_systems(Settings(webhook_networks=(ip_network("127.0.0.0/8"),)))["webhook"]
    receiver.clock = time.time
    channel.send(f"{receiver.url()} {SECRET}", NEWS.encode())
    assert len(receiver.accepted) == 1


def test_a_name_that_points_elsewhere_the_second_time_is_looked_up_once(receiver: FakeReceiver) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    policy = Policy(allowed_networks=(ip_network("127.0.0.0/8"),))
    channel = Webhook(
        lambda url: checked_address(checked_url(url), policy, resolve), timeout=0.3, clock=lambda: NOW
    )
    channel.send(f"{receiver.url('rebinding.example.cn')} {SECRET}", NEWS.encode())
    assert asked == ["rebinding.example.cn"]


def test_a_certificate_must_be_of_the_urls_name(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with FakeWeCom(tls=(certificate, key)) as server:
        port = server.base_url.rpartition(":")[2]
        trusting = Webhook(lambda _url: "127.0.0.1", timeout=0.3, ca_file=str(certificate))
        error = refused(trusting, f"https://other.example.cn:{port}/ {SECRET}")
        assert "TLS" in error.message
        assert server.captured == []
