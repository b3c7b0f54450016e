"""The clock: once a minute it asks the services what is due. The database holds the answer.

Must never remember anything itself: a scheduler that was off, or two of them, come to the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from tracker.clock import Clock, system_clock
from tracker.services.jobs import jobs, tick
from tracker.services.office import Office

log = logging.getLogger(__name__)

EVERY_SECONDS = 60


@contextmanager
def in_background(office: Office, clock: Clock) -> Iterator[None]:
    """The scheduler beside the pages, in one process."""
    scheduler = _schedule(BackgroundScheduler(), office, clock)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()


def run_forever(office: Office, clock: Clock) -> None:
    """The scheduler alone, until it is told to stop."""
    try:
        _schedule(BlockingScheduler(), office, clock).start()
    except (KeyboardInterrupt, SystemExit):
        log.info("scheduler stopped")


def _schedule(scheduler: BaseScheduler, office: Office, clock: Clock) -> BaseScheduler:
    for name in jobs(office, clock):
        scheduler.add_job(
            tick,
            "interval",
            args=(office, clock, name),
            id=name,
            seconds=EVERY_SECONDS,
            next_run_time=system_clock(),  # APScheduler counts on the machine's clock, whatever `--now` says
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler
