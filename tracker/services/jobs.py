"""What the office does by the clock, by name. Who turns the clock is another's matter: scheduler or drill.

Each job works from the database alone and may run at any moment, twice, or on two machines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tracker.services.column_looks import look_at_columns
from tracker.services.deliver import deliver
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.publish import publish
from tracker.services.recompute import follow_calendar
from tracker.services.remind import remind
from tracker.services.revisiting import look_back
from tracker.services.summarise import send_due_digest
from tracker.services.warn import warn


def jobs(
    office: Office, clock: Callable[[], datetime], *, spread: bool = False
) -> dict[str, Callable[[], object]]:
    """The jobs in the order in which one tick runs them.

    `spread`: reminders leave a little apart (`jitter_minutes`); a drill names the minute they are due.
    """
    return {
        "recompute": lambda: follow_calendar(office, now=clock()),
        "remind": lambda: remind(office, now=clock(), spread=spread),
        "look": lambda: look_at_columns(office, clock),
        "warn": lambda: warn(office, now=clock()),
        "digest": lambda: send_due_digest(office, now=clock()),
        "webhooks": lambda: publish(office, now=clock()),
        "deliver": lambda: deliver(office, clock),
        "check": lambda: observe(office, clock),
        "revisit": lambda: look_back(office, clock),
    }
