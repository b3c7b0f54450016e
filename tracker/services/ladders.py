"""Which ladder an item climbs: the one it was started with."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.domain.ladders import Ladder
from tracker.rules import Rules
from tracker.store import Connection, ladders


class LadderBook:
    """The ladders of some items; the tables are asked once."""

    def __init__(self, connection: Connection, rules: Rules, numbers: Iterable[int]) -> None:
        self._rules = rules
        self._stored = ladders.load(connection)
        self._ids = ladders.of_items(connection, numbers) if self._stored else {}

    def of(self, number: int) -> Ladder:
        """The item's own; items from before ladders were kept have today's default: there was no other."""
        return self._stored.get(self._ids.get(number, 0), self._rules.ladder)
