"""Frozen JSON: one letter, one sequence of bytes, for ever.

Must never depend on the order in which somebody filled a dictionary that has no meaning in it.
"""

from __future__ import annotations

import json
from typing import Any


def frozen(value: object) -> bytes:
    """Compact JSON in UTF-8 with sorted keys. Lists keep their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def thawed(payload: bytes) -> dict[str, Any]:
    """What `frozen` froze."""
    value: dict[str, Any] = json.loads(payload)
    return value
