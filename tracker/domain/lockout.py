"""How long a door stays shut after wrong sign-ins: longer each time, never for good.

Must never look at a password, nor at whether the account exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Patience:
    """So many wrong ones are free; each further one shuts the door for twice as long, up to `longest`."""

    free: int
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=15)

    def delay(self, failures: int) -> timedelta | None:
        """For how long so many wrong sign-ins shut the door; None while they are free."""
        beyond = failures - self.free
        if beyond < 0:
            return None
        return min(self.first * (1 << min(beyond, 20)), self.longest)


OF_ACCOUNT = Patience(free=5)
OF_ADDRESS = Patience(free=50)  # a whole office may share one address
