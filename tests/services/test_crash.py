"""Two senders killed at random, again and again: nothing is lost, and nothing twice that was answered."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.crashing import Task, rules_with, senders
from tests.fakes.loopback import loopback_only
from tests.fakes.wecom import Captured, FakeWeCom
from tests.services.scenes import know, messages
from tests.support import Clock, at
from tracker.domain.delivery import OnUnknown
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.store import mailbox, outbox
from tracker.store.outbox import NewMessage
from tracker.store.schema import message

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
ROBOTS = [f"invented-robot-key-{n:04d}" for n in range(260)]  # more than one sender takes at a time
WAITING = 4  # messages for each robot from the beginning
NEW = 12  # messages that a round brings, each for another robot
MOST = 12  # fewer than so many have arrived when the senders die
DAYS = 5
# So many rounds by default keep `make test` short; RECTIFY_CRASH_ROUNDS=200 is the proof in full.
PER_DAY = int(os.environ.get("RECTIFY_CRASH_ROUNDS", "25")) // DAYS
APART = timedelta(minutes=10)  # so that what a dead sender held is free again in the next round
SEED = 20210726
PATIENCE = 3.0  # seconds; a sender that has found nothing to send is killed too


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the server of the forks starts in the test's own folder
    with loopback_only():
        yield


def holder(key: str) -> str:
    """Whose robot it is."""
    return f"联络员{key[-4:]}"


class FarSide:
    """Counts what arrives from the two senders, and answers when it is told to."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self.begun = threading.Event(), threading.Event()  # each sender has sent something in this round
        self._answers = threading.Event()
        self._answers.set()

    def note(self, begun: threading.Event, _: Captured) -> None:
        self.arrived.release()
        begun.set()
        self._answers.wait(PATIENCE)

    def prepare(self, *, together: bool) -> None:
        """`together`: no answer before both of them have sent something."""
        while self.arrived.acquire(blocking=False):
            pass
        for begun in self.begun:
            begun.clear()
        if together:
            self._answers.clear()

    def watch(self, *, until: int) -> None:
        """Wait for so many messages, and, if they are to be together, for both."""
        if not self._answers.is_set():
            for begun in self.begun:
                begun.wait(PATIENCE)
            self._answers.set()
        for _ in range(until):
            self.arrived.acquire(timeout=PATIENCE)


@dataclass
class Scene:
    """An office, and a far side for each of its two senders: so it shows who sent what."""

    office: Office
    url: str
    unknown: OnUnknown
    clock: Clock
    servers: list[FakeWeCom]
    far_side: FarSide
    random: random.Random = field(default_factory=lambda: random.Random(SEED))
    by_both: int = 0  # rounds in which each of the two has sent something
    in_pieces: int = 0  # rounds that ended with a part of the messages sent, and a sender's hands full

    def strike(self, name: str) -> None:
        """One round: some messages more, two senders, and an end to both of them at a random moment."""
        self.put([(key, f"{name}-{n}") for n, key in enumerate(self.random.sample(ROBOTS, NEW))])
        before = [len(server.captured) for server in self.servers]
        # In the rounds in which they need not be together, they may die before they have begun.
        self.far_side.prepare(together=self.random.random() < 0.7)
        with senders([Task(self.url, each.base_url, self.clock(), self.unknown) for each in self.servers]):
            self.far_side.watch(until=self.random.randrange(MOST))
            # Then at any moment until the next one arrives.
            self.far_side.arrived.acquire(timeout=self.random.random() / 100)
        sent = [len(each.captured) - count for each, count in zip(self.servers, before, strict=True)]
        self.by_both += all(sent)
        with self.office.database.read() as connection:
            query = select(func.count()).where(message.c.state == "sending")
            self.in_pieces += any(sent) and connection.execute(query).scalar_one() > 0

    def put(self, texts: Sequence[tuple[str, str]]) -> None:
        """(robot, text) of messages, whose text is their serial too."""
        robot, now = self.office.channels["wecom_robot"], self.clock()
        new = [
            NewMessage(
                dedup=text,
                letter=text,
                serial=text,
                kind="test",
                recipient=f"市教育局 {holder(key)}（联络员）",
                channel="wecom_robot",
                address=key,
                hint=robot.hint(key),
                text=text,
                payload=payload,
                reason="催办",
                send_after=now,
            )
            for key, text in texts
            for payload in robot.compose(Letter(text))
        ]
        with self.office.database.write() as connection:
            outbox.enqueue(connection, new, now)

    def rest(self) -> None:
        """One sender that nobody disturbs, until nothing waits, nor any decision of the rule."""
        calm = 0
        while calm < 3:
            self.clock.moment += APART
            calm = 0 if deliver(self.office, self.clock).pending else calm + 1

    def outcomes(self) -> dict[str, list[str]]:
        """Of each message, by serial, its state and the outcomes of all its calls."""
        stored = messages(self.office)
        with self.office.database.read() as connection:
            attempts = mailbox.attempts_of(connection, [each.id for each in stored])
        calls = {each.id: [each.state] for each in stored}
        for attempt in attempts:
            calls[attempt.message_id].append(str(attempt.outcome))
        return {each.serial: calls[each.id] for each in stored}


OpenScene = Callable[[OnUnknown], Scene]


@pytest.fixture
def open_scene(build_office: BuildOffice, database_url: str) -> Iterator[OpenScene]:
    clock, far_side = Clock(at("2021-07-26 09:00")), FarSide()
    with ExitStack() as open_:
        servers = [
            FakeWeCom(clock=lambda: clock().timestamp(), on_capture=partial(far_side.note, begun))
            for begun in far_side.begun
        ]
        for server in servers:
            open_.enter_context(server)
            for key in ROBOTS:
                server.add_robot(key)

        def make(unknown: OnUnknown) -> Scene:
            channels = {"wecom_robot": WeComRobot(servers[0].base_url), "sandbox": Sandbox()}
            office = replace(build_office(channels=channels), rules=rules_with(unknown))
            return Scene(office, database_url, unknown, clock, servers, far_side)

        yield make


def run(scene: Scene, *, days: int, rounds: int) -> Counter[str]:
    """So many rounds on each of so many working days, then rest; how often the groups saw each serial."""
    know(scene.office, *(f"市教育局,{holder(key)},联络员,,,{key}," for key in ROBOTS))
    scene.put([(key, f"first-{key[-4:]}-{n}") for key in ROBOTS for n in range(WAITING)])
    for day in range(days):
        for n in range(rounds):
            scene.clock.moment = at("2021-07-26 09:00") + timedelta(days=day) + APART * n
            scene.strike(f"{day}-{n:02d}")
    scene.rest()
    for server in scene.servers:
        server.hang_up()  # what a dead sender had written has arrived
    return Counter(seen.content for server in scene.servers for seen in server.delivered)


def test_senders_killed_again_and_again_lose_nothing_and_repeat_nothing(open_scene: OpenScene) -> None:
    scene = open_scene(OnUnknown.ASK)
    seen = run(scene, days=DAYS, rounds=PER_DAY)
    outcomes = scene.outcomes()
    assert len(outcomes) == len(ROBOTS) * WAITING + DAYS * PER_DAY * NEW
    assert set(seen.values()) == {1}
    # Whatever was called, was called once; what is unknown says so in its attempt too.
    assert set(map(tuple, outcomes.values())) == {("accepted", "accepted"), ("unknown", "unknown")}
    accepted = {serial for serial, (state, _) in outcomes.items() if state == "accepted"}
    unknown = outcomes.keys() - accepted
    assert accepted <= seen.keys()
    # The rounds were what they claim to be: killed in the middle, on both sides of the far side's "yes".
    assert unknown & seen.keys()
    assert unknown - seen.keys()
    assert scene.by_both > DAYS * PER_DAY / 4
    assert scene.in_pieces > DAYS * PER_DAY / 4


def test_what_is_sent_again_by_rule_was_unknown_and_goes_once_more_under_its_serial(
    open_scene: OpenScene,
) -> None:
    scene = open_scene(OnUnknown.RESEND)
    seen = run(scene, days=2, rounds=PER_DAY)
    outcomes = scene.outcomes()
    assert len(outcomes) == len(ROBOTS) * WAITING + 2 * PER_DAY * NEW
    assert {state for state, *_ in outcomes.values()} <= {"accepted", "unknown"}
    twice = {serial for serial, times in seen.items() if times > 1}
    assert twice
    assert set(seen.values()) == {1, 2}
    for serial, (state, first, *again) in outcomes.items():
        assert again == ([state] if first == "unknown" else []), serial
    assert {serial for serial, (_, *calls) in outcomes.items() if len(calls) == 2} >= twice
