"""备注 of items: what the bureau writes beside them, in its ledger. No part of the workflow."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from tracker.store.conditions import among
from tracker.store.schema import item


def of_items(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Item number → note, of those that have one."""
    query = select(item.c.number, item.c.note).where(item.c.note.is_not(None))
    query = query.where(among(connection, item.c.number, numbers))
    return dict(connection.execute(query).all())
