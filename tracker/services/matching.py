"""Which tracked item a finding speaks of, and what it says about it that is new.

Must never decide by position: a list in another order, or in another file format, means the same. Each item
is met at most once per document, so twins (one text twice for one unit) stay two items.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, State
from tracker.services.corrected import CorrectedFinding
from tracker.services.corrections import CorrectionError
from tracker.services.unit_names import KnownUnit
from tracker.store import Connection, items, sightings
from tracker.store.sightings import LastSeen


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


@dataclass(frozen=True, slots=True)
class Tracked:
    """An item, and the latest document that lists it."""

    item: Item
    seen: LastSeen

    @property
    def is_at_work(self) -> bool:
        return self.item.standing.state not in FINAL


def match_all(connection: Connection, sought: Sequence[Sought]) -> list[Tracked | None]:
    """The item of each finding, None for a new one; raises CorrectionError for a number nobody has.

    Items at work go before finished ones, and the same quantity before another.
    """
    named = {each.corrected.same_as for each in sought} - {None}
    known = sightings.numbers_of(connection, (key for each in sought for key in each.identities))
    tracked = _load(connection, {number for _, number in known} | {number for number in named if number})
    if missing := sorted(number for number in named if number and number not in tracked):
        raise CorrectionError(f"没有编号为 {'、'.join(map(str, missing))} 的整改事项")
    if not tracked:
        return [None] * len(sought)
    pool = _Pool(tracked, known)
    found: list[Tracked | None] = [None] * len(sought)
    open_places = []
    for place in sorted(range(len(sought)), key=lambda place: sought[place].rank):
        number = sought[place].corrected.same_as
        if number is None:
            open_places.append(place)
        else:
            found[place] = pool.take(number, sought[place].corrected.key)
    for is_at_work in (True, False):
        for same_quantity in (True, False):
            waiting, open_places = open_places, []
            for place in waiting:
                found[place] = pool.find(sought[place], is_at_work=is_at_work, same_quantity=same_quantity)
                if found[place] is None:
                    open_places.append(place)
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


def _load(connection: Connection, numbers: set[int]) -> dict[int, Tracked]:
    last = sightings.last_seen(connection, numbers)
    return {
        item.number: Tracked(
            item,
            last.get(item.number) or LastSeen(item.issued_on, item.bulletin_id, item.quantity),
        )
        for item in items.by_numbers(connection, numbers)
    }


class _Pool:
    """The items still to be met, by identity; finding one costs the same however many twins there are."""

    def __init__(self, tracked: dict[int, Tracked], known: Iterable[tuple[str, int]]) -> None:
        self._tracked = tracked
        self._free = set(tracked)
        # An item whose fault came back is spoken for by the one that followed it.
        followed = {each.item.recurs for each in tracked.values()}
        self._queues: dict[tuple[object, ...], deque[int]] = defaultdict(deque)
        for key, number in sorted(known, key=lambda pair: pair[1]):
            if number in tracked and number not in followed:
                each = tracked[number]
                self._queues[key, each.is_at_work, each.seen.quantity].append(number)
                self._queues[key, each.is_at_work].append(number)

    def take(self, number: int, key: str) -> Tracked:
        """The item a person named; raises CorrectionError if another finding has it already."""
        if number not in self._free:
            raise CorrectionError(f"第 {number} 号事项已对应另一条问题", details={"key": key})
        self._free.remove(number)
        return self._tracked[number]

    def find(self, sought: Sought, *, is_at_work: bool, same_quantity: bool) -> Tracked | None:
        for key in sought.identities:
            place = (key, is_at_work, sought.quantity) if same_quantity else (key, is_at_work)
            queue = self._queues.get(place)
            while queue:
                number = queue.popleft()
                if number in self._free:
                    self._free.remove(number)
                    return self._tracked[number]
        return None
