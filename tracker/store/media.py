"""The register of new-media accounts: one row each, as the last export tells of it.

Must never judge: how an account stands is the domain's to say, and comes in as `verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tracker.domain.media import Observed, Registered, Verdict
from tracker.store.conditions import among
from tracker.store.schema import media_account, unit


@dataclass(frozen=True)
class StoredAccount:
    """One account. `id` is 0 before it is stored; `item_number` is the item about it, of any state."""

    id: int
    key: str
    platform: str
    name: str
    unit_id: int
    listed: str | None
    registered: Registered
    observed: Observed
    last_post_on: date | None
    seen_on: date
    gone_on: date | None
    verdict: Verdict
    item_number: int | None
    feed_id: int
    row: int


_COLUMNS = tuple(media_account.c[name] for name in StoredAccount.__dataclass_fields__)


def by_keys(connection: Connection, keys: Iterable[str]) -> dict[str, StoredAccount]:
    """Key → account; keys that nobody has are left out."""
    query = select(*_COLUMNS).where(among(connection, media_account.c.key, set(keys)))
    return {found.key: found for found in map(_account, connection.execute(query))}


def save(connection: Connection, account: StoredAccount) -> None:
    """Insert an account, or write all of it anew."""
    values = {name: value for name, value in vars(account).items() if name != "id"}
    if account.id:
        connection.execute(update(media_account).where(media_account.c.id == account.id).values(values))
    else:
        connection.execute(insert(media_account).values(values))


def set_item(connection: Connection, account_id: int, number: int) -> None:
    """The item that is about an account from now on."""
    chosen = media_account.c.id == account_id
    connection.execute(update(media_account).where(chosen).values(item_number=number))


def in_use(
    connection: Connection, *, silent_since: date | None = None, only: int | None = None
) -> list[tuple[StoredAccount, str]]:
    """Accounts in use, longest silent first, with the unit's name; only those whose last post is of
    `silent_since` or before, only the one of an id.
    """
    query = select(*_COLUMNS, unit.c.name).join(unit, unit.c.id == media_account.c.unit_id)
    query = query.where(media_account.c.registered == Registered.IN_USE.value)
    if silent_since is not None:
        query = query.where(media_account.c.last_post_on <= silent_since)
    if only is not None:
        query = query.where(media_account.c.id == only)
    rows = connection.execute(query.order_by(media_account.c.last_post_on, media_account.c.id))
    return [(_account(row[:-1]), row[-1]) for row in rows]


def by_id(connection: Connection, account_id: int) -> StoredAccount | None:
    row = connection.execute(select(*_COLUMNS).where(media_account.c.id == account_id)).one_or_none()
    return None if row is None else _account(row)


def _account(row: Sequence[Any]) -> StoredAccount:
    found = StoredAccount(*row)
    return replace(
        found,
        registered=Registered(found.registered),
        observed=Observed(found.observed),
        verdict=Verdict(found.verdict),
    )
