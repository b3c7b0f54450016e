"""The one place that asks the machine what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in whole seconds: nothing must lie between a deadline's last second, 23:59:59, and midnight."""
    return datetime.now(UTC).replace(microsecond=0)


def standing_clock(moment: datetime) -> Clock:
    """A clock that always shows one moment (`--now`)."""
    fixed = moment.replace(microsecond=0)
    return lambda: fixed
