"""The workflow: every (state, event), who may, what it asks for, and what stands afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support import at
from tracker.domain.deadlines import last_moment
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import (
    FINAL,
    Event,
    Refusal,
    Standing,
    State,
    Step,
    advance,
    is_overdue,
)
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar
DUE_ON = date(2021, 8, 6)
DUE_AT = last_moment(DUE_ON, CALENDAR)
NOW = at("2021-07-26 10:00")
UNIT, BUREAU = "教育局联络员", "审批局经办"

# The whole workflow, written once more and independently of the code: state → event → state.
LEGAL = {
    State.OPEN: "sign→signed submit→submitted extend→open grant→open refuse→open withdraw→withdrawn "
    "defer→deferred",
    State.SIGNED: "submit→submitted extend→signed grant→signed refuse→signed withdraw→withdrawn "
    "defer→deferred",
    State.SUBMITTED: "return→signed strike_off→struck_off grant→submitted refuse→submitted "
    "withdraw→withdrawn",
    State.STRUCK_OFF: "reopen→open",
    State.WITHDRAWN: "reopen→open",
    State.DEFERRED: "submit→submitted withdraw→withdrawn reopen→open",
}
TABLE = {
    (state, Event(event)): State(target)
    for state, steps in LEGAL.items()
    for event, target in (step.split("→") for step in steps.split())
}


def standing(state: State) -> Standing:
    """An item in `state` as the workflow would leave it, with an extension asked for where one may be."""
    plain = Standing(State.OPEN, DUE_ON, DUE_AT)
    waiting = replace(plain, extension_by=UNIT, extension_to=date(2021, 8, 20))
    handed_in = replace(waiting, state=State.SUBMITTED, submitted_by=UNIT, submitted_at=NOW)
    return {
        State.OPEN: waiting,
        State.SIGNED: replace(waiting, state=State.SIGNED),
        State.SUBMITTED: handed_in,
        State.STRUCK_OFF: replace(
            handed_in,
            state=state,
            finished_at=NOW,
            closed_at=NOW,
            extension_by=None,
            extension_to=None,
        ),
        State.WITHDRAWN: replace(plain, state=state, closed_at=NOW),
        State.DEFERRED: replace(plain, state=state, deferred_until=date(2021, 9, 1)),
    }[state]


def step(event: Event, **changes: object) -> Step:
    """A step that asks for nothing more: the other person, a reason, a later date."""
    whole = Step(event, BUREAU, NOW, "情况属实", date(2021, 8, 31))
    return replace(whole, **changes)


def refusal(before: Standing, wish: Step) -> Refusal:
    with pytest.raises(TransitionError) as refused:
        advance(before, wish, CALENDAR)
    assert refused.value.message
    return Refusal(str(refused.value.details["refusal"]))


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_each_event_does_in_each_state_what_the_table_says(state: State, event: Event) -> None:
    before = standing(state)
    if event is Event.EXTEND:
        before = replace(before, extension_by=None, extension_to=None)
    target = TABLE.get((state, event))
    if target is None:
        assert refusal(before, step(event)) is Refusal.WRONG_STATE
    else:
        assert advance(before, step(event), CALENDAR).state is target


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.SUBMITTED, Event.RETURN),
        (State.OPEN, Event.REFUSE),
        (State.OPEN, Event.EXTEND),
        (State.SIGNED, Event.WITHDRAW),
        (State.SIGNED, Event.DEFER),
        (State.STRUCK_OFF, Event.REOPEN),
    ],
)
@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_a_step_that_hurts_somebody_needs_a_reason(state: State, event: Event, reason: str | None) -> None:
    assert refusal(standing(state), step(event, reason=reason)) is Refusal.REASON_MISSING


@pytest.mark.parametrize(
    "event", [Event.SIGN, Event.SUBMIT, Event.STRIKE_OFF, Event.GRANT], ids=lambda each: each.value
)
def test_a_step_that_helps_needs_none(event: Event) -> None:
    state = next(state for state in (State.OPEN, State.SUBMITTED) if (state, event) in TABLE)
    after = advance(standing(state), step(event, reason=None, to=None), CALENDAR)
    assert after.state is TABLE[state, event]


@pytest.mark.parametrize("event", [Event.EXTEND, Event.DEFER])
def test_extending_and_deferring_need_a_date(event: Event) -> None:
    assert refusal(standing(State.SIGNED), step(event, to=None)) is Refusal.DATE_MISSING


@pytest.mark.parametrize("event", [Event.STRIKE_OFF, Event.RETURN])
def test_who_submitted_may_not_verify(event: Event) -> None:
    assert refusal(standing(State.SUBMITTED), step(event, by=UNIT)) is Refusal.SAME_PERSON


@pytest.mark.parametrize("event", [Event.GRANT, Event.REFUSE])
@pytest.mark.parametrize("state", [State.OPEN, State.SIGNED, State.SUBMITTED])
def test_who_asked_for_an_extension_may_not_decide_on_it(state: State, event: Event) -> None:
    assert refusal(standing(state), step(event, by=UNIT)) is Refusal.SAME_PERSON


@pytest.mark.parametrize("event", [Event.GRANT, Event.REFUSE])
def test_there_is_nothing_to_decide_before_somebody_asks(event: Event) -> None:
    before = replace(standing(State.OPEN), extension_by=None, extension_to=None)
    assert refusal(before, step(event)) is Refusal.NOTHING_ASKED


def test_an_extension_is_asked_for_once_and_up_to_the_deadlines_last_second() -> None:
    before = replace(standing(State.OPEN), extension_by=None, extension_to=None)
    asked = advance(before, step(Event.EXTEND, at=DUE_AT, by=UNIT), CALENDAR)
    assert (asked.extension_by, asked.extension_to) == (UNIT, date(2021, 8, 31))
    assert (asked.due_on, asked.due_at) == (DUE_ON, DUE_AT)
    assert refusal(asked, step(Event.EXTEND)) is Refusal.ALREADY_ASKED
    late = step(Event.EXTEND, at=DUE_AT + timedelta(seconds=1))
    assert refusal(before, late) is Refusal.AFTER_DEADLINE


def test_an_extension_must_lead_past_the_deadline() -> None:
    before = replace(standing(State.OPEN), extension_by=None, extension_to=None)
    assert refusal(before, step(Event.EXTEND, to=DUE_ON)) is Refusal.DATE_TOO_EARLY


def test_a_standing_duty_cannot_be_extended() -> None:
    before = Standing(State.OPEN, None, None)
    assert refusal(before, step(Event.EXTEND)) is Refusal.NO_DEADLINE


def test_granting_moves_the_deadline_and_leaves_its_moment_to_the_rules() -> None:
    after = advance(standing(State.SIGNED), step(Event.GRANT, to=None), CALENDAR)
    assert (after.due_on, after.due_at) == (date(2021, 8, 20), None)
    assert (after.extension_by, after.extension_to) == (None, None)


def test_refusing_keeps_the_deadline() -> None:
    after = advance(standing(State.SIGNED), step(Event.REFUSE), CALENDAR)
    assert after == replace(standing(State.SIGNED), extension_by=None, extension_to=None)


def test_a_deferral_ends_after_today() -> None:
    today = CALENDAR.today(NOW)
    assert refusal(standing(State.OPEN), step(Event.DEFER, to=today)) is Refusal.DATE_TOO_EARLY
    after = advance(standing(State.OPEN), step(Event.DEFER, to=today + timedelta(days=1)), CALENDAR)
    assert after.deferred_until == today + timedelta(days=1)


def test_striking_off_is_judged_by_the_submission_that_was_accepted() -> None:
    first = advance(standing(State.SIGNED), Step(Event.SUBMIT, UNIT, NOW), CALENDAR)
    returned = advance(first, step(Event.RETURN, at=NOW + timedelta(days=1)), CALENDAR)
    assert (returned.submitted_by, returned.submitted_at) == (None, None)
    second = advance(returned, Step(Event.SUBMIT, UNIT, NOW + timedelta(days=2)), CALENDAR)
    closed = advance(second, step(Event.STRIKE_OFF, at=NOW + timedelta(days=9)), CALENDAR)
    assert closed.finished_at == NOW + timedelta(days=2)
    assert closed.closed_at == NOW + timedelta(days=9)


@pytest.mark.parametrize("state", [State.STRUCK_OFF, State.WITHDRAWN, State.DEFERRED])
def test_reopening_leaves_nothing_of_the_end_and_keeps_the_deadline(state: State) -> None:
    after = advance(standing(state), step(Event.REOPEN), CALENDAR)
    assert after == Standing(State.OPEN, DUE_ON, DUE_AT)


ON_TIME, LATE = DUE_AT, DUE_AT + timedelta(seconds=1)
LAST_DEFERRED = date(2021, 9, 1)


@pytest.mark.parametrize(
    ("state", "now", "changes", "expected"),
    [
        (State.OPEN, ON_TIME, {}, False),
        (State.OPEN, LATE, {}, True),
        (State.SIGNED, LATE, {}, True),
        (State.SIGNED, LATE, {"due_on": None, "due_at": None}, False),
        (State.SUBMITTED, LATE, {"submitted_at": ON_TIME}, False),  # it waits for the bureau, not the unit
        (State.SUBMITTED, LATE, {"submitted_at": LATE}, True),
        (State.STRUCK_OFF, LATE, {"finished_at": LATE}, False),
        (State.WITHDRAWN, LATE, {}, False),
        (State.DEFERRED, LATE, {}, False),
        (State.DEFERRED, last_moment(LAST_DEFERRED, CALENDAR), {}, False),
        (State.DEFERRED, last_moment(LAST_DEFERRED, CALENDAR) + timedelta(seconds=1), {}, True),
        (State.DEFERRED, ON_TIME, {"deferred_until": date(2021, 7, 30)}, False),
    ],
)
def test_overdue_is_judged_by_the_deadlines_last_second(
    state: State, now: object, changes: dict[str, object], expected: bool
) -> None:
    judged = replace(standing(state), **changes)
    assert is_overdue(judged, now, CALENDAR) is expected


PEOPLE = st.sampled_from([UNIT, BUREAU, "领导小组"])


class AnyHistory(RuleBasedStateMachine):
    """Anybody tries anything at any time; refused or not, what stands is whole."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.item = Standing(State.OPEN, DUE_ON, DUE_AT)

    @rule(
        event=st.sampled_from(Event),
        by=PEOPLE,
        reason=st.sampled_from([None, " ", "情况属实"]),
        wait=st.integers(0, 200),
        days=st.none() | st.integers(-3, 60),
    )
    def try_step(self, event: Event, by: str, reason: str | None, wait: int, days: int | None) -> None:
        self.now += timedelta(hours=wait)
        to = None if days is None else CALENDAR.today(self.now) + timedelta(days=days)
        before = self.item
        try:
            after = advance(before, Step(event, by, self.now, reason, to), CALENDAR)
        except TransitionError:
            return
        assert TABLE[before.state, event] is after.state
        assert event not in {Event.STRIKE_OFF, Event.RETURN} or by != before.submitted_by
        assert event not in {Event.GRANT, Event.REFUSE} or by != before.extension_by
        if after.due_on != before.due_on:
            assert event is Event.GRANT
            assert after.due_on is not None
            after = replace(after, due_at=last_moment(after.due_on, CALENDAR))
        self.item = after

    @invariant()
    def is_whole(self) -> None:
        item = self.item
        assert (item.closed_at is not None) is (item.state in FINAL)
        assert (item.finished_at is not None) is (item.state is State.STRUCK_OFF)
        assert (item.submitted_at is None) is (item.submitted_by is None)
        if item.state in {State.OPEN, State.SIGNED, State.DEFERRED}:
            assert item.submitted_at is None
        if item.state in {State.SUBMITTED, State.STRUCK_OFF}:
            assert item.submitted_at is not None
        assert (item.deferred_until is not None) is (item.state is State.DEFERRED)
        assert (item.extension_by is None) is (item.extension_to is None)
        if item.state in FINAL:
            assert item.extension_to is None
        assert item.due_on is not None
        assert item.due_at == last_moment(item.due_on, CALENDAR)
        assert item.due_on >= DUE_ON

    @invariant()
    def is_never_overdue_before_the_deadline(self) -> None:
        assert self.item.due_at is not None
        if is_overdue(self.item, self.now, CALENDAR):
            assert self.now > self.item.due_at
            assert self.item.state not in FINAL


def test_who_grants_may_name_another_day_than_was_asked_for() -> None:
    asked = replace(standing(State.SIGNED), extension_by=UNIT, extension_to=DUE_ON + timedelta(days=30))
    granted = DUE_ON + timedelta(days=7)
    assert advance(asked, step(Event.GRANT, to=granted), CALENDAR).due_on == granted
    assert refusal(asked, step(Event.GRANT, to=DUE_ON)) is Refusal.DATE_TOO_EARLY


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
