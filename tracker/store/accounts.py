"""Accounts of the pages and their sessions. Passwords and tokens are stored hashed only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from tracker.domain.people import Role
from tracker.store.schema import account, session


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; `password` is the hash."""

    id: int
    login: str
    password: str
    role: Role


@dataclass(frozen=True)
class Session:
    """One signed-in browser."""

    login: str
    csrf: str
    expires_at: datetime


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
    connection: Connection, *, token: str, account_id: int, csrf: str, expires_at: datetime
) -> None:
    connection.execute(
        insert(session).values(token=token, account_id=account_id, csrf=csrf, expires_at=expires_at)
    )


def session_of(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of a hashed token, unless it has expired."""
    query = (
        select(account.c.login, session.c.csrf, session.c.expires_at)
        .join(account, account.c.id == session.c.account_id)
        .where(session.c.token == token, session.c.expires_at > now)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Session(*row)


def close_session(connection: Connection, token: str) -> None:
    connection.execute(delete(session).where(session.c.token == token))


def drop_expired(connection: Connection, now: datetime) -> None:
    connection.execute(delete(session).where(session.c.expires_at <= now))
