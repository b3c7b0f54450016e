"""Looking for steps in the history: by person, item, kind of step and day. Must never write."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tracker.domain.errors import RectifyError
from tracker.domain.periods import plausible
from tracker.services.audit import verify
from tracker.services.office import Office
from tracker.store import trail_search
from tracker.store.history import HistoryRow
from tracker.store.trail_search import Wanted

_NAMED = 5


def search(
    office: Office,
    *,
    size: int,
    actor: str | None = None,
    number: int | None = None,
    event: str | None = None,
    first: date | None = None,
    last: date | None = None,
    under: int | None = None,
) -> tuple[list[tuple[int, HistoryRow]], bool]:
    """(item number, step), the latest first, and whether there are more; days `first` to `last` included.

    Raises RectifyError for days that are crossed or that no office ever saw.
    """
    if first and last and last < first:
        raise RectifyError(f"起止日期颠倒：{first} 晚于 {last}")
    wanted = Wanted(actor, number, event, _midnight(office, first, 0), _midnight(office, last, 1), under)
    with office.database.read() as connection:
        found = trail_search.newest(connection, wanted, size + 1)
    return found[:size], len(found) > size


def _midnight(office: Office, day: date | None, later: int) -> datetime | None:
    if day is None:
        return None
    return office.rules.calendar.at(plausible(day) + timedelta(days=later), time.min)


def verification(office: Office) -> str | None:
    """Verify the whole history; what does not fit, in one Chinese sentence, or None."""
    verdict = verify(office)
    if not verdict.faults:
        return None
    named = "；".join(fault.detail for fault in verdict.faults[:_NAMED])
    more = "等" if verdict.faults_in_all > _NAMED else ""
    return f"发现 {verdict.faults_in_all} 处不符：{named}{more}"
