"""Tokens of other systems, found by their digest. Must never hold a token itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tracker.store.schema import api_token


@dataclass(frozen=True)
class StoredToken:
    """A token as people may see it. `is_person`: `actor` is somebody on file; else the system itself acts."""

    id: int
    name: str
    actor: str
    is_person: bool
    scopes: Sequence[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


_COLUMNS = tuple(api_token.c[name] for name in StoredToken.__dataclass_fields__)


def add(connection: Connection, digest: str, **values: object) -> int:
    """Its id; `values` are the columns of a new `StoredToken`."""
    statement = insert(api_token).values(digest=digest, **values).returning(api_token.c.id)
    token_id: int = connection.execute(statement).scalar_one()
    return token_id


def by_digest(connection: Connection, digest: str) -> StoredToken | None:
    row = connection.execute(select(*_COLUMNS).where(api_token.c.digest == digest)).mappings().one_or_none()
    return None if row is None else StoredToken(**row)


def listing(connection: Connection) -> list[StoredToken]:
    """All that were ever made, in that order."""
    query = select(*_COLUMNS).order_by(api_token.c.id)
    return [StoredToken(**row) for row in connection.execute(query).mappings()]


def note_use(connection: Connection, token_id: int, at: datetime) -> None:
    connection.execute(update(api_token).where(api_token.c.id == token_id).values(last_used_at=at))


def revoke(connection: Connection, token_id: int, *, by: str, at: datetime) -> bool:
    """Whether there was one to revoke."""
    good = (api_token.c.id == token_id) & api_token.c.revoked_at.is_(None)
    return (
        connection.execute(update(api_token).where(good).values(revoked_at=at, revoked_by=by)).rowcount == 1
    )
