"""Taking the last step back: who may and for how long, and how a step's opposite is kept in the history.

Must never compute what was there before: each step writes it down, and that is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import Event, Standing, State
from tracker.domain.steps import Refusal, refuse

UNDO_STEP_EVENT = "undo_step"
BEFORE, UNDOES = "before", "undoes"  # keys of a history row's detail

_READ: dict[str, Callable[[str], object]] = {
    "state": State,
    "due_on": date.fromisoformat,
    "due_at": datetime.fromisoformat,
    "submitted_at": datetime.fromisoformat,
    "finished_at": datetime.fromisoformat,
    "closed_at": datetime.fromisoformat,
    "extension_to": date.fromisoformat,
    "deferred_until": date.fromisoformat,
    "counted_from": date.fromisoformat,
    "next_reminder_at": datetime.fromisoformat,
}


def changed(before: Standing, after: Standing) -> dict[str, object]:
    """The fields that a step changes, as they were before it."""
    names = (field.name for field in fields(Standing))
    return {name: getattr(before, name) for name in names if getattr(before, name) != getattr(after, name)}


def kept(values: Mapping[str, object]) -> dict[str, object]:
    """Columns as the history's JSON keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def read_back(written: Mapping[str, object]) -> dict[str, object]:
    """The columns that `kept` wrote."""
    return {
        name: _READ[name](value) if isinstance(value, str) and name in _READ else value
        for name, value in written.items()
    }


def restored(standing: Standing, columns: Mapping[str, object]) -> Standing:
    """Where the item stands with these columns put back; others than its standing's are passed over."""
    names = {field.name for field in fields(Standing)}
    values: dict[str, object] = {name: value for name, value in columns.items() if name in names}
    return replace(standing, **values)  # type: ignore[arg-type] # each by its own reader


def check_step_back(
    event: str, actor: str, at: datetime, *, by: str, now: datetime, minutes: int
) -> TransitionError | None:
    """Why an item's last row of history may not be undone by `by`; None if it may."""
    if event not in set(Event):
        return refuse(Refusal.NOT_A_STEP, "最近一条经过不是可以撤回的办理")
    words = Event(event).chinese
    if actor != by:
        return refuse(Refusal.NOT_YOURS, f"最近一步“{words}”由{actor}办理，只能由本人撤回")
    if now - at > timedelta(minutes=minutes):
        return refuse(Refusal.TOO_LATE, f"“{words}”已过 {minutes} 分钟，不能撤回，请按流程办理")
    return None
