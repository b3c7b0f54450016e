"""The seal on the history: each row's digest covers the row and the digest of the row before.

Whoever alters, adds or takes away a row breaks every seal that follows, unless they make all of them anew;
against that an office keeps the last seal on paper. Must never read a database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

NOTHING_BEFORE = ""

# What a seal covers, in this order. Migration 0003 seals old rows the same way, so this may not change.
SEALED = (
    "id",
    "item_number",
    "at",
    "actor",
    "event",
    "reason",
    "detail",
    "state",
    "due_on",
    "due_at",
    "submitted_at",
    "finished_at",
    "deferred_until",
)


def seal(values: Sequence[object], before: str) -> str:
    """SHA-256 (hex) of one row's values, in the order of SEALED, and the seal of the row before."""
    shown = [_iso(value) if isinstance(value, date) else value for value in values]
    return hashlib.sha256(_ENCODE([*shown, before]).encode()).hexdigest()


_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def plain(value: object) -> object:
    """As the seal covers it and an archive holds it: dates and moments (UTC) in ISO 8601, the rest as is."""
    return _iso(value) if isinstance(value, date) else value  # a datetime is one too


@lru_cache(1024)  # the rows of one import share their days
def _iso(value: date) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()
