"""Published rates: rows are added, never altered; a correction is a further row.

There is no function here that changes or removes one. Each row's digest covers the row before, so an
alteration behind the program's back shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.store.clockwork import take_turn
from tracker.store.conditions import STREAMED, Basis, belongs
from tracker.store.numbering import reserve
from tracker.store.rates import ALL, standing_at
from tracker.store.schema import item, rate_snapshot

_TURN = "rate_snapshot"
_COLUMNS = tuple(column for column in rate_snapshot.c)


@dataclass(frozen=True)
class StoredSnapshot:
    """One publication. `items` and `list_digest` (SHA-256) are of the list behind the figures."""

    id: int
    title: str
    as_of: datetime
    published_at: datetime
    published_by: str
    corrects: int | None
    reason: str | None
    figures: Mapping[str, Any]
    items: int
    list_digest: str
    digest: str


def next_id(connection: Connection) -> tuple[int, str]:
    """Wait for whoever publishes before; the number of the next one, and the digest it builds on."""
    take_turn(connection, _TURN)
    query = select(rate_snapshot.c.digest).order_by(rate_snapshot.c.id.desc()).limit(1)
    [identifier] = reserve(connection, rate_snapshot, 1)
    return identifier, connection.execute(query).scalar() or ""


def add(connection: Connection, snapshot: StoredSnapshot) -> None:
    values = vars(snapshot) | {"figures": dict(snapshot.figures)}
    connection.execute(insert(rate_snapshot).values(values))


def all_snapshots(connection: Connection) -> list[StoredSnapshot]:
    """The oldest first."""
    return [
        StoredSnapshot(*row) for row in connection.execute(select(*_COLUMNS).order_by(rate_snapshot.c.id))
    ]


def counted_items(connection: Connection, moment: datetime, *, past: bool) -> Iterator[tuple[int, str]]:
    """(number, state) of all that counts at `moment`, in order of number, as it is asked for."""
    standing: Any = standing_at(moment, ALL) if past else item
    source = standing.join(item, item.c.number == standing.c.item_number) if past else item
    query = select(item.c.number, standing.c.state).select_from(source)
    query = query.where(belongs(standing, Basis.COUNTED, moment, moment.date())).order_by(item.c.number)
    return ((number, state) for number, state in connection.execute(query, execution_options=STREAMED))
