"""Moments as addresses and forms have them: on the office's clock, or with an offset of their own."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.domain.periods import plausible
from tracker.services.moments import is_past
from tracker.web.context import Desk


def read_moment(desk: Desk, text: str | None) -> datetime | None:
    """None for an empty field; raises RectifyError for what is no moment, or of a year that is a slip."""
    written = (text or "").strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise RectifyError(f"“{text}”不是有效的时刻，请写成 2026-11-22T09:00 的形式") from None
    plausible(moment.date())
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.office.rules.calendar.zone)


def past_moment(desk: Desk, text: str | None) -> datetime | None:
    """The same for what lies behind; None also for a moment to come, of which nobody knows more than now."""
    moment = read_moment(desk, text)
    return moment if is_past(desk.now(), moment) else None
