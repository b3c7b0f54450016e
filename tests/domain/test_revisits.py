"""Looking back: when, and what one look after another leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at
from tracker.domain.revisits import RevisitRules, RevisitState, after_look, due_after

RULES = RevisitRules(tries=3)
STRUCK_OFF = at("2021-07-26 10:00")


def walk(*looks: bool | None, rules: RevisitRules = RULES) -> tuple[RevisitState, int]:
    """Where these looks lead, and how many of them are made."""
    state = RevisitState.DUE
    for tries, is_fixed in enumerate(looks, start=1):
        turn = after_look(state, tries, is_fixed, rules)
        state = turn.state
        if not turn.look_again:
            return state, tries
    return state, len(looks)


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        ((True,), RevisitState.FIXED),
        ((False,), RevisitState.AGAIN),
        ((False, False), RevisitState.PROPOSED),
        ((False, True), RevisitState.FIXED),
        ((None,), RevisitState.DUE),
        ((None, True), RevisitState.FIXED),
        ((None, None, None), RevisitState.UNSURE),
        ((False, None, None), RevisitState.UNSURE),
        ((None, False, False), RevisitState.PROPOSED),
        ((None, None, False, False), RevisitState.PROPOSED),
    ],
)
def test_it_takes_two_looks_that_saw_the_fault(looks: tuple[bool | None, ...], state: RevisitState) -> None:
    assert walk(*looks) == (state, len(looks))


@given(st.lists(st.sampled_from((True, False, None)), min_size=8, max_size=8))
def test_a_relapse_is_proposed_only_after_two_sights_of_it_and_none_of_a_fix(
    looks: list[bool | None],
) -> None:
    state, made = walk(*looks)
    if state is RevisitState.PROPOSED:
        assert looks[:made].count(False) == 2
        assert True not in looks[:made]
    assert made <= 5


def test_the_weeks_count_from_the_strike_off_and_nought_is_never() -> None:
    assert due_after(STRUCK_OFF, (12, 4, 4)) == {
        4: STRUCK_OFF + timedelta(weeks=4),
        12: STRUCK_OFF + timedelta(weeks=12),
    }
    assert due_after(STRUCK_OFF, (0,)) == {}
    assert due_after(STRUCK_OFF, ()) == {}
