"""The list of items as the desk shows it: a page in some order, an item's neighbours, all of it for a file.

`as_of`: the items as they stood at that moment, where it lies behind; RectifyError for what no past moment
tells (`moments.viewed`). Must never read the whole list at once, however long it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.domain.items import Item
from tracker.services import inspect
from tracker.services.moments import viewed
from tracker.services.office import Office
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, bulletins, item_pages, items, units
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order, Place, Walk

MOST_EXPORTED = 100_000  # a workbook that is longer opens on no office's machine
MOST_ROWS = 2**20  # a sheet has no more
_BATCH = 1000
_NOBODY = 0  # the id of no unit and of no bulletin


@dataclass(frozen=True)
class Listed:
    """One page. earlier, later: the places from which the pages before and after go on; None: none is."""

    items: list[Item]
    earlier: Place | None
    later: Place | None


@dataclass(frozen=True)
class Neighbours:
    """The numbers of the items before and after one in its list; None at its ends."""

    before: int | None
    after: int | None


def list_page(
    office: Office,
    wanted: ItemFilter,
    order: Order,
    *,
    now: datetime,
    size: int,
    as_of: datetime | None = None,
    start: Place | None = None,
    backwards: bool = False,
) -> Listed:
    """At most `size` items after `start`, or before it; without one, the list's first."""
    with office.database.read() as connection:
        walk = _walk(connection, office, wanted, order, viewed(wanted, now, as_of))
        walk = replace(walk, start=start, backwards=backwards)
        found = item_pages.places(connection, walk, size + 1)
        goes_on = len(found) > size
        shown = (found[-size:] if backwards else found[:size]) if goes_on else found
        is_first, is_last = (not goes_on, start is None) if backwards else (start is None, not goes_on)
        return Listed(
            _items(connection, walk, shown),
            None if is_first or not shown else shown[0],
            None if is_last or not shown else shown[-1],
        )


def neighbours(
    office: Office,
    wanted: ItemFilter,
    order: Order,
    number: int,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> Neighbours:
    """What stands before and after an item in a list, also if the item itself is in it no more."""
    with office.database.read() as connection:
        walk = _walk(connection, office, wanted, order, viewed(wanted, now, as_of))
        start = item_pages.place_of_item(connection, walk, number)
        if start is None:
            return Neighbours(None, None)
        walk = replace(walk, start=start)
        before = item_pages.places(connection, replace(walk, backwards=True), 1)
        after = item_pages.places(connection, walk, 1)
    return Neighbours(*(found[0].number if found else None for found in (before, after)))


@contextmanager
def whole_list(
    office: Office, wanted: ItemFilter, order: Order, *, now: datetime, as_of: datetime | None = None
) -> Iterator[Iterator[list[Item]]]:
    """All items of a list as they are at one moment, some at a time.

    Raises RectifyError while it is read if there are more than `MOST_EXPORTED`.
    """
    with office.database.read() as connection:
        walk = _walk(connection, office, wanted, order, viewed(wanted, now, as_of))
        yield _no_more_than(MOST_EXPORTED, _batches(connection, walk))


def by_number(
    connection: Connection, office: Office, wanted: ItemFilter, *, now: datetime
) -> tuple[int, Iterator[list[Item]]]:
    """How many items a list has, and these in order of number, some at a time; in the caller's transaction.

    Counts no further than `MOST_ROWS`. Raises NotFoundError for a class or unit that nobody knows.
    """
    walk = _walk(connection, office, wanted, Order.NUMBER, (now, False))
    count = item_pages.count_up_to(connection, walk.wanted, now, walk.today, MOST_ROWS)
    if not count:
        inspect.require_class(office, wanted.problem_class)
    return count, _batches(connection, walk)


def _no_more_than(most: int, batches: Iterator[list[Item]]) -> Iterator[list[Item]]:
    read = 0
    for found in batches:
        read += len(found)
        if read > most:
            raise RectifyError(f"超过 {most} 项，不便导出为一个文件，请先缩小范围")
        yield found


def _batches(connection: Connection, walk: Walk) -> Iterator[list[Item]]:
    while found := item_pages.places(connection, walk, _BATCH):
        yield _items(connection, walk, found)
        if len(found) < _BATCH:
            return
        walk = replace(walk, start=found[-1])


def _items(connection: Connection, walk: Walk, found: Sequence[Place]) -> list[Item]:
    numbers = [each.number for each in found]
    return items.in_turn(connection, numbers, as_of=walk.now if walk.past else None)


def _walk(
    connection: Connection, office: Office, wanted: ItemFilter, order: Order, at: tuple[datetime, bool]
) -> Walk:
    """`at`: the moment, and whether it lies behind."""
    (moment, past), today = at, office.rules.calendar.today(at[0])
    return Walk(_settled(connection, office, wanted), order, moment, today, past=past)


def _settled(connection: Connection, office: Office, wanted: ItemFilter) -> ItemFilter:
    """With ids in place of names: a unit is named in any way that an import understands."""
    if wanted.unit is not None:
        unit_id = units.id_of(connection, wanted.unit)
        if unit_id is None:
            unit_id = _unit_in_other_words(connection, office, wanted.unit)
        wanted = replace(wanted, unit=None, unit_id=unit_id)
    if wanted.bulletin is not None:
        found = bulletins.ids_named(connection, wanted.bulletin)
        if len(found) < 2:
            wanted = replace(wanted, bulletin=None, bulletin_id=next(iter(found), _NOBODY))
    return wanted


def _unit_in_other_words(connection: Connection, office: Office, given: str) -> int:
    book = UnitBook(connection, office.rules)
    name = book.find(given)
    row = book.row(name) or book.row(book.responsible(name).name)
    return row.id if row else _NOBODY
