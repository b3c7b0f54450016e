"""How an account stands: the register's word beside what was seen, and the limit of its own list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tracker.domain.media import AccountLimits, AccountSight, Observed, Registered, Verdict, judge

LIMITS = AccountLimits(14, {"微信公众号": 10}, {"省级清单": 7}, full_counts=False, near_days=1)
TODAY = date(2021, 7, 23)
IN_USE = AccountSight("微博", None, Registered.IN_USE, Observed.REACHABLE, None)
CLOSED = replace(IN_USE, registered=Registered.CLOSED)


@pytest.mark.parametrize(
    ("platform", "listed", "limit"),
    [("微博", None, 14), ("微信公众号", None, 10), ("微信公众号", "省级清单", 7), ("微博", "别的清单", 14)],
)
def test_an_account_is_dormant_by_the_limit_of_its_list_then_of_its_platform(
    platform: str, listed: str | None, limit: int
) -> None:
    for idle, verdict in ((limit - 1, Verdict.ACTIVE), (limit, Verdict.ACTIVE), (limit + 1, Verdict.DORMANT)):
        sight = replace(IN_USE, platform=platform, listed=listed, last_post_on=TODAY - timedelta(days=idle))
        assert judge(sight, TODAY, LIMITS) is verdict


def test_the_office_says_whether_the_full_limit_is_already_too_long() -> None:
    sight = replace(IN_USE, last_post_on=TODAY - timedelta(days=14))
    assert judge(sight, TODAY, replace(LIMITS, full_counts=True)) is Verdict.DORMANT


@pytest.mark.parametrize(
    ("sight", "verdict"),
    [
        (CLOSED, Verdict.CLOSED_BUT_REACHABLE),
        (replace(CLOSED, observed=Observed.GONE), Verdict.CLOSED),
        (replace(CLOSED, observed=Observed.UNKNOWN), Verdict.UNKNOWN),
        (replace(CLOSED, gone_on=date(2021, 5, 1)), Verdict.REOPENED_UNFILED),
        (IN_USE, Verdict.UNKNOWN),
    ],
)
def test_closed_on_file_and_seen_alive_are_states_of_their_own(sight: AccountSight, verdict: Verdict) -> None:
    assert judge(sight, TODAY, LIMITS) is verdict


def test_a_post_of_a_day_to_come_tells_nothing() -> None:
    assert judge(replace(IN_USE, last_post_on=TODAY + timedelta(days=1)), TODAY, LIMITS) is Verdict.UNKNOWN
    assert judge(replace(IN_USE, last_post_on=TODAY), TODAY, LIMITS) is Verdict.ACTIVE


@pytest.mark.parametrize(("idle", "verdict"), [(1, Verdict.UNKNOWN), (15, Verdict.DORMANT)])
def test_one_in_use_that_was_seen_gone_is_never_in_order(idle: int, verdict: Verdict) -> None:
    gone = replace(IN_USE, observed=Observed.GONE, last_post_on=TODAY - timedelta(days=idle))
    assert judge(gone, TODAY, LIMITS) is verdict
