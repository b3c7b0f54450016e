"""Finding steps of the history again. Must never count all that fits: a page costs what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, false, select

from tracker.store.history import HistoryRow
from tracker.store.schema import history


@dataclass(frozen=True)
class Wanted:
    """What is looked for; None does not narrow. since, before: written at or after, and before, that moment.

    under: rows with a smaller id only, where a page goes on.
    """

    actor: str | None = None
    number: int | None = None
    event: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    under: int | None = None


def newest(connection: Connection, wanted: Wanted, size: int) -> list[tuple[int, HistoryRow]]:
    """(item number, row), the latest first, `size` at most."""
    rows = connection.execute(statement(connection, wanted, size))
    return [(row[0], HistoryRow(*row[1:])) for row in rows]


def statement(connection: Connection, wanted: Wanted, size: int) -> Select[Any]:
    """What `newest` asks.

    Days are turned into ids first: rows are written in the order of both, and then every search walks one
    index backwards from its end. A row that a clock set wrong has dated otherwise stays with its neighbours.
    """
    columns = (getattr(history.c, name) for name in HistoryRow.__dataclass_fields__)
    query = select(history.c.item_number, *columns)
    for column in ("actor", "event"):
        if (value := getattr(wanted, column)) is not None:
            query = query.where(history.c[column] == value)
    if wanted.number is not None:
        query = query.where(history.c.item_number == wanted.number)
    if wanted.since is not None:
        first = _first_since(connection, wanted.since)
        query = query.where(false() if first is None else history.c.id >= first)
    if wanted.before is not None and (end := _first_since(connection, wanted.before)):
        query = query.where(history.c.id < end)
    if wanted.under is not None:
        query = query.where(history.c.id < wanted.under)
    return query.order_by(history.c.id.desc()).limit(size)


def _first_since(connection: Connection, moment: datetime) -> int | None:
    query = select(history.c.id).where(history.c.at >= moment).order_by(history.c.at, history.c.id).limit(1)
    return connection.execute(query).scalar()
