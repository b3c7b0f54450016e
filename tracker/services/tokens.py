"""Tokens by which other systems use the JSON interface: made and shown once, checked, revoked.

A token is `rct_`, 256 random bits and a checksum in hex, so that whoever scans files for secrets finds it and
knows it from other words. Must never store, log or list a token: SHA-256 of so many random bits is enough.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import Actor
from tracker.services.judging import actor_named
from tracker.services.office import Office
from tracker.store import Connection, accounts, contacts, tokens
from tracker.store.tokens import StoredToken

PREFIX = "rct_"
_SHAPE = re.compile(rf"{PREFIX}([0-9a-f]{{64}})([0-9a-f]{{8}})")
_NOTED_EVERY = timedelta(minutes=1)  # a write for each read would be the dearer part of it


class Scope(StrEnum):
    """What a token opens; `admin` opens everything."""

    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"
    RATES_READ = "rates:read"
    BULLETINS_WRITE = "bulletins:write"
    FEEDS_WRITE = "feeds:write"
    CONTACTS_READ = "contacts:read"
    MESSAGES_READ = "messages:read"
    ADMIN = "admin"


@dataclass(frozen=True)
class Bearer:
    """Who asks: a good token, and the person or system it acts as."""

    token: StoredToken
    actor: Actor

    @property
    def name(self) -> str:
        return self.actor.name

    def has(self, scope: Scope) -> bool:
        return scope in self.token.scopes or Scope.ADMIN in self.token.scopes


def create(
    office: Office,
    name: str,
    scopes: Collection[Scope],
    *,
    by: str,
    now: datetime,
    acts_as: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, StoredToken]:
    """A new token, never to be seen again, and its row.

    It acts as `acts_as`, who has an account or stands in the contacts file, else as `接口 name`, which is the
    bureau's own. Raises NotFoundError for an actor nobody knows, RectifyError for anything else amiss.
    """
    name, by = name.strip(), by.strip()
    if not name or not by:
        raise RectifyError("须写明令牌名称（--name）和经办人（--by）")
    if len(name) > 90:
        raise RectifyError("令牌名称不超过 90 个字")
    if not scopes:
        raise RectifyError("须写明权限范围（--scope）")
    if expires_at is not None and expires_at <= now:
        raise RectifyError("有效期须在将来")
    token = _new_token()
    with office.database.write() as connection:
        if acts_as is not None and not _is_known(connection, acts_as):
            raise NotFoundError(f"没有名为“{acts_as}”的账号或联系人", details={"actor": acts_as})
        tokens.add(
            connection,
            _digest(token),
            name=name,
            actor=acts_as or f"接口 {name}",
            is_person=acts_as is not None,
            scopes=[scope.value for scope in Scope if scope in scopes],
            created_at=now,
            created_by=by,
            expires_at=expires_at,
        )
        made = tokens.by_digest(connection, _digest(token))
    assert made is not None
    return token, made


def bearer_of(office: Office, token: str, *, now: datetime) -> Bearer | None:
    """Whose token that is; None when it is none of ours, expired, revoked, or its person has left."""
    if not looks_right(token):
        return None
    with office.database.read() as connection:
        found = tokens.by_digest(connection, _digest(token))
        if found is None or not found.is_good(now):
            return None
        # Whoever is not on file would be taken for the bureau's own: somebody who left must not become that.
        if found.is_person and not _is_known(connection, found.actor):
            return None
        bearer = Bearer(found, actor_named(connection, found.actor))
    if found.last_used_at is None or now - found.last_used_at >= _NOTED_EVERY:
        with office.database.write() as connection:
            tokens.note_use(connection, found.id, now)
    return bearer


def list_tokens(office: Office) -> list[StoredToken]:
    """All that were ever made."""
    with office.database.read() as connection:
        return tokens.listing(connection)


def revoke(office: Office, token_id: int, *, by: str, now: datetime) -> None:
    """End it at once; raises NotFoundError when there is no such token in use."""
    if not by.strip():
        raise RectifyError("须写明经办人（--by）")
    with office.database.write() as connection:
        if not tokens.revoke(connection, token_id, by=by.strip(), at=now):
            raise NotFoundError(f"没有编号为 {token_id} 的令牌，或已停用", details={"token": token_id})


def looks_right(token: str) -> bool:
    """Whether it has the shape and the checksum of a token; a slip of the pen has not."""
    match = _SHAPE.fullmatch(token)
    return match is not None and _checksum(match[1]) == match[2]


def _new_token() -> str:
    random = secrets.token_hex(32)
    return f"{PREFIX}{random}{_checksum(random)}"


def _checksum(random: str) -> str:
    return f"{zlib.crc32(random.encode()):08x}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_known(connection: Connection, name: str) -> bool:
    account = accounts.find(connection, name)
    if account is not None:
        return account.disabled_at is None
    return bool(contacts.posts_of(connection, name))
