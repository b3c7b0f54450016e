"""Signing in and out: passwords, sessions. Must never store or log a password or a token itself."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.errors import NotFoundError, RectifyError, StoreError
from tracker.domain.people import SYSTEM, Role, is_same_person
from tracker.services import account_fields, lockout, passwords
from tracker.services.office import Office
from tracker.services.passwords import new_password
from tracker.store import Connection, accounts, sessions
from tracker.store.accounts import Account, Session
from tracker.store.sessions import NOWHERE, Owner, Whence

__all__ = ["new_password"]

SESSION_HOURS = 10
IDLE_HOURS = 4  # a browser left over lunch keeps its work, one left overnight does not
_SEEN_EVERY = timedelta(minutes=5)  # a look at a page must not be a write each time
_CODE_MINUTES = 5


class SignInError(RectifyError):
    """Wrong account, password or code; never says which."""

    code = "sign_in"


@dataclass(frozen=True)
class SignIn:
    """A fresh session: `token` goes into the browser's cookie and is stored hashed only.

    session: None while the second factor is asked for; the token then opens nothing else.
    """

    token: str
    session: Session | None


def save_account(
    office: Office,
    login: str,
    password: str,
    *,
    now: datetime,
    role: Role | None = None,
    unit: str | None = None,
    wecom: str | None = None,
) -> None:
    """Create an account or replace its password, which ends its sessions; role None: staff, or as it was.

    unit: the one that it sees, with those below it; wecom: its user id there. None: none, or as it was.
    """
    login = login.strip()
    if not login:
        raise RectifyError("账号不能为空")
    if is_same_person(login, SYSTEM):
        raise RectifyError(f"账号不能叫“{SYSTEM}”：经过中这样写的是系统自己")
    passwords.check_strength(password, login)
    kept = passwords.hashed(password)
    with office.database.write() as connection:
        existing = accounts.find(connection, login)
        role = role or (existing.role if existing else Role.STAFF)
        account_id = existing.id if existing else accounts.add(connection, login, kept, role, now)
        values: dict[str, object] = {"password": kept, "role": role.value}
        if role is Role.ADMIN:
            values["unit_id"] = None
        if unit is not None:
            values["unit_id"] = account_fields.unit_id(connection, office, unit, role)
        if wecom is not None:
            values["wecom_userid"] = account_fields.wecom_userid(connection, login, wecom)
        accounts.change(connection, account_id, **values)
        sessions.close_of_account(connection, account_id)


def list_accounts(office: Office) -> dict[str, Role]:
    """Each login with its role, in the order they were made."""
    with office.database.read() as connection:
        return accounts.roles(connection)


def account_named(connection: Connection, login: str) -> Account:
    """Raises NotFoundError for a login nobody has."""
    found = accounts.find(connection, login.strip())
    if found is None:
        raise NotFoundError(f"没有名为“{login.strip()}”的账号", details={"login": login.strip()})
    return found


def sign_in(
    office: Office,
    login: str,
    password: str,
    *,
    now: datetime,
    whence: Whence = NOWHERE,
    old_token: str | None = None,
) -> SignIn:
    """Open a session; raises SignInError or LockedOutError, alike whether or not the account exists.

    `old_token` is of the session that this browser had before: it ends, and if it is of this very account,
    others' wrong guesses do not keep its owner out.
    """
    login = login.strip()
    before = session_of(office, old_token, now=now) if old_token else None
    is_known = before is not None and before.holder is None and before.login == login
    lockout.admit(office, login, whence.address, now=now, is_known=is_known)
    with office.database.read() as connection:
        # PostgreSQL takes no NUL in a text, and no login has one.
        account = accounts.find(connection, login) if login.isprintable() else None
    is_right = passwords.matches(password, account.password if account else None)
    if account is None or not is_right or account.disabled_at is not None:
        raise SignInError("账号或密码不对")
    new_hash = passwords.hashed(password) if passwords.is_outdated(account.password) else None
    with office.database.write() as connection:
        if new_hash:
            accounts.change(connection, account.id, password=new_hash)
        return admit(connection, account, now=now, whence=whence, old_token=old_token, counted=True)


def admit(
    connection: Connection,
    account: Account,
    *,
    now: datetime,
    whence: Whence,
    old_token: str | None = None,
    counted: bool = False,
) -> SignIn:
    """Let somebody in who proved to be the account's owner, or ask them for the second factor.

    `counted`: the attempt stands among the wrong ones until now.
    """
    if account.asks_code:
        if counted:
            lockout.take_back(connection, account.login, whence.address)
        end_at = now + timedelta(minutes=_CODE_MINUTES)
        token = _open(connection, Owner(account.id), end_at, now=now, whence=whence, is_pending=True)
        return SignIn(token, None)
    return let_in(connection, account, now=now, whence=whence, old_token=old_token, counted=counted)


def let_in(
    connection: Connection,
    account: Account,
    *,
    now: datetime,
    whence: Whence,
    old_token: str | None = None,
    counted: bool = True,
) -> SignIn:
    """Open the session: nothing is asked for any more."""
    if counted:
        lockout.forgive(connection, account.login, whence.address)
    end_at = now + timedelta(hours=SESSION_HOURS)
    return begin(connection, Owner(account.id), end_at, now=now, whence=whence, old_token=old_token)


def begin(
    connection: Connection,
    owner: Owner,
    expires_at: datetime,
    *,
    now: datetime,
    whence: Whence = NOWHERE,
    old_token: str | None = None,
) -> SignIn:
    """Open a session under a token of its own, whatever the browser brought; its old session ends."""
    if old_token:
        end(connection, old_token)
    token = _open(connection, owner, expires_at, now=now, whence=whence)
    found = sessions.find(connection, digest(token), now, now - timedelta(hours=IDLE_HOURS))
    return SignIn(token, found[0] if found else None)


def _open(
    connection: Connection,
    owner: Owner,
    expires_at: datetime,
    *,
    now: datetime,
    whence: Whence,
    is_pending: bool = False,
) -> str:
    token = new_token()
    sessions.drop_expired(connection, now)
    sessions.add(
        connection,
        token=digest(token),
        csrf=new_token(),
        owner=owner,
        at=now,
        expires_at=expires_at,
        whence=whence,
        is_pending=is_pending,
    )
    return token


def session_of(office: Office, token: str, *, now: datetime) -> Session | None:
    """Whose token that is, as long as the session lasts and somebody is at it."""
    with office.database.read() as connection:
        found = sessions.find(connection, digest(token), now, now - timedelta(hours=IDLE_HOURS))
    if found is None:
        return None
    session, seen_at = found
    if now - seen_at >= _SEEN_EVERY:
        with suppress(StoreError), office.database.write() as connection:  # a busy database is no stranger
            sessions.touch(connection, digest(token), now)
    return session


def sign_out(office: Office, token: str) -> None:
    with office.database.write() as connection:
        end(connection, token)


def end(connection: Connection, token: str) -> None:
    """End one session, in the caller's transaction."""
    sessions.close(connection, digest(token))


def start_anew(connection: Connection, account: Account, token: str) -> str:
    """After a change of what protects an account: its other sessions end, this one goes on under the token
    that is returned.
    """
    fresh = new_token()
    sessions.close_of_account(connection, account.id, but=sessions.id_of(connection, digest(token)))
    sessions.renew(connection, digest(token), digest(fresh), new_token())
    return fresh


def new_token() -> str:
    """256 bits that nobody guesses: for a cookie or a form."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
