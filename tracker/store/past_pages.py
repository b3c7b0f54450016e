"""One page of a list of items as they stood at a past moment.

In order of number or unit the items are walked until the page is full; in the other orders, which no index
has for a past moment, all that the filter lets through is sorted: as dear as the number that led there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select

from tracker.domain.lifecycle import State
from tracker.store.conditions import among
from tracker.store.items import ItemFilter, conditions
from tracker.store.list_order import Order, Place, Walk, beyond, place_of
from tracker.store.past import STOOD, last_row
from tracker.store.schema import item
from tracker.store.search import candidates

FEW = 3000
"""So many items are looked at without ado; among more, the page is met by walking."""

_STATES = {state.value: place for place, state in enumerate(State)}
_INDEXES = {Order.UNIT: "INDEXED BY ix_item_unit_id_number"}


def places(connection: Connection, walk: Walk, size: int) -> list[Place]:
    """At most `size` places after `walk.start` (before it, if backwards), in the list's own order."""
    columns = _columns(walk.order)
    few = _few(connection, walk)
    query = _keys(walk).where(*conditions(connection, walk.wanted, walk.now, walk.today, STOOD))
    if few is not None:
        query = query.where(among(connection, item.c.number, few))
    if walk.start is not None:
        query = query.where(beyond(columns, _sortable(walk.order, walk.start), falls=walk.falls))
    index = "NOT INDEXED" if few is not None else _INDEXES.get(walk.order, "NOT INDEXED")
    query = query.with_hint(item, index, "sqlite")
    query = query.order_by(*(each.desc() if walk.falls else each for each in columns)).limit(size)
    found = [place_of(walk.order, row) for row in connection.execute(query)]
    return found[::-1] if walk.backwards else found


def place_of_item(connection: Connection, walk: Walk, number: int) -> Place | None:
    """Where an item stood in the order; None for one that did not exist then."""
    row = connection.execute(_keys(walk).where(item.c.number == number)).one_or_none()
    return None if row is None else place_of(walk.order, row)


def _keys(walk: Walk) -> Select[Any]:
    """The keys of all orders, of every item that existed."""
    query = select(item.c.number, item.c.unit_id, STOOD.c.due_on, STOOD.c.state, STOOD.c.id)
    return query.select_from(item.join(STOOD, last_row(walk.now)))


def _columns(order: Order) -> list[ColumnElement[Any]]:
    keys: dict[Order, ColumnElement[Any]] = {
        Order.DUE: func.coalesce(STOOD.c.due_on, literal(date.max)),  # without a deadline is last
        Order.UNIT: item.c.unit_id,
        Order.STATE: case(_STATES, value=STOOD.c.state),
        Order.UPDATED: STOOD.c.id,
    }
    return [keys[order], item.c.number] if order in keys else [item.c.number]


def _sortable(order: Order, start: Place) -> Place:
    """The place in terms of `_columns`."""
    match order:
        case Order.DUE:
            return Place(start.key or date.max, start.number)
        case Order.STATE:
            return Place(_STATES[str(start.key)], start.number)
    return start


def _few(connection: Connection, walk: Walk) -> set[int] | None:
    """Those among which the page is, as far as what never changes tells; None if they are many."""
    if walk.wanted.words:
        few = candidates(connection, walk.wanted.words, FEW)
        if few is not None:
            return set(few)
    lasting = replace(_lasting(walk.wanted), words=())
    narrowing = conditions(connection, lasting, walk.now, walk.today)
    if not narrowing:
        return None
    found = set(connection.scalars(select(item.c.number).where(*narrowing).limit(FEW + 1)))
    return found if len(found) <= FEW else None


def _lasting(wanted: ItemFilter) -> ItemFilter:
    """What of a filter does not hang on where an item stood."""
    return replace(
        wanted, state=None, states=(), overdue=False, basis=None, due_from=None, due_to=None, limit=None
    )
