"""What may happen to an item: one table (state, event) → state, and what each step asks for.

Overdue is not a state. Who submits may not verify (督查条例 17, 回避); an extension is asked for
before the deadline and granted by another person; a step that hurts somebody names its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import TransitionError


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
    """The verbs of contract.md, as they stand in the history."""

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
    Event.REFUSE: "不同意延期",
    Event.WITHDRAW: "撤销",
    Event.DEFER: "暂缓",
    Event.REOPEN: "重新办理",
}

FINAL = frozenset({State.STRUCK_OFF, State.WITHDRAWN})
REMINDED = frozenset({State.OPEN, State.SIGNED, State.DEFERRED})

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.SIGN): State.SIGNED,
    (State.OPEN, Event.SUBMIT): State.SUBMITTED,
    (State.SIGNED, Event.SUBMIT): State.SUBMITTED,
    (State.DEFERRED, Event.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Event.RETURN): State.SIGNED,
    (State.SUBMITTED, Event.STRIKE_OFF): State.STRUCK_OFF,
    **{(state, Event.EXTEND): state for state in (State.OPEN, State.SIGNED)},
    **{(state, Event.GRANT): state for state in (State.OPEN, State.SIGNED, State.SUBMITTED)},
    **{(state, Event.REFUSE): state for state in (State.OPEN, State.SIGNED, State.SUBMITTED)},
    **{(state, Event.WITHDRAW): State.WITHDRAWN for state in State if state not in FINAL},
    **{(state, Event.DEFER): State.DEFERRED for state in (State.OPEN, State.SIGNED)},
    **{(state, Event.REOPEN): State.OPEN for state in (State.STRUCK_OFF, State.WITHDRAWN, State.DEFERRED)},
}

REASON_NEEDED = frozenset(
    {Event.RETURN, Event.EXTEND, Event.REFUSE, Event.WITHDRAW, Event.DEFER, Event.REOPEN}
)
DATE_NEEDED = frozenset({Event.EXTEND, Event.DEFER})


class Refusal(StrEnum):
    """Why a step is not allowed; the code goes into `error.details.refusal`."""

    WRONG_STATE = "wrong_state"
    REASON_MISSING = "reason_missing"
    DATE_MISSING = "date_missing"
    DATE_TOO_EARLY = "date_too_early"
    SAME_PERSON = "same_person"
    AFTER_DEADLINE = "after_deadline"
    NO_DEADLINE = "no_deadline"
    ALREADY_ASKED = "already_asked"
    NOTHING_ASKED = "nothing_asked"


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
    deferred_until: date | None = None


@dataclass(frozen=True)
class Step:
    """One wish: who wants which event, when, with what reason and date."""

    event: Event
    by: str
    at: datetime
    reason: str | None = None
    to: date | None = None


def advance(standing: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    """Return where the item stands after `step`.

    Raises TransitionError with a Refusal in its details. A granted extension sets `due_on`; the caller
    counts `due_at` and `provisional` from it by the deadline rules.
    """
    target = TRANSITIONS.get((standing.state, step.event))
    if target is None:
        raise _refuse(Refusal.WRONG_STATE, f"当前状态为“{standing.state.chinese}”，不能{step.event.chinese}")
    if step.event in REASON_NEEDED and not (step.reason or "").strip():
        raise _refuse(Refusal.REASON_MISSING, f"{step.event.chinese}须写明理由（--reason）")
    if step.event in DATE_NEEDED and step.to is None:
        raise _refuse(Refusal.DATE_MISSING, f"{step.event.chinese}须写明日期（--to）")
    return _EFFECTS[step.event](replace(standing, state=target), step, calendar)


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


def _refuse(why: Refusal, message: str) -> TransitionError:
    return TransitionError(message, details={"refusal": why.value})


def _keep(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    return after


def _submit(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    return replace(after, submitted_by=step.by, submitted_at=step.at, deferred_until=None)


def _other_than_submitter(after: Standing, step: Step) -> None:
    if step.by == after.submitted_by:
        raise _refuse(Refusal.SAME_PERSON, f"报送人与核验人不能是同一人（{step.by}）")


def _return(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    _other_than_submitter(after, step)
    return replace(after, submitted_by=None, submitted_at=None)


def _strike_off(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    _other_than_submitter(after, step)
    return replace(
        after, finished_at=after.submitted_at, closed_at=step.at, extension_by=None, extension_to=None
    )


def _extend(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    if after.due_on is None or after.due_at is None:
        raise _refuse(Refusal.NO_DEADLINE, "该事项为长期坚持事项，没有时限可延")
    if after.extension_to is not None:
        raise _refuse(Refusal.ALREADY_ASKED, f"已申请延期至{after.extension_to}，尚待审批")
    if step.at > after.due_at:
        raise _refuse(Refusal.AFTER_DEADLINE, f"整改时限{after.due_on}已过，延期须在到期前申请")
    assert step.to is not None
    if step.to <= after.due_on:
        raise _refuse(Refusal.DATE_TOO_EARLY, f"延期后的日期须晚于现时限{after.due_on}")
    return replace(after, extension_by=step.by, extension_to=step.to)


def _decide_extension(after: Standing, step: Step) -> None:
    if after.extension_to is None:
        raise _refuse(Refusal.NOTHING_ASKED, "没有待审批的延期申请")
    if step.by == after.extension_by:
        raise _refuse(Refusal.SAME_PERSON, f"延期申请人与审批人不能是同一人（{step.by}）")


def _grant(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    _decide_extension(after, step)
    granted = step.to or after.extension_to  # who grants may grant less, or more, than was asked for
    assert granted is not None
    if after.due_on is not None and granted <= after.due_on:
        raise _refuse(Refusal.DATE_TOO_EARLY, f"延期后的日期须晚于现时限{after.due_on}")
    return replace(after, due_on=granted, due_at=None, extension_by=None, extension_to=None)


def _refuse_extension(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    _decide_extension(after, step)
    return replace(after, extension_by=None, extension_to=None)


def _withdraw(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    return replace(after, closed_at=step.at, extension_by=None, extension_to=None, deferred_until=None)


def _defer(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    assert step.to is not None
    if step.to <= calendar.today(step.at):
        raise _refuse(Refusal.DATE_TOO_EARLY, "暂缓的截止日期须晚于今天")
    return replace(after, deferred_until=step.to)


def _reopen(after: Standing, step: Step, calendar: WorkCalendar) -> Standing:
    return replace(
        after, submitted_by=None, submitted_at=None, finished_at=None, closed_at=None, deferred_until=None
    )


_EFFECTS = {
    Event.SIGN: _keep,
    Event.SUBMIT: _submit,
    Event.RETURN: _return,
    Event.STRIKE_OFF: _strike_off,
    Event.EXTEND: _extend,
    Event.GRANT: _grant,
    Event.REFUSE: _refuse_extension,
    Event.WITHDRAW: _withdraw,
    Event.DEFER: _defer,
    Event.REOPEN: _reopen,
}
