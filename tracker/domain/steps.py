"""One step of the workflow: what it asks for, what it changes, and every reason to refuse it.

Who submits may not verify (督查条例 17, 回避); an extension is asked for before the deadline and granted by
another person; a step that hurts somebody names its reason. Must never read a clock or a database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tracker.domain.calendar import WorkCalendar
from tracker.domain.classes import Proof
from tracker.domain.deadlines import last_moment
from tracker.domain.errors import ForbiddenError, TransitionError
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, TRANSITIONS, Event, Standing, State
from tracker.domain.people import Role, in_words, is_same_person


class Refusal(StrEnum):
    """Why a step is not allowed; the code goes into `error.details.refusal`."""

    WRONG_STATE = "wrong_state"
    WRONG_ROLE = "wrong_role"
    REASON_MISSING = "reason_missing"
    DATE_MISSING = "date_missing"
    DATE_TOO_EARLY = "date_too_early"
    SAME_PERSON = "same_person"
    AFTER_DEADLINE = "after_deadline"
    NO_DEADLINE = "no_deadline"
    TOO_MANY = "too_many"
    ALREADY_ASKED = "already_asked"
    NOTHING_ASKED = "nothing_asked"
    EVIDENCE_MISSING = "evidence_missing"
    NOT_COUNTED = "not_counted"
    LEFT_OUT_OF_RANGE = "left_out_of_range"
    SOME_LEFT = "some_left"
    NOT_YOURS = "not_yours"
    TOO_LATE = "too_late"
    NOT_A_STEP = "not_a_step"


@dataclass(frozen=True)
class Step:
    """One wish: who wants which event, when; with what reason, date, and number that is left."""

    event: Event
    by: str
    at: datetime
    reason: str | None = None
    to: date | None = None
    left: int | None = None


@dataclass(frozen=True)
class Limits:
    """What the office lays down in `[workflow]` of app.toml."""

    return_working_days: int
    max_extensions: int
    undo_minutes: int


@dataclass(frozen=True)
class Terms:
    """What a step is judged by besides where the item stands.

    roles: those of the person towards this item; quantity: what the item counts, if anything; proof: what
    evidence its class wants for a strike-off; proofs: the kinds kept since it was last handed in.
    """

    calendar: WorkCalendar
    limits: Limits
    roles: frozenset[Role]
    quantity: int | None = None
    proof: Proof | None = None
    proofs: frozenset[Proof] = frozenset()


def advance(standing: Standing, step: Step, terms: Terms) -> Standing:
    """Return where the item stands after `step`; raises TransitionError with a Refusal in its details."""
    transition = TRANSITIONS.get((standing.state, step.event))
    if transition is None:
        raise refuse(Refusal.WRONG_STATE, f"当前状态为“{standing.state.chinese}”，不能{step.event.chinese}")
    if not transition.roles & terms.roles:
        raise wrong_role(step.event.chinese, step.by, in_words(terms.roles), transition.roles)
    if step.event in REASON_NEEDED and not (step.reason or "").strip():
        raise refuse(Refusal.REASON_MISSING, f"{step.event.chinese}须写明理由（--reason）")
    if step.event in DATE_NEEDED and step.to is None:
        raise refuse(Refusal.DATE_MISSING, f"{step.event.chinese}须写明日期（--to）")
    return _EFFECTS[step.event](replace(standing, state=transition.target), step, terms)


def refuse(why: Refusal, message: str) -> TransitionError:
    """The error that says so."""
    return TransitionError(message, details={"refusal": why.value})


def wrong_role(doing: str, by: str, who: str, able: frozenset[Role]) -> ForbiddenError:
    """The error that says who may do it, and who `by` is."""
    words = f"{doing}须由{in_words(able)}办理（{by}：{who}）"
    return ForbiddenError(words, details={"refusal": Refusal.WRONG_ROLE.value})


def _other_than(step: Step, name: str | None, words: str) -> None:
    if is_same_person(step.by, name):
        raise refuse(Refusal.SAME_PERSON, f"{words}不能是同一人（{step.by}）")


def _sign(after: Standing, step: Step, terms: Terms) -> Standing:
    return after


def _progress(after: Standing, step: Step, terms: Terms) -> Standing:
    if terms.quantity is None:
        raise refuse(Refusal.NOT_COUNTED, "该事项没有数量，不能报告进度")
    if step.left is None or not 0 <= step.left <= terms.quantity:
        raise refuse(Refusal.LEFT_OUT_OF_RANGE, f"剩余数量须为 0 至 {terms.quantity}")
    return replace(after, remaining=step.left)


def _submit(after: Standing, step: Step, terms: Terms) -> Standing:
    return replace(after, submitted_by=step.by, submitted_at=step.at, deferred_until=None)


def _return(after: Standing, step: Step, terms: Terms) -> Standing:
    """What came in time gets a shorter clock at least; what came late stays late."""
    _other_than(step, after.submitted_by, "报送人与核验人")
    returned = replace(after, submitted_by=None, submitted_at=None)
    if after.due_on is None or after.due_at is None or after.submitted_at is None:
        return returned
    calendar = terms.calendar
    again_on = calendar.add_working_days(calendar.today(step.at), terms.limits.return_working_days)
    if after.submitted_at > after.due_at or again_on <= after.due_on:
        return returned
    return replace(returned, due_on=again_on, due_at=last_moment(again_on, calendar))


def _strike_off(after: Standing, step: Step, terms: Terms) -> Standing:
    _other_than(step, after.submitted_by, "报送人与核验人")
    if after.remaining:
        raise refuse(Refusal.SOME_LEFT, f"单位报告还剩 {after.remaining} 未整改，剩余数量报告为 0 后方可销号")
    if terms.proof is not None and not terms.proof.is_among(terms.proofs):
        wanted = terms.proof.chinese
        raise refuse(Refusal.EVIDENCE_MISSING, f"该类事项销号须有佐证（{wanted}），本次报送以来没有")
    closed = replace(after, finished_at=after.submitted_at, closed_at=step.at)
    return replace(closed, extension_by=None, extension_to=None, objection_by=None)


def _extend(after: Standing, step: Step, terms: Terms) -> Standing:
    if after.due_on is None or after.due_at is None:
        raise refuse(Refusal.NO_DEADLINE, "该事项为长期坚持事项，没有时限可延")
    if after.extension_to is not None:
        raise refuse(Refusal.ALREADY_ASKED, f"已申请延期至{after.extension_to}，尚待审批")
    if after.extensions >= terms.limits.max_extensions:
        raise refuse(Refusal.TOO_MANY, f"已延期 {after.extensions} 次，不能再延")
    if step.at > after.due_at:
        raise refuse(Refusal.AFTER_DEADLINE, f"整改时限{after.due_on}已过，延期须在到期前申请")
    assert step.to is not None
    if step.to <= after.due_on:
        raise refuse(Refusal.DATE_TOO_EARLY, f"延期后的日期须晚于现时限{after.due_on}")
    return replace(after, extension_by=step.by, extension_to=step.to)


def _decide_extension(after: Standing, step: Step) -> None:
    if after.extension_to is None:
        raise refuse(Refusal.NOTHING_ASKED, "没有待审批的延期申请")
    _other_than(step, after.extension_by, "延期申请人与审批人")


def _grant(after: Standing, step: Step, terms: Terms) -> Standing:
    _decide_extension(after, step)
    granted = step.to or after.extension_to  # who grants may grant less, or more, than was asked for
    assert granted is not None
    if after.due_on is not None and granted <= after.due_on:
        raise refuse(Refusal.DATE_TOO_EARLY, f"延期后的日期须晚于现时限{after.due_on}")
    if granted < terms.calendar.today(step.at) and after.state is not State.SUBMITTED:
        raise refuse(Refusal.DATE_TOO_EARLY, f"延期后的日期{granted}已过，不能早于今天")
    moved = replace(after, due_on=granted, due_at=last_moment(granted, terms.calendar))
    return replace(moved, extension_by=None, extension_to=None, extensions=after.extensions + 1)


def _refuse_extension(after: Standing, step: Step, terms: Terms) -> Standing:
    _decide_extension(after, step)
    return replace(after, extension_by=None, extension_to=None)


def _object(after: Standing, step: Step, terms: Terms) -> Standing:
    if after.objection_by is not None:
        raise refuse(Refusal.ALREADY_ASKED, f"{after.objection_by}已提出异议，尚待处理")
    return replace(after, objection_by=step.by)


def _decide_objection(after: Standing, step: Step) -> None:
    if after.objection_by is None:
        raise refuse(Refusal.NOTHING_ASKED, "没有待处理的异议")
    _other_than(step, after.objection_by, "异议提出人与处理人")


def _uphold(after: Standing, step: Step, terms: Terms) -> Standing:
    _decide_objection(after, step)
    return _withdraw(after, step, terms)


def _dismiss(after: Standing, step: Step, terms: Terms) -> Standing:
    _decide_objection(after, step)
    return replace(after, objection_by=None)


def _withdraw(after: Standing, step: Step, terms: Terms) -> Standing:
    """To withdraw what somebody objects to is to uphold the objection."""
    _other_than(step, after.objection_by, "异议提出人与处理人")
    closed = replace(after, closed_at=step.at, extension_by=None, extension_to=None)
    return replace(closed, deferred_until=None, objection_by=None)


def _defer(after: Standing, step: Step, terms: Terms) -> Standing:
    assert step.to is not None
    if step.to <= terms.calendar.today(step.at):
        raise refuse(Refusal.DATE_TOO_EARLY, "暂缓的截止日期须晚于今天")
    return replace(after, deferred_until=step.to)


def _reopen(after: Standing, step: Step, terms: Terms) -> Standing:
    unsubmitted = replace(after, submitted_by=None, submitted_at=None, finished_at=None)
    return replace(unsubmitted, closed_at=None, deferred_until=None)


_EFFECTS = {
    Event.SIGN: _sign,
    Event.PROGRESS: _progress,
    Event.SUBMIT: _submit,
    Event.RETURN: _return,
    Event.STRIKE_OFF: _strike_off,
    Event.EXTEND: _extend,
    Event.GRANT: _grant,
    Event.REFUSE: _refuse_extension,
    Event.OBJECT: _object,
    Event.UPHOLD: _uphold,
    Event.DISMISS: _dismiss,
    Event.WITHDRAW: _withdraw,
    Event.DEFER: _defer,
    Event.REOPEN: _reopen,
}
