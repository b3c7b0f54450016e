"""The tracked items that the findings of one document may still meet, by identity.

Must never hold more of an item than a few numbers: there may be as many as there are findings.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL
from tracker.intake.spool import Spool, batched, in_order
from tracker.services.bulk import Numbers
from tracker.services.corrections import CorrectionError
from tracker.store import Connection, items, sightings
from tracker.store.sightings import LastSeen


@dataclass(frozen=True, slots=True)
class Tracked:
    """An item, and the latest document that lists it."""

    item: Item
    seen: LastSeen

    @property
    def is_at_work(self) -> bool:
        return self.item.standing.state not in FINAL


def load(connection: Connection, numbers: Iterable[int]) -> dict[int, Tracked]:
    """By number; numbers that nobody has are left out."""
    wanted = set(numbers)
    last = sightings.last_seen(connection, wanted)
    return {
        item.number: Tracked(
            item,
            last.get(item.number) or LastSeen(item.issued_on, item.bulletin_id, item.quantity),
        )
        for item in items.by_numbers(connection, wanted)
    }


class Pool:
    """Finding an item costs the same however many twins there are.

    Each item stands in runs of its like (same identity, at work or not, same quantity or any); a run begins
    where its hash does in `_runs`, its items stand there by number, `_passed` of them are taken.
    """

    def __init__(self, connection: Connection, identities: Iterable[str], named: Iterable[int]) -> None:
        """`named` are numbers that a person gave; raises CorrectionError for one that nobody has."""
        wanted = sorted(set(named))
        chosen = load(connection, wanted)
        if missing := [number for number in wanted if number not in chosen]:
            raise CorrectionError(f"没有编号为 {'、'.join(map(str, missing))} 的整改事项")
        # An item whose fault came back is spoken for by the one that followed it.
        self._followed = {each.item.recurs for each in chosen.values()}
        self._taken = Numbers()
        places = in_order(chain.from_iterable(self._places(connection, identities)))
        self._runs = array("q", (run for run, _ in places))
        self._numbers = array("i", (number for _, number in places))
        self._passed = array("i", bytes(4 * len(places)))

    def take(self, number: int, key: str) -> int:
        """The item a person named; raises CorrectionError if another finding has it already."""
        if number in self._taken:
            raise CorrectionError(f"第 {number} 号事项已对应另一条问题", details={"key": key})
        self._taken.add(number)
        return number

    def find(
        self, identities: Sequence[str], quantity: int | None, *, is_at_work: bool, same_quantity: bool
    ) -> int:
        """The number of an item that is still free, which it is no longer then; 0 if there is none."""
        for key in identities:
            if number := self._next(_run(key, is_at_work, *([quantity] if same_quantity else []))):
                return number
        return 0

    def _next(self, run: int) -> int:
        start = bisect_left(self._runs, run)
        while start < len(self._runs) and (place := start + self._passed[start]) < len(self._runs):
            if self._runs[place] != run:
                break
            self._passed[start] += 1
            number = self._numbers[place]
            if number not in self._taken and number not in self._followed:
                self._taken.add(number)
                return number
        return 0

    def _places(
        self, connection: Connection, identities: Iterable[str]
    ) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """(run, number) of each item in both its runs."""
        known: Spool[tuple[str, int]] = Spool()
        for batch in batched(identity for identity, _ in groupby(in_order(identities))):
            known.extend(sightings.numbers_of(connection, batch))
        for pairs in batched(known):
            tracked = load(connection, {number for _, number in pairs})
            self._followed |= {each.item.recurs for each in tracked.values()}
            for key, number in pairs:
                is_at_work, quantity = tracked[number].is_at_work, tracked[number].seen.quantity
                yield (_run(key, is_at_work, quantity), number), (_run(key, is_at_work), number)


def _run(*like: object) -> int:
    return hash(like)
