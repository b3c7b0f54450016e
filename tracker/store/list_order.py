"""In what orders a list of items may stand, where in it an item stands, and one way through it.

Must never know how a page is found: that is `item_pages` for items as they are, `past_pages` for those as
they stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, or_

from tracker.store.items import ItemFilter


class Order(StrEnum):
    """By what a list is sorted; where that is equal, by number."""

    NUMBER = "number"
    NEWEST = "newest"
    DUE = "due"
    UNIT = "unit"
    STATE = "state"
    UPDATED = "updated"

    @property
    def falls(self) -> bool:
        return self in {Order.NEWEST, Order.UPDATED}


class Place(NamedTuple):
    """Where an item stands in an order. key: its deadline, unit, state or last history row, as ordered."""

    key: date | int | str | None
    number: int


@dataclass(frozen=True)
class Walk:
    """One way through a list: the filter, the order, from where (None: its end) and in which direction.

    past: the items as they stood at `now`, which then lies behind, instead of as they are.
    """

    wanted: ItemFilter
    order: Order
    now: datetime
    today: date
    start: Place | None = None
    backwards: bool = False
    past: bool = False

    @property
    def falls(self) -> bool:
        return self.order.falls is not self.backwards


def place_of(order: Order, row: Row[Any]) -> Place:
    """The place of a row that bears `number` and what the order goes by."""
    name = {Order.DUE: "due_on", Order.UNIT: "unit_id", Order.STATE: "state", Order.UPDATED: "id"}.get(order)
    return Place(getattr(row, name) if name else None, row.number)


def beyond(columns: Sequence[ColumnElement[Any]], start: Place, *, falls: bool) -> ColumnElement[bool]:
    """(key, number) after the place; written out so that it is a range of the index on both databases."""
    *keys, number = columns
    further = number < start.number if falls else number > start.number
    for key in keys:
        past = key < start.key if falls else key > start.key
        bound = key <= start.key if falls else key >= start.key
        further = and_(bound, or_(past, further))
    return further
