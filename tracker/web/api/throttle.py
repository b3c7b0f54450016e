"""How often a token may ask: so many requests in a sliding window.

Held in memory: behind several processes each counts for itself, which is still a limit.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta


class Throttle:
    """Counts requests by the id of their token."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit, self._window = limit, window
        self._requests: dict[int, deque[datetime]] = {}
        self._lock = threading.Lock()

    def admit(self, token_id: int, now: datetime) -> bool:
        """Count a request; False where it is one too many."""
        with self._lock:
            self._forget(now - self._window)
            made = self._requests.setdefault(token_id, deque())
            if len(made) >= self._limit:
                return False
            made.append(now)
            return True

    def _forget(self, before: datetime) -> None:
        for token_id, made in list(self._requests.items()):
            while made and made[0] <= before:
                made.popleft()
            if not made:
                del self._requests[token_id]
