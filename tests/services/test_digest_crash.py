"""Two schedulers killed at random while they send digests: one letter per period and recipient, and whole."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from notifiers.freezing import thawed
from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.crashing import Task, digesters
from tests.fakes.loopback import loopback_only
from tests.services.scenes import know, strike_off
from tests.support import at, take_in
from tracker.domain.delivery import OnUnknown
from tracker.services.office import Office
from tracker.services.summarise import send_due_digests
from tracker.store.schema import digest, message

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# Each takes seconds: ten by default, eighty where RECTIFY_CRASH_ROUNDS=200 asks for the proof in full.
ROUNDS = int(os.environ.get("RECTIFY_CRASH_ROUNDS", "25")) * 2 // 5
SEED = 20210726
NOWHERE = "http://127.0.0.1:9"  # nothing is carried out here
PEOPLE = (
    "市行政审批局,郑组,领导小组,,,invented-robot-key-0001,",
    "市行政审批局,何科,审批局,,,invented-robot-key-0002,",
    "市教育局,李长,负责人,,,invented-robot-key-0003,",
    "市民政局,孙长,负责人,,,invented-robot-key-0004,",
    "澜东区,周长,负责人,,,invented-robot-key-0005,",
    "澜东区,吴组,领导小组,,,invented-robot-key-0006,",
)
TURN = 0.2  # seconds: about what one scope takes
PATIENCE = 30.0  # seconds, however busy the machine
SCOPES = 4  # the city, two departments, a district


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with loopback_only():
        yield


@dataclass
class Mondays:
    """Week after week two schedulers at nine, and an end to both at some moment of their work."""

    office: Office
    url: str
    random: random.Random = field(default_factory=lambda: random.Random(SEED))
    in_pieces: int = 0  # rounds that ended between two scopes

    def strike(self, now: datetime) -> None:
        before = self.published()
        task = Task(self.url, NOWHERE, now, OnUnknown.ASK)
        with digesters([task, task]):
            self.watch(until=before + self.random.randrange(SCOPES))
            # Then at any moment of the next scope's turn.
            time.sleep(self.random.uniform(0, TURN))
        self.in_pieces += 0 < self.published() - before < SCOPES

    def finish(self, now: datetime) -> None:
        """One that nobody disturbs, a little later: what the dead ones left is done."""
        send_due_digests(self.office, now=now)

    def watch(self, *, until: int) -> None:
        """Wait for so many published digests; not for ever, as there may be none in a holiday."""
        patience = time.monotonic() + PATIENCE
        while self.published() < until and time.monotonic() < patience:
            time.sleep(TURN / 20)

    def published(self) -> int:
        with self.office.database.read() as connection:
            return connection.execute(select(func.count()).select_from(digest)).scalar_one()


def test_schedulers_killed_again_and_again_send_each_digest_once_and_whole(
    build_office: BuildOffice, database_url: str
) -> None:
    office = build_office(channels={"wecom_robot": WeComRobot(NOWHERE), "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    know(office, *PEOPLE)
    mondays = Mondays(office, database_url)
    for week in range(ROUNDS):
        # A Wednesday: the week's digest has been due since Monday and waits for a scheduler.
        nine = at("2021-07-28 09:00") + timedelta(weeks=week)
        if week < 9:
            strike_off(office, [week + 1], nine - timedelta(days=1))
        mondays.strike(nine)
        mondays.finish(nine + timedelta(minutes=10))
    letters = told(office)
    weekly = {key: parts for key, parts in letters.items() if key[0].endswith("周报")}
    assert Counter(period for period, _ in weekly) == dict.fromkeys(
        {period for period, _ in weekly}, len(PEOPLE)
    )
    assert len({period for period, _ in weekly}) >= ROUNDS - 2  # but for weeks that a holiday joins
    for key, (identities, kinds) in letters.items():
        assert len(identities) == 1, key
        # A month's ledger would be of another day than its figures.
        assert (kinds["image"], kinds["file"]) == (1, int(key in weekly)), key
        assert kinds["markdown"] >= 1, key
    assert mondays.in_pieces > ROUNDS / 5


def told(office: Office) -> dict[tuple[str, str], tuple[set[str], Counter[str]]]:
    """By period and recipient: the letters, and the kinds of their parts."""
    found: dict[tuple[str, str], tuple[set[str], Counter[str]]] = {}
    with office.database.read() as connection:
        columns = (message.c.reason, message.c.recipient, message.c.letter, message.c.payload)
        query = select(*columns).where(message.c.kind == "digest")
        for reason, recipient, letter, payload in connection.execute(query):
            letters, kinds = found.setdefault((reason, recipient), (set(), Counter()))
            letters.add(letter)
            frozen = thawed(payload)
            kinds["file" if "file" in frozen else frozen["msgtype"]] += 1
    return found
