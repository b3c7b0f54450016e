"""Signed-in browsers: of accounts, of contacts who came by a link, of contacts whom WeCom named.

Must never hold a token itself: it is stored hashed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from tracker.domain.people import Role
from tracker.store.accounts import Holder, Session
from tracker.store.schema import account, contact, link, session, unit


@dataclass(frozen=True)
class Owner:
    """Whose a session is: exactly one of the three."""

    account_id: int | None = None
    link_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True)
class Whence:
    """Where a browser is, as it says itself: for its owner to recognise, never to decide by."""

    address: str = ""
    agent: str = ""


NOWHERE = Whence()


@dataclass(frozen=True)
class StoredSession:
    """A session as its owner looks at it."""

    id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


def add(
    connection: Connection,
    *,
    token: str,
    csrf: str,
    owner: Owner,
    at: datetime,
    expires_at: datetime,
    whence: Whence,
    is_pending: bool = False,
) -> None:
    """`token` is hashed; `is_pending`: the password was right, the second factor is asked for."""
    values = {"token": token, "csrf": csrf, "created_at": at, "seen_at": at, "expires_at": expires_at}
    values |= {"account_id": owner.account_id, "link_id": owner.link_id, "contact_id": owner.contact_id}
    values |= {"address": whence.address[:64], "agent": whence.agent[:200], "is_pending": is_pending}
    connection.execute(insert(session).values(values))


def find(
    connection: Connection, token: str, now: datetime, idle_before: datetime
) -> tuple[Session, datetime] | None:
    """The session of a hashed token and when it was last seen.

    None once it has expired, its account is disabled or was not seen since `idle_before`, the link it began
    with was revoked, or its second factor is missing.
    """
    columns = (session.c.csrf, session.c.expires_at, session.c.seen_at, session.c.link_id)
    of_account = (account.c.login, account.c.role, account.c.unit_id, account.c.totp_since)
    query = (
        select(*columns, session.c.contact_id, *of_account)
        .outerjoin(account, account.c.id == session.c.account_id)
        .where(session.c.token == token, session.c.expires_at > now, ~session.c.is_pending)
        .where(account.c.disabled_at.is_(None))
        .where(or_(session.c.account_id.is_(None), session.c.seen_at > idle_before))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.login is not None:
        has_code = row.totp_since is not None
        role = Role(row.role)
        made = Session(row.login, row.csrf, row.expires_at, None, role, row.unit_id, has_code)
        return made, row.seen_at
    holder = _holder(connection, row.link_id, row.contact_id)
    return None if holder is None else (Session(holder.name, row.csrf, row.expires_at, holder), row.seen_at)


def pending_account(connection: Connection, token: str, now: datetime) -> int | None:
    """Whose second factor the session of this hashed token waits for; None when it waits for none."""
    waits = (session.c.token == token, session.c.expires_at > now, session.c.is_pending)
    return connection.execute(select(session.c.account_id).where(*waits)).scalar()


def _holder(connection: Connection, link_id: int | None, contact_id: int | None) -> Holder | None:
    query = select(contact.c.id, contact.c.name, contact.c.unit_id, unit.c.name)
    query = query.join(unit, unit.c.id == contact.c.unit_id)
    if link_id is not None:
        query = query.join(link, link.c.contact_id == contact.c.id)
        query = query.where(link.c.id == link_id, link.c.revoked_at.is_(None))
    else:
        query = query.where(contact.c.id == contact_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Holder(*row)


def touch(connection: Connection, token: str, at: datetime) -> None:
    """Somebody is at this browser."""
    connection.execute(update(session).where(session.c.token == token).values(seen_at=at))


def renew(connection: Connection, token: str, new_token: str, csrf: str) -> None:
    """The same session under another token, with another token for its forms."""
    connection.execute(update(session).where(session.c.token == token).values(token=new_token, csrf=csrf))


def of_account(connection: Connection, account_id: int, now: datetime) -> list[StoredSession]:
    """Those that have not expired, the last seen first."""
    columns = (session.c[name] for name in StoredSession.__dataclass_fields__)
    query = select(*columns).where(_whole(account_id), session.c.expires_at > now)
    query = query.order_by(session.c.seen_at.desc(), session.c.id.desc())
    return [StoredSession(*row) for row in connection.execute(query)]


def count_by_account(connection: Connection, now: datetime) -> dict[int, int]:
    """Account id → how many browsers are signed in; accounts without any are left out."""
    query = select(session.c.account_id, func.count()).group_by(session.c.account_id)
    query = query.where(session.c.account_id.is_not(None), session.c.expires_at > now, ~session.c.is_pending)
    return dict(connection.execute(query).all())


def id_of(connection: Connection, token: str) -> int | None:
    return connection.execute(select(session.c.id).where(session.c.token == token)).scalar()


def close(connection: Connection, token: str) -> None:
    connection.execute(delete(session).where(session.c.token == token))


def close_of_account(
    connection: Connection, account_id: int, *, only: int | None = None, but: int | None = None
) -> int:
    """End sessions of an account: all, `only` one of them, or all `but` one; return how many ended."""
    chosen = [session.c.account_id == account_id]
    chosen += [session.c.id == only] if only is not None else []
    chosen += [session.c.id != but] if but is not None else []
    return connection.execute(delete(session).where(*chosen)).rowcount


def drop_expired(connection: Connection, now: datetime) -> None:
    connection.execute(delete(session).where(session.c.expires_at <= now))


def _whole(account_id: int) -> ColumnElement[bool]:
    return and_(session.c.account_id == account_id, ~session.c.is_pending)
