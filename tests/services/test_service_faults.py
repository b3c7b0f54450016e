"""Fault by fault and channel by channel: what the ledger says, what is sent again, and what is left alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from notifiers.base import Notifier
from notifiers.email import EmailSmtp
from notifiers.sandbox import Sandbox
from notifiers.wecom_app import WeComApp
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.channels import AGENT, APP_SECRET, CORP, KINDS, OVER_HTTP, REMOTE, letter
from tests.fakes.http_server import Fault, Trouble
from tests.fakes.loopback import loopback_only
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import messages
from tests.support import Clock, at
from tracker.domain.delivery import CHANNEL_REST
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.store import endpoints, outbox, pauses
from tracker.store.outbox import NewMessage

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-27 09:00"))


@dataclass(frozen=True)
class Ledger:
    """What is written down after one run. `held`: seconds that the address rests; `rests`: the channel."""

    state: str
    disabled: bool = False
    held: int | None = None
    rests: bool = False


PENDING_A_MINUTE = Ledger("pending", held=60)
UNKNOWN = Ledger("unknown")
RESTS = Ledger("pending", held=int(CHANNEL_REST.total_seconds()), rests=True)
# The app's bytes may be sent again: a duplicate check, or the card's own id, keeps them from showing twice.
FAULTS = {
    Fault.HTTP_500: PENDING_A_MINUTE,
    Fault.HTTP_502: PENDING_A_MINUTE,
    Fault.REDIRECT: RESTS,
    Fault.HTML: UNKNOWN,
    Fault.SLOW: UNKNOWN,
    Fault.HANG: UNKNOWN,
    Fault.ACCEPT_THEN_DROP: UNKNOWN,
    Fault.CUT_ANSWER: UNKNOWN,
    Fault.DROP: UNKNOWN,
}
WECOM = {
    -1: PENDING_A_MINUTE,
    45009: Ledger("pending", held=65),
    45033: PENDING_A_MINUTE,
    40058: Ledger("failed"),
    93000: Ledger("failed", disabled=True),
    93004: Ledger("failed", disabled=True),
    Fault.WARNING: UNKNOWN,
}


def open_office(build: BuildOffice, notifier: Notifier) -> Office:
    return build(channels={notifier.channel: notifier, "sandbox": Sandbox()})


def put(office: Office, notifier: Notifier, address: str, now: datetime) -> None:
    [payload] = notifier.compose(letter("澜西区有1项到期"))
    new = NewMessage(
        dedup=hashlib.sha256(payload).hexdigest(),
        letter="a" * 64,
        serial="ZG-7",
        kind="returned",  # no reminder: nobody takes it back overnight
        recipient="澜西区 联络员",
        channel=notifier.channel,
        address=address,
        hint=notifier.hint(address),
        text="澜西区有1项到期",
        payload=payload,
        reason="退回",
        send_after=now,
    )
    with office.database.write() as connection:
        outbox.enqueue(connection, [new], now)


def ledger(office: Office, now: datetime) -> Ledger:
    [message] = messages(office)
    with office.database.read() as connection:
        [endpoint] = endpoints.listing(connection)
        resting = pauses.pauses(connection)
    held = int((endpoint.held_until - now).total_seconds()) if endpoint.held_until else None
    return Ledger(message.state, endpoint.disabled_at is not None, held, bool(resting))


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.value)
def test_a_fault_on_the_way(
    build_office: BuildOffice, clock: Clock, channel: type[Notifier], fault: Fault
) -> None:
    check(build_office, clock, channel, fault, FAULTS[fault])


@pytest.mark.parametrize("fault", WECOM, ids=str)
def test_a_refusal_of_the_robot(build_office: BuildOffice, clock: Clock, fault: Fault | int) -> None:
    check(build_office, clock, WeComRobot, fault, WECOM[fault])


def check(
    build: BuildOffice, clock: Clock, channel: type[Notifier], fault: Trouble, expected: Ledger
) -> None:
    """One run under the fault, then a day without it."""
    kind = KINDS[channel]
    with kind.fake() as server:
        notifier = kind.build(server.base_url)
        if expected == UNKNOWN and notifier.repeatable is not None:
            expected = PENDING_A_MINUTE
        office = open_office(build, notifier)
        put(office, notifier, kind.address, clock())
        server.inject(kind.fault, fault)
        deliver(office, clock)
        assert ledger(office, clock()) == expected
        clock.advance(hours=3)
        deliver(office, clock)
        [message] = messages(office)
        assert message.state == ("accepted" if expected.state == "pending" else expected.state)
        assert message.attempts == (2 if expected.state == "pending" else 1)


@pytest.mark.parametrize("channel", REMOTE, ids=lambda kind: kind.__name__)
def test_a_server_that_is_not_there_is_tried_again(
    build_office: BuildOffice, clock: Clock, channel: type[Notifier]
) -> None:
    kind = KINDS[channel]
    with kind.fake() as server:
        notifier = kind.build(server.base_url)
    office = open_office(build_office, notifier)
    put(office, notifier, kind.address, clock())
    deliver(office, clock)
    assert ledger(office, clock()) == PENDING_A_MINUTE


def test_the_apps_repeat_within_its_duplicate_check_is_shown_once(
    build_office: BuildOffice, clock: Clock
) -> None:
    kind = KINDS[WeComApp]
    with FakeWeCom() as server:
        app = server.add_app(CORP, AGENT, APP_SECRET, frozenset({kind.address}))
        notifier = kind.build(server.base_url)
        office = open_office(build_office, notifier)
        put(office, notifier, kind.address, clock())
        server.inject(kind.fault, Fault.ACCEPT_THEN_DROP)
        deliver(office, clock)
        clock.advance(minutes=2)
        deliver(office, clock)
        assert [message.state for message in messages(office)] == ["accepted"]
        assert len(app.delivered) == 1


def test_every_remote_channel_is_in_the_table() -> None:
    assert set(REMOTE) - set(OVER_HTTP) == {EmailSmtp}, "mail has a protocol and a table of its own"
