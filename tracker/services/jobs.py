"""What the office does by the clock, by name. Who turns the clock is another's matter: scheduler or drill.

Each job works from the database alone and may run at any moment, twice, or on two machines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tracker.services.deliver import deliver
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.publish import publish
from tracker.services.recompute import follow_calendar
from tracker.services.remind import remind
from tracker.services.summarise import send_due_digest


def jobs(
    office: Office, clock: Callable[[], datetime], *, spread: bool = False
) -> dict[str, Callable[[], object]]:
    """The jobs in the order in which one tick runs them.

    `spread`: reminders leave a little apart (`jitter_minutes`); a drill names the minute they are due.
    """
    return {
        "recompute": lambda: follow_calendar(office, now=clock()),
        "remind": lambda: remind(office, now=clock(), spread=spread),
        "digest": lambda: send_due_digest(office, now=clock()),
        "webhooks": lambda: publish(office, now=clock()),
        "deliver": lambda: deliver(office, clock),
        "check": lambda: observe(office, clock),
    }
