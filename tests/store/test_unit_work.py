"""A unit's work in numbers: the most urgent first, what is finished page by page, counts of its own only."""

from __future__ import annotations

import pytest

from tests.support import Clock, take_in
from tracker.domain.lifecycle import Event, State
from tracker.services import advance
from tracker.services.office import Office
from tracker.store import items, unit_work, units

STAFF = "审批局核验员"


@pytest.fixture
def unit_ids(office: Office, clock: Clock) -> dict[str, int]:
    """Items 1 to 5 are 市教育局's, 6 and 7 市民政局's; by the unit's name its id."""
    take_in(office, clock())
    with office.database.read() as connection:
        return {unit.name: unit.id for unit in units.all_units(connection)}


def test_the_earliest_deadline_comes_first_and_none_at_all_last(
    office: Office, unit_ids: dict[str, int]
) -> None:
    with office.database.write() as connection:
        items.set_columns(connection, 2, due_on=None, due_at=None)
        found = unit_work.unfinished(connection, [unit_ids["市教育局"]], limit=9)
        dues = {item.number: item.standing.due_on for item in items.by_numbers(connection, found)}
        assert found[-1] == 2
        ordered = [dues[number] for number in found[:-1]]
        assert ordered == sorted(ordered, key=str)
        assert unit_work.unfinished(connection, [unit_ids["市教育局"]], limit=2) == found[:2]


def test_only_the_units_that_are_asked_for_count(
    office: Office, clock: Clock, unit_ids: dict[str, int]
) -> None:
    advance.perform(office, Event.WITHDRAW, [1, 2, 6], by=STAFF, now=clock(), reason="不属实")
    with office.database.read() as connection:
        education = [unit_ids["市教育局"]]
        assert unit_work.finished(connection, education, before=None, limit=9) == [2, 1]
        assert unit_work.finished(connection, education, before=2, limit=9) == [1]
        assert unit_work.counts(connection, education) == {State.OPEN: 3, State.WITHDRAWN: 2}
        both = [*education, unit_ids["市民政局"]]
        assert unit_work.finished(connection, both, before=None, limit=9) == [6, 2, 1]
        assert list(unit_work.names(connection, both).values()) == ["市教育局", "市民政局"]
        assert unit_work.unfinished(connection, [], limit=9) == []
