"""What looks tell staff, and what the system does alone: tables, and what must never happen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at
from tracker.domain.checks import Advice, Alone, CheckRules, Look, Seen, Verdict, act_alone, advise
from tracker.domain.lifecycle import FINAL, State

NOW = at("2021-08-02 10:00")
RULES = CheckRules(valid_days=7, blind_looks=3, return_looks=3, return_hours=24)
FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HANDED_IN = NOW - 3 * DAY

UNREPORTED = [State.OPEN, State.SIGNED, State.DEFERRED]


@pytest.mark.parametrize(
    ("state", "verdict", "advice"),
    [
        *((state, FIXED, Advice.FIXED_UNREPORTED) for state in UNREPORTED),
        *((state, NOT_FIXED, None) for state in UNREPORTED),
        *((state, None, None) for state in [*UNREPORTED, State.SUBMITTED]),
        (State.SUBMITTED, FIXED, Advice.FIXED_REPORTED),
        (State.SUBMITTED, NOT_FIXED, Advice.NOT_FIXED_REPORTED),
        *((state, verdict, None) for state in sorted(FINAL) for verdict in (FIXED, NOT_FIXED)),
    ],
)
def test_where_an_item_stands_and_what_was_seen_make_the_advice(
    state: State, verdict: Verdict | None, advice: Advice | None
) -> None:
    assert advise(Seen(state, verdict, NOW - HOUR if verdict else None), RULES, NOW) is advice


@pytest.mark.parametrize("verdict", [FIXED, NOT_FIXED])
@pytest.mark.parametrize("early", [False, True], ids=["after", "before"])
def test_only_a_look_that_began_after_it_was_handed_in_tells_of_it(verdict: Verdict, early: bool) -> None:
    looked_at = HANDED_IN - timedelta(seconds=1) if early else HANDED_IN
    seen = Seen(State.SUBMITTED, verdict, looked_at, counts_from=HANDED_IN)
    assert (advise(seen, RULES, NOW) is None) is early


def test_looks_that_could_not_tell_neither_confirm_nor_cancel_a_fix() -> None:
    fixed = Seen(State.SUBMITTED, FIXED, NOW - DAY, blind=5)
    assert advise(fixed, RULES, NOW) is Advice.FIXED_REPORTED
    assert advise(Seen(State.SUBMITTED, None, None, blind=2), RULES, NOW) is None
    assert advise(Seen(State.SUBMITTED, None, None, blind=3), RULES, NOW) is Advice.CANNOT_LOOK
    assert advise(Seen(State.OPEN, NOT_FIXED, NOW - DAY, blind=3), RULES, NOW) is Advice.CANNOT_LOOK
    assert advise(Seen(State.STRUCK_OFF, None, None, blind=9), RULES, NOW) is None


def test_an_old_look_speaks_only_where_none_will_follow_by_itself() -> None:
    old = NOW - timedelta(days=7, seconds=1)
    assert advise(Seen(State.OPEN, FIXED, old, is_repeated=True), RULES, NOW) is None
    assert advise(Seen(State.OPEN, FIXED, NOW - 7 * DAY, is_repeated=True), RULES, NOW)
    assert advise(Seen(State.OPEN, FIXED, old), RULES, NOW) is Advice.FIXED_UNREPORTED
    gone_blind = Seen(State.OPEN, FIXED, old, blind=3, is_repeated=True)
    assert advise(gone_blind, RULES, NOW) is Advice.CANNOT_LOOK


def looked(*looks: tuple[float, Verdict]) -> list[Look]:
    """Looks so many hours after the submission."""
    return [Look(verdict, HANDED_IN + hours * HOUR) for hours, verdict in looks]


@pytest.mark.parametrize(
    ("looks", "alone"),
    [
        ([], Alone.NOT_LOOKED),
        ([(-1, FIXED)], Alone.NOT_LOOKED),
        ([(0, FIXED)], Alone.STRIKE_OFF),
        ([(0, NOT_FIXED), (24, FIXED)], Alone.STRIKE_OFF),
        ([(0, FIXED), (24, UNSURE)], Alone.UNSURE),
        ([(0, FIXED), (24, NOT_FIXED)], Alone.TOO_SOON),
        ([(0, NOT_FIXED)], Alone.TOO_SOON),
        ([(0, NOT_FIXED), (24, NOT_FIXED)], Alone.TOO_SOON),
        ([(0, NOT_FIXED), (1, NOT_FIXED), (23.9, NOT_FIXED)], Alone.TOO_SOON),
        ([(0, NOT_FIXED), (1, NOT_FIXED), (24, NOT_FIXED)], Alone.RETURN),
        ([(0, NOT_FIXED), (12, UNSURE), (20, NOT_FIXED), (24, NOT_FIXED)], Alone.RETURN),
        ([(0, NOT_FIXED), (20, NOT_FIXED), (24, NOT_FIXED), (25, UNSURE)], Alone.UNSURE),
        ([(0, NOT_FIXED), (10, FIXED), (20, NOT_FIXED), (40, NOT_FIXED)], Alone.TOO_SOON),
        ([(-30, NOT_FIXED), (-20, NOT_FIXED), (0, NOT_FIXED)], Alone.TOO_SOON),
    ],
)
def test_the_system_acts_alone_only_on_what_it_saw_since(
    looks: list[tuple[float, Verdict]], alone: Alone
) -> None:
    said = act_alone(State.SUBMITTED, looked(*looks), RULES, is_automatic=True, counts_from=HANDED_IN)
    assert said is alone


@pytest.mark.parametrize("state", [state for state in State if state is not State.SUBMITTED])
def test_what_nobody_handed_in_is_left_alone(state: State) -> None:
    looks = looked((0, FIXED))
    said = act_alone(state, looks, RULES, is_automatic=True, counts_from=None)
    assert said is Alone.NOT_SUBMITTED
    said = act_alone(State.SUBMITTED, looks, RULES, is_automatic=False, counts_from=None)
    assert said is Alone.NOT_AUTOMATIC


LOOKS = st.lists(
    st.builds(
        Look,
        st.sampled_from(Verdict),
        st.integers(-200, 200).map(lambda hours: HANDED_IN + hours * HOUR),
    )
).map(lambda looks: sorted(looks, key=lambda look: look.at))


@given(
    state=st.sampled_from(State),
    looks=LOOKS,
    automatic=st.booleans(),
    rules=st.builds(CheckRules, return_looks=st.integers(1, 5), return_hours=st.integers(24, 96)),
)
def test_nothing_is_decided_alone_without_a_look_since_that_says_so(
    state: State, looks: list[Look], automatic: bool, rules: CheckRules
) -> None:
    said = act_alone(state, looks, rules, is_automatic=automatic, counts_from=HANDED_IN)
    since = [look for look in looks if look.at >= HANDED_IN]
    if said in {Alone.STRIKE_OFF, Alone.RETURN}:
        assert automatic
        assert state is State.SUBMITTED
    if said is Alone.STRIKE_OFF:
        assert since[-1].verdict is FIXED
    if said is Alone.RETURN:
        bad = [look for look in since if look.verdict is NOT_FIXED]
        assert since[-1].verdict is NOT_FIXED
        assert len(bad) >= rules.return_looks
        assert bad[-1].at - bad[0].at >= timedelta(hours=rules.return_hours)


@given(
    state=st.sampled_from(State),
    verdict=st.none() | st.sampled_from([FIXED, NOT_FIXED]),
    days=st.integers(0, 20),
    from_days=st.none() | st.integers(0, 20),
    blind=st.integers(0, 5),
    repeated=st.booleans(),
)
def test_no_item_is_advised_struck_off_without_a_fix_seen_since_it_was_handed_in(
    state: State, verdict: Verdict | None, days: int, from_days: int | None, blind: int, repeated: bool
) -> None:
    looked_at: datetime | None = NOW - days * DAY if verdict else None
    since = None if from_days is None else NOW - from_days * DAY
    advice = advise(Seen(state, verdict, looked_at, blind, since, repeated), RULES, NOW)
    if advice is Advice.FIXED_REPORTED:
        assert (state, verdict) == (State.SUBMITTED, FIXED)
        assert looked_at is not None
        assert since is None or looked_at >= since
