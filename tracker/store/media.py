"""The register of new-media accounts: one row each, as the last export and the last look at its page tell.

Must never judge: how an account stands is the domain's to say, and comes in as `verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from tracker.domain.media import SEEN_THOUGH_CLOSED, Observed, Registered, Verdict
from tracker.store.conditions import among
from tracker.store.schema import feed, media_account, unit


@dataclass(frozen=True)
class StoredAccount:
    """One account. `id` is 0 before it is stored; `item_number` is the item about it, of any state.

    feed_id, row, seen_on: the last export that spoke of it, and the day of which that tells. page_url: a
    public page that shows its posts; looked_at: the last look there that told a day; failing_since: the first
    of those that told none since; page_look: what the last one saw.
    """

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
    page_url: str | None = None
    next_look_at: datetime | None = None
    looked_at: datetime | None = None
    failing_since: datetime | None = None
    page_look: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Watched:
    """An account with the name of its unit, and the export that spoke of it last."""

    account: StoredAccount
    unit: str
    file: str
    taken_at: datetime


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


def save_look(connection: Connection, account: StoredAccount) -> None:
    """Write what a look at an account's page can change."""
    names = ("observed", "last_post_on", "verdict", "looked_at", "failing_since", "page_look")
    values = {name: getattr(account, name) for name in names}
    connection.execute(update(media_account).where(media_account.c.id == account.id).values(values))


def set_item(connection: Connection, account_id: int, number: int) -> None:
    """The item that is about an account from now on."""
    chosen = media_account.c.id == account_id
    connection.execute(update(media_account).where(chosen).values(item_number=number))


def watched(
    connection: Connection, *, silent_since: date | None = None, only: int | None = None
) -> list[Watched]:
    """Accounts in use, and those that are closed on file and were seen nevertheless; longest silent first.

    silent_since: only those in use whose last post is of that day or before; only: the one of that id.
    """
    in_use = media_account.c.registered == Registered.IN_USE.value
    query = select(*_COLUMNS, unit.c.name, feed.c.filename, feed.c.taken_at)
    query = query.join(unit, unit.c.id == media_account.c.unit_id)
    query = query.join(feed, feed.c.id == media_account.c.feed_id)
    if silent_since is None:
        seen_again = media_account.c.verdict.in_([each.value for each in SEEN_THOUGH_CLOSED])
        query = query.where(or_(in_use, seen_again))
    else:
        query = query.where(in_use, media_account.c.last_post_on <= silent_since)
    if only is not None:
        query = query.where(media_account.c.id == only)
    rows = connection.execute(query.order_by(media_account.c.last_post_on, media_account.c.id))
    return [Watched(_account(row[:-3]), *row[-3:]) for row in rows]


def due_looks(connection: Connection, now: datetime, limit: int) -> list[StoredAccount]:
    """Accounts whose page is to be looked at, longest waiting first."""
    query = select(*_COLUMNS).where(media_account.c.next_look_at <= now)
    query = query.order_by(media_account.c.next_look_at, media_account.c.id).limit(limit)
    return [_account(row) for row in connection.execute(query)]


def claim_look(connection: Connection, account_id: int, now: datetime, next_at: datetime) -> bool:
    """Move the next look at an account's page ahead; False if another process did so first."""
    due = and_(media_account.c.id == account_id, media_account.c.next_look_at <= now)
    return connection.execute(update(media_account).where(due).values(next_look_at=next_at)).rowcount == 1


def failing(connection: Connection, since: datetime) -> list[str]:
    """The accounts by name whose pages have told nothing since then."""
    query = select(media_account.c.platform, media_account.c.name)
    query = query.where(media_account.c.page_url.is_not(None), media_account.c.failing_since <= since)
    rows = connection.execute(query.order_by(media_account.c.id))
    return [f"{platform}“{name}”" for platform, name in rows]


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
