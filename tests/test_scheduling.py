"""The scheduler is only the clock: failures stay apart, two of them are one, and downtime is made up for."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, know, messages
from tests.support import BULLETIN, Clock, at, take_in
from tracker.scheduling import in_background, jobs, tick
from tracker.services.office import Office
from tracker.store import Database, clockwork
from tracker.store.clockwork import JobRun

NAMES = ("recompute", "remind", "feed", "look", "warn", "digest", "webhooks", "deliver", "check", "revisit")
CONTACTS = (
    "市教育局,李联,联络员,,,,",
    "市民政局,孙联,联络员,,,,",
    "澜东区,周联,联络员,,,,",
    "市行政审批局,郑组,领导小组,,,,",
)


def walked(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, *CONTACTS)


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(walked)
    return office


def runs(office: Office) -> dict[str, JobRun]:
    with office.database.read() as connection:
        return {run.name: run for run in clockwork.last_runs(connection)}


def outbox(office: Office) -> list[tuple[object, ...]]:
    """What was sent to whom, without what depends on the order in which two schedulers came."""
    return sorted(
        (each.created_at, each.recipient, each.kind, each.state, each.reason, each.text.count("\n"))
        for each in messages(office)
    )


def test_a_tick_of_each_job_is_recorded(office: Office, clock: Clock) -> None:
    assert tuple(jobs(office, clock)) == NAMES
    for name in NAMES:
        tick(office, clock, name)
    assert set(runs(office)) == set(NAMES)
    assert {(run.started_at, run.error) for run in runs(office).values()} == {(clock(), None)}


class Broken(Sandbox):
    """A channel with a fault nobody foresaw, whose words would betray a key."""

    def compose(self, letter: Letter) -> Sequence[bytes]:
        raise ZeroDivisionError("https://example.invalid/send?key=invented-robot-key-0001")


def test_a_job_that_fails_says_so_without_details_and_stops_no_other(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    broken = replace(office, channels={"sandbox": Broken()})
    clock.set("2021-07-27 09:00")
    for name in NAMES:
        tick(broken, clock, name)
    errors = {name: run.error for name, run in runs(office).items()}
    assert errors == {
        "recompute": None,
        "remind": "ZeroDivisionError",
        "feed": None,
        "look": None,
        "warn": None,
        "digest": "RectifyError",  # the log tells of which scope, and why
        "webhooks": None,
        "deliver": None,
        "check": None,
        "revisit": None,
    }
    assert messages(office) == []
    for name in NAMES:  # repaired: nothing was lost
        tick(office, clock, name)
    assert {run.error for run in runs(office).values()} == {None}
    assert Counter(message.kind for message in messages(office)) == {"reminder": 2, "overdue": 1, "digest": 1}


def walk(offices: Sequence[Office], clock: Clock, until: str) -> None:
    """Every office ticks every job at the same moments, all at once."""
    while clock() < at(until):
        for name in NAMES:
            results = at_once(*(partial(tick, each, clock, name) for each in offices))
            assert results == [None] * len(offices)
        clock.advance(hours=3)


@pytest.mark.slow
def test_two_schedulers_leave_the_same_outbox_as_one(
    build_office: BuildOffice, office: Office, tmp_path: Path
) -> None:
    other_city = Database(f"sqlite:///{tmp_path / 'alone.db'}")
    other_city.prepare()
    alone = replace(office, database=other_city)
    take_in(alone, at("2021-07-23 17:00"))
    know(alone, *CONTACTS)
    walk([alone], Clock(at("2021-07-25 18:00")), "2021-08-03 00:00")
    walk([office, build_office()], Clock(at("2021-07-25 18:00")), "2021-08-03 00:00")
    assert outbox(office) == outbox(alone)
    other_city.close()
    kinds = Counter(each.kind for each in messages(office))
    # Digests of two Mondays, and of July on the second; the leading group hears of item 6 five working
    # days after its deadline.
    assert kinds == {"digest": 3, "due_today": 3, "reminder": 6, "overdue": 7, "escalation": 1}
    assert {each.state for each in messages(office)} == {"accepted"}


def test_a_scheduler_that_slept_over_spring_festival_sends_one_message_each(
    build_office: BuildOffice,
) -> None:
    office = build_office()
    know(office, *CONTACTS)
    take_in(office, at("2026-02-06 17:00"), BULLETIN.replace("2021年7月23日", "2026年2月6日"))
    clock = Clock(at("2026-02-09 09:00"))
    walk([office], clock, "2026-02-10 00:00")
    before = len(messages(office))
    clock.set("2026-02-22 10:00")  # still the holiday: nothing leaves
    for name in NAMES:
        tick(office, clock, name)
    assert len(messages(office)) == before
    clock.set("2026-02-24 09:00")  # the first working day, 15 days later
    walk([office], clock, "2026-02-24 18:00")
    sent = messages(office)[before:]
    assert set(Counter(each.recipient for each in sent if each.kind != "digest").values()) == {1}
    assert Counter(each.kind for each in sent)["digest"] == 1
    assert all("并入此前未能发出的提醒" in each.reason for each in sent if each.kind == "overdue")


def test_beside_the_pages_it_runs_at_once_and_stops_when_told(office: Office, clock: Clock) -> None:
    pause = threading.Event()
    with in_background(office, clock):
        for _ in range(400):
            if set(runs(office)) == set(NAMES):
                break
            pause.wait(0.05)
    assert {name: run.error for name, run in runs(office).items()} == dict.fromkeys(NAMES)
    assert not [thread for thread in threading.enumerate() if "APScheduler" in thread.name]
