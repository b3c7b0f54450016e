"""Rates counted by the database: as the domain defines them, now and at every past moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.support import Clock, take_in
from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, Event, State, is_overdue
from tracker.domain.rates import Rate, RateRow
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.report import RateTable, rate_table
from tracker.store import items
from tracker.store.items import ItemFilter
from tracker.store.rates import By, latest_units

PEOPLE = ["教育局联络员", "民政局联络员", "审批局经办"]
# Weighted so that a walk gets somewhere: most items are handed in and struck off at last.
EVENTS = [*Event, Event.GRANT, *[Event.SUBMIT, Event.STRIKE_OFF] * 8]
KEYS: dict[By, Callable[[Item], str]] = {
    By.GROUP: lambda item: item.group,
    By.UNIT: lambda item: item.unit,
    By.DOMAIN: lambda item: item.domain or "—",
    By.BULLETIN: lambda item: item.bulletin,
}


def all_items(office: Office, now: datetime) -> list[Item]:
    with office.database.read() as connection:
        return items.find(connection, ItemFilter(), now, office.rules.calendar.today(now))


def counted(office: Office, found: list[Item], key: str, now: datetime) -> RateRow:
    """The definitions of `tracker.domain.rates`, item by item."""
    alive = [item.standing for item in found if item.standing.state is not State.WITHDRAWN]
    struck = [each for each in alive if each.state is State.STRUCK_OFF]
    in_time = [each for each in struck if each.due_at is None or (each.finished_at or now) <= each.due_at]
    judged = [
        each
        for each in alive
        if each.state is State.STRUCK_OFF or is_overdue(each, now, office.rules.calendar)
    ]
    return RateRow(
        key,
        Rate(len(struck), len(alive)),
        Rate(len(in_time), len(judged)),
        overdue=sum(is_overdue(each, now, office.rules.calendar) for each in alive),
        open=sum(each.state not in FINAL for each in alive),
    )


def tables(office: Office, now: datetime, as_of: datetime | None = None) -> dict[By, RateTable]:
    return {by: rate_table(office, by, now=now, as_of=as_of) for by in By}


def random_step(office: Office, choice: random.Random, now: datetime) -> None:
    """One wish of somebody; refused or not."""
    event, number = choice.choice(EVENTS), choice.randint(1, 5)
    to: date | None = office.rules.calendar.today(now) + timedelta(days=choice.randint(1, 40))
    try:
        perform(office, event, [number], by=choice.choice(PEOPLE), now=now, reason="情况属实", to=to)
    except TransitionError:
        return


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_rates_at_any_past_moment_are_what_they_were_then(office: Office, clock: Clock, seed: int) -> None:
    choice = random.Random(seed)
    take_in(office, clock())
    remembered = {clock(): tables(office, clock())}
    for _ in range(40):
        now = clock.advance(hours=choice.randint(1, 30))
        random_step(office, choice, now)
        remembered[now] = tables(office, now)
    end = clock.advance(days=1)
    for moment, then in remembered.items():
        assert tables(office, end, as_of=moment) == then
    assert max(then[By.GROUP].total.rectified.numerator for then in remembered.values()) >= 1


@pytest.mark.slow
def test_rates_are_the_domains_definitions_over_the_items(office: Office, clock: Clock) -> None:
    choice = random.Random(3)
    take_in(office, clock())
    for _ in range(40):
        now = clock.advance(hours=choice.randint(1, 30))
        random_step(office, choice, now)
        found = all_items(office, now)
        for by, key in KEYS.items():
            table = rate_table(office, by, now=now)
            assert {row.key for row in table.rows} == {key(item) for item in found}
            for row in table.rows:
                assert row == counted(office, [item for item in found if key(item) == row.key], row.key, now)
            assert table.total == counted(office, found, "合计", now)


def test_before_the_first_bulletin_there_is_nothing_to_rate(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    table = rate_table(office, By.UNIT, now=clock(), as_of=clock() - timedelta(seconds=1))
    assert table.rows == ()
    assert table.total.rectified.percent == "—"


def test_a_withdrawn_item_leaves_the_denominator_and_the_past_keeps_it(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    before = clock()
    whole = rate_table(office, By.GROUP, now=before).total.rectified
    now = clock.advance(days=1)
    perform(office, Event.WITHDRAW, [1], by="审批局经办", now=now, reason="重复交办")
    assert rate_table(office, By.GROUP, now=now).total.rectified == Rate(0, whole.denominator - 1)
    assert rate_table(office, By.GROUP, now=now, as_of=before).total.rectified == whole


def test_an_item_handed_in_on_time_is_on_time_however_late_it_is_struck_off(
    office: Office, clock: Clock
) -> None:
    take_in(office, clock())
    [late, good] = all_items(office, clock())[:2]
    assert good.standing.due_at is not None
    assert late.standing.due_at is not None
    first, second = sorted([(good.standing.due_at, good), (late.standing.due_at, late)], key=lambda x: x[0])
    perform(office, Event.SUBMIT, [first[1].number], by="联络员", now=first[0])
    after = second[0] + timedelta(seconds=1)
    perform(office, Event.SUBMIT, [second[1].number], by="联络员", now=after)
    end = after + timedelta(days=90)
    perform(office, Event.STRIKE_OFF, [good.number, late.number], by="审批局经办", now=end)
    table = rate_table(office, By.UNIT, now=end)
    assert sum(row.on_time.numerator for row in table.rows) == 1
    assert table.total.rectified.numerator == 2


def test_group_rows_stand_as_the_bulletin_prints_them(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    table = rate_table(office, By.GROUP, now=clock())
    assert [row.key for row in table.rows] == ["市直", "各区"]
    assert [row.key for row in rate_table(office, By.UNIT, now=clock()).rows] == [
        "市教育局",
        "市民政局",
        "澜东区",
    ]


def test_the_latest_units_are_the_overdue_ones_oldest_deadline_first(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    now = clock.advance(days=200)
    calendar = office.rules.calendar
    late: dict[str, list[date]] = {}
    for item in all_items(office, now):
        if item.standing.due_on is not None and is_overdue(item.standing, now, calendar):
            late.setdefault(item.unit, []).append(item.standing.due_on)
    with office.database.read() as connection:
        found, past = (
            latest_units(connection, now, calendar.today(now), past=past, limit=2) for past in (False, True)
        )
    assert found == past
    assert [oldest for *_, oldest in found] == sorted(min(days) for days in late.values())[:2]
    assert all((count, oldest) == (len(late[unit]), min(late[unit])) for unit, count, oldest in found)
