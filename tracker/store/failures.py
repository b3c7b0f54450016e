"""Wrong sign-ins, counted for all processes. Keys are made by `tracker/services/lockout.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from tracker.store.clockwork import take_turn
from tracker.store.schema import sign_in_failure

_TURN = "sign_in"


def take_attempts_turn(connection: Connection) -> None:
    """Wait until nobody else counts: who looked whether it is locked must not be overtaken."""
    take_turn(connection, _TURN)


def locked_until(connection: Connection, keys: Iterable[str], now: datetime) -> datetime | None:
    """When the last of these opens; None when none is locked."""
    query = select(sign_in_failure.c.locked_until).where(sign_in_failure.c.key.in_(list(keys)))
    moments = connection.scalars(query.where(sign_in_failure.c.locked_until > now))
    return max((moment for moment in moments if moment), default=None)


def count(connection: Connection, key: str, now: datetime, delay: Callable[[int], timedelta | None]) -> None:
    """One more; `delay` says for how long so many lock the key."""
    query = select(sign_in_failure.c.failures).where(sign_in_failure.c.key == key)
    before = connection.execute(query).scalar()
    failures = (before or 0) + 1
    locked = delay(failures)
    values = {"failures": failures, "last_at": now, "locked_until": now + locked if locked else None}
    if before is None:
        connection.execute(insert(sign_in_failure).values(values | {"key": key}))
    else:
        connection.execute(update(sign_in_failure).where(sign_in_failure.c.key == key).values(values))


def take_back(connection: Connection, key: str) -> None:
    """One less: what was counted before it was judged was no wrong one."""
    fewer = update(sign_in_failure).where(sign_in_failure.c.key == key, sign_in_failure.c.failures > 0)
    values = {"failures": sign_in_failure.c.failures - 1, "locked_until": None}
    connection.execute(fewer.values(values))


def forget(connection: Connection, key: str) -> bool:
    """Forget all of a key; whether there was anything."""
    return connection.execute(delete(sign_in_failure).where(sign_in_failure.c.key == key)).rowcount == 1


def locked(connection: Connection, keys: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Those of these keys that are locked, and until when."""
    columns = (sign_in_failure.c.key, sign_in_failure.c.locked_until)
    query = select(*columns).where(sign_in_failure.c.key.in_(list(keys)))
    return dict(connection.execute(query.where(sign_in_failure.c.locked_until > now)).all())


def drop_old(connection: Connection, before: datetime) -> None:
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.last_at < before))
