"""Accounts of the pages, and sessions of accounts and links. Passwords and tokens are stored hashed only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from tracker.domain.people import Role
from tracker.store.schema import account, contact, link, session, unit


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; `password` is the hash."""

    id: int
    login: str
    password: str
    role: Role


@dataclass(frozen=True)
class Holder:
    """The contact who came by a link: one person of one unit, whatever else bears that name."""

    contact_id: int
    name: str
    unit_id: int
    unit: str


@dataclass(frozen=True)
class Session:
    """One signed-in browser. `login`: the account's, or the holder's name; `holder`: None for an account."""

    login: str
    csrf: str
    expires_at: datetime
    holder: Holder | None = None


def find(connection: Connection, login: str) -> Account | None:
    columns = (account.c.id, account.c.login, account.c.password, account.c.role)
    row = connection.execute(select(*columns).where(account.c.login == login)).one_or_none()
    return None if row is None else Account(row.id, row.login, row.password, Role(row.role))


def roles(connection: Connection) -> dict[str, Role]:
    """Logins with their roles, in the order they were made."""
    query = select(account.c.login, account.c.role).order_by(account.c.id)
    return {login: Role(role) for login, role in connection.execute(query)}


def save(connection: Connection, login: str, password: str, role: Role | None, at: datetime) -> None:
    """Create the account, or give it a new password and end its sessions; role None: staff, or as it was."""
    existing = find(connection, login)
    if existing is None:
        values = {"login": login, "password": password, "role": (role or Role.STAFF).value}
        connection.execute(insert(account).values(values | {"created_at": at}))
        return
    values = {"password": password, "role": (role or existing.role).value}
    connection.execute(update(account).where(account.c.id == existing.id).values(values))
    connection.execute(delete(session).where(session.c.account_id == existing.id))


def open_session(
    connection: Connection,
    *,
    token: str,
    csrf: str,
    expires_at: datetime,
    account_id: int | None = None,
    link_id: int | None = None,
) -> None:
    """Of an account or of a link, one of the two; `token` is hashed."""
    values = {"token": token, "account_id": account_id, "link_id": link_id}
    connection.execute(insert(session).values(values | {"csrf": csrf, "expires_at": expires_at}))


def session_of(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of a hashed token, unless it has expired or the link it began with was revoked."""
    query = (
        select(session.c.csrf, session.c.expires_at, session.c.link_id, account.c.login)
        .outerjoin(account, account.c.id == session.c.account_id)
        .where(session.c.token == token, session.c.expires_at > now)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.link_id is None:
        return Session(row.login, row.csrf, row.expires_at)
    holder = _holder(connection, row.link_id)
    return None if holder is None else Session(holder.name, row.csrf, row.expires_at, holder)


def _holder(connection: Connection, link_id: int) -> Holder | None:
    query = (
        select(contact.c.id, contact.c.name, contact.c.unit_id, unit.c.name)
        .join(link, link.c.contact_id == contact.c.id)
        .join(unit, unit.c.id == contact.c.unit_id)
        .where(link.c.id == link_id, link.c.revoked_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Holder(*row)


def close_session(connection: Connection, token: str) -> None:
    connection.execute(delete(session).where(session.c.token == token))


def drop_expired(connection: Connection, now: datetime) -> None:
    connection.execute(delete(session).where(session.c.expires_at <= now))
