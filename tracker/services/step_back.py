"""Taking the last step back: within minutes, by the same person, with both steps left in the history.

Must never take back what a document or a ledger did: see `undo` for those. What was sent stays sent; what
waits to be sent and is true no more is taken back too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, Event
from tracker.domain.step_back import (
    BEFORE,
    UNDO_STEP_EVENT,
    UNDOES,
    check_step_back,
    read_back,
    restored,
)
from tracker.services.advance import is_checkable, judged, keeps_pace, load, take_back_untrue
from tracker.services.office import Office
from tracker.store import Connection, history, items
from tracker.store.clockwork import take_planning_turn
from tracker.store.history import HistoryRow


def undo_step(office: Office, numbers: Sequence[int], *, by: str, now: datetime) -> list[Item]:
    """Put each item back to where it stood before its last step, or none of them.

    Raises NotFoundError, and TransitionError naming every item whose last step may not be taken back.
    """
    by = by.strip()
    with office.database.write() as connection:
        take_planning_turn(connection)
        found = load(connection, numbers)
        rows = judged(found, lambda item: _undoable(connection, office, item, by, now))
        for item in found:
            _take_back(connection, office, item, rows[item.number], now)
        return items.by_numbers(connection, numbers)


def may_undo(office: Office, history_rows: Sequence[HistoryRow], *, by: str, now: datetime) -> bool:
    """Whether `by` may take back the last of an item's rows."""
    return _objection(office, history_rows[-1], by, now) is None


def _undoable(connection: Connection, office: Office, item: Item, by: str, now: datetime) -> HistoryRow:
    last = history.of_item(connection, item.number)[-1]
    if objection := _objection(office, last, by, now):
        raise objection
    return last


def _objection(office: Office, last: HistoryRow, by: str, now: datetime) -> TransitionError | None:
    event = last.event if BEFORE in last.detail else ""  # an import or an edited ledger: no step of ours
    minutes = office.rules.limits.undo_minutes
    return check_step_back(event, last.actor, last.at, by=by, now=now, minutes=minutes)


def _take_back(connection: Connection, office: Office, item: Item, last: HistoryRow, now: datetime) -> None:
    written = last.detail[BEFORE]
    assert isinstance(written, dict)
    columns = read_back(written)
    standing = restored(item.standing, columns)
    more = {name: value for name, value in columns.items() if not hasattr(standing, name)}
    if keeps_pace(item.standing, standing):
        del more["next_reminder_at"]  # the ladder went on meanwhile: what it has sent is not sent again
    if "page_url" in more or (item.standing.state in FINAL and item.page_url):
        page_url = more.get("page_url", item.page_url)
        more["next_check_at"] = now if page_url and is_checkable(office, item) else None
    items.save_standing(connection, item.number, standing, **more)
    take_back_untrue(connection, office, item, standing, now)
    minutes = office.rules.limits.undo_minutes
    words = f"{minutes} 分钟内由本人撤回“{Event(last.event).chinese}”；此前已发出的消息无法收回"
    rows = [(item.number, standing, {UNDOES: last.id})]
    history.append(connection, at=now, actor=last.actor, event=UNDO_STEP_EVENT, reason=words, rows=rows)
