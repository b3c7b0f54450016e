"""One page of a list of items, in any order and behind any filters, whose cost does not grow with the list.

Must never count or sort all that a filter lets through. A filter that few items pass is answered from those
few; one that many pass, by walking the order's index until the page is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    exists,
    func,
    select,
    union_all,
)

from tracker.domain.lifecycle import State
from tracker.store import past_pages
from tracker.store.conditions import among
from tracker.store.items import ItemFilter, conditions
from tracker.store.list_order import Order, Place, Walk, beyond, place_of
from tracker.store.schema import history, item
from tracker.store.search import candidates
from tracker.store.stretches import in_states, lead_of, splits_of

FEW, FEW_CHANGED = 3000, 20_000  # the second where items are sorted by their last change: it has no index
"""So many items are sorted without ado; a larger set is met often enough by walking."""


@dataclass(frozen=True)
class _Lane:
    """A stretch of an order: the items of some states that `within` holds of, by `key` (None: by number).

    index: the one that walks it through all states; index_of_state: the one that does so within a state.
    """

    states: tuple[State, ...]
    within: ColumnElement[bool] | None = None
    key: ColumnElement[Any] | None = None
    index: str = "NOT INDEXED"
    index_of_state: str = ""


@dataclass(frozen=True)
class _Sieve:
    """What an item must fulfil; `are_few`: the few that do are among the conditions."""

    conditions: list[ColumnElement[bool]]
    are_few: bool


def places(connection: Connection, walk: Walk, size: int) -> list[Place]:
    """At most `size` places after `walk.start` (before it, if backwards), in the list's own order."""
    if walk.past:
        return past_pages.places(connection, walk, size)
    sieve = _sieve(connection, walk)
    found: list[Place] = []
    if walk.order is Order.UPDATED:
        rows = connection.execute(_latest(walk, sieve, size))
        found = [place_of(walk.order, row) for row in rows]
    else:
        for lane, start in _lanes(walk):
            query = _lane(connection, replace(walk, start=start), lane, sieve, size - len(found))
            found += [place_of(walk.order, row) for row in connection.execute(query)]
            if len(found) == size:
                break
    return found[::-1] if walk.backwards else found


def count_up_to(connection: Connection, wanted: ItemFilter, now: datetime, today: date, most: int) -> int:
    """How many items a filter lets through, but no more than `most`: they are not looked for further."""
    probe = _probe(connection, wanted, conditions(connection, wanted, now, today), most)
    return int(connection.execute(select(func.count()).select_from(probe.subquery())).scalar_one())


def place_of_item(connection: Connection, walk: Walk, number: int) -> Place | None:
    """Where an item stands in the order of a walk, in its list or not; None for a number nobody has."""
    if walk.past:
        return past_pages.place_of_item(connection, walk, number)
    order = walk.order
    if order is Order.UPDATED:
        last = select(func.max(history.c.id)).where(history.c.item_number == number)
        key = connection.execute(last).scalar()
        return None if key is None else Place(key, number)
    row = connection.execute(_keys().where(item.c.number == number)).one_or_none()
    return None if row is None else place_of(order, row)


def _keys() -> Select[Any]:
    return select(item.c.number, item.c.due_on, item.c.unit_id, item.c.state)


def _sieve(connection: Connection, walk: Walk) -> _Sieve:
    """Asks for the items of a filter, or at least for those among which they are, in case these are few.

    Words come second: those that stand all over the city are looked for among the few of a unit or a reach.
    """
    most = FEW_CHANGED if walk.order is Order.UPDATED else FEW
    wordless = replace(walk.wanted, words=())
    rest, few = conditions(connection, wordless, walk.now, walk.today), None
    if rest:
        found = set(connection.scalars(_probe(connection, wordless, rest, most + 1)))
        few = found if len(found) <= most else None
    if few is None and walk.wanted.words:
        few = candidates(connection, walk.wanted.words, most)
    narrowing = conditions(connection, walk.wanted, walk.now, walk.today)
    if few is not None:
        narrowing.append(among(connection, item.c.number, few))
    return _Sieve(narrowing, few is not None)


def _probe(
    connection: Connection, wanted: ItemFilter, narrowing: Sequence[ColumnElement[bool]], most: int
) -> Select[Any]:
    """Some of the items, in whatever order is the cheapest."""
    lead = lead_of(connection, wanted)
    parts = [
        select(item.c.number).where(*narrowing, *part).order_by(*lead).limit(most)
        for part in splits_of(wanted, tuple(State), lead)
    ]
    return select(_together(parts).c.number).limit(most)


def _lanes(walk: Walk) -> Iterator[tuple[_Lane, Place | None]]:
    """The stretches of the order from the start on, the first of them with the start."""
    every = tuple(State)
    by_due = ("INDEXED BY ix_item_due_on_number", "INDEXED BY ix_item_state_due_on_number")
    lanes = {
        Order.DUE: [
            _Lane(every, item.c.due_on.is_not(None), item.c.due_on, *by_due),
            _Lane(every, item.c.due_on.is_(None), None, *by_due),
        ],
        Order.UNIT: [_Lane((), key=item.c.unit_id, index="INDEXED BY ix_item_unit_id_number")],
        Order.STATE: [_Lane((state,)) for state in every],
    }.get(walk.order, [_Lane(every)])
    first, step = 0, -1 if walk.backwards else 1
    if walk.start is not None:
        in_lane = {Order.DUE: int(walk.start.key is None), Order.STATE: 0}
        first = in_lane.get(walk.order, 0)
        if walk.order is Order.STATE:
            first = every.index(State(str(walk.start.key)))
    elif walk.backwards:
        first = len(lanes) - 1
    start = walk.start
    while 0 <= first < len(lanes):
        yield lanes[first], start
        first, start = first + step, None


def _lane(connection: Connection, walk: Walk, lane: _Lane, sieve: _Sieve, size: int) -> Select[Any]:
    columns = [item.c.number] if lane.key is None else [lane.key, item.c.number]
    limits = sieve.conditions + ([lane.within] if lane.within is not None else [])
    if walk.start is not None:
        limits.append(beyond(columns, walk.start, falls=walk.falls))
    if sieve.are_few:
        # Found before they are sorted: PostgreSQL would walk the order's index for them.
        few = _hinted(_keys().where(*limits, *in_states(lane.states)), "NOT INDEXED")
        found = few.cte("few").prefix_with("MATERIALIZED")
        return _first(select(found), [found.c[column.name] for column in columns], walk, size)
    index, splits, ends = lane.index, [in_states(lane.states)], columns
    if _narrows(walk.wanted, lane):
        index, lead = lane.index_of_state, lead_of(connection, walk.wanted)
        splits, ends = splits_of(walk.wanted, lane.states, lead), [*lead, *columns]
    parts = [_hinted(_first(_keys().where(*limits, *part), ends, walk, size), index) for part in splits]
    if len(parts) == 1:
        return parts[0]
    merged = _together(parts)
    return _first(select(merged), [merged.c[column.name] for column in columns], walk, size)


def _first(found: Select[Any], ends: Sequence[ColumnElement[Any]], walk: Walk, size: int) -> Select[Any]:
    return found.order_by(*(each.desc() if walk.falls else each for each in ends)).limit(size)


def _narrows(wanted: ItemFilter, lane: _Lane) -> bool:
    """Whether the filter, or the lane, keeps to stretches of the indexes that begin with some column."""
    of_state = (
        wanted.state or wanted.states or wanted.overdue or wanted.basis or 0 < len(lane.states) < len(State)
    )
    if lane.key is not None:
        return bool(of_state and lane.index_of_state)
    others = (wanted.domain, wanted.domains, wanted.problem_class, wanted.bulletin_id, wanted.unit_id)
    return bool(of_state) or any(each is not None and each != () for each in others)


def _together(parts: Sequence[Select[Any]]) -> Any:
    return union_all(*(select(part.subquery()) for part in parts)).subquery("parts")


def _hinted(query: Select[Any], index: str, of: Table = item) -> Select[Any]:
    """SQLite keeps no statistics of our tables: it would take a filter's index and sort all that is in it."""
    return query.with_hint(of, index, "sqlite") if index else query


def _latest(walk: Walk, sieve: _Sieve, size: int) -> Select[Any]:
    """The last history row of each item, the newest first."""
    if sieve.are_few:
        last = select(func.max(history.c.id).label("id"), item.c.number)
        last = last.join(item, item.c.number == history.c.item_number).where(*sieve.conditions)
        key = last.group_by(item.c.number).subquery("last")
        query, column = select(key.c.id, key.c.number), key.c.id
    else:
        later = history.alias("later")
        again = exists().where(later.c.item_number == history.c.item_number, later.c.id > history.c.id)
        # No join: SQLite might begin with the items, and sort the whole history.
        fits = select(item.c.number).where(item.c.number == history.c.item_number, *sieve.conditions)
        query = select(history.c.id, history.c.item_number.label("number"))
        query = query.where(~again, _hinted(fits, "NOT INDEXED").exists())
        query = _hinted(query, "NOT INDEXED", history)
        column = history.c.id
    if walk.start is not None:
        query = query.where(column < walk.start.key if walk.falls else column > walk.start.key)
    return query.order_by(column.desc() if walk.falls else column).limit(size)
