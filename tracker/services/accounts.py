"""Who may use the pages: passwords, sessions. Must never store or log a password or a token itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.errors import RectifyError
from tracker.domain.people import Role
from tracker.services.office import Office
from tracker.store import Connection, accounts
from tracker.store.accounts import Session

SESSION_HOURS = 10
_MINIMUM_LENGTH = 8
_COST, _BLOCK, _PARALLEL = 2**15, 8, 1  # scrypt, 32 MiB (OWASP's smallest memory profile for scrypt)
_MEMORY = 2 * 128 * _COST * _BLOCK
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, o, i, 0, 1: people type it from a screen


class SignInError(RectifyError):
    """Wrong account or password; never says which."""

    code = "sign_in"


@dataclass(frozen=True)
class SignIn:
    """A fresh session: `token` goes into the browser's cookie and is stored hashed only."""

    token: str
    session: Session


def new_password() -> str:
    """Something to show once: twelve letters and digits in three groups, about 59 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def save_account(
    office: Office, login: str, password: str, *, now: datetime, role: Role | None = None
) -> None:
    """Create an account or replace its password, which ends its sessions; role None keeps its role."""
    if not login.strip():
        raise RectifyError("账号不能为空")
    if len(password) < _MINIMUM_LENGTH:
        raise RectifyError(f"密码至少 {_MINIMUM_LENGTH} 位")
    with office.database.write() as connection:
        accounts.save(connection, login.strip(), _hash(password, secrets.token_bytes(16)), role, now)


def list_accounts(office: Office) -> dict[str, Role]:
    """Each login with its role, in the order they were made."""
    with office.database.read() as connection:
        return accounts.roles(connection)


def sign_in(office: Office, login: str, password: str, *, now: datetime) -> SignIn:
    """Open a session; raises SignInError. Takes the same time whether or not the account exists."""
    with office.database.read() as connection:
        account = accounts.find(connection, login.strip())
    stored = account.password if account else _DUMMY
    if not _matches(password, stored) or account is None:
        raise SignInError("账号或密码不对")
    with office.database.write() as connection:
        session = Session(account.login, new_token(), now + timedelta(hours=SESSION_HOURS))
        return begin(connection, session, now=now, account_id=account.id)


def begin(
    connection: Connection,
    session: Session,
    *,
    now: datetime,
    account_id: int | None = None,
    link_id: int | None = None,
) -> SignIn:
    """Give the session a token of its own, in the caller's transaction; those that have expired go."""
    token = new_token()
    accounts.drop_expired(connection, now)
    accounts.open_session(
        connection,
        token=_digest(token),
        csrf=session.csrf,
        expires_at=session.expires_at,
        account_id=account_id,
        link_id=link_id,
    )
    return SignIn(token, session)


def new_token() -> str:
    """256 bits that nobody guesses: for a cookie or a form."""
    return secrets.token_urlsafe(32)


def session_of(office: Office, token: str, *, now: datetime) -> Session | None:
    with office.database.read() as connection:
        return accounts.session_of(connection, _digest(token), now)


def sign_out(office: Office, token: str) -> None:
    with office.database.write() as connection:
        end(connection, token)


def end(connection: Connection, token: str) -> None:
    """End one session, in the caller's transaction."""
    accounts.close_session(connection, _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hash(password: str, salt: bytes) -> str:
    key = hashlib.scrypt(
        password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY, dklen=32
    )
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt.hex()}${key.hex()}"


def _matches(password: str, stored: str) -> bool:
    _, cost, block, parallel, salt, key = stored.split("$")
    n, r, p = int(cost), int(block), int(parallel)
    found = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=2 * 128 * n * r, dklen=32
    )
    return hmac.compare_digest(found.hex(), key)


_DUMMY = f"scrypt${_COST}${_BLOCK}${_PARALLEL}${'00' * 16}${'00' * 32}"
