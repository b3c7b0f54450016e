"""The workflow's steps: every (state, event), who may, what it asks for, and what stands afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support import at
from tracker.domain.classes import Proof
from tracker.domain.deadlines import last_moment
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import FINAL, TRANSITIONS, Event, Standing, State, is_overdue
from tracker.domain.people import Role
from tracker.domain.steps import Limits, Refusal, Step, Terms, advance
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar
TERMS = Terms(CALENDAR, Limits(3, 2, 10), frozenset(Role), quantity=982)
DUE_ON = date(2021, 8, 6)
DUE_AT = last_moment(DUE_ON, CALENDAR)
NOW = at("2021-07-26 10:00")
UNIT, BUREAU = "教育局联络员", "审批局经办"

# The whole workflow, written once more and independently of the code: state → event → state.
LEGAL = {
    State.OPEN: "sign→signed submit→submitted extend→open grant→open refuse→open withdraw→withdrawn "
    "defer→deferred object→open uphold→withdrawn dismiss→open progress→open",
    State.SIGNED: "submit→submitted extend→signed grant→signed refuse→signed withdraw→withdrawn "
    "defer→deferred object→signed uphold→withdrawn dismiss→signed progress→signed",
    State.SUBMITTED: "return→signed strike_off→struck_off grant→submitted refuse→submitted "
    "withdraw→withdrawn uphold→withdrawn dismiss→submitted progress→submitted",
    State.STRUCK_OFF: "reopen→open",
    State.WITHDRAWN: "reopen→open",
    State.DEFERRED: "submit→submitted withdraw→withdrawn reopen→open uphold→withdrawn dismiss→deferred "
    "progress→deferred grant→deferred refuse→deferred",
}
TABLE = {
    (state, Event(event)): State(target)
    for state, steps in LEGAL.items()
    for event, target in (step.split("→") for step in steps.split())
}


def standing(state: State) -> Standing:
    """An item in `state` as the workflow would leave it, with an extension and an objection pending."""
    plain = Standing(State.OPEN, DUE_ON, DUE_AT)
    waiting = replace(plain, extension_by=UNIT, extension_to=date(2021, 8, 20), objection_by=UNIT)
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
            objection_by=None,
        ),
        State.WITHDRAWN: replace(plain, state=state, closed_at=NOW),
        State.DEFERRED: replace(waiting, state=state, deferred_until=date(2021, 9, 1)),
    }[state]


def step(event: Event, **changes: object) -> Step:
    """A step that asks for nothing more: the other person, a reason, a later date."""
    whole = Step(event, BUREAU, NOW, "情况属实", date(2021, 8, 31), 300)
    return replace(whole, **changes)


def refusal(before: Standing, wish: Step, terms: Terms = TERMS) -> Refusal:
    with pytest.raises(TransitionError) as refused:
        advance(before, wish, terms)
    assert refused.value.message
    return Refusal(str(refused.value.details["refusal"]))


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_each_event_does_in_each_state_what_the_table_says(state: State, event: Event) -> None:
    before = standing(state)
    if event is Event.EXTEND:
        before = replace(before, extension_by=None, extension_to=None)
    if event is Event.OBJECT:
        before = replace(before, objection_by=None)
    target = TABLE.get((state, event))
    if target is None:
        assert refusal(before, step(event)) is Refusal.WRONG_STATE
    else:
        assert advance(before, step(event), TERMS).state is target


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.SUBMITTED, Event.RETURN),
        (State.OPEN, Event.REFUSE),
        (State.OPEN, Event.EXTEND),
        (State.SIGNED, Event.WITHDRAW),
        (State.SIGNED, Event.DEFER),
        (State.STRUCK_OFF, Event.REOPEN),
        (State.OPEN, Event.OBJECT),
        (State.SIGNED, Event.UPHOLD),
        (State.SUBMITTED, Event.DISMISS),
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
    after = advance(standing(state), step(event, reason=None, to=None), TERMS)
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


@pytest.mark.parametrize(
    "event",
    [Event.STRIKE_OFF, Event.RETURN, Event.GRANT, Event.REFUSE, Event.UPHOLD, Event.DISMISS, Event.WITHDRAW],
)
def test_a_blank_in_the_name_makes_nobody_another_person(event: Event) -> None:
    blank = f" {UNIT[:3]} {UNIT[3:]}"
    assert refusal(standing(State.SUBMITTED), step(event, by=blank)) is Refusal.SAME_PERSON


@pytest.mark.parametrize("event", [Event.GRANT, Event.REFUSE])
def test_there_is_nothing_to_decide_before_somebody_asks(event: Event) -> None:
    before = replace(standing(State.OPEN), extension_by=None, extension_to=None)
    assert refusal(before, step(event)) is Refusal.NOTHING_ASKED


def test_an_extension_is_asked_for_once_and_up_to_the_deadlines_last_second() -> None:
    before = replace(standing(State.OPEN), extension_by=None, extension_to=None)
    asked = advance(before, step(Event.EXTEND, at=DUE_AT, by=UNIT), TERMS)
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


def test_granting_moves_the_deadline_to_the_last_second_of_the_new_day() -> None:
    after = advance(standing(State.SIGNED), step(Event.GRANT, to=None), TERMS)
    day = date(2021, 8, 20)
    assert (after.due_on, after.due_at, after.extensions) == (day, last_moment(day, CALENDAR), 1)
    assert (after.extension_by, after.extension_to) == (None, None)


@pytest.mark.parametrize("state", [State.OPEN, State.SIGNED, State.DEFERRED])
def test_no_deadline_is_granted_that_is_past_already(state: State) -> None:
    day = at("2021-08-21 00:00")
    assert refusal(standing(state), step(Event.GRANT, to=None, at=day)) is Refusal.DATE_TOO_EARLY
    eve = step(Event.GRANT, to=None, at=day - timedelta(seconds=1))
    assert advance(standing(state), eve, TERMS).due_on == date(2021, 8, 20)


def test_what_is_handed_in_may_turn_out_in_time_by_an_extension_decided_late() -> None:
    late = step(Event.GRANT, to=None, at=at("2021-09-10 10:00"))
    assert advance(standing(State.SUBMITTED), late, TERMS).due_on == date(2021, 8, 20)


@pytest.mark.parametrize("event", [Event.GRANT, Event.REFUSE])
def test_a_deferral_does_not_keep_a_request_from_being_decided(event: Event) -> None:
    before = replace(standing(State.SIGNED), extension_to=date(2021, 8, 31))
    deferred = advance(before, step(Event.DEFER), TERMS)
    assert (deferred.extension_by, deferred.extension_to) == (UNIT, date(2021, 8, 31))
    decided = advance(deferred, step(event), TERMS)
    assert (decided.state, decided.extension_to) == (State.DEFERRED, None)
    assert decided.deferred_until == deferred.deferred_until


def test_after_so_many_extensions_no_more_is_asked_for() -> None:
    before = replace(standing(State.SIGNED), extension_by=None, extension_to=None, extensions=1)
    assert advance(before, step(Event.EXTEND), TERMS).extension_to == date(2021, 8, 31)
    assert refusal(replace(before, extensions=2), step(Event.EXTEND)) is Refusal.TOO_MANY


def test_refusing_keeps_the_deadline() -> None:
    after = advance(standing(State.SIGNED), step(Event.REFUSE), TERMS)
    assert after == replace(standing(State.SIGNED), extension_by=None, extension_to=None)


def test_a_deferral_ends_after_today() -> None:
    today = CALENDAR.today(NOW)
    assert refusal(standing(State.OPEN), step(Event.DEFER, to=today)) is Refusal.DATE_TOO_EARLY
    after = advance(standing(State.OPEN), step(Event.DEFER, to=today + timedelta(days=1)), TERMS)
    assert after.deferred_until == today + timedelta(days=1)


def test_striking_off_is_judged_by_the_submission_that_was_accepted() -> None:
    first = advance(standing(State.SIGNED), Step(Event.SUBMIT, UNIT, NOW), TERMS)
    returned = advance(first, step(Event.RETURN, at=NOW + timedelta(days=1)), TERMS)
    assert (returned.submitted_by, returned.submitted_at) == (None, None)
    second = advance(returned, Step(Event.SUBMIT, UNIT, NOW + timedelta(days=2)), TERMS)
    closed = advance(second, step(Event.STRIKE_OFF, at=NOW + timedelta(days=9)), TERMS)
    assert closed.finished_at == NOW + timedelta(days=2)
    assert closed.closed_at == NOW + timedelta(days=9)


@pytest.mark.parametrize("state", [State.STRUCK_OFF, State.WITHDRAWN, State.DEFERRED])
def test_reopening_leaves_nothing_of_the_end_and_keeps_the_deadline(state: State) -> None:
    after = advance(standing(state), step(Event.REOPEN), TERMS)
    before = standing(state)  # waiting for a decision goes on
    asked = {"extension_by": before.extension_by, "extension_to": before.extension_to}
    assert after == Standing(State.OPEN, DUE_ON, DUE_AT, objection_by=before.objection_by, **asked)


@pytest.mark.parametrize(("state", "event"), list(TABLE))
def test_only_those_may_whom_the_table_names(state: State, event: Event) -> None:
    before = standing(state)
    if event in {Event.EXTEND, Event.OBJECT}:
        before = replace(before, extension_by=None, extension_to=None, objection_by=None)
    for role in Role:
        terms = replace(TERMS, roles=frozenset({role}))
        if role in TRANSITIONS[state, event].roles:
            assert advance(before, step(event), terms).state is TABLE[state, event]
        else:
            assert refusal(before, step(event), terms) is Refusal.WRONG_ROLE


def test_who_has_nothing_to_do_with_the_unit_may_do_nothing() -> None:
    with pytest.raises(
        TransitionError, match=r"签收须由联络员、负责人、工作人员或管理员办理.*不是该事项责任单位"
    ):
        advance(standing(State.OPEN), step(Event.SIGN), replace(TERMS, roles=frozenset()))


def test_what_came_in_time_and_is_returned_gets_a_shorter_clock_at_least() -> None:
    handed_in = replace(standing(State.SUBMITTED), extension_by=None, extension_to=None)
    early = advance(handed_in, step(Event.RETURN), TERMS)
    assert (early.due_on, early.due_at) == (DUE_ON, DUE_AT)  # 26 July and three working days: 29 July
    late = advance(handed_in, step(Event.RETURN, at=at("2021-08-05 16:00")), TERMS)
    tuesday = date(2021, 8, 10)
    assert (late.due_on, late.due_at) == (tuesday, last_moment(tuesday, CALENDAR))


def test_what_came_late_and_is_returned_stays_late() -> None:
    handed_in = replace(standing(State.SUBMITTED), submitted_at=DUE_AT + timedelta(seconds=1))
    after = advance(handed_in, step(Event.RETURN, at=DUE_AT + timedelta(days=2)), TERMS)
    assert (after.due_on, after.due_at) == (DUE_ON, DUE_AT)
    assert is_overdue(after, DUE_AT + timedelta(days=2), CALENDAR)


def test_a_returned_standing_duty_has_no_clock() -> None:
    handed_in = replace(standing(State.SUBMITTED), due_on=None, due_at=None)
    assert advance(handed_in, step(Event.RETURN), TERMS).due_on is None


@pytest.mark.parametrize(
    ("wanted", "kinds", "enough"),
    [
        (None, set(), True),
        (Proof.LINK, {Proof.LINK}, True),
        (Proof.LINK, {Proof.FILE, Proof.NOTE}, False),
        (Proof.FILE, set(), False),
        (Proof.ANY, {Proof.NOTE}, True),
        (Proof.ANY, set(), False),
    ],
)
def test_a_strike_off_needs_the_evidence_that_the_class_wants(
    wanted: Proof | None, kinds: set[Proof], enough: bool
) -> None:
    terms = replace(TERMS, proof=wanted, proofs=frozenset(kinds))
    if enough:
        assert advance(standing(State.SUBMITTED), step(Event.STRIKE_OFF), terms).state is State.STRUCK_OFF
    else:
        refused = refusal(standing(State.SUBMITTED), step(Event.STRIKE_OFF), terms)
        assert refused is Refusal.EVIDENCE_MISSING


def test_an_objection_waits_beside_the_work_until_another_person_decides() -> None:
    before = replace(standing(State.OPEN), objection_by=None)
    objected = advance(before, step(Event.OBJECT, by=UNIT), TERMS)
    assert (objected.state, objected.objection_by) == (State.OPEN, UNIT)
    assert refusal(objected, step(Event.OBJECT)) is Refusal.ALREADY_ASKED
    signed = advance(objected, step(Event.SIGN, by=UNIT), TERMS)
    for event in (Event.UPHOLD, Event.DISMISS):
        assert refusal(signed, step(event, by=UNIT)) is Refusal.SAME_PERSON
        assert refusal(before, step(event)) is Refusal.NOTHING_ASKED
    assert advance(signed, step(Event.DISMISS), TERMS) == replace(signed, objection_by=None)
    upheld = advance(signed, step(Event.UPHOLD), TERMS)
    assert (upheld.state, upheld.closed_at, upheld.objection_by) == (State.WITHDRAWN, NOW, None)


def test_who_objects_does_not_withdraw_the_item_before_another_has_decided() -> None:
    objected = standing(State.SIGNED)
    assert refusal(objected, step(Event.WITHDRAW, by=UNIT)) is Refusal.SAME_PERSON
    assert advance(objected, step(Event.WITHDRAW), TERMS).state is State.WITHDRAWN
    decided = advance(objected, step(Event.DISMISS), TERMS)
    assert advance(decided, step(Event.WITHDRAW, by=UNIT), TERMS).state is State.WITHDRAWN


@pytest.mark.parametrize("left", [1, 982])
def test_what_is_not_finished_by_the_units_own_word_is_not_struck_off(left: int) -> None:
    before = replace(standing(State.SUBMITTED), remaining=left)
    assert refusal(before, step(Event.STRIKE_OFF)) is Refusal.SOME_LEFT
    finished = advance(before, step(Event.PROGRESS, by=UNIT, left=0), TERMS)
    assert advance(finished, step(Event.STRIKE_OFF), TERMS).state is State.STRUCK_OFF


@pytest.mark.parametrize("left", [0, 300, 982])
def test_progress_says_what_is_left_and_closes_nothing(left: int) -> None:
    after = advance(standing(State.SIGNED), step(Event.PROGRESS, left=left), TERMS)
    assert after == replace(standing(State.SIGNED), remaining=left)


@pytest.mark.parametrize("left", [None, -1, 983])
def test_more_cannot_be_left_than_there_was(left: int | None) -> None:
    assert refusal(standing(State.OPEN), step(Event.PROGRESS, left=left)) is Refusal.LEFT_OUT_OF_RANGE


def test_what_counts_nothing_has_no_progress() -> None:
    terms = replace(TERMS, quantity=None)
    assert refusal(standing(State.OPEN), step(Event.PROGRESS), terms) is Refusal.NOT_COUNTED


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
        roles=st.frozensets(st.sampled_from(Role)),
        left=st.none() | st.integers(-1, 1000),
        reason=st.sampled_from([None, " ", "情况属实"]),
        wait=st.integers(0, 200),
        days=st.none() | st.integers(-3, 60),
    )
    def try_step(
        self,
        event: Event,
        by: str,
        roles: frozenset[Role],
        reason: str | None,
        wait: int,
        days: int | None,
        left: int | None,
    ) -> None:
        self.now += timedelta(hours=wait)
        to = None if days is None else CALENDAR.today(self.now) + timedelta(days=days)
        before = self.item
        try:
            after = advance(before, Step(event, by, self.now, reason, to, left), replace(TERMS, roles=roles))
        except TransitionError:
            return
        assert TABLE[before.state, event] is after.state
        assert event not in {Event.STRIKE_OFF, Event.RETURN} or by != before.submitted_by
        assert event not in {Event.GRANT, Event.REFUSE} or by != before.extension_by
        assert event not in {Event.UPHOLD, Event.DISMISS} or by != before.objection_by
        assert roles & TRANSITIONS[before.state, event].roles
        assert after.due_on == before.due_on or event in {Event.GRANT, Event.RETURN}
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
            assert (item.extension_to, item.objection_by) == (None, None)
        assert item.extensions <= TERMS.limits.max_extensions
        assert item.remaining is None or 0 <= item.remaining <= 982
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
    assert advance(asked, step(Event.GRANT, to=granted), TERMS).due_on == granted
    assert refusal(asked, step(Event.GRANT, to=DUE_ON)) is Refusal.DATE_TOO_EARLY


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
