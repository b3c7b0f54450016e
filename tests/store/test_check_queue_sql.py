"""The queue of checks in SQL says what the domain says, of every combination, and is read by its indexes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import event, update

from tests.support import at, take_in
from tracker.domain.checks import Advice, CheckRules, Seen, Verdict, advise
from tracker.domain.lifecycle import State
from tracker.services.office import Office
from tracker.store import Connection, checks, observations
from tracker.store.observations import StoredObservation
from tracker.store.schema import item

NOW = at("2021-08-02 10:00")
RULES = CheckRules(valid_days=7, blind_looks=3)
DAY = timedelta(days=1)


def all_kinds() -> list[Seen]:
    looks = [(None, None), *product((Verdict.FIXED, Verdict.NOT_FIXED), (NOW - DAY, NOW - 8 * DAY))]
    return [
        Seen(state, verdict, looked_at, blind, counts_from, is_repeated=repeated)
        for state in State
        for verdict, looked_at in looks
        for blind in (0, 2, 3)
        for counts_from in (None, NOW - 2 * DAY, NOW)
        for repeated in (False, True)
    ]


def put(connection: Connection, number: int, seen: Seen) -> None:
    values = {
        "state": seen.state.value,
        "look_verdict": seen.verdict.value if seen.verdict else None,
        "look_at": seen.at,
        "blind_looks": seen.blind,
        "looks_count_from": seen.counts_from,
        "next_check_at": NOW + DAY if seen.is_repeated else None,
    }
    connection.execute(update(item).where(item.c.number == number).values(values))


def test_the_queue_is_what_the_domain_advises(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    kinds = all_kinds()
    met = set()
    with office.database.write() as connection:
        for start in range(0, len(kinds), 9):  # the town has nine items
            some = dict(enumerate(kinds[start : start + 9], start=1))
            for number in range(1, 10):
                put(connection, number, some.get(number, Seen(State.OPEN)))
            wanted = {number: advise(seen, RULES, NOW) for number, seen in some.items()}
            met |= set(wanted.values())
            for advice in Advice:
                found = checks.advised(connection, advice, RULES, NOW, limit=100)
                assert [each.number for each in found] == [
                    number for number, said in wanted.items() if said is advice
                ]
                assert [each.seen for each in found] == [some[each.number] for each in found]
            counted = checks.count(connection, RULES, NOW)
            assert sum(counted.values()) == len([said for said in wanted.values() if said])
    assert met == {None, *Advice}


def test_a_page_begins_after_the_last_number_of_the_one_before(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    with office.database.write() as connection:
        for number in range(1, 10):
            put(connection, number, Seen(State.OPEN, Verdict.FIXED, NOW))
        pages, after = [], None
        while page := checks.advised(connection, Advice.FIXED_UNREPORTED, RULES, NOW, after=after, limit=4):
            pages.append([each.number for each in page])
            after = pages[-1][-1]
        by_unit = checks.count_by_unit(connection, Advice.FIXED_UNREPORTED, RULES, NOW)
    assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]
    assert by_unit == [("市教育局", 5), ("市民政局", 2), ("澜东区", 2)]


def look(connection: Connection, verdict: Verdict, moment: datetime) -> None:
    seen = StoredObservation(4, "website_column", verdict.value, {"summary": "所见"}, moment)
    observations.add(connection, seen)


def test_each_look_leaves_on_its_item_what_it_tells(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    with office.database.write() as connection:
        look(connection, Verdict.UNSURE, NOW)
        beside = checks.of_items(connection, [4])[4]
        assert (beside.seen.verdict, beside.seen.at, beside.seen.blind) == (None, None, 1)
        assert (beside.look_id, beside.last_look_id) == (None, 1)
        look(connection, Verdict.FIXED, NOW + DAY)
        look(connection, Verdict.UNSURE, NOW + 2 * DAY)
        look(connection, Verdict.UNSURE, NOW + 3 * DAY)
        beside = checks.of_items(connection, [4])[4]
        assert (beside.seen.verdict, beside.seen.at, beside.seen.blind) == (Verdict.FIXED, NOW + DAY, 2)
        assert (beside.look_id, beside.last_look_id) == (2, 4)
        look(connection, Verdict.NOT_FIXED, NOW + 4 * DAY)
        beside = checks.of_items(connection, [4])[4]
        assert (beside.seen.verdict, beside.seen.blind, beside.look_id) == (Verdict.NOT_FIXED, 0, 5)


@pytest.mark.parametrize(
    ("advice", "index"),
    [
        (Advice.FIXED_REPORTED, "ix_item_look"),
        (Advice.NOT_FIXED_REPORTED, "ix_item_look"),
        (Advice.FIXED_UNREPORTED, "ix_item_look"),
        (Advice.CANNOT_LOOK, "ix_item_blind"),
    ],
)
def test_the_queue_never_walks_over_all_items(office: Office, advice: Advice, index: str) -> None:
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    with office.database.write() as connection:
        event.listen(connection, "before_cursor_execute", note)
        checks.advised(connection, advice, RULES, NOW, after=3, limit=50)
        event.remove(connection, "before_cursor_execute", note)
        [(statement, parameters)] = asked
        if not office.database.is_sqlite:  # it would read a table of nothing without any index
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if office.database.is_sqlite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
    assert index in str(plan)
