"""What writes were answered, by the key that their sender gave: a repeat gets the same answer.

Must only be used in the transaction of the write itself: then the answer is kept if and only if it was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.schema import idempotency_key

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class KeptAnswer:
    """`fingerprint`: SHA-256 of what was asked for; `answer`: the JSON that was sent."""

    fingerprint: str
    status: int
    answer: str
    etag: str | None


def claim(
    connection: Connection, token_id: int, key: str, fingerprint: str, now: datetime
) -> KeptAnswer | None:
    """None: the key is this transaction's; else what was answered to whoever used it before.

    Whoever holds the key at this moment is waited for. One that is older than `KEPT` is nobody's.
    """
    is_old = idempotency_key.c.created_at <= now - KEPT
    connection.execute(delete(idempotency_key).where(_is(token_id, key), is_old))
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    row = {"token_id": token_id, "key": key, "fingerprint": fingerprint, "created_at": now}
    new = dialect_insert(idempotency_key).values(row).on_conflict_do_nothing()
    if connection.execute(new.returning(idempotency_key.c.key)).first() is not None:
        return None
    columns = (idempotency_key.c[name] for name in KeptAnswer.__dataclass_fields__)
    query = select(*columns).where(_is(token_id, key))
    return KeptAnswer(**connection.execute(query).mappings().one())


def forget_old(connection: Connection, now: datetime) -> None:
    """What nobody asks for again. By one process at a time: in different order two would wait in a ring."""
    connection.execute(delete(idempotency_key).where(idempotency_key.c.created_at <= now - KEPT))


def keep(connection: Connection, token_id: int, key: str, kept: KeptAnswer) -> None:
    """What is answered to the write that this transaction does."""
    values = {"status": kept.status, "answer": kept.answer, "etag": kept.etag}
    connection.execute(update(idempotency_key).where(_is(token_id, key)).values(values))


def _is(token_id: int, key: str) -> ColumnElement[bool]:
    return (idempotency_key.c.token_id == token_id) & (idempotency_key.c.key == key)
