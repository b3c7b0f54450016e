"""What somebody does with their own account: look at it, change the password, end other sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.domain.people import Role
from tracker.services import lockout, passwords
from tracker.services.accounts import account_named, digest, start_anew
from tracker.services.office import Office
from tracker.store import accounts, sessions
from tracker.store.sessions import StoredSession


@dataclass(frozen=True)
class OwnAccount:
    """The account as its owner sees it. current: the id of the session that asks; codes_left: recovery
    codes that have not been used.
    """

    login: str
    role: Role
    unit: str | None
    wecom_userid: str | None
    has_code: bool
    codes_left: int
    sessions: list[StoredSession]
    current: int | None


def look(office: Office, login: str, token: str, *, now: datetime) -> OwnAccount:
    with office.database.read() as connection:
        account = account_named(connection, login)
        return OwnAccount(
            account.login,
            account.role,
            account.unit,
            account.wecom_userid,
            account.asks_code,
            accounts.count_recovery_codes(connection, account.id),
            sessions.of_account(connection, account.id, now),
            sessions.id_of(connection, digest(token)),
        )


def change_password(
    office: Office, login: str, old: str, new: str, token: str, *, now: datetime, address: str = ""
) -> str:
    """Raises RectifyError for a wrong old password or a weak new one, LockedOutError after too many.

    All other sessions end; this one goes on under the token that is returned. A weak new password is told
    first: it is no guess at the old one, and must not lock anybody out. address: where it comes from.
    """
    passwords.check_strength(new, login)
    lockout.admit(office, login, address, now=now)
    with office.database.read() as connection:
        account = account_named(connection, login)
    if not passwords.matches(old, account.password):
        raise RectifyError("原密码不对")
    kept = passwords.hashed(new)
    with office.database.write() as connection:
        lockout.forgive(connection, login, address)
        accounts.change(connection, account.id, password=kept)
        return start_anew(connection, account, token)


def sign_out_elsewhere(office: Office, login: str, token: str) -> int:
    """End all sessions of the account but this one; return how many ended."""
    with office.database.write() as connection:
        account = account_named(connection, login)
        current = sessions.id_of(connection, digest(token))
        return sessions.close_of_account(connection, account.id, but=current)
