"""The key that seals addresses and frozen messages: making one, and changing it while the office is at work.

Must never print or log an old key, nor what it seals.
"""

from __future__ import annotations

from collections.abc import Callable

from tracker.domain.errors import ConfigError
from tracker.services.office import Office
from tracker.store.resealing import TABLES, reseal
from tracker.store.vault import new_key

__all__ = ["new_key", "rotate"]


def rotate(
    office: Office, progress: Callable[[str, int], None] = lambda _table, _count: None
) -> dict[str, int]:
    """Seal with today's key all that was sealed with another, or lies open; returns how many rows by table.

    In many short transactions; what was cut off is started again. `progress` hears of each batch. Raises
    ConfigError without a key, StoreError where something was sealed with a key that is not given any more.
    """
    if not office.database.vault:
        raise ConfigError(
            "未设置 TRACKER_SECRET_KEY，无法加密；先用 rectify secrets new-key 生成密钥",
            details={"settings": ["secret_key"]},
        )
    resealed: dict[str, int] = {}
    for table in TABLES:
        resealed[table.name], last = 0, 0
        while True:
            with office.database.write() as connection:
                batch = reseal(connection, table, last)
            if batch.last is None:
                break
            last = batch.last
            resealed[table.name] += batch.resealed
            progress(table.name, batch.resealed)
    return resealed
