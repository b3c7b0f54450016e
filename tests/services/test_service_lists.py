"""Lists of a past moment: each item as it stood then, in every order, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tests.store.test_counted_rates import random_step
from tests.support import Clock, at, take_in
from tracker.domain.errors import RectifyError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State, is_overdue
from tracker.services import inspect, lists
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.store import history, items, past_pages
from tracker.store.conditions import ASKED
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order

pytestmark = pytest.mark.slow

KEPT = ("state", "due_on", "due_at", "submitted_at", "finished_at", "deferred_until")
STATES = (State.OPEN, State.SUBMITTED, State.STRUCK_OFF)
LAST_DAY = date(2021, 8, 10)
Holds = Callable[[Item], bool]
FILTERS: dict[str, tuple[ItemFilter, Holds]] = {
    "all": (ItemFilter(), lambda item: True),
    "states": (ItemFilter(states=STATES), lambda item: item.standing.state in STATES),
    "unit": (ItemFilter(unit="市教育局"), lambda item: item.unit == "市教育局"),
    "due until": (
        ItemFilter(due_to=LAST_DAY),
        lambda item: item.standing.due_on is not None and item.standing.due_on <= LAST_DAY,
    ),
    "words": (ItemFilter(words=("专栏",)), lambda item: "专栏" in item.text),
    "nobody": (ItemFilter(words=("绿萝",)), lambda item: False),
}


def as_shown(found: list[Item]) -> dict[int, list[Any]]:
    """What a past list tells of each item."""
    return {item.number: [getattr(item.standing, name) for name in KEPT] for item in found}


def walked(office: Office, clock: Clock, seed: int) -> dict[datetime, list[Item]]:
    """Thirty random steps; the items as they were after each."""
    choice = random.Random(seed)
    take_in(office, clock())
    remembered = {clock(): inspect.list_items(office, ItemFilter(), now=clock())}
    for _ in range(30):
        now = clock.advance(hours=choice.randint(1, 40))
        random_step(office, choice, now)
        remembered[now] = inspect.list_items(office, ItemFilter(), now=now)
    return remembered


def test_items_at_any_past_moment_are_as_they_were_shown_then(office: Office, clock: Clock) -> None:
    remembered, end = walked(office, clock, 11), clock.advance(days=1)
    for moment, then in remembered.items():
        found = inspect.list_items(office, ItemFilter(), now=end, as_of=moment)
        assert as_shown(found) == as_shown(then)
        late = inspect.list_items(office, ItemFilter(overdue=True), now=end, as_of=moment)
        calendar = office.rules.calendar
        assert [each.number for each in late] == [
            each.number for each in then if is_overdue(each.standing, moment, calendar)
        ]


def without_deadline(office: Office, numbers: list[int], now: datetime) -> None:
    """They become standing duties."""
    with office.database.write() as connection:
        rows = [
            (each.number, replace(each.standing, due_on=None, due_at=None), {})
            for each in items.by_numbers(connection, numbers, lock=True)
        ]
        for number, standing, _ in rows:
            items.save_standing(connection, number, standing)
        history.append(connection, at=now, actor="审批局经办", event="edit", rows=rows)


def sort_key(order: Order) -> Callable[[Item], Any]:
    states = list(State)
    return {
        Order.NUMBER: lambda item: item.number,
        Order.NEWEST: lambda item: -item.number,
        Order.DUE: lambda item: (item.standing.due_on or date.max, item.number),
        Order.UNIT: lambda item: (item.unit_id, item.number),
        Order.STATE: lambda item: (states.index(item.standing.state), item.number),
    }[order]


def paged(
    office: Office, wanted: ItemFilter, order: Order, now: datetime, as_of: datetime, *, backwards: bool
) -> list[int]:
    """All pages of two items, one after another."""
    found: list[int] = []
    place = None
    while True:
        page = lists.list_page(
            office, wanted, order, now=now, as_of=as_of, size=2, start=place, backwards=backwards
        )
        numbers = [each.number for each in page.items]
        found = numbers + found if backwards else found + numbers
        place = page.earlier if backwards else page.later
        if place is None:
            return found


@pytest.mark.parametrize("few", [0, 1000], ids=["by walking", "from a few"])
@pytest.mark.parametrize("order", [order for order in Order if order is not Order.UPDATED])
def test_pages_of_the_past_are_the_sorted_list_of_then(office, clock, monkeypatch, order, few):
    monkeypatch.setattr(past_pages, "FEW", few)
    walked(office, clock, 12)
    without_deadline(office, [2, 5, 7, 9], clock())
    moment, then = clock(), inspect.list_items(office, ItemFilter(), now=clock())
    still_open = [item.number for item in then if item.standing.state is State.OPEN]
    assert still_open
    perform(office, Event.SIGN, still_open, by="审批局经办", now=clock.advance(hours=9))
    end = clock.advance(days=1)
    for name, (wanted, holds) in FILTERS.items():
        by_hand = [each.number for each in sorted(filter(holds, then), key=sort_key(order))]
        for backwards in (False, True):
            assert paged(office, wanted, order, end, moment, backwards=backwards) == by_hand, name


def test_the_order_of_change_is_the_one_of_then(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    for number in (3, 1, 2):
        perform(office, Event.SIGN, [number], by="教育局联络员", now=clock.advance(hours=1))
    moment = clock()
    perform(office, Event.SUBMIT, [3], by="教育局联络员", now=clock.advance(hours=1))
    for as_of, first in ((moment, [2, 1, 3]), (clock(), [3, 2, 1])):
        end = clock()
        page = lists.list_page(office, ItemFilter(), Order.UPDATED, now=end, as_of=as_of, size=3)
        assert [each.number for each in page.items] == first
        beside = lists.neighbours(office, ItemFilter(), Order.UPDATED, 1, now=end, as_of=as_of)
        assert (beside.before, beside.after) == (2, {2: 3, 3: 9}[first[0]])


def test_before_the_first_import_there_was_nothing(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    before, end = at("2021-01-01 09:00"), clock.advance(hours=1)
    page = lists.list_page(office, ItemFilter(), Order.NUMBER, now=end, as_of=before, size=5)
    assert (page.items, page.later) == ([], None)
    beside = lists.neighbours(office, ItemFilter(), Order.NUMBER, 1, now=end, as_of=before)
    assert (beside.before, beside.after) == (None, None)


@pytest.mark.parametrize("basis", list(ASKED))
def test_what_the_history_does_not_keep_is_refused_for_the_past_only(office, clock, basis):
    take_in(office, clock())
    wanted, moment, end = ItemFilter(basis=basis), clock(), clock.advance(hours=1)
    for ask in (
        inspect.list_items,
        lambda *given, **when: lists.list_page(*given, Order.DUE, size=1, **when),
    ):
        with pytest.raises(RectifyError, match="只有现在的清单"):
            ask(office, wanted, now=end, as_of=moment)
    assert inspect.list_items(office, wanted, now=end, as_of=end) == []
