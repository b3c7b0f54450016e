"""Slows down guessing: wrong sign-ins are counted per account and per address, for all processes alike.

An attempt is counted before it is judged, so that many at once cannot slip through, and taken back when it
was right. Must never store what was typed: the name field is where passwords land by mistake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.domain.lockout import FORGOTTEN_AFTER, OF_ACCOUNT, OF_ADDRESS, Patience
from tracker.services.office import Office
from tracker.store import Connection, failures


class LockedOutError(RectifyError):
    """Too many wrong sign-ins; `details["until"]` is when the next is listened to."""

    code = "locked_out"


def admit(office: Office, login: str, address: str, *, now: datetime, is_known: bool = False) -> None:
    """Count an attempt; raises LockedOutError, which counts nothing.

    `is_known`: it comes from a browser in which this very account is signed in, and which nobody's guessing
    elsewhere may lock out.
    """
    guarded = _keys(login, address)
    with office.database.write() as connection:
        failures.take_attempts_turn(connection)
        failures.drop_old(connection, now - FORGOTTEN_AFTER)
        until = failures.locked_until(connection, list(guarded)[1:] if is_known else guarded, now)
        if until is None:
            for key, patience in guarded.items():
                failures.count(connection, key, now, patience.delay)
    if until is not None:
        at = office.rules.calendar.local(until)
        raise LockedOutError(
            f"登录失败次数过多，请于 {at:%H:%M:%S} 之后再试，或请管理员解锁", details={"until": until}
        )


def forgive(connection: Connection, login: str, address: str) -> None:
    """It was right: the account's slate is wiped, the address's keeps what others did from there."""
    of_account, *of_address = _keys(login, address)
    failures.forget(connection, of_account)
    for key in of_address:
        failures.take_back(connection, key)


def take_back(connection: Connection, login: str, address: str) -> None:
    """It was right so far, and more is asked for: it counts for nothing, and wipes no slate."""
    for key in _keys(login, address):
        failures.take_back(connection, key)


def unlock(connection: Connection, login: str) -> bool:
    """Forget the wrong sign-ins of an account; whether there were any."""
    return failures.forget(connection, _key("account", login))


def locked_accounts(connection: Connection, logins: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Those of these accounts that are locked, and until when."""
    keys = {_key("account", login): login for login in logins}
    return {keys[key]: until for key, until in failures.locked(connection, keys, now).items()}


def _keys(login: str, address: str) -> dict[str, Patience]:
    """Whose wrong ones are counted, the account first. An address that is not known is nobody's: counted as
    one, a few people's mistakes would lock out everybody who comes without.
    """
    found = {_key("account", login): OF_ACCOUNT}
    return found | {_key("address", address): OF_ADDRESS} if address else found


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
