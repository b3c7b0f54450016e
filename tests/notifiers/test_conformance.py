"""What holds for every channel of `NOTIFIERS`; whoever adds one there adds it to `KINDS` here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers import NOTIFIERS
from notifiers.base import Notifier, Wording
from tests.fakes.certificates import self_signed
from tests.fakes.channels import KINDS, OVER_HTTP, REMOTE, SECRETS, Kind, letter
from tests.fakes.http_server import Fault
from tests.fakes.wecom import FakeWeCom
from tracker.domain.errors import DeliveryError, Outcome, Scope


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
    assert caught.value.outcome is Outcome.PERMANENT


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


@pytest.mark.slow
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
