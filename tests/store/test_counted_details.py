"""Returned, recurred, median days, periods: as item by item from the history, and each with its list."""

from __future__ import annotations

import random
import statistics
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.services.scenes import NEXT_BULLETIN, strike_off
from tests.store.test_counted_rates import KEYS, all_items, random_step
from tests.support import Clock, at, take_in
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.domain.periods import IssuePeriod
from tracker.domain.rates import EMPTY
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.report import RateTable, detailed_table
from tracker.services.step_back import undo_step
from tracker.store import history, items
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter
from tracker.store.rates import By, Scope

SUBMITTER, STAFF = "教育局联络员", "审批局复核"
PERIODS = {
    By.PERIOD: lambda item: (
        IssuePeriod(item.issued_on.year * 12 + (item.issued_on.month - 1) // 3 * 3, 3).name
    ),
    By.MONTH: lambda item: f"{item.issued_on:%Y-%m}",
}


def listed(office: Office, wanted: ItemFilter, now: datetime) -> list[Item]:
    with office.database.read() as connection:
        return items.find(connection, wanted, now, office.rules.calendar.today(now))


def narrowed(by: By, key: str) -> dict[str, object]:
    if by in PERIODS:
        return {"issued": IssuePeriod.parse(key)}
    return {by.value: key}


def was_returned(office: Office, item: Item) -> bool:
    with office.database.read() as connection:
        events = [row.event for row in history.of_item(connection, item.number)]
    followed = zip(events, [*events[1:], ""], strict=True)
    return any(event == "return" and after != "undo_step" for event, after in followed)


def days(office: Office, found: list[Item]) -> Decimal | None:
    calendar = office.rules.calendar
    spells = [
        (calendar.today(item.standing.finished_at) - item.issued_on).days
        for item in found
        if item.standing.state is State.STRUCK_OFF and item.standing.finished_at
    ]
    return Decimal(statistics.median(spells)) if spells else None


def walk(office: Office, clock: Clock, seed: int) -> dict[datetime, dict[By, RateTable]]:
    """Two bulletins and thirty random steps between and after them; the tables of each moment."""
    choice, remembered = random.Random(seed), {}
    take_in(office, clock())
    perform(office, Event.SUBMIT, [1, 2], by=SUBMITTER, now=clock())
    perform(office, Event.RETURN, [1, 2], by=STAFF, now=clock(), reason="佐证不全")
    for step in range(30):
        now = clock.advance(hours=choice.randint(1, 60))
        if step == 18:
            strike_off_all(office, now)
            take_in(office, now, NEXT_BULLETIN, "三季度.txt")
        random_step(office, choice, now)
        if step % 5 == 0 and step:
            undo_last_return(office, now)
        remembered[now] = {by: detailed_table(office, by, now=now) for by in By}
    return remembered


def strike_off_all(office: Office, now: datetime) -> None:
    open_ones = [item.number for item in all_items(office, now) if item.standing.state is State.OPEN]
    strike_off(office, open_ones, now)


def undo_last_return(office: Office, now: datetime) -> None:
    submitted = [item.number for item in all_items(office, now) if item.standing.state is State.SUBMITTED]
    if submitted:
        perform(office, Event.RETURN, submitted[:1], by=STAFF, now=now, reason="佐证不全")
        undo_step(office, submitted[:1], by=STAFF, now=now)


@pytest.mark.slow
def test_details_at_any_past_moment_are_what_they_were_then(office: Office, clock: Clock) -> None:
    remembered = walk(office, clock, 5)
    end = clock.advance(days=1)
    for moment, then in remembered.items():
        assert {by: detailed_table(office, by, now=end, as_of=moment) for by in By} == then


@pytest.mark.slow
def test_each_number_is_the_length_of_its_list_and_the_parts_are_the_whole(
    office: Office, clock: Clock
) -> None:
    walk(office, clock, 7)
    now = clock()
    whole = [item for item in all_items(office, now) if item.standing.state is not State.WITHDRAWN]
    keys = {**KEYS, **PERIODS, By.CLASS: lambda item: item.problem_class}
    for by, key in keys.items():
        table = detailed_table(office, by, now=now)
        assert sum(row.rectified.denominator for row in table.rows) == len(whole)
        assert table.overall_days == days(office, whole)
        for row in table.rows:
            field = {By.CLASS: "problem_class"}.get(by, by.value)
            code = next((each.code for each in office.rules.classes if each.name == row.key), row.key)
            narrowing = narrowed(by, row.key) if by is not By.CLASS else {field: code}
            mine = [item for item in whole if key(item) == (code if by is By.CLASS else row.key)]
            numbers = {
                Basis.RECTIFIED: row.rectified.numerator,
                Basis.COUNTED: row.rectified.denominator,
                Basis.ON_TIME: row.on_time.numerator,
                Basis.JUDGED: row.on_time.denominator,
                Basis.OVERDUE: row.overdue,
                Basis.UNFINISHED: row.open,
                Basis.RETURNED: row.returned,
                Basis.RECURRED: row.recurred,
            }
            for basis, number in numbers.items():
                assert len(listed(office, ItemFilter(basis=basis, **narrowing), now)) == number, (by, row.key)
            assert row.returned == sum(was_returned(office, item) for item in mine)
            assert row.recurred == sum(item.recurs is not None for item in mine)
            assert table.median_days.get(row.key) == days(office, mine)
    assert any(row.recurred for row in detailed_table(office, By.UNIT, now=now).rows)
    assert any(row.returned for row in detailed_table(office, By.UNIT, now=now).rows)


def test_a_scope_counts_what_a_table_of_all_counts_for_it(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    perform(office, Event.SUBMIT, [1], by=SUBMITTER, now=clock())
    perform(office, Event.RETURN, [1], by=STAFF, now=clock(), reason="佐证不全")
    now = clock.advance(days=100)
    take_in(office, now, NEXT_BULLETIN, "三季度.txt")
    for past in (None, now - timedelta(days=1)):
        by_group = detailed_table(office, By.GROUP, now=now, as_of=past)
        for row in by_group.rows:
            only = detailed_table(office, By.UNIT, now=now, as_of=past, scope=Scope(group=row.key))
            assert (only.total.rectified, only.total.returned) == (row.rectified, row.returned)
        by_period = detailed_table(office, By.PERIOD, now=now, as_of=past)
        for row in by_period.rows:
            scope = Scope(issued=IssuePeriod.parse(row.key))
            assert detailed_table(office, By.PERIOD, now=now, as_of=past, scope=scope).rows == (row,)
    first = detailed_table(office, By.UNIT, now=now, scope=Scope(bulletin_id=1))
    assert first.total.rectified.denominator == 9
    assert [row.key for row in detailed_table(office, By.PERIOD, now=now).rows] == ["2021Q3", "2021Q4"]


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    for number, day in ((1, "2021-07-24 00:30"), (2, "2021-07-28 23:30")):
        strike_off(office, [number], at(day))
    table = detailed_table(office, By.UNIT, now=at("2021-08-01 09:00"))
    assert table.overall_days == Decimal(3)  # one day and five, by the office's midnight
    strike_off(office, [3], at("2021-07-27 12:00"))
    assert detailed_table(office, By.UNIT, now=at("2021-08-01 09:00")).overall_days == Decimal(4)
    assert detailed_table(office, By.DOMAIN, now=at("2021-08-01 09:00")).median_days.get(EMPTY) is None


def test_what_is_returned_twice_counts_once_and_not_at_all_once_it_is_taken_back(office: Office) -> None:
    now = at("2021-07-26 09:00")
    take_in(office, at("2021-07-23 17:00"))
    for _ in range(2):
        perform(office, Event.SUBMIT, [1], by=SUBMITTER, now=now)
        perform(office, Event.RETURN, [1], by=STAFF, now=now, reason="佐证不全")
    perform(office, Event.SUBMIT, [2], by=SUBMITTER, now=now)
    perform(office, Event.RETURN, [2], by=STAFF, now=now, reason="佐证不全")
    assert detailed_table(office, By.GROUP, now=now).total.returned == 2
    undo_step(office, [2], by=STAFF, now=now)
    assert detailed_table(office, By.GROUP, now=now).total.returned == 1


def test_a_name_that_a_unit_bears_lists_only_this_units_items(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    with office.database.write() as connection:
        items.set_columns(connection, 1, unit_id=3)  # written 市教育局, but 澜东区's
    own = listed(office, ItemFilter(unit="市教育局"), clock())
    assert 1 not in [item.number for item in own]
    table = detailed_table(office, By.UNIT, now=clock())
    assert {row.key: row.rectified.denominator for row in table.rows}["市教育局"] == len(own)
