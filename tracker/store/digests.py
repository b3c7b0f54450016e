"""Published digests: a frozen figure is never computed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.store.schema import digest


def published(connection: Connection, period: str) -> tuple[datetime, Mapping[str, Any]] | None:
    """(as of, snapshot) of a period that was sent, else None."""
    row = connection.execute(
        select(digest.c.as_of, digest.c.snapshot).where(digest.c.period == period)
    ).one_or_none()
    return None if row is None else (row.as_of, row.snapshot)


def publish(connection: Connection, period: str, as_of: datetime, snapshot: Mapping[str, Any]) -> None:
    connection.execute(insert(digest).values(period=period, as_of=as_of, snapshot=dict(snapshot)))
