"""Accounts of the pages with their second factor, and who is signed in (`tracker/store/sessions.py`).

Passwords and codes are stored hashed, a secret sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from tracker.domain.people import Role
from tracker.store.schema import account, recovery_code, unit


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; `password` is the hash.

    unit_id: the one unit, with those below it, that the account sees; None: what its role and the contacts
    file say. totp_secret: base32, asked for since `totp_since`; totp_step: the last half minute used.
    """

    id: int
    login: str
    password: str
    role: Role
    created_at: datetime
    unit_id: int | None = None
    unit: str | None = None
    wecom_userid: str | None = None
    disabled_at: datetime | None = None
    totp_secret: str | None = None
    totp_since: datetime | None = None
    totp_step: int | None = None

    @property
    def asks_code(self) -> bool:
        """Whether a sign-in needs the second factor."""
        return self.totp_since is not None


@dataclass(frozen=True)
class Holder:
    """A contact who came by a link or by WeCom: one person of one unit, whatever else bears that name."""

    contact_id: int
    name: str
    unit_id: int
    unit: str


@dataclass(frozen=True)
class Session:
    """One signed-in browser. `login`: the account's, or the holder's name; `holder`: None for an account.

    role and unit_id are the account's, as they stand now; has_code: it has a second factor.
    """

    login: str
    csrf: str
    expires_at: datetime
    holder: Holder | None = None
    role: Role | None = None
    unit_id: int | None = None
    has_code: bool = False


def find(connection: Connection, login: str) -> Account | None:
    return _one(connection, _selection().where(account.c.login == login))


def by_id(connection: Connection, account_id: int) -> Account | None:
    return _one(connection, _selection().where(account.c.id == account_id))


def of_wecom(connection: Connection, user_id: str) -> Account | None:
    """Whose WeCom user id that is; WeCom cares for no case in those."""
    return _one(connection, _selection().where(account.c.wecom_userid == user_id.lower()))


def everybody(connection: Connection) -> list[Account]:
    """In the order they were made."""
    return [_account(row._mapping) for row in connection.execute(_selection().order_by(account.c.id))]


def roles(connection: Connection) -> dict[str, Role]:
    """Logins with their roles, in the order they were made."""
    query = select(account.c.login, account.c.role).order_by(account.c.id)
    return {login: Role(role) for login, role in connection.execute(query)}


def add(connection: Connection, login: str, password: str, role: Role, at: datetime) -> int:
    values = {"login": login, "password": password, "role": role.value, "created_at": at}
    made: int = connection.execute(insert(account).values(values).returning(account.c.id)).scalar_one()
    return made


def change(connection: Connection, account_id: int, **values: object) -> None:
    """Write single columns."""
    connection.execute(update(account).where(account.c.id == account_id).values(values))


def use_step(connection: Connection, account_id: int, step: int) -> bool:
    """Take the code of this half minute; False if it, or a later one, was taken before."""
    fresh = or_(account.c.totp_step.is_(None), account.c.totp_step < step)
    statement = update(account).where(account.c.id == account_id, fresh).values(totp_step=step)
    return connection.execute(statement).rowcount == 1


def set_recovery_codes(connection: Connection, account_id: int, digests: Iterable[str]) -> None:
    """These in place of all earlier ones."""
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    rows = [{"account_id": account_id, "digest": digest} for digest in digests]
    if rows:
        connection.execute(insert(recovery_code), rows)


def use_recovery_code(connection: Connection, account_id: int, digest: str) -> bool:
    """Take a recovery code; False if there is none such (any more)."""
    mine = recovery_code.c.account_id == account_id
    gone = delete(recovery_code).where(mine, recovery_code.c.digest == digest)
    return connection.execute(gone).rowcount == 1


def count_recovery_codes(connection: Connection, account_id: int) -> int:
    query = select(func.count()).select_from(recovery_code).where(recovery_code.c.account_id == account_id)
    return int(connection.execute(query).scalar_one())


def _selection() -> Select[Any]:
    names = (name for name in Account.__dataclass_fields__ if name != "unit")
    query = select(*(account.c[name] for name in names), unit.c.name.label("unit"))
    return query.outerjoin(unit, unit.c.id == account.c.unit_id)


def _one(connection: Connection, query: Select[Any]) -> Account | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else _account(row._mapping)


def _account(row: Any) -> Account:
    return Account(**{**row, "role": Role(row["role"])})
