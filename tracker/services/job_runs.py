"""Runs of jobs as they are noted: taken upon oneself, carried out, and how they went.

Must never store the words of an unforeseen error: they may quote an address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.domain.errors import RectifyError
from tracker.services.office import Office
from tracker.store import clockwork
from tracker.store.clockwork import JobRun

ABANDONED_AFTER = timedelta(hours=6)  # its process is gone
log = logging.getLogger(__name__)


def claim(office: Office, name: str, *, now: datetime, unless_since: datetime | None = None) -> bool:
    """Take it upon oneself to run something; False while somebody is at it, or began after `unless_since`."""
    with office.database.write() as connection:
        return clockwork.claim_run(connection, name, now, now - ABANDONED_AFTER, unless_since)


def run_asked(
    office: Office, clock: Callable[[], datetime], name: str, work: Callable[[], str | None]
) -> None:
    """Do what was claimed and note how it went; `work` returns what it found amiss, or None."""
    started = clock()
    try:
        error = work()
    except RectifyError as fault:
        error = fault.message
    except Exception as fault:
        error = type(fault).__name__
        log.exception("%s failed", name)
    with office.database.write() as connection:
        clockwork.record_run(connection, JobRun(name, started, clock(), error))


def last_runs(office: Office) -> dict[str, JobRun]:
    """By name, also those that a person asked for."""
    with office.database.read() as connection:
        return {run.name: run for run in clockwork.last_runs(connection)}
