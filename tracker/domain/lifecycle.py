"""What may happen to an item: one table (state, event) → state with who may do it, and where an item stands.

What a step asks for and does beyond that stands in `tracker.domain.steps`. Overdue is not a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tracker.domain.calendar import WorkCalendar
from tracker.domain.people import DECIDING, EITHER_SIDE, Role


class State(StrEnum):
    """The states of contract.md."""

    OPEN = "open"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    STRUCK_OFF = "struck_off"
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"

    @property
    def chinese(self) -> str:
        return _STATE_WORDS[self]


class Event(StrEnum):
    """The verbs of the workflow, as they stand in the history."""

    SIGN = "sign"
    SUBMIT = "submit"
    RETURN = "return"
    STRIKE_OFF = "strike_off"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    DEFER = "defer"
    REOPEN = "reopen"
    OBJECT = "object"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    PROGRESS = "progress"

    @property
    def chinese(self) -> str:
        return _EVENT_WORDS[self]


_STATE_WORDS = {
    State.OPEN: "待签收",
    State.SIGNED: "整改中",
    State.SUBMITTED: "待核验",
    State.STRUCK_OFF: "已销号",
    State.WITHDRAWN: "已撤销",
    State.DEFERRED: "暂缓",
}
_EVENT_WORDS = {
    Event.SIGN: "签收",
    Event.SUBMIT: "报送整改",
    Event.RETURN: "退回",
    Event.STRIKE_OFF: "销号",
    Event.EXTEND: "申请延期",
    Event.GRANT: "同意延期",
    Event.REFUSE: "驳回延期",
    Event.WITHDRAW: "撤销",
    Event.DEFER: "暂缓",
    Event.REOPEN: "重新办理",
    Event.OBJECT: "提出异议",
    Event.UPHOLD: "认可异议",
    Event.DISMISS: "驳回异议",
    Event.PROGRESS: "报告进度",
}

FINAL = frozenset({State.STRUCK_OFF, State.WITHDRAWN})
REMINDED = frozenset({State.OPEN, State.SIGNED, State.DEFERRED})


class Transition(NamedTuple):
    """Where an event leads, and in which roles it may be done."""

    target: State
    roles: frozenset[Role]


_WORKING = (State.OPEN, State.SIGNED)
_UNFINISHED = tuple(state for state in State if state not in FINAL)

# The bureau's staff may do the unit's own steps on its behalf; the unit never those that judge it.
_ROWS: tuple[tuple[Event, tuple[State, ...], State | None, frozenset[Role]], ...] = (
    (Event.SIGN, (State.OPEN,), State.SIGNED, EITHER_SIDE),
    (Event.PROGRESS, _UNFINISHED, None, EITHER_SIDE),
    (Event.SUBMIT, (*_WORKING, State.DEFERRED), State.SUBMITTED, EITHER_SIDE),
    (Event.RETURN, (State.SUBMITTED,), State.SIGNED, DECIDING),
    (Event.STRIKE_OFF, (State.SUBMITTED,), State.STRUCK_OFF, DECIDING),
    (Event.EXTEND, _WORKING, None, EITHER_SIDE),
    (Event.GRANT, _UNFINISHED, None, DECIDING),
    (Event.REFUSE, _UNFINISHED, None, DECIDING),
    (Event.OBJECT, _WORKING, None, EITHER_SIDE),
    (Event.UPHOLD, _UNFINISHED, State.WITHDRAWN, DECIDING),
    (Event.DISMISS, _UNFINISHED, None, DECIDING),
    (Event.WITHDRAW, _UNFINISHED, State.WITHDRAWN, DECIDING),
    (Event.DEFER, _WORKING, State.DEFERRED, DECIDING),
    (Event.REOPEN, (State.STRUCK_OFF, State.WITHDRAWN, State.DEFERRED), State.OPEN, DECIDING),
)
TRANSITIONS = {
    (state, event): Transition(target or state, roles)
    for event, states, target, roles in _ROWS
    for state in states
}

REASON_NEEDED = frozenset(
    {
        Event.RETURN,
        Event.EXTEND,
        Event.REFUSE,
        Event.WITHDRAW,
        Event.DEFER,
        Event.REOPEN,
        Event.OBJECT,
        Event.UPHOLD,
        Event.DISMISS,
    }
)
DATE_NEEDED = frozenset({Event.EXTEND, Event.DEFER})


@dataclass(frozen=True)
class Standing:
    """Where an item stands: everything the workflow judges by and may change."""

    state: State
    due_on: date | None
    due_at: datetime | None
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    finished_at: datetime | None = None  # the submission that was accepted
    closed_at: datetime | None = None  # the strike-off or withdrawal
    extension_by: str | None = None
    extension_to: date | None = None
    extensions: int = 0  # how often one was granted
    deferred_until: date | None = None
    objection_by: str | None = None  # who said that it is none, until another person decides
    remaining: int | None = None  # what the unit says is left of the quantity


def is_overdue(standing: Standing, now: datetime, calendar: WorkCalendar) -> bool:
    """Computed, never stored: the deadline's last second was over before the unit handed in.

    A deferred item is not overdue until its deferral has ended.
    """
    if standing.state in FINAL or standing.due_at is None:
        return False
    if standing.deferred_until is not None and calendar.today(now) <= standing.deferred_until:
        return False
    judged = standing.submitted_at if standing.state is State.SUBMITTED else now
    return judged is not None and judged > standing.due_at
