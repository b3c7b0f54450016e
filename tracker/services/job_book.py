"""How the office's jobs stand, for whoever looks after them. Must never run one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.digests import next_slot
from tracker.services.jobs import ABANDONED_AFTER, last_runs
from tracker.services.jobs import jobs as scheduled
from tracker.services.office import Office
from tracker.store import rehearsal
from tracker.store.clockwork import JobRun

STALE = timedelta(minutes=15)


@dataclass(frozen=True)
class Job:
    """One job. next_at: when it next has something to do, None: nothing waits, or it cannot be told."""

    name: str
    run: JobRun | None
    next_at: datetime | None

    @property
    def lasted(self) -> timedelta | None:
        run = self.run
        return run.finished_at - run.started_at if run and run.finished_at else None

    def is_running(self, now: datetime) -> bool:
        run = self.run
        return run is not None and run.finished_at is None and now - run.started_at < ABANDONED_AFTER

    def is_stale(self, now: datetime) -> bool:
        """Whether the scheduler, which runs each job once a minute, has not come to it for long."""
        return self.run is None or now - self.run.started_at > STALE


def list_jobs(office: Office, *, now: datetime) -> list[Job]:
    """The scheduler's jobs in the order in which it runs them."""
    runs = last_runs(office)
    rules = office.rules
    digest = next_slot(rules.digest_paces, now, rules.digest_at, rules.calendar)
    with office.database.read() as connection:
        reminder, send = rehearsal.next_due(connection)
    due = {"remind": reminder, "deliver": send, "digest": digest}
    return [Job(name, runs.get(name), due.get(name)) for name in scheduled(office, lambda: now)]
