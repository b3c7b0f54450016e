"""What an export may close: never what it merely leaves out because it shrank or covers other days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.exports import Doubt, Extent, Move, Tracked, Trust, doubts_about, move_for, shrunk_units

FIRST, LAST = date(2021, 7, 1), date(2021, 9, 30)
BEFORE = Extent(1000, FIRST, LAST)


@pytest.mark.parametrize(
    ("new", "doubts"),
    [
        (Extent(1000, FIRST, LAST), ()),
        (Extent(800, FIRST, LAST), ()),
        (Extent(799, FIRST, LAST), (Doubt.SHRUNK,)),
        (Extent(1200, date(2021, 6, 1), date(2021, 10, 20)), ()),
        (Extent(1200, date(2021, 7, 2), date(2021, 10, 20)), (Doubt.OTHER_DAYS,)),
        (Extent(1200, FIRST, date(2021, 9, 29)), (Doubt.OTHER_DAYS,)),
        (Extent(10, date(2021, 10, 1), date(2021, 10, 20)), (Doubt.SHRUNK, Doubt.OTHER_DAYS)),
        (Extent(0, None, None), (Doubt.SHRUNK, Doubt.OTHER_DAYS)),
        (Extent(1000, FIRST, LAST, unreadable=1), (Doubt.UNREADABLE,)),
        (Extent(1000, FIRST, LAST, has_strays=True), (Doubt.UNIT_UNKNOWN,)),
    ],
)
def test_an_export_is_doubted_for_fewer_rows_other_days_or_rows_that_may_be_anybodys(
    new: Extent, doubts: tuple[Doubt, ...]
) -> None:
    assert doubts_about(new, BEFORE, 80) == doubts


def test_the_first_export_of_a_source_has_nothing_to_be_compared_with() -> None:
    assert doubts_about(Extent(1, FIRST, FIRST), None, 80) == ()
    assert doubts_about(Extent(1, FIRST, FIRST), Extent(0, None, None), 80) == ()
    assert doubts_about(Extent(1, FIRST, FIRST, unreadable=1), None, 80) == (Doubt.UNREADABLE,)


def test_a_unit_that_is_absent_or_short_is_doubted_by_itself() -> None:
    trust = Trust({1: 10, 2: None}, ())
    assert trust.doubts_of(1, 10, LAST) == ()
    assert trust.doubts_of(1, 11, LAST) == (Doubt.UNIT_SHORT,)
    assert trust.doubts_of(2, 982, LAST) == ()
    assert trust.doubts_of(3, 1, LAST) == (Doubt.UNIT_ABSENT,)
    told = replace(trust, unit_doubts={1: Doubt.UNIT_UNJUDGED})
    assert told.doubts_of(1, 1, LAST) == (Doubt.UNIT_UNJUDGED,)
    assert told.doubts_of(2, 1, LAST) == ()
    assert Trust({1: 10}, (Doubt.SHRUNK,)).doubts_of(1, 1, LAST) == (Doubt.SHRUNK,)


def test_cases_that_all_began_later_say_nothing_of_an_item_unless_a_person_says_so() -> None:
    trust = Trust({1: 10, 2: None}, (), first_on=LAST)
    assert trust.doubts_of(1, 1, LAST) == (Doubt.BEGINS_LATER,)
    assert trust.doubts_of(1, 1, LAST + timedelta(days=1)) == ()
    assert trust.doubts_of(2, 1, FIRST) == ()


def test_a_unit_of_whose_rows_too_few_are_left_is_told_by_itself() -> None:
    before = {1: 300, 2: 10, 3: 10, 4: 10}
    assert shrunk_units({1: 3, 2: 7, 3: 8, 5: 1}, before, 80) == {1, 2}


@pytest.mark.parametrize(
    ("tracked", "standing", "proven", "doubts", "move"),
    [
        (Tracked(982, None), 300, 300, (), Move.COUNT),
        (Tracked(982, None), 300, 300, (Doubt.UNIT_SHORT,), Move.DOUBT),
        (Tracked(982, None), 300, 300, (Doubt.SHRUNK,), Move.DOUBT),
        (Tracked(5, None), 5, 5, (), Move.NOTHING),
        (Tracked(5, None), 5, 5, (Doubt.SHRUNK,), Move.NOTHING),
        (Tracked(5, None), 5, 3, (Doubt.UNIT_ABSENT,), Move.DOUBT),
        (Tracked(5, None), 8, 8, (Doubt.SHRUNK,), Move.COUNT),
        (Tracked(None, None), 8, 8, (Doubt.SHRUNK,), Move.COUNT),
        (Tracked(5, None), 0, 0, (), Move.CLEAR),
        (Tracked(None, None), 0, 0, (), Move.CLEAR),
        (Tracked(5, None), 0, 0, (Doubt.UNIT_SHORT,), Move.DOUBT),
        (Tracked(5, 0), 0, 0, (), Move.NOTHING),
        (Tracked(5, 0), 2, 2, (), Move.COUNT),
    ],
)
def test_what_becomes_of_an_item(
    tracked: Tracked, standing: int, proven: int, doubts: tuple[Doubt, ...], move: Move
) -> None:
    assert move_for(tracked, standing, proven, doubts) is move


@given(
    st.builds(Tracked, st.none() | st.integers(0, 50), st.none() | st.integers(0, 50)),
    st.integers(0, 50),
    st.integers(0, 50),
    st.sampled_from([Doubt.SHRUNK, Doubt.OTHER_DAYS, Doubt.UNIT_ABSENT]),
)
def test_a_doubted_export_never_lowers_and_never_clears(
    tracked: Tracked, standing: int, missing: int, doubt: Doubt
) -> None:
    move = move_for(tracked, standing, max(standing - missing, 0), (doubt,))
    assert move is not Move.CLEAR
    if move is Move.COUNT and tracked.remaining != 0 and tracked.quantity is not None:
        assert standing > tracked.quantity
