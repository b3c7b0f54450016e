"""Long sequences: they read like lists and tuples, however much of them waits in a file."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.intake.spool import Derived, Spool, batched, in_order, together


class Note(NamedTuple):
    place: int
    words: str | None
    day: date


class Pair(NamedTuple):
    one: Note
    other: Note | None


def pairs(count: int) -> list[Pair]:
    notes = [Note(place, None if place % 3 else f"第{place}条", date(2026, 10, 20)) for place in range(count)]
    return [Pair(note, note if note.place % 2 else None) for note in notes]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 3456])
def test_a_spool_holds_what_was_put_in(count: int) -> None:
    held, told = pairs(count), Spool(pairs(count))
    assert list(told) == held
    assert len(told) == count
    assert told == held
    assert told == tuple(held)
    assert bool(told) is bool(held)
    assert {type(each) for each in told} <= {Pair}


@settings(max_examples=50)
@given(st.lists(st.integers()), st.integers(1, 4), st.integers(-12, 12), st.slices(12))
def test_places_and_slices_mean_what_they_mean_in_a_list(
    held: list[int], batch: int, place: int, part: slice
) -> None:
    spool = Spool(held[:3], batch=batch)
    for each in held[3:]:
        spool.append(each)
    derived = Derived(len(held), lambda: iter(held))
    assert list(spool[part]) == list(derived[part]) == held[part]
    if -len(held) <= place < len(held):
        assert spool[place] == derived[place] == held[place]
    else:
        with pytest.raises(IndexError):
            spool[place]


def test_a_spool_can_be_walked_twice_at_once_and_grow_meanwhile() -> None:
    spool = Spool(range(2500))
    one, other = iter(spool), iter(spool)
    assert [next(one) for _ in range(1500)] == [next(other) for _ in range(1500)]
    spool.append(2500)
    assert list(one) == list(range(1500, 2501))


def test_spools_differ_when_one_item_does() -> None:
    assert Spool(range(2000)) != [*range(1999), 0]
    assert Spool(range(2000)) != range(1999)
    assert Spool("abc") != "abcd"


@pytest.mark.slow
@settings(max_examples=20)
@given(st.permutations(range(40)))
def test_order_is_that_of_sorted_and_keeps_equals_in_turn(places: list[int]) -> None:
    many = [(place % 7, place) for place in places] * 600  # more than one run
    assert in_order(many) == sorted(many)
    assert in_order(many, lambda pair: pair[0]) == sorted(many, key=lambda pair: pair[0])


def test_parts_become_one_and_a_lone_part_is_not_copied() -> None:
    lone = Spool([1, 2])
    assert together([(), lone, []]) is lone
    assert together([[1], (), [2, 3]]) == (1, 2, 3)
    assert together([]) == ()


def test_batches_are_full_but_for_the_last() -> None:
    assert [len(batch) for batch in batched(range(2100))] == [1000, 1000, 100]
