"""The seal: what it covers, and that nothing of it can be changed unseen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.trail import NOTHING_BEFORE, SEALED, plain, seal

MOMENT = datetime(2021, 7, 23, 9, 0, tzinfo=UTC)
ROW: dict[str, object] = {
    "id": 12,
    "item_number": 8,
    "at": MOMENT,
    "actor": "李联",
    "event": "submit",
    "reason": None,
    "detail": {"due_on": ["2021-07-30", None], "bulletin": "通报"},
    "state": "submitted",
    "due_on": date(2021, 7, 30),
    "due_at": MOMENT,
    "submitted_at": MOMENT,
    "finished_at": None,
    "deferred_until": None,
}
VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=5),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.dictionaries(st.text(max_size=3), st.integers() | st.lists(st.text(max_size=3), max_size=2)),
)


def sealed(row: dict[str, object], before: str = NOTHING_BEFORE) -> str:
    return seal([row[name] for name in SEALED], before)


def test_the_seal_of_a_row_never_changes() -> None:
    """What is sealed in offices today must be found whole by every later version."""
    assert sealed(ROW) == "938568852bc37d58fc3b2b70c381bebcb98188de109c88a7de08712d335bc368"


def test_a_moment_is_sealed_as_a_moment_whatever_its_zone() -> None:
    east = MOMENT.astimezone(timezone(timedelta(hours=8)))
    assert sealed(ROW | {"at": east}) == sealed(ROW)


def test_the_order_of_keys_in_the_detail_is_nothing() -> None:
    detail = ROW["detail"]
    assert isinstance(detail, dict)
    assert sealed(ROW | {"detail": dict(reversed(detail.items()))}) == sealed(ROW)


@pytest.mark.parametrize("name", SEALED)
def test_every_column_is_covered(name: str) -> None:
    assert sealed(ROW | {name: "另一个"}) != sealed(ROW)


@given(st.sampled_from(SEALED), VALUES, VALUES)
def test_two_values_of_a_column_never_have_one_seal(name: str, one: object, other: object) -> None:
    differ = plain(one) != plain(other)
    assert (sealed(ROW | {name: one}) != sealed(ROW | {name: other})) is differ


@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_the_row_before_is_covered(before: str) -> None:
    assert sealed(ROW, before) != sealed(ROW)
