"""Published digests: a frozen figure is never computed again, nor a ledger made again that went out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.store.schema import digest

CITY = "all"
"""The scope of the digest that is about everything."""


def published(
    connection: Connection, period: str, scope: str = CITY
) -> tuple[datetime, Mapping[str, Any]] | None:
    """(as of, snapshot) of what a scope was sent in a period, else None."""
    query = select(digest.c.as_of, digest.c.snapshot).where(digest.c.period == period)
    row = connection.execute(query.where(digest.c.scope == scope)).one_or_none()
    return None if row is None else (row.as_of, row.snapshot)


def latest_before(
    connection: Connection, period: str, scope: str, as_of: datetime
) -> tuple[str, datetime, Mapping[str, Any]] | None:
    """(period, as of, snapshot) of what the scope was told last before `as_of`, at the pace of `period`."""
    same_pace = digest.c.period.like(re.sub(r"\d", "_", period))  # 2021-W30, 2021-07, 2021Q3
    query = select(digest.c.period, digest.c.as_of, digest.c.snapshot)
    query = query.where(digest.c.scope == scope, digest.c.as_of < as_of, same_pace)
    row = connection.execute(query.order_by(digest.c.as_of.desc()).limit(1)).one_or_none()
    return None if row is None else (row.period, row.as_of, row.snapshot)


def publish(
    connection: Connection,
    period: str,
    scope: str,
    *,
    as_of: datetime,
    at: datetime,
    snapshot: Mapping[str, Any],
    ledger: bytes | None,
) -> None:
    """Write down what is said of a scope in a period, at the moment `at`. Nothing updates such a row."""
    connection.execute(
        insert(digest).values(
            period=period,
            scope=scope,
            as_of=as_of,
            published_at=at,
            snapshot=dict(snapshot),
            ledger=ledger,
        )
    )


def ledger(connection: Connection, period: str, scope: str) -> bytes | None:
    """The workbook that went out; None where none did."""
    query = select(digest.c.ledger).where(digest.c.period == period, digest.c.scope == scope)
    found: bytes | None = connection.execute(query).scalar()
    return found


def has_ledger(connection: Connection, period: str, scope: str) -> bool:
    """Whether a workbook went out, without reading it."""
    query = select(digest.c.ledger.is_not(None)).where(digest.c.period == period, digest.c.scope == scope)
    return bool(connection.execute(query).scalar())


def latest_periods(connection: Connection, limit: int) -> list[str]:
    """The periods whose digest of the city was published last, the newest first."""
    query = select(digest.c.period).where(digest.c.scope == CITY)
    query = query.order_by(digest.c.published_at.desc(), digest.c.period).limit(limit)
    return list(connection.scalars(query))
