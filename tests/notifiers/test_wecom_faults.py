"""Fault by fault, through the robot and through the app: what the ledger learns, and no secret in it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from notifiers.base import Letter, Mentions, Notifier
from notifiers.wecom_app import WeComApp
from notifiers.wecom_robot import WeComRobot
from tests.fakes.certificates import self_signed
from tests.fakes.http_server import Fault, Trouble
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND, GET_TOKEN
from tracker.domain.errors import DeliveryError, Outcome, Scope

KEY = "1234aaaa-0000-4000-8000-00000000cdef"
USER, CORP, AGENT, SECRET = "zhang.san", "ww0000invented", 1000002, "invented-app-secret-0001"
LETTER = Letter("澜东区有1项到期", Mentions(user_ids=(USER,)))


@dataclass(frozen=True)
class Subject:
    """A channel against the fake. `troubled`: what to inject trouble under; `seen`: what people see."""

    notifier: Notifier
    address: str
    troubled: str
    seen: Callable[[], Sequence[object]]
    secrets: Callable[[], set[str]]

    def send(self) -> str:
        (payload,) = self.notifier.compose(LETTER)
        return self.notifier.send(self.address, payload)

    def failure(self) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            self.send()
        return caught.value


def _robot(wecom: FakeWeCom) -> Subject:
    wecom.add_robot(KEY)
    robot = WeComRobot(wecom.base_url, timeout=0.3)
    return Subject(robot, KEY, KEY, lambda: wecom.delivered, lambda: {KEY})


def _app(wecom: FakeWeCom) -> Subject:
    app = wecom.add_app(CORP, AGENT, SECRET, frozenset({USER}))
    notifier = WeComApp(wecom.base_url, corp_id=CORP, agent_id=AGENT, secret=SECRET, timeout=0.3)
    return Subject(notifier, USER, APP_SEND, lambda: app.delivered, lambda: {SECRET, app.token} - {""})


CHANNELS = {"wecom_robot": _robot, "wecom_app": _app}


@pytest.fixture(params=CHANNELS)
def subject(request: pytest.FixtureRequest, wecom: FakeWeCom) -> Subject:
    return CHANNELS[request.param](wecom)


PERMANENT, TEMPORARY, UNKNOWN = Outcome.PERMANENT, Outcome.TEMPORARY, Outcome.UNKNOWN
FAULTS: list[tuple[Trouble, Outcome, Scope, int]] = [
    (-1, TEMPORARY, Scope.MESSAGE, 10),
    (45009, TEMPORARY, Scope.MESSAGE, 65),
    (45033, TEMPORARY, Scope.MESSAGE, 3),
    (93000, PERMANENT, Scope.ADDRESS, 0),
    (93004, PERMANENT, Scope.ADDRESS, 0),
    (93006, PERMANENT, Scope.ADDRESS, 0),
    (93008, PERMANENT, Scope.ADDRESS, 0),
    (81013, PERMANENT, Scope.ADDRESS, 0),
    (82001, PERMANENT, Scope.ADDRESS, 0),
    *((code, PERMANENT, Scope.MESSAGE, 0) for code in (40008, 40033, 40035, 40058, 40063, 40206)),
    *((code, PERMANENT, Scope.MESSAGE, 0) for code in (40007, 40009, 44001, 44004, 45001, 45002, 45008)),
    *((code, PERMANENT, Scope.MESSAGE, 0) for code in (42027, 42045, 42051, 45034, 60140, 301019)),
    *((code, PERMANENT, Scope.CHANNEL, 0) for code in (40001, 40013, 40056, 40091, 43012, 60020, 301002)),
    (99999, PERMANENT, Scope.MESSAGE, 0),  # not in any list
    (Fault.WARNING, UNKNOWN, Scope.MESSAGE, 0),
    (Fault.HTTP_500, TEMPORARY, Scope.MESSAGE, 0),
    (Fault.HTTP_502, TEMPORARY, Scope.MESSAGE, 0),
    (Fault.REDIRECT, PERMANENT, Scope.CHANNEL, 0),
    (Fault.HTML, UNKNOWN, Scope.MESSAGE, 0),
    (Fault.SLOW, UNKNOWN, Scope.MESSAGE, 0),  # hangs after it took the message
    (Fault.HANG, UNKNOWN, Scope.MESSAGE, 0),  # hangs before: from here it looks the same
    (Fault.DROP, UNKNOWN, Scope.MESSAGE, 0),
    (Fault.ACCEPT_THEN_DROP, UNKNOWN, Scope.MESSAGE, 0),
    (Fault.CUT_ANSWER, UNKNOWN, Scope.MESSAGE, 0),
]


@pytest.mark.parametrize(("trouble", "outcome", "scope", "pause"), FAULTS)
def test_a_fault_is_named_for_what_is_known_of_the_message(
    wecom: FakeWeCom, subject: Subject, trouble: Trouble, outcome: Outcome, scope: Scope, pause: int
) -> None:
    wecom.inject(subject.troubled, trouble)
    error = subject.failure()
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)
    assert wecom.strays == [], "a redirect was followed"
    assert not (subject.seen() and outcome is not UNKNOWN), "a delivered message counts as not sent"
    if isinstance(trouble, int):
        assert error.details["errcode"] == trouble
        assert str(error.details["hint"]).startswith(str(int(wecom.now)))
        assert str(trouble) in error.message


def test_every_fault_is_in_the_table() -> None:
    assert {trouble for trouble, *_ in FAULTS if isinstance(trouble, Fault)} == set(Fault)


@pytest.mark.parametrize("trouble", [-1, 93000, 60020, *Fault])
def test_no_failure_and_no_log_shows_a_secret(
    wecom: FakeWeCom, subject: Subject, caplog: pytest.LogCaptureFixture, trouble: Trouble
) -> None:
    for logger in ("", "urllib3", "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, logger)
    subject.send()
    wecom.inject(subject.troubled, trouble)
    _assert_clean(subject.failure(), subject, caplog)


@pytest.mark.parametrize("trouble", [40001, 60020, *(each for each in Fault if each is not Fault.WARNING)])
def test_no_failure_to_get_a_token_shows_a_secret(
    wecom: FakeWeCom, caplog: pytest.LogCaptureFixture, trouble: Trouble
) -> None:
    caplog.set_level(logging.DEBUG, "urllib3")
    subject = _app(wecom)
    wecom.inject(GET_TOKEN, trouble)
    error = subject.failure()
    _assert_clean(error, subject, caplog)
    assert error.outcome is not UNKNOWN
    assert subject.seen() == []


def _assert_clean(error: DeliveryError, subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = f"{error!r} {error.message} {error.details} {''.join(traceback.format_exception(error))}"
    secrets = subject.secrets()
    assert secrets
    assert not [secret for secret in secrets if secret in shown or secret in caplog.text]
    assert any("\u4e00" <= character <= "\u9fff" for character in error.message), "people read Chinese"


# --- before a request


@pytest.mark.parametrize("make", CHANNELS.values())
def test_a_server_that_is_not_there_is_a_temporary_failure(make: Callable[[FakeWeCom], Subject]) -> None:
    with FakeWeCom() as gone:
        subject = make(gone)
    error = subject.failure()
    assert (error.outcome, error.scope) == (TEMPORARY, Scope.MESSAGE)


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[FakeWeCom]:
    with FakeWeCom(tls=self_signed(tmp_path)) as server:
        yield server


@pytest.mark.parametrize("make", CHANNELS.values())
def test_a_tls_handshake_that_fails_is_a_temporary_failure(
    untrusted: FakeWeCom, make: Callable[[FakeWeCom], Subject]
) -> None:
    subject = make(untrusted)
    error = subject.failure()
    assert error.outcome is TEMPORARY
    assert "TLS" in error.message
    assert subject.seen() == []


# --- several threads


def test_eight_threads_send_through_one_notifier(wecom: FakeWeCom, subject: Subject) -> None:
    (payload,) = subject.notifier.compose(LETTER)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: subject.notifier.send(subject.address, payload), range(16)))
    assert wecom.connections <= 8
    assert subject.seen()
