"""Two senders killed at random moments, again and again: nothing lost, and nothing twice that was answered."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.crashing import Task, rules_with, senders
from tests.fakes.loopback import loopback_only
from tests.fakes.wecom import Captured, FakeWeCom
from tests.services.scenes import messages, put
from tests.support import Clock, at
from tracker.domain.delivery import OnUnknown
from tracker.services.deliver import LEASE, deliver
from tracker.services.office import Office
from tracker.store import mailbox

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
ROBOTS = [f"invented-robot-key-{n:04d}" for n in range(250)]  # more than one sender takes at a time
NEW = 12  # messages that a round brings, each for another robot
APART = timedelta(minutes=10)  # so that what a dead sender held is free again in the next round
SEED = 20210726


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the server of the forks starts in the test's own folder
    with loopback_only():
        yield


@dataclass
class Scene:
    """An office, and a far side for each of its two senders: so it shows who sent what."""

    office: Office
    url: str
    unknown: OnUnknown
    clock: Clock
    arrived: threading.Semaphore
    servers: list[FakeWeCom]
    both: int = 0  # rounds in which each of the two sent something
    halved: int = 0  # rounds that left a part of their messages behind
    cut: int = 0  # messages that were in the middle of their call
    random: random.Random = field(default_factory=lambda: random.Random(SEED))

    def round(self, name: str) -> None:
        """Some messages, two senders, and an end to both of them at a random moment."""
        for n, key in enumerate(self.random.sample(ROBOTS, NEW)):
            put(self.office, self.clock(), key, [f"{name} {n:02d}"])
        before = [len(server.captured) for server in self.servers]
        tasks = [Task(self.url, server.base_url, self.clock(), self.unknown) for server in self.servers]
        import time; a=time.time()
        with senders(tasks):
            b=time.time()
            for _ in range(self.random.randrange(NEW)):
                self.arrived.acquire(timeout=1)
            # Then at any moment before the next one has come to its end.
            self.arrived.acquire(timeout=self.random.random() / 100)
            c=time.time()
        print(f"{b-a:.3f} {c-b:.3f} {time.time()-c:.3f}")
        while self.arrived.acquire(blocking=False):
            pass
        sent = [len(server.captured) - count for server, count in zip(self.servers, before, strict=True)]
        left = Counter(message.state for message in messages(self.office))
        self.both += all(sent)
        self.halved += bool(sum(sent) and left["pending"] + left["sending"])

    def rest(self) -> None:
        """One sender that nobody disturbs, until nothing waits."""
        for _ in range(10):
            self.clock.moment += APART
            if deliver(self.office, self.clock).pending == 0:
                return

    @property
    def seen(self) -> Counter[str]:
        """What the groups have seen, by serial."""
        return Counter(one.content for server in self.servers for one in server.delivered)


@pytest.fixture
def open_scene(build_office: BuildOffice, database_url: str) -> Iterator[object]:
    clock, arrived = Clock(at("2021-07-26 09:00")), threading.Semaphore(0)

    def note(_: Captured) -> None:
        arrived.release()

    with ExitStack() as open_:
        servers = [
            open_.enter_context(FakeWeCom(clock=lambda: clock().timestamp(), on_capture=note))
            for _ in range(2)
        ]
        for server in servers:
            for key in ROBOTS:
                server.add_robot(key)

        def make(unknown: OnUnknown) -> Scene:
            channels = {"wecom_robot": WeComRobot(servers[0].base_url), "sandbox": Sandbox()}
            office = replace(build_office(channels=channels), rules=rules_with(unknown))
            return Scene(office, database_url, unknown, clock, arrived, servers)

        yield make


def _moments(days: int, rounds: int) -> list[datetime]:
    """So many rounds on each of so many working days."""
    first = at("2021-07-26 09:00")
    return [first + timedelta(days=day) + APART * n for day in range(days) for n in range(rounds)]


def test_what(open_scene):
    import time
    scene = open_scene(OnUnknown.ASK)
    t0=time.time()
    for n,key in enumerate(ROBOTS): put(scene.office, scene.clock(), key, [f"{n}"])
    print("put",time.time()-t0)
    for number, moment in enumerate(_moments(1, 20)):
        scene.clock.moment = moment
        scene.round(f"{number:03d}")
    print(time.time()-t0)
    print(Counter(m.state for m in messages(scene.office)), scene.both, scene.halved)
    scene.rest()
    print(Counter(m.state for m in messages(scene.office)), scene.both, scene.halved, time.time()-t0)
    print(Counter(scene.seen.values()))
    assert 0
