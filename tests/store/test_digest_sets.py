"""What came into a set since a digest, and what nobody signed for: told from the history, item by item."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from tests.conftest import Begin
from tests.services.scenes import strike_off
from tests.support import at, take_in
from tracker.domain.lifecycle import Event
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.step_back import undo_step
from tracker.store import digest_sets, history
from tracker.store.conditions import Basis
from tracker.store.digest_sets import Baseline, Moment
from tracker.store.rates import ALL, Scope

MONDAY, NEXT_MONDAY = at("2021-07-26 09:00"), at("2021-08-02 09:00")


def imported(office: Office) -> None:
    """Items 1 to 5 are 市教育局's, 6 and 7 市民政局's, 8 and 9 澜东区's."""
    take_in(office, at("2021-07-23 17:00"))


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(imported)
    return office


def baseline(moment: datetime, history_id: int | None = None) -> Baseline:
    return Baseline(moment, moment.date(), history_id)


def numbers(
    office: Office,
    basis: Basis,
    since: Baseline,
    now: datetime,
    *,
    past: bool = False,
    scope: Scope = ALL,
    limit: int = 20,
) -> tuple[int, list[int]]:
    with office.database.read() as connection:
        moment = Moment(now, now.date(), scope, past)
        count, found = digest_sets.entered(connection, basis, moment, since, limit=limit)
    return count, sorted(each.number for each in found)


def test_what_was_struck_off_is_told_though_as_much_was_taken_up_again(office: Office) -> None:
    strike_off(office, [1, 2], at("2021-07-26 08:00"))
    strike_off(office, [3, 4], at("2021-07-28 10:00"))
    perform(office, Event.REOPEN, [1, 2], by="核验员", now=at("2021-07-29 10:00"), reason="核查发现反弹")
    # The totals are 2 and 2: their difference would be none.
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY) == (2, [3, 4])


def test_what_was_struck_off_before_and_again_is_no_news(office: Office) -> None:
    strike_off(office, [1], at("2021-07-26 08:00"))
    perform(office, Event.REOPEN, [1], by="核验员", now=at("2021-07-27 10:00"), reason="核查发现反弹")
    strike_off(office, [1], at("2021-07-28 10:00"))
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY) == (0, [])


def test_what_became_overdue_is_told_though_as_much_was_finished(office: Office) -> None:
    late = {
        limit: numbers(office, Basis.OVERDUE, baseline(at(limit)), at("2021-09-30 09:00"))
        for limit in ("2021-07-23 17:00", "2021-08-20 09:00")
    }
    everything, already = late["2021-07-23 17:00"], late["2021-08-20 09:00"]
    assert everything[0] == 9
    assert already[0] < 9
    finished = [number for number in everything[1] if number not in already[1]]
    strike_off(office, finished, at("2021-09-01 10:00"))
    assert numbers(office, Basis.OVERDUE, baseline(at("2021-08-20 09:00")), at("2021-09-30 09:00")) == already


def test_a_past_period_is_told_as_it_was(office: Office) -> None:
    strike_off(office, [3, 4], at("2021-07-28 10:00"))
    then = numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY)
    perform(office, Event.REOPEN, [3, 4], by="核验员", now=at("2021-08-03 10:00"), reason="核查发现反弹")
    strike_off(office, [5], at("2021-08-03 11:00"))
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY, past=True) == then == (2, [3, 4])


def test_a_step_written_down_after_the_digest_counts_for_the_next_one(office: Office) -> None:
    with office.database.read() as connection:
        counted = history.last_id(connection)
    strike_off(office, [2], at("2021-07-26 08:59"))  # decided before the digest, written after it
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY) == (0, [])
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY, counted), NEXT_MONDAY) == (1, [2])


def test_a_long_list_is_cut_but_counted_whole(office: Office) -> None:
    strike_off(office, [1, 2, 3, 4, 8], at("2021-07-28 10:00"))
    count, shown = numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY, limit=3)
    assert (count, len(shown)) == (5, 3)


def test_a_scope_lists_its_own_items(office: Office) -> None:
    strike_off(office, [1, 6, 8], at("2021-07-28 10:00"))
    with office.database.read() as connection:
        unit_id = connection.exec_driver_sql("SELECT unit_id FROM item WHERE number = 8").scalar_one()
    own = Scope(units=frozenset({unit_id}))
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY, scope=own) == (1, [8])
    assert numbers(office, Basis.RECTIFIED, baseline(MONDAY), NEXT_MONDAY, scope=own, past=True) == (1, [8])


def unsigned(office: Office, now: datetime, *, past: bool = False) -> dict[str, int]:
    with office.database.read() as connection:
        found = digest_sets.never_signed(connection, Moment(now, now.date(), ALL, past))
    return {unit: count for unit, count, _ in found}


def test_what_nobody_signed_for_is_told_by_unit(office: Office) -> None:
    before = unsigned(office, MONDAY)
    perform(office, Event.SIGN, [1, 2], by="李联", now=at("2021-07-26 10:00"))
    strike_off(office, [3], at("2021-07-26 11:00"))
    perform(office, Event.REOPEN, [3], by="核验员", now=at("2021-07-26 12:00"), reason="核查发现反弹")
    after = unsigned(office, at("2021-07-26 13:00"))
    # 3 is open again, but its unit has handed it in: it knows of it.
    assert after == before | {"市教育局": before["市教育局"] - 3}
    assert unsigned(office, MONDAY, past=True) == before


def test_a_signature_that_was_taken_back_is_none(office: Office) -> None:
    before = unsigned(office, MONDAY)
    perform(office, Event.SIGN, [1], by="李联", now=at("2021-07-26 10:00"))
    undo_step(office, [1], by="李联", now=at("2021-07-26 10:01"))
    assert unsigned(office, at("2021-07-26 11:00")) == before


@pytest.mark.parametrize("seed", range(4))
def test_the_sets_are_those_of_a_replay_and_make_up_the_difference(office: Office, seed: int) -> None:
    draw = random.Random(seed)
    struck: set[int] = set()
    at_baseline: set[int] = set()
    since = baseline(MONDAY)
    for step in range(16):
        if step == 8:
            with office.database.read() as connection:
                since, at_baseline = baseline(MONDAY, history.last_id(connection)), set(struck)
        number, moment = draw.randint(1, 9), at("2021-07-24 09:00") + timedelta(hours=8 * step)
        if number in struck:
            perform(office, Event.REOPEN, [number], by="核验员", now=moment, reason="核查发现反弹")
        else:
            strike_off(office, [number], moment)
        struck ^= {number}
    count, found = numbers(office, Basis.RECTIFIED, since, at("2021-07-30 09:00"))
    assert (count, set(found)) == (len(struck - at_baseline), struck - at_baseline)
    assert len(struck) - len(at_baseline) == count - len(at_baseline - struck)
    late, overdue = numbers(office, Basis.OVERDUE, since, at("2021-09-30 09:00"))
    assert (late, set(overdue)) == (9 - len(struck), set(range(1, 10)) - struck)
