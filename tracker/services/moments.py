"""Which moment a question is about: now, or one that lies behind, of which only the history knows.

Must never let the present pass for the past: what the history does not keep is refused, not guessed.
"""

from __future__ import annotations

from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.store.conditions import ASKED
from tracker.store.items import ItemFilter


def is_past(now: datetime, as_of: datetime | None) -> bool:
    return as_of is not None and as_of < now


def viewed(wanted: ItemFilter, now: datetime, as_of: datetime | None) -> tuple[datetime, bool]:
    """The moment of a list, and whether it lies behind.

    Raises RectifyError where a past list is asked for what only today's items tell.
    """
    past = is_past(now, as_of)
    if past and wanted.basis in ASKED:
        raise RectifyError("延期待审批、异议待处理只有现在的清单，不能看过去时刻的")
    return as_of or now, past
