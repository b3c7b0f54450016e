"""How long a door stays shut: never before the free ones are used up, longer each time, never for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.lockout import OF_ACCOUNT, OF_ADDRESS, Patience

PATIENCE = st.builds(Patience, free=st.integers(1, 100))


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, None), (4, None), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10_000, 15)]
)
def test_an_account_is_shut_after_the_fifth_for_twice_as_long_each_time(
    failures: int, minutes: int | None
) -> None:
    assert OF_ACCOUNT.delay(failures) == (None if minutes is None else timedelta(minutes=minutes))


@given(PATIENCE, st.integers(0, 10_000))
def test_more_wrong_ones_never_open_it_sooner(patience: Patience, failures: int) -> None:
    now, then = patience.delay(failures), patience.delay(failures + 1)
    assert (now is None) == (failures < patience.free)
    assert then is None or (now or timedelta()) <= then <= patience.longest


def test_an_address_that_many_share_is_shut_later_than_one_account() -> None:
    assert OF_ADDRESS.free >= 10 * OF_ACCOUNT.free
