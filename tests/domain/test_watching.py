"""How near a limit something is: the day on which it is full, over, and spoken of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.columns import Age, Freshness
from tracker.domain.watching import Nearness, Resting, WatchRules

POSTED = date(2026, 11, 7)
FORTNIGHT, HALF_YEAR = Age(days=14), Age(months=6)
RULES = WatchRules(stale_days=7)
DAY = timedelta(days=1)
ages = st.one_of(st.builds(Age, days=st.integers(1, 400)), st.builds(Age, months=st.integers(1, 24)))
days = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def resting(
    newest: date | None = POSTED,
    limit: Age = FORTNIGHT,
    *,
    full: bool = True,
    warn: int = 1,
    seen: date | None = None,
) -> Resting:
    return Resting(newest, seen, limit, full, warn)


def on(idle: int, *, full: bool = True, warn: int = 1, pause: int = 1) -> Nearness:
    """So many days after the post, seen that day, with so many days until somebody can be warned again."""
    today = POSTED + idle * DAY
    return resting(full=full, warn=warn, seen=today).nearness(today, today + pause * DAY, RULES)


@pytest.mark.parametrize(
    ("idle", "full", "expected"),
    [
        (0, True, Nearness.FINE),
        (12, True, Nearness.FINE),
        (13, True, Nearness.NEAR),
        (14, True, Nearness.OVER),
        (12, False, Nearness.FINE),
        (13, False, Nearness.NEAR),
        (14, False, Nearness.NEAR),
        (15, False, Nearness.OVER),
    ],
)
def test_a_fortnights_limit_day_by_day(idle: int, full: bool, expected: Nearness) -> None:
    assert on(idle, full=full) is expected


@pytest.mark.parametrize(
    ("idle", "pause", "expected"), [(10, 3, Nearness.FINE), (11, 3, Nearness.NEAR), (5, 9, Nearness.NEAR)]
)
def test_what_comes_near_over_days_off_is_spoken_of_before_them(
    idle: int, pause: int, expected: Nearness
) -> None:
    assert on(idle, pause=pause) is expected


def test_an_old_look_and_none_at_all_tell_nothing() -> None:
    today = POSTED + 13 * DAY
    old, fresh = today - 8 * DAY, today - 7 * DAY
    assert resting(seen=old).nearness(today, today + DAY, RULES) is Nearness.STALE
    assert resting(seen=old).nearness(today + 9 * DAY, today + 10 * DAY, RULES) is Nearness.STALE
    assert resting(seen=fresh).nearness(today, today + DAY, RULES) is Nearness.NEAR
    assert resting(None, seen=today).nearness(today, today + DAY, RULES) is Nearness.UNKNOWN
    assert resting(seen=None).nearness(today, today + DAY, RULES) is Nearness.UNKNOWN


def test_a_day_to_come_is_mistyped_and_tells_nothing() -> None:
    before = POSTED - DAY
    assert resting(seen=before).nearness(before, POSTED, RULES) is Nearness.UNKNOWN
    assert resting(seen=POSTED).nearness(POSTED, POSTED + DAY, RULES) is Nearness.FINE


@pytest.mark.parametrize(
    ("newest", "limit", "full_on", "over_on"),
    [
        (POSTED, FORTNIGHT, date(2026, 11, 21), date(2026, 11, 22)),
        (date(2026, 1, 15), HALF_YEAR, date(2026, 7, 15), date(2026, 7, 16)),
        # 31 August and six months: there is no such day, so the first of March is past it already.
        (date(2026, 8, 31), HALF_YEAR, date(2027, 3, 1), date(2027, 3, 1)),
        # The last days of March all lie a month behind the end of February.
        (date(2026, 2, 28), Age(months=1), date(2026, 3, 28), date(2026, 4, 1)),
    ],
)
def test_the_days_on_which_it_is_full_and_over(
    newest: date, limit: Age, full_on: date, over_on: date
) -> None:
    assert resting(newest, limit, full=False).full_on == full_on
    assert resting(newest, limit, full=False).over_on == over_on
    assert resting(newest, limit, full=True).over_on == full_on


@given(newest=days, limit=ages)
def test_full_and_over_are_the_first_such_days_of_the_checks_own_rule(newest: date, limit: Age) -> None:
    thing = resting(newest, limit, full=False)
    full, over = thing.full_on, thing.over_on
    assert full is not None
    assert over is not None
    assert limit.freshness(newest, full) is not Freshness.WITHIN
    assert limit.freshness(newest, full - DAY) is Freshness.WITHIN
    assert limit.freshness(newest, over) is Freshness.OVER
    assert limit.freshness(newest, over - DAY) is not Freshness.OVER


@given(
    newest=days,
    limit=ages,
    warn=st.integers(1, 30),
    full=st.booleans(),
    pauses=st.lists(st.integers(1, 9), min_size=60),
)
def test_nothing_passes_its_limit_without_a_chance_to_warn(
    newest: date, limit: Age, warn: int, full: bool, pauses: list[int]
) -> None:
    """Whatever days are off: the last day on which somebody can be warned before the limit finds it near."""
    over = resting(newest, limit, full=full).over_on
    assert over is not None
    day = over - 40 * DAY
    for pause in pauses:
        following = day + pause * DAY
        if day < over <= following:
            found = resting(newest, limit, full=full, warn=warn, seen=day)
            assert found.nearness(day, following, RULES) is Nearness.NEAR
        day = following


def test_the_words_say_whether_the_very_day_counts() -> None:
    assert resting(full=True).limit_words() == "满14天"
    assert resting(limit=HALF_YEAR, full=False).limit_words() == "超过6个月"
    assert resting().idle(POSTED + 13 * DAY) == 13
    assert resting().idle(POSTED - DAY) == 0
