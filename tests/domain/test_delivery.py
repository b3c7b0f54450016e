"""What a refusal means: for the message, its address and its channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.delivery import CHANNEL_REST, GAPS, Verdict, judge
from tracker.domain.errors import DeliveryError, Outcome, Scope

TEMPORARY, PERMANENT, UNKNOWN = Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN


def verdict(
    outcome: Outcome,
    scope: Scope = Scope.MESSAGE,
    *,
    failures: int = 0,
    after: int = 0,
    is_repeatable: bool = False,
) -> Verdict:
    error = DeliveryError("拒收", outcome=outcome, scope=scope, retry_after_seconds=after)
    return judge(error, failures, is_repeatable=is_repeatable)


@pytest.mark.parametrize(
    ("outcome", "scope", "wanted"),
    [
        (PERMANENT, Scope.MESSAGE, Verdict()),
        (PERMANENT, Scope.ADDRESS, Verdict(disables=True)),
        (PERMANENT, Scope.CHANNEL, Verdict(retry_after=CHANNEL_REST)),
        (TEMPORARY, Scope.MESSAGE, Verdict(retry_after=GAPS[0])),
        (TEMPORARY, Scope.ADDRESS, Verdict(retry_after=GAPS[0])),
        (TEMPORARY, Scope.CHANNEL, Verdict(retry_after=CHANNEL_REST)),
        (UNKNOWN, Scope.MESSAGE, Verdict(is_unknown=True)),
        (UNKNOWN, Scope.ADDRESS, Verdict(is_unknown=True)),
        (UNKNOWN, Scope.CHANNEL, Verdict(is_unknown=True)),
    ],
)
def test_each_outcome_by_how_far_it_reaches(outcome: Outcome, scope: Scope, wanted: Verdict) -> None:
    assert verdict(outcome, scope) == wanted


def test_gaps_grow_until_the_message_has_failed() -> None:
    waits = [verdict(TEMPORARY, failures=n).retry_after for n in range(len(GAPS))]
    assert waits == sorted(GAPS)
    assert verdict(TEMPORARY, failures=len(GAPS)) == Verdict()


@pytest.mark.parametrize(("after", "wait"), [(65, timedelta(seconds=65)), (3, timedelta(minutes=1))])
def test_the_far_side_may_ask_for_more_time_and_not_for_less(after: int, wait: timedelta) -> None:
    assert verdict(TEMPORARY, after=after).retry_after == wait


def test_what_the_far_side_shows_once_is_sent_again_until_it_answers() -> None:
    assert verdict(UNKNOWN, is_repeatable=True) == Verdict(retry_after=GAPS[0])
    assert verdict(UNKNOWN, failures=len(GAPS), is_repeatable=True) == Verdict(is_unknown=True)


@given(
    outcome=st.sampled_from(Outcome),
    scope=st.sampled_from(Scope),
    failures=st.integers(0, 1000),
    after=st.integers(0, 86_400),
    is_repeatable=st.booleans(),
)
def test_no_verdict_sends_blindly_and_none_is_two_things(
    outcome: Outcome, scope: Scope, failures: int, after: int, is_repeatable: bool
) -> None:
    found = verdict(outcome, scope, failures=failures, after=after, is_repeatable=is_repeatable)
    again = found.retry_after is not None
    assert again + found.is_unknown + found.disables <= 1
    if outcome is UNKNOWN:
        assert not again or is_repeatable
    else:
        assert not found.is_unknown
    assert found.disables == (outcome is PERMANENT and scope is Scope.ADDRESS)
    asks = after and outcome is TEMPORARY and scope is Scope.CHANNEL  # as long as it asks for
    assert not again or found.retry_after >= (timedelta(seconds=after) if asks else GAPS[0])
