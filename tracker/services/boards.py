"""The counts behind the leader's page, kept in this process and put right by what the history tells.

A page costs what has changed since the last one, not what is stored: a unit in which something happened is
counted again, the others stand. Must never show a figure that a fresh count would not give: a new day, an
event by which items may go or move to another unit, or too many changes, and all is counted again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from tracker.domain.board import Tally
from tracker.domain.lifecycle import Event
from tracker.domain.rates import Rate
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.services.office import Office
from tracker.store import Connection
from tracker.store import board as counting
from tracker.store.rates import Scope
from tracker.store.rates_over_time import rectified_at

# By these no item goes or moves to another unit, bulletin or day of issue. What is not named here may do
# either: an import's undoing, a merger of units, a ledger that was read back.
STEADY = frozenset({*(event.value for event in Event), UNDO_STEP_EVENT, "import", "nudge", "paper", "watch"})
_CHANGES = 20_000  # beyond that a whole count is cheaper than many units' own
_SCOPES, _PASTS = 64, 1024
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class _Counted:
    """`tallies` by unit id, as of history row `upto`, for the deadlines of `day`."""

    upto: int
    day: date
    tallies: dict[int, Tally]


@dataclass(frozen=True)
class _Past:
    """The rates by group of a past moment, true as long as nothing after row `upto` reaches back to it."""

    upto: int
    rates: dict[str, Rate]


class Boards:
    """One installation's counts; safe to share between threads, which wait for one another's count."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._counted: OrderedDict[Scope, _Counted] = OrderedDict()
        self._past: OrderedDict[tuple[Scope, datetime], _Past] = OrderedDict()

    def tallies(self, connection: Connection, scope: Scope, now: datetime) -> dict[int, Tally]:
        """By unit id, as the items of `scope` stand now."""
        with self._lock:
            made = self._now(connection, self._counted.get(scope), scope, now)
            _keep(self._counted, scope, made, _SCOPES)
            return made.tallies

    def rates_at(
        self, connection: Connection, scope: Scope, moments: Sequence[datetime]
    ) -> list[dict[str, Rate]]:
        """For each past moment the rectification rates by group; those not known yet are one count."""
        with self._lock:
            upto = counting.last_history(connection)
            unknown = [each for each in moments if not self._still_true(connection, scope, each)]
            counted = rectified_at(connection, scope, unknown) if unknown else []
            fresh = dict(zip(unknown, counted, strict=True))
            for moment in moments:
                rates = fresh[moment] if moment in fresh else self._past[scope, moment].rates
                _keep(self._past, (scope, moment), _Past(upto, rates), _PASTS)
            return [self._past[scope, moment].rates for moment in moments]

    def _still_true(self, connection: Connection, scope: Scope, moment: datetime) -> bool:
        known = self._past.get((scope, moment))
        return known is not None and not counting.reaches_back(connection, known.upto, moment, STEADY)

    def _now(self, connection: Connection, known: _Counted | None, scope: Scope, now: datetime) -> _Counted:
        upto = counting.last_history(connection)  # first: what comes in meanwhile is counted again next time
        day = self._office.rules.calendar.today(now)
        count = self._counter(connection, scope, now, day)
        touched = None
        if known is not None and known.day == day and known.upto <= upto:
            touched = counting.touched_units(connection, known.upto, STEADY, _CHANGES)
        if known is None or touched is None:
            return _Counted(upto, day, count(None))
        if not touched:
            return _Counted(upto, day, known.tallies)
        untouched = {unit: tally for unit, tally in known.tallies.items() if unit not in touched}
        return _Counted(upto, day, untouched | count(touched))

    def _counter(
        self, connection: Connection, scope: Scope, now: datetime, day: date
    ) -> Callable[[set[int] | None], dict[int, Tally]]:
        calendar = self._office.rules.calendar
        near_on = calendar.add_working_days(day, self._office.rules.near_days)
        near_until = calendar.at(near_on, time(23, 59, 59))
        return lambda units: counting.tallies(connection, scope, now, day, near_until=near_until, units=units)


def _keep(kept: OrderedDict[K, T], key: K, value: T, most: int) -> None:
    """Remember `value`; what was not asked for the longest goes."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
