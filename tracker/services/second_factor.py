"""The second factor: codes of half a minute from a telephone (RFC 6238), and recovery codes for a lost one.

Must never show a secret after it has been confirmed, or take a code twice. The secret is sealed with
`TRACKER_SECRET_KEY`: without that key nobody can turn it on.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp

from tracker.domain.errors import ConfigError, RectifyError
from tracker.services import accounts as sign_ins
from tracker.services import lockout
from tracker.services.accounts import SignIn, SignInError, account_named
from tracker.services.office import Office
from tracker.store import Connection, accounts, sessions
from tracker.store.accounts import Account
from tracker.store.sessions import Whence

_ISSUER = "整改通"
_STEP_SECONDS = 30
_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # as for passwords: typed from paper


@dataclass(frozen=True)
class Offer:
    """What the telephone scans (`uri`) or its owner types (`secret`), until a first code confirms it."""

    secret: str
    uri: str


@dataclass(frozen=True)
class TurnedOn:
    """`codes`: to be shown once; `token`: under which the session goes on."""

    codes: tuple[str, ...]
    token: str


def begin(office: Office, login: str) -> None:
    """Make a secret that a first code has to confirm; raises ConfigError without a key to seal it with."""
    if not office.database.vault:
        raise ConfigError(
            "本系统尚未设置密钥（TRACKER_SECRET_KEY），动态口令不能安全保存。请管理员先运行 "
            "rectify secrets new-key 并设置后再启用"
        )
    with office.database.write() as connection:
        account = account_named(connection, login)
        if account.asks_code:
            raise RectifyError("动态口令已启用；更换手机请先停用")
        accounts.change(connection, account.id, totp_secret=pyotp.random_base32(), totp_step=None)


def offered(office: Office, login: str) -> Offer | None:
    """The secret that waits for its first code; None when none does."""
    with office.database.read() as connection:
        account = account_named(connection, login)
    if account.asks_code or account.totp_secret is None:
        return None
    uri = pyotp.TOTP(account.totp_secret).provisioning_uri(name=account.login, issuer_name=_ISSUER)
    return Offer(account.totp_secret, uri)


def turn_on(office: Office, login: str, code: str, token: str, *, now: datetime) -> TurnedOn:
    """Confirm the secret with its first code; all other sessions end. Raises RectifyError for a wrong one."""
    codes = tuple(_recovery_code() for _ in range(_CODES))
    with office.database.write() as connection:
        account = account_named(connection, login)
        if account.asks_code or account.totp_secret is None:
            raise RectifyError("请重新开始启用动态口令")
        if not _takes(connection, account, code, now):
            raise RectifyError("动态口令不对，请核对手机时间后输入最新的 6 位数字")
        accounts.change(connection, account.id, totp_since=now)
        accounts.set_recovery_codes(connection, account.id, map(_digest, codes))
        return TurnedOn(codes, sign_ins.start_anew(connection, account, token))


def turn_off(office: Office, login: str, code: str, token: str, *, now: datetime, address: str = "") -> str:
    """Give the second factor up, with a code of it; returns the token under which the session goes on.

    address: where it comes from, whose wrong guesses are counted too.
    """
    lockout.admit(office, login, address, now=now)
    with office.database.write() as connection:
        account = account_named(connection, login)
        if not _is_right(connection, account, code, now):
            raise RectifyError("动态口令或恢复码不对")
        lockout.forgive(connection, login, address)
        forget(connection, account)
        return sign_ins.start_anew(connection, account, token)


def reset(office: Office, login: str) -> None:
    """The way out for whoever lost telephone and paper: an administrator takes the second factor away."""
    with office.database.write() as connection:
        account = account_named(connection, login)
        forget(connection, account)
        sessions.close_of_account(connection, account.id)


def forget(connection: Connection, account: Account) -> None:
    accounts.change(connection, account.id, totp_secret=None, totp_since=None, totp_step=None)
    accounts.set_recovery_codes(connection, account.id, ())


def enter(
    office: Office, pending: str, code: str, *, now: datetime, whence: Whence, old_token: str | None = None
) -> SignIn:
    """Finish a sign-in that waits for its code; raises SignInError or LockedOutError.

    The new session has a token of its own; `pending` is good for nothing any more.
    """
    with office.database.read() as connection:
        account_id = sessions.pending_account(connection, sign_ins.digest(pending), now)
        account = None if account_id is None else accounts.by_id(connection, account_id)
    if account is None or account.disabled_at is not None:
        raise SignInError("验证已过期，请重新登录")
    lockout.admit(office, account.login, whence.address, now=now)
    with office.database.write() as connection:
        if not _is_right(connection, account, code, now):
            raise SignInError("动态口令或恢复码不对")
        sign_ins.end(connection, pending)
        return sign_ins.let_in(connection, account, now=now, whence=whence, old_token=old_token)


def codes_left(office: Office, login: str) -> int:
    """How many recovery codes have not been used."""
    with office.database.read() as connection:
        return accounts.count_recovery_codes(connection, account_named(connection, login).id)


def _is_right(connection: Connection, account: Account, code: str, now: datetime) -> bool:
    """Whether it is a code of now or a recovery code; it is taken by that."""
    if not account.asks_code:
        return False
    return _takes(connection, account, code, now) or accounts.use_recovery_code(
        connection, account.id, _digest(code)
    )


def _takes(connection: Connection, account: Account, code: str, now: datetime) -> bool:
    """A code of this half minute or its neighbours, for clocks that differ; each is good once."""
    given = "".join(code.split())
    current = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(account.totp_secret or "")
    for step in (current - 1, current, current + 1):
        made = totp.generate_otp(step)
        if hmac.compare_digest(made.encode(), given.encode()):
            return accounts.use_step(connection, account.id, step)
    return False


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))


def _digest(code: str) -> str:
    return sign_ins.digest("".join(code.lower().split()).replace("-", ""))
