"""Sealing anew what was sealed with another key, or lay open: in batches, while the office is at work.

Every key that is at hand opens, so a run that was cut off is simply started again. Must never hold more than
one batch, in memory or locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, Text, bindparam, select, type_coerce, update

from tracker.store.endpoints import name_of
from tracker.store.schema import account, contact, endpoint, message
from tracker.store.types import Sealed, SealedBytes
from tracker.store.vault import Vault, vault_of

TABLES = (account, contact, endpoint, message)
_BATCH = 500


@dataclass(frozen=True)
class Batch:
    """How far a run came: the last row that was looked at, None at the end; and how many it sealed anew."""

    last: int | None
    resealed: int


def reseal(connection: Connection, table: Table, after: int) -> Batch:
    """Seal the next rows after an id with today's key, and name endpoints by it."""
    vault = vault_of(connection.dialect)
    secret = [column for column in table.c if isinstance(column.type, Sealed | SealedBytes)]
    query = select(table.c.id, *map(_as_stored, secret), *([table.c.channel] if table is endpoint else []))
    query = query.where(table.c.id > after).order_by(table.c.id).limit(_BATCH)
    rows = connection.execute(query.with_for_update()).mappings().all()
    stale = [row for row in rows if not all(_is_current(vault, row[column.name]) for column in secret)]
    changes = []
    for row in stale:
        opened = {column.name: _opened(vault, column, row[column.name]) for column in secret}
        if table is endpoint:
            opened["fingerprint"] = vault.fingerprints(name_of((row["channel"], opened["address"])))[0]
        changes.append({f"new_{name}": value for name, value in opened.items()} | {"which": row["id"]})
    if changes:
        changed = [*secret, endpoint.c.fingerprint] if table is endpoint else secret
        # Bound by the columns' own types, which seal with today's key.
        values = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in changed}
        connection.execute(update(table).where(table.c.id == bindparam("which")).values(values), changes)
    return Batch(rows[-1]["id"] if rows else None, len(changes))


def _as_stored(column: Column[Any]) -> Any:
    plain = LargeBinary() if isinstance(column.type, SealedBytes) else Text()
    return type_coerce(column, plain).label(column.name)


def _is_current(vault: Vault, stored: str | bytes | None) -> bool:
    return stored is None or vault.is_current(_bytes(stored))


def _opened(vault: Vault, column: Column[Any], stored: str | bytes | None) -> Any:
    if stored is None:
        return None
    opened = vault.open(_bytes(stored))
    return opened if isinstance(column.type, SealedBytes) else opened.decode()


def _bytes(stored: str | bytes) -> bytes:
    return stored.encode() if isinstance(stored, str) else stored
