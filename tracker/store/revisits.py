"""Looks back at struck-off items (回头看): when each is due, what was seen, what was decided.

Must never decide whether a problem is back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tracker.domain.revisits import RevisitState
from tracker.store.schema import item, revisit


@dataclass(frozen=True)
class StoredRevisit:
    """One revisit. It speaks of the strike-off of `struck_off_at` alone; `weeks` None: of a spot check."""

    id: int
    item_number: int
    struck_off_at: datetime
    weeks: int | None
    spot_check_id: int | None
    state: RevisitState
    due_at: datetime | None
    tries: int
    seen_at: datetime | None
    finding: str | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    new_number: int | None


_COLUMNS = tuple(revisit.c[name] for name in StoredRevisit.__dataclass_fields__)


def add(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Rows of item_number, struck_off_at, due_at, weeks and spot_check_id; all due."""
    if rows:
        waiting = {"state": RevisitState.DUE.value, "tries": 0}
        connection.execute(insert(revisit), [row | waiting for row in rows])


def due(connection: Connection, now: datetime, limit: int) -> list[StoredRevisit]:
    """Those whose look has come, longest waiting first."""
    query = select(*_COLUMNS).where(revisit.c.due_at <= now).order_by(revisit.c.due_at, revisit.c.id)
    return [_stored(row) for row in connection.execute(query.limit(limit))]


def claim(connection: Connection, revisit_id: int, now: datetime, next_at: datetime) -> bool:
    """Move a look ahead; False if another process did so first."""
    moved = update(revisit).where(revisit.c.id == revisit_id, revisit.c.due_at <= now).values(due_at=next_at)
    return connection.execute(moved).rowcount == 1


def set_columns(connection: Connection, revisit_id: int, **values: object) -> None:
    connection.execute(update(revisit).where(revisit.c.id == revisit_id).values(values))


def get(connection: Connection, revisit_id: int, *, lock: bool = False) -> StoredRevisit | None:
    query = select(*_COLUMNS).where(revisit.c.id == revisit_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _stored(row)


def in_states(
    connection: Connection, states: Collection[RevisitState], limit: int, *, newest_first: bool = False
) -> list[StoredRevisit]:
    """In order of number, or the other way round."""
    query = select(*_COLUMNS).where(revisit.c.state.in_([each.value for each in states]))
    query = query.order_by(revisit.c.id.desc() if newest_first else revisit.c.id).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def of_items(connection: Connection, numbers: Iterable[int], spot_check_id: int) -> dict[int, StoredRevisit]:
    """Item number → the look that this spot check asked for."""
    query = select(*_COLUMNS).where(revisit.c.spot_check_id == spot_check_id)
    wanted = set(numbers)
    found = (_stored(row) for row in connection.execute(query))
    return {each.item_number: each for each in found if each.item_number in wanted}


def recurred_as(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Item number → the latest item that came after it; items that nothing came after are left out."""
    query = select(item.c.recurs, item.c.number).where(item.c.recurs.in_(sorted(set(numbers))))
    return {row[0]: row[1] for row in connection.execute(query.order_by(item.c.number))}


def _stored(row: Sequence[object]) -> StoredRevisit:
    found = StoredRevisit(*row)  # type: ignore[arg-type]
    return replace(found, state=RevisitState(found.state))
