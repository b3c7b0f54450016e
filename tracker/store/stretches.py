"""Into which stretches of an index a list falls: one state, and one domain where several are wanted.

Must never leave out an item that the filter lets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

from tracker.domain.lifecycle import FINAL, State
from tracker.domain.rates import EMPTY
from tracker.store.conditions import ASKED, Basis
from tracker.store.items import ItemFilter
from tracker.store.schema import item

_UNFINISHED = tuple(state for state in State if state not in FINAL)
_STATES_OF: dict[Basis | None, tuple[State, ...]] = {
    Basis.RECTIFIED: (State.STRUCK_OFF,),
    Basis.COUNTED: tuple(state for state in State if state is not State.WITHDRAWN),
    Basis.ON_TIME: (State.STRUCK_OFF,),
    Basis.JUDGED: (*_UNFINISHED, State.STRUCK_OFF),
    Basis.UNFINISHED: _UNFINISHED,
    Basis.OVERDUE: _UNFINISHED,
    Basis.DUE_TODAY: (State.OPEN, State.SIGNED),
}


def lead_of(connection: Connection, wanted: ItemFilter) -> list[ColumnElement[Any]]:
    """What stands first in the index that a list is walked by, where PostgreSQL has to be told so.

    It believes the items of a state to lie evenly among all, and would look for the few open ones behind a
    million finished ones along the primary key. That key does not give this order.
    """
    others = (wanted.domain, wanted.problem_class, wanted.bulletin_id, wanted.unit_id)
    is_split = wanted.basis not in ASKED and all(each is None for each in others)
    if connection.dialect.name == "sqlite" or not is_split:
        return []
    return [item.c.domain if wanted.domains else item.c.state]


def splits_of(
    wanted: ItemFilter, states: Sequence[State], lead: Sequence[ColumnElement[Any]] = ()
) -> list[list[ColumnElement[bool]]]:
    """The list in parts, each a stretch of an index: one state, and one domain if several are wanted.

    lead: columns that are to stay in the order, though each part has but one value of them (`lead_of`).
    """

    leading = {column.key for column in lead}

    def one(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
        if value == EMPTY:
            return column.is_(None)
        return column == (func.any(literal([value], ARRAY(column.type))) if column.key in leading else value)

    if wanted.basis in ASKED or not states:
        return [in_states(states)]  # an index of its own, or one across all states
    chosen = set(states) & set(wanted.states or State) & set(_STATES_OF.get(wanted.basis, tuple(State)))
    if wanted.overdue:
        chosen &= set(_UNFINISHED)
    if wanted.state is not None:
        chosen &= {wanted.state}
    parts: list[list[ColumnElement[bool]]] = [
        [one(item.c.state, state)] for state in State if state in chosen
    ]
    if wanted.domains:
        parts = [[*part, one(item.c.domain, name)] for part, name in product(parts, wanted.domains)]
    return parts or [[item.c.number < 0]]


def in_states(states: Sequence[State]) -> list[ColumnElement[bool]]:
    return [item.c.state.in_(states)] if 0 < len(states) < len(State) else []
