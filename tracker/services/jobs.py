"""What the office does by the clock, by name. Who turns the clock is another's matter: scheduler or drill.

Each job works from the database alone and may run at any moment, twice, or on two machines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from tracker.services.account_looks import look_at_accounts
from tracker.services.column_looks import look_at_columns
from tracker.services.deliver import deliver
from tracker.services.feed_databases import take_in_due
from tracker.services.job_runs import ABANDONED_AFTER, claim, last_runs, run_asked
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.publish import publish
from tracker.services.recompute import follow_calendar
from tracker.services.remind import remind
from tracker.services.revisiting import look_back
from tracker.services.summarise import send_due_digests
from tracker.services.warn import warn
from tracker.store import clockwork
from tracker.store.clockwork import JobRun

__all__ = ["ABANDONED_AFTER", "AUDIT", "BACKUP", "claim", "jobs", "last_runs", "run_asked", "tick"]

BACKUP, AUDIT = "backup", "audit"  # not by the clock: when a person asks
log = logging.getLogger(__name__)


def jobs(
    office: Office, clock: Callable[[], datetime], *, spread: bool = False
) -> dict[str, Callable[[], object]]:
    """The jobs in the order in which one tick runs them.

    `spread`: reminders leave a little apart (`jitter_minutes`); a drill names the minute they are due.
    """
    return {
        "recompute": lambda: follow_calendar(office, now=clock()),
        "remind": lambda: remind(office, now=clock(), spread=spread),
        "feed": lambda: take_in_due(office, clock),
        "look": lambda: (look_at_columns(office, clock), look_at_accounts(office, clock)),
        "warn": lambda: warn(office, now=clock()),
        "digest": lambda: send_due_digests(office, now=clock()),
        "webhooks": lambda: publish(office, now=clock()),
        "deliver": lambda: deliver(office, clock),
        "check": lambda: observe(office, clock),
        "revisit": lambda: look_back(office, clock),
    }


def tick(office: Office, clock: Callable[[], datetime], name: str) -> None:
    """Run one job and note how it went; a failure waits for the next tick and stops no other job."""
    started = clock()
    error: str | None = None
    try:
        jobs(office, clock, spread=True)[name]()
    except Exception as fault:
        # The message of an unforeseen error may quote an address: only its kind is stored.
        error = type(fault).__name__
        log.exception("job %s failed", name)
    with office.database.write() as connection:
        clockwork.record_run(connection, JobRun(name, started, clock(), error))
