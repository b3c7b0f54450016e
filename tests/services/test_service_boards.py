"""Counts that are kept and put right are those of a fresh count, whatever happens in between."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from tests.services.scenes import NEXT_BULLETIN, strike_off
from tests.store.test_counted_rates import all_items, random_step
from tests.support import Clock, at, take_in
from tracker.domain.lifecycle import Event, Standing
from tracker.domain.rates import WHOLE, Rate
from tracker.services import undo
from tracker.services.advance import perform
from tracker.services.boards import Boards
from tracker.services.leader import LeaderView, leader_view
from tracker.services.office import Office
from tracker.services.report import rate_table
from tracker.services.summarise import send_digest
from tracker.services.unit_aliases import teach_alias
from tracker.store import board as counting
from tracker.store.rates import ALL, By, Scope

SCOPES = (ALL, Scope(bulletin_id=1))


def views(office: Office, boards: Boards, now: datetime) -> list[LeaderView]:
    return [leader_view(office, boards, scope, now=now) for scope in SCOPES]


@pytest.mark.slow
def test_what_is_kept_is_what_a_fresh_count_gives_after_any_step(office: Office, clock: Clock) -> None:
    choice, kept = random.Random(21), Boards(office)
    take_in(office, clock())
    for step in range(30):
        now = clock.advance(hours=choice.randint(1, 30))
        random_step(office, choice, now)
        if step == 15:
            take_in(office, now, NEXT_BULLETIN, "三季度.txt")
        assert views(office, kept, now) == views(office, Boards(office), now)
    whole = leader_view(office, kept, ALL, now=clock())
    table = rate_table(office, By.GROUP, now=clock())
    assert (whole.total, whole.groups) == (table.total, table.rows)


def test_an_import_that_is_undone_and_units_that_are_merged_leave_nothing_behind(
    office: Office, clock: Clock
) -> None:
    kept = Boards(office)
    take_in(office, clock())
    views(office, kept, clock())
    taken = take_in(office, clock.advance(hours=1), NEXT_BULLETIN, "三季度.txt")
    views(office, kept, clock())
    assert taken.bulletin_id is not None
    undo.undo(office, taken.bulletin_id, by="经办", reason="重复读入", now=clock.advance(hours=1))
    assert views(office, kept, clock()) == views(office, Boards(office), clock())
    teach_alias(office, "市民政局", "市教育局", by="经办", now=clock.advance(hours=1))
    after = views(office, kept, clock())
    assert after == views(office, Boards(office), clock())
    assert "市民政局" not in [lamp.unit for lamp in after[0].lamps]


def test_a_new_day_is_counted_afresh(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    kept = Boards(office)
    assert views(office, kept, clock())[0].total.overdue == 0
    now = clock.advance(days=200)
    assert views(office, kept, now)[0].total.overdue == 9
    assert {lamp.tally.overdue > 0 for lamp in views(office, kept, now)[0].lamps} == {True}


def test_only_units_in_which_something_happened_are_counted_again(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    with office.database.read() as connection:
        before = counting.last_history(connection)
        assert counting.touched_units(connection, before, {"sign"}, limit=5) == set()
    perform(office, Event.SIGN, [1], by="教育局联络员", now=clock())
    with office.database.read() as connection:
        assert counting.touched_units(connection, before, {"sign"}, limit=5) == {1}
        assert counting.touched_units(connection, before, {"submit"}, limit=5) is None
        assert counting.touched_units(connection, 0, {"sign", "import"}, limit=5) is None


def test_the_trend_says_what_the_digest_said_and_counts_the_weeks_that_had_none(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    strike_off(office, [1, 2], at("2021-07-25 10:00"))
    send_digest(office, now=at("2021-07-26 09:00"))
    strike_off(office, [3], at("2021-07-26 08:00"))  # entered later, for a moment before the digest
    strike_off(office, [4], at("2021-07-28 10:00"))
    view = leader_view(office, Boards(office), ALL, now=at("2021-08-04 10:00"))
    assert [(point.on.isoformat(), point.rates[WHOLE]) for point in view.trend] == [
        ("2021-07-26", Rate(2, 9)),
        ("2021-08-02", Rate(4, 9)),
        ("2021-08-04", Rate(4, 9)),
    ]
    assert view.last_monday == view.trend[0]
    only = leader_view(office, Boards(office), Scope(bulletin_id=1), now=at("2021-08-04 10:00"))
    assert [point.rates[WHOLE].numerator for point in only.trend] == [2, 4, 4]


def test_near_is_what_the_usual_ladders_yellow_days_hold(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    rules = office.rules
    due = sorted({each.due_on for each in _standings(office) if each.due_on})[0]
    yellow = rules.calendar.add_working_days(due, -rules.near_days)
    before = rules.calendar.add_working_days(due, -rules.near_days - 1)
    found = [
        sum(
            lamp.tally.near for lamp in leader_view(office, Boards(office), ALL, now=at(f"{day} 10:00")).lamps
        )
        for day in (before, yellow)
    ]
    assert found == [0, sum(each.due_on == due for each in _standings(office))]


def _standings(office: Office) -> list[Standing]:
    return [item.standing for item in all_items(office, at("2021-07-23 17:00"))]
