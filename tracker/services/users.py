"""Who may use the pages, as an administrator looks after them: role, unit, locks, sessions.

Must never show a password, a token or a secret, but a new password to whoever asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import NotFoundError
from tracker.domain.people import Role
from tracker.services import account_fields, lockout, passwords, second_factor
from tracker.services.accounts import account_named
from tracker.services.office import Office
from tracker.store import accounts, sessions
from tracker.store.accounts import Account
from tracker.store.sessions import StoredSession


@dataclass(frozen=True)
class User:
    """One account. unit: the only one, with those below it, that it sees; None: what its role says.

    locked_until: after wrong sign-ins; sessions: how many browsers are signed in.
    """

    login: str
    role: Role
    unit: str | None
    wecom_userid: str | None
    is_disabled: bool
    has_code: bool
    locked_until: datetime | None
    sessions: int


def list_users(office: Office, *, now: datetime) -> list[User]:
    """In the order they were made."""
    with office.database.read() as connection:
        found = accounts.everybody(connection)
        locked = lockout.locked_accounts(connection, [each.login for each in found], now)
        counts = sessions.count_by_account(connection, now)
    return [_user(each, locked.get(each.login), counts.get(each.id, 0)) for each in found]


def set_role(office: Office, login: str, role: Role, *, unit: str | None = None) -> None:
    """What the account may do, and for which unit alone; None: for all that the role says.

    It ends the account's sessions. Raises NotFoundError for a unit or login nobody knows.
    """
    with office.database.write() as connection:
        account = account_named(connection, login)
        bound = None if unit is None else account_fields.unit_id(connection, office, unit, role)
        accounts.change(connection, account.id, role=role.value, unit_id=bound)
        sessions.close_of_account(connection, account.id)


def set_wecom(office: Office, login: str, user_id: str | None) -> None:
    """By which WeCom user id the account is known there; None: by none."""
    with office.database.write() as connection:
        account = account_named(connection, login)
        kept = account_fields.wecom_userid(connection, account.login, user_id)
        accounts.change(connection, account.id, wecom_userid=kept)


def disable(office: Office, login: str, *, now: datetime) -> None:
    """Nobody signs in with it any more, and who is signed in is out."""
    with office.database.write() as connection:
        account = account_named(connection, login)
        accounts.change(connection, account.id, disabled_at=account.disabled_at or now)
        sessions.close_of_account(connection, account.id)


def enable(office: Office, login: str) -> None:
    with office.database.write() as connection:
        accounts.change(connection, account_named(connection, login).id, disabled_at=None)


def reset_password(office: Office, login: str) -> str:
    """A new password, to be shown once; the account's sessions end."""
    password = passwords.new_password()
    kept = passwords.hashed(password)
    with office.database.write() as connection:
        account = account_named(connection, login)
        accounts.change(connection, account.id, password=kept)
        sessions.close_of_account(connection, account.id)
    return password


def unlock(office: Office, login: str) -> bool:
    """Forget its wrong sign-ins; whether there were any."""
    with office.database.write() as connection:
        return lockout.unlock(connection, account_named(connection, login).login)


def reset_totp(office: Office, login: str) -> None:
    """Take the second factor away from whoever lost it; their sessions end."""
    second_factor.reset(office, login)


def sessions_of(office: Office, login: str, *, now: datetime) -> list[StoredSession]:
    """The last seen first."""
    with office.database.read() as connection:
        return sessions.of_account(connection, account_named(connection, login).id, now)


def sign_out(office: Office, login: str, session_id: int | None = None) -> int:
    """End all sessions of an account, or one; return how many ended. Raises NotFoundError for no such one."""
    with office.database.write() as connection:
        account = account_named(connection, login)
        ended = sessions.close_of_account(connection, account.id, only=session_id)
    if session_id is not None and not ended:
        raise NotFoundError(f"“{login}”没有编号为 {session_id} 的登录", details={"session": session_id})
    return ended


def _user(account: Account, locked_until: datetime | None, count: int) -> User:
    return User(
        login=account.login,
        role=account.role,
        unit=account.unit,
        wecom_userid=account.wecom_userid,
        is_disabled=account.disabled_at is not None,
        has_code=account.asks_code,
        locked_until=locked_until,
        sessions=count,
    )
