"""Which tracked item a finding speaks of, and what it says about it that is new.

Must never decide by position: a list in another order, or in another file format, means the same. Each item
is met at most once per document, so twins (one text twice for one unit) stay two items.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from tracker.domain.lifecycle import State
from tracker.intake.spool import Spool, in_order
from tracker.services.corrected import CorrectedFinding
from tracker.services.pool import Pool, Tracked
from tracker.services.unit_names import KnownUnit
from tracker.store import Connection, sightings


class ItemOutcome(StrEnum):
    """What a finding means for what is tracked already."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REAPPEARED = "reappeared"


class Sought(NamedTuple):
    """A finding on its way to its item, with the unit and class it is judged to have.

    `identities` are those under which the item may be known, its own first; `read_identity` is what the
    finding is before its corrections.
    """

    corrected: CorrectedFinding
    unit: KnownUnit
    problem_class: str
    identities: tuple[str, ...]
    read_identity: str

    @property
    def quantity(self) -> int | None:
        """As read: by that the item of the same mistake is told from its twin."""
        counted = self.corrected.read.quantity
        return counted.value if counted else None

    @property
    def rank(self) -> tuple[tuple[str, ...], int, str]:
        """Findings of the same rank are interchangeable: by it, not by place, they get their turn."""
        quantity = self.quantity
        return self.identities, -1 if quantity is None else quantity, self.corrected.finding.text


class _Waiting(NamedTuple):
    """What of a finding decides which item it meets; in order of rank, which tells twins apart."""

    rank: tuple[tuple[str, ...], int, str]
    place: int
    quantity: int | None
    same_as: int | None
    key: str


class Matcher:
    """Is shown all findings of a document, batch by batch, and then says which item each of them meets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: Spool[_Waiting] = Spool()

    def note(self, start: int, sought: Sequence[Sought]) -> bool:
        """Take in findings, the first being the document's `start`-th.

        False if neither these nor any before can meet an item, whatever comes behind them.
        """
        wanted = {key for each in sought for key in each.identities}
        known = sightings.known_among(self._connection, wanted)
        for place, each in enumerate(sought, start):
            said = each.corrected
            if said.same_as is not None or not known.isdisjoint(each.identities):
                self._waiting.append(_Waiting(each.rank, place, each.quantity, said.same_as, said.key))
        return bool(self._waiting)

    def settle(self, length: int) -> Sequence[int]:
        """The item number of each finding, 0 for a new one.

        Items at work go before finished ones, and the same quantity before another. Raises CorrectionError
        for a number that nobody has, or that two findings are to have.
        """
        found = array("i", bytes(4 * length))
        waiting = in_order(self._waiting)
        identities = (key for each in waiting for key in each.rank[0])
        named = (each.same_as for each in waiting if each.same_as is not None)
        pool = Pool(self._connection, identities, named)
        for each in waiting:
            if each.same_as is not None:
                found[each.place] = pool.take(each.same_as, each.key)
        waiting = Spool(each for each in waiting if each.same_as is None)
        for is_at_work, same_quantity in product((True, False), repeat=2):
            left: Spool[_Waiting] = Spool()
            for each in waiting:
                found[each.place] = pool.find(
                    each.rank[0], each.quantity, is_at_work=is_at_work, same_quantity=same_quantity
                )
                if not found[each.place]:
                    left.append(each)
            waiting = left
        return found


def outcome_of(corrected: CorrectedFinding, tracked: Tracked | None, issued_on: date) -> ItemOutcome:
    """What a document of that day says of an item: an older one than the latest says nothing new.

    A list of the same day cannot witness that a fault came back; that takes a later one.
    """
    if tracked is None:
        return ItemOutcome.NEW
    item, seen = tracked.item, tracked.seen
    if issued_on < seen.issued_on or item.standing.state is State.WITHDRAWN:
        return ItemOutcome.UNCHANGED
    if item.standing.state is State.STRUCK_OFF:
        return ItemOutcome.REAPPEARED if issued_on > seen.issued_on else ItemOutcome.UNCHANGED
    counted, read = corrected.finding.quantity, corrected.read.quantity
    value = counted.value if counted else None
    # Compared with what was *read* last: the number a person put in its place is not overwritten by
    # a document that only repeats itself.
    is_news = (read.value if read else None) != seen.quantity or counted != read
    return ItemOutcome.CHANGED if value != item.quantity and is_news else ItemOutcome.UNCHANGED
