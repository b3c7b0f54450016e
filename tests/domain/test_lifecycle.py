"""Where an item stands: what the table of transitions says of every role, and what is overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support import at
from tracker.domain.deadlines import last_moment
from tracker.domain.lifecycle import FINAL, TRANSITIONS, Event, Standing, State, is_overdue
from tracker.domain.people import Role
from tracker.rules import load_rules

CALENDAR = load_rules(None).calendar
DUE_ON = date(2021, 8, 6)
DUE_AT = last_moment(DUE_ON, CALENDAR)
NOW = at("2021-07-26 10:00")
UNIT = "教育局联络员"


def standing(state: State) -> Standing:
    """An item in `state` as the workflow would leave it."""
    plain = Standing(State.OPEN, DUE_ON, DUE_AT)
    handed_in = replace(plain, state=State.SUBMITTED, submitted_by=UNIT, submitted_at=NOW)
    return {
        State.OPEN: plain,
        State.SIGNED: replace(plain, state=State.SIGNED),
        State.SUBMITTED: handed_in,
        State.STRUCK_OFF: replace(
            handed_in,
            state=state,
            finished_at=NOW,
            closed_at=NOW,
        ),
        State.WITHDRAWN: replace(plain, state=state, closed_at=NOW),
        State.DEFERRED: replace(plain, state=state, deferred_until=date(2021, 9, 1)),
    }[state]


def test_every_event_has_a_word_and_can_happen() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert len({event.chinese for event in Event}) == len(Event)


def test_nothing_but_reopening_leads_out_of_an_end() -> None:
    assert {event for state, event in TRANSITIONS if state in FINAL} == {Event.REOPEN}


def test_the_unit_never_judges_itself_and_staff_may_do_everything() -> None:
    judging = {Event.RETURN, Event.STRIKE_OFF, Event.GRANT, Event.REFUSE, Event.UPHOLD, Event.DISMISS}
    judging |= {Event.WITHDRAW, Event.DEFER, Event.REOPEN}
    for (_, event), to in TRANSITIONS.items():
        assert ({Role.CONTACT, Role.HEAD} <= to.roles) is (event not in judging)
        assert to.roles.isdisjoint({Role.CONTACT, Role.HEAD}) is (event in judging)
        assert {Role.STAFF, Role.ADMIN} <= to.roles
        assert (Role.LEADER in to.roles) is (event in judging)


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
