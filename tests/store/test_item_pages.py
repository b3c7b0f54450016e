"""Pages of a list: in every order, behind every filter, forwards and back, they are the sorted list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, event, text

from tests.support import at
from tracker.domain.deadlines import last_moment
from tracker.domain.items import Item
from tracker.domain.lifecycle import State
from tracker.domain.rates import EMPTY
from tracker.rules import load_rules
from tracker.store import Database, bulletins, history, item_pages, items, units
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order, Place, Walk
from tracker.store.schema import item
from tracker.store.search import words_of

pytestmark = pytest.mark.slow

CALENDAR = load_rules(None).calendar
NOW = at("2021-07-26 09:00")
TODAY = CALENDAR.today(NOW)
UNITS = ("市教育局", "市民政局", "澜东区")
TEXTS = (
    "没有设置统计信息专栏",
    "节约用水专栏内容为空",
    "未评价办件R&D类12件",
    "“全民健身”栏目100%打不开",
    "公厕标牌脱落",
)
DOMAINS = ("政务公开", "一网通办", None)
SIZE = 90


@pytest.fixture
def listed(database: Database) -> Database:
    with database.write() as connection:
        fill(connection)
    return database


def fill(connection: Connection) -> None:
    owners = [
        units.add_unit(
            connection,
            name=name,
            key=name,
            level="district" if name.endswith("区") else "department",
            parent=None,
            site=None,
            confirmed=True,
            at=NOW,
        )
        for name in UNITS
    ]
    documents = [
        bulletins.add(
            connection,
            title=f"第{number}期",
            issued_on=date(2021, 7, 20),
            filename="通报.txt",
            sha256=str(number),
            content=b"",
            counts={},
            imported_at=NOW,
            imported_by="经办",
        )
        for number in (1, 2)
    ]
    numbers = items.numbers_for(connection, SIZE)
    items.add(connection, [row(number, owners, documents) for number in numbers])
    for number in [*numbers, *numbers[::7], *numbers[::-11]]:
        [found] = items.by_numbers(connection, [number])
        history.append(connection, at=NOW, actor="经办", event="import", rows=[(number, found.standing, {})])


def row(number: int, owners: list[int], documents: list[int]) -> dict[str, object]:
    """Every field goes round at a pace of its own."""
    state = list(State)[number % 6]
    due_on = None if number % 5 == 0 else TODAY + timedelta(days=number * 7 % 23 - 8)
    due_at = None if due_on is None else last_moment(due_on, CALENDAR)
    return {
        "number": number,
        "bulletin_id": documents[number > 40],
        "unit_id": owners[number * 2 % 3],
        "unit_as_written": "市某局",
        "domain": DOMAINS[number % 3],
        "class": ("missing_column", "other")[number % 2],
        "text": TEXTS[number % 5],
        "identity": "0" * 64,
        "line": 1,
        "state": state.value,
        "issued_on": date(2021, 7, 20),
        "due_on": due_on,
        "due_at": due_at,
        "submitted_at": NOW - timedelta(days=2) if state is State.SUBMITTED else None,
        "finished_at": NOW - timedelta(days=3) if state is State.STRUCK_OFF else None,
        "extension_to": TODAY if number % 13 == 0 else None,
        "objection_by": "刘" if number % 17 == 0 else None,
        "provisional": False,
        "rule": {"working_days": 10},
    }


FILTERS = {
    "all": ItemFilter(),
    "states": ItemFilter(states=(State.OPEN, State.SUBMITTED)),
    "state and domains": ItemFilter(states=(State.SIGNED,), domains=("政务公开", "一网通办")),
    "domain": ItemFilter(domains=("政务公开",)),
    "no domain": ItemFilter(domains=(EMPTY,)),
    "some domain or none": ItemFilter(domains=("政务公开", EMPTY)),
    "class": ItemFilter(problem_class="other"),
    "unit": ItemFilter(unit_id=2),
    "group": ItemFilter(group="各区"),
    "bulletin": ItemFilter(bulletin_id=2),
    "overdue": ItemFilter(overdue=True),
    "due between": ItemFilter(due_from=TODAY, due_to=TODAY + timedelta(days=5)),
    "words": ItemFilter(words=("专栏",)),
    "words of unit and text": ItemFilter(words=("民政", "专栏")),
    "nobody": ItemFilter(words=("绿萝",)),
    **{basis.value: ItemFilter(basis=basis) for basis in Basis},
}


def sort_key(order: Order, connection: Connection) -> Callable[[Item], object]:
    states = {state: place for place, state in enumerate(State)}
    last = dict(
        connection.execute(text("SELECT item_number, max(id) FROM history GROUP BY item_number")).all()
    )
    return {
        Order.NUMBER: lambda item: item.number,
        Order.NEWEST: lambda item: -item.number,
        Order.DUE: lambda item: (item.standing.due_on or date.max, item.number),
        Order.UNIT: lambda item: (item.unit_id, item.number),
        Order.STATE: lambda item: (states[item.standing.state], item.number),
        Order.UPDATED: lambda item: -last[item.number],
    }[order]


def walked(connection: Connection, walk: Walk, size: int) -> list[Place]:
    """All pages of a list, one after another."""
    found: list[Place] = []
    while page := item_pages.places(connection, walk, size):
        found = page + found if walk.backwards else found + page
        start = page[0] if walk.backwards else page[-1]
        walk = Walk(walk.wanted, walk.order, NOW, TODAY, start, walk.backwards)
    return found


@pytest.mark.parametrize("few", [0, 1000], ids=["by walking", "from a few"])
@pytest.mark.parametrize("order", list(Order))
def test_pages_one_after_another_are_the_sorted_list(listed, monkeypatch, order, few):
    monkeypatch.setattr(item_pages, "FEW", few)
    monkeypatch.setattr(item_pages, "FEW_CHANGED", few)
    with listed.read() as connection:
        for name, wanted in FILTERS.items():
            everything = items.find(connection, wanted, NOW, TODAY)
            sorted_by_hand = [item.number for item in sorted(everything, key=sort_key(order, connection))]
            forwards = walked(connection, Walk(wanted, order, NOW, TODAY), 7)
            backwards = walked(connection, Walk(wanted, order, NOW, TODAY, backwards=True), 7)
            assert [place.number for place in forwards] == sorted_by_hand, name
            assert backwards == forwards, name


@pytest.mark.parametrize("order", list(Order))
def test_an_items_place_is_where_its_list_has_it(listed, order):
    with listed.read() as connection:
        every = Walk(ItemFilter(), order, NOW, TODAY)
        found = walked(connection, every, 50)
        assert [item_pages.place_of_item(connection, every, place.number) for place in found] == found
        assert item_pages.place_of_item(connection, every, 4711) is None
        for place, following in pairwise(found):
            walk = Walk(ItemFilter(), order, NOW, TODAY, place)
            assert item_pages.places(connection, walk, 1) == [following]


def test_counting_stops_where_nobody_reads_on(listed):
    with listed.read() as connection:
        for wanted, count in ((ItemFilter(), 90), (ItemFilter(basis=Basis.EXTENSION), 4)):
            assert item_pages.count_up_to(connection, wanted, NOW, TODAY, 100) == count
            assert item_pages.count_up_to(connection, wanted, NOW, TODAY, 3) == 3


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("专栏", [0, 1]),
        ("约用", [1]),
        ("信息专栏", [0]),
        ("r&d", [2]),
        ("12", [2]),
        ("100%", [3]),
        ("%", [3]),
        ("_", []),
        ("“全民", [3]),
        ("水", [1]),
        ("标牌 公厕", [4]),
        ("标牌 专栏", []),
        ("\"'; --", []),
        ("AND OR NOT", []),
    ],
)
@pytest.mark.parametrize("few", [0, 1000], ids=["by walking", "from a few"])
def test_words_are_found_wherever_they_stand(listed, monkeypatch, few, typed, texts):
    monkeypatch.setattr(item_pages, "FEW", few)
    with listed.read() as connection:
        walk = Walk(ItemFilter(words=words_of(typed)), Order.NUMBER, NOW, TODAY)
        numbers = [place.number for place in walked(connection, walk, 50)]
    found = {number for number in range(1, SIZE + 1) if number % 5 in texts}
    by_number = {12, 100} & {int(typed)} if typed.isdecimal() else set()
    assert set(numbers) == found | by_number


def test_an_item_is_found_by_its_number_and_its_units_name(listed):
    with listed.read() as connection:
        for typed, numbers in (("#31", {31}), ("澜东", {n for n in range(1, SIZE + 1) if n * 2 % 3 == 2})):
            walk = Walk(ItemFilter(words=words_of(typed)), Order.NUMBER, NOW, TODAY)
            assert {place.number for place in item_pages.places(connection, walk, SIZE)} == numbers


def test_changed_and_deleted_words_are_found_no_more(listed):
    with listed.write() as connection:
        items.set_columns(connection, 4, text="绿萝专栏")
        connection.execute(text("DELETE FROM item WHERE number = 9"))
    with listed.read() as connection:
        for typed, numbers in (("绿萝", [4]), ("公厕", [14, 19])):
            walk = Walk(ItemFilter(words=words_of(typed)), Order.NUMBER, NOW, TODAY)
            assert [place.number for place in item_pages.places(connection, walk, 50)][:2] == numbers


def test_a_long_text_is_found_by_its_first_thousand_characters(listed):
    with listed.write() as connection:
        items.set_columns(connection, 4, text="甲乙" + "丙" * 50_000 + "丁戊")
    with listed.read() as connection:
        walk = Walk(ItemFilter(words=("甲乙",)), Order.NUMBER, NOW, TODAY)
        assert [place.number for place in item_pages.places(connection, walk, 50)] == [4]


@pytest.mark.parametrize("few", [2, 40], ids=["many in the reach", "few in the reach"])
@pytest.mark.parametrize("order", list(Order))
def test_a_common_word_is_looked_for_among_the_few_of_the_reach(listed, monkeypatch, order, few):
    """Else a unit's page walks the whole city's index until it is full."""
    monkeypatch.setattr(item_pages, "FEW", few)
    monkeypatch.setattr(item_pages, "FEW_CHANGED", few)
    monkeypatch.setattr(item_pages, "candidates", lambda *_: None)
    walk = Walk(ItemFilter(words=("专栏",)), order, NOW, TODAY)
    with listed.within(frozenset({2})).read() as connection:
        assert item_pages._sieve(connection, walk).are_few is (few == 40)
        everything = items.find(connection, walk.wanted, NOW, TODAY)
        by_hand = [each.number for each in sorted(everything, key=sort_key(order, connection))]
        assert [place.number for place in walked(connection, walk, 7)] == by_hand
    with listed.read() as connection:
        assert not item_pages._sieve(connection, walk).are_few


@pytest.mark.parametrize("order", list(Order))
def test_the_list_is_walked_by_an_index_and_never_sorted(listed, order):
    """On SQLite, which keeps no statistics, the plan does not depend on how much is stored."""
    if not listed.is_sqlite:
        return
    asked: list[tuple[str, object]] = []
    with listed.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        item_pages.places(connection, Walk(ItemFilter(), order, NOW, TODAY), 50)
        plans = [
            line[3]
            for statement, values in list(asked)
            for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert plans
    assert not [line for line in plans if "TEMP B-TREE" in line]


def test_postgresql_finds_few_open_items_behind_many_finished_ones_by_their_state(listed, monkeypatch):
    """It believes the open ones to lie evenly among all, and would look at each finished one before them."""
    if listed.is_sqlite:
        return
    monkeypatch.setattr(item_pages, "FEW", 0)
    with listed.write() as connection:
        crowd(connection, 20_000)
        for order in (Order.NUMBER, Order.DUE):
            plans = plans_of(connection, Walk(ItemFilter(state=State.OPEN), order, NOW, TODAY))
            assert "pk_item" not in plans
            assert "Seq Scan on item" not in plans


def test_postgresql_sorts_the_few_of_a_unit_and_does_not_walk_all_for_them(listed, monkeypatch):
    if listed.is_sqlite:
        return
    monkeypatch.setattr(item_pages, "FEW", 30_000)
    with listed.write() as connection:
        crowd(connection, 20_000)
        plans = plans_of(connection, Walk(ItemFilter(unit_id=1), Order.DUE, NOW, TODAY))
    assert "Sort" in plans
    assert "ix_item_due_on_number" not in plans


def crowd(connection: Connection, size: int) -> None:
    """So many finished items of the first unit, and behind them half as many of all states."""
    columns = [column.name for column in item.columns if column.name not in {"number", "unit_id", "state"}]
    names = ", ".join(f'"{name}"' for name in columns)
    for first, count, state in ((1000, size, "'struck_off'"), (100_000, size // 2, "state")):
        connection.exec_driver_sql(
            f"INSERT INTO item (number, unit_id, state, {names}) "
            f"SELECT {first} + 100 * step + number, 1, {state}, {names} "
            f"FROM item, generate_series(1, {count // SIZE}) AS step WHERE number <= {SIZE}"
        )
    connection.exec_driver_sql(f"UPDATE item SET number = number + 200000 WHERE number <= {SIZE}")
    connection.exec_driver_sql("ANALYZE item")


def plans_of(connection: Connection, walk: Walk) -> str:
    """How the statements are answered that find the places."""
    asked: list[tuple[str, object]] = []
    event.listen(connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    item_pages.places(connection, walk, 50)
    lines = [
        line[0]
        for statement, values in list(asked)
        for line in connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    ]
    return "\n".join(lines)
