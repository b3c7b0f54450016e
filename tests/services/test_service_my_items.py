"""What a unit's own people see: their units' items and no other, by what is to be done."""

from __future__ import annotations

import pytest

from tests.services.scenes import know
from tests.support import Clock, at, take_in
from tracker.domain.errors import NotFoundError
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import accounts, advance, my_items, step_back
from tracker.services.my_items import Group, finished_items, my_file
from tracker.services.office import Office
from tracker.services.unit_people import UnitPerson, bureau_of, unit_person
from tracker.store import units
from tracker.store.accounts import Holder, Session

EDUCATION, CIVIL = "市教育局", "市民政局"
STAFF = "审批局核验员"


@pytest.fixture
def office(office: Office, clock: Clock) -> Office:
    """Items 1 to 5 are 市教育局's, 6 and 7 市民政局's."""
    take_in(office, clock())
    know(office, f"{EDUCATION},李联,联络员,13800000001,,,", f"{CIVIL},李联,联络员,13800000002,,,")
    return office


def holder_of(office: Office, unit: str = EDUCATION) -> UnitPerson:
    """Whoever came by a link of 李联 of that unit."""
    with office.database.read() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == unit]
    session = Session("李联", "x", at("2021-07-30 17:00"), Holder(1, "李联", unit_id, unit))
    person = unit_person(office, session)
    assert person is not None
    return person


def session_of(login: str) -> Session:
    return Session(login, "x", at("2021-07-30 17:00"))


def listed(office: Office, person: UnitPerson, clock: Clock) -> dict[Group, list[int]]:
    groups = my_items.my_items(office, person, now=clock()).groups
    return {group: [item.number for item in some] for group, some in groups.items()}


def test_a_link_shows_the_items_of_its_own_unit_and_no_other(office: Office, clock: Clock) -> None:
    with office.database.write() as connection:  # read as another unit's, put right by a person
        connection.exec_driver_sql(f"UPDATE item SET unit_as_written = '{EDUCATION}' WHERE number = 8")
    person = holder_of(office)
    own = {number for some in listed(office, person, clock).values() for number in some}
    assert own == {1, 2, 3, 4, 5}
    for number in range(11):
        if number in own:
            assert my_file(office, person, number).item.unit == EDUCATION
        else:
            with pytest.raises(NotFoundError):
                my_file(office, person, number)


def test_an_account_of_a_unit_acts_for_the_units_of_the_contacts_file(office: Office, clock: Clock) -> None:
    know(office, f"{EDUCATION},钱管,审批局,13800000003,,,")
    for login, role in (("李联", Role.CONTACT), ("钱管", Role.STAFF), ("周头", Role.HEAD)):
        accounts.save_account(office, login, "yunlan-2026-mima", now=clock(), role=role)
    person = unit_person(office, session_of("李联"))
    assert person is not None
    assert sorted(person.units.values()) == [EDUCATION, CIVIL]
    assert person.title.endswith("等 2 个单位")
    numbers = [number for some in listed(office, person, clock).values() for number in some]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7]
    assert unit_person(office, session_of("钱管")) is None
    assert unit_person(office, session_of("周头")) is None  # a head whom the contacts file does not know


def test_items_are_grouped_by_what_is_to_be_done(office: Office, clock: Clock) -> None:
    person = holder_of(office)
    advance.perform(office, Event.SIGN, [4], by="李联", now=clock())
    advance.perform(office, Event.SUBMIT, [2, 3], by="李联", now=clock())
    advance.perform(office, Event.RETURN, [3], by=STAFF, now=clock(), reason="截图看不清")
    first = listed(office, person, clock)
    assert first[Group.RETURNED] == [3]
    assert first[Group.WAITING] == [2]
    mine = my_items.my_items(office, person, now=clock())
    assert mine.returned == {3: "截图看不清"}
    assert mine.unsigned == [1, 5]
    assert list(first) == [group for group in Group if group in first]
    clock.advance(days=400)
    late = listed(office, person, clock)
    assert 3 in late[Group.RETURNED]
    assert late[Group.WAITING] == [2]
    assert {1, 4, 5} - set(late[Group.OVERDUE]) <= set(late.get(Group.UNSIGNED, []))


def test_the_most_urgent_comes_first_in_its_group(office: Office, clock: Clock) -> None:
    person = holder_of(office)
    clock.advance(days=400)
    mine = my_items.my_items(office, person, now=clock())
    days = [mine.days[item.number] for item in mine.groups[Group.OVERDUE]]
    assert len(days) > 2
    assert days == sorted(days)


def test_a_return_is_answered_by_handing_in_and_over_with_the_strike_off(
    office: Office, clock: Clock
) -> None:
    person = holder_of(office)

    def returned() -> dict[int, str]:
        return dict(my_items.my_items(office, person, now=clock()).returned)

    advance.perform(office, Event.SUBMIT, [1], by="李联", now=clock())
    advance.perform(office, Event.RETURN, [1], by=STAFF, now=clock(), reason="没有截图")
    advance.perform(office, Event.SUBMIT, [1], by="李联", now=clock())
    assert returned() == {}
    step_back.undo_step(office, [1], by="李联", now=clock())
    assert returned() == {1: "没有截图"}
    advance.perform(office, Event.SUBMIT, [1], by="李联", now=clock())
    advance.perform(office, Event.STRIKE_OFF, [1], by=STAFF, now=clock())
    mine = my_items.my_items(office, person, now=clock())
    assert ([item.number for item in mine.finished], mine.finished_count) == ([1], 1)
    advance.perform(office, Event.REOPEN, [1], by=STAFF, now=clock(), reason="复查仍缺")
    assert returned() == {}


def test_what_is_finished_comes_page_by_page_newest_first(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_items, "_FINISHED_SHOWN", 2)
    person = holder_of(office)
    advance.perform(office, Event.WITHDRAW, [1, 2, 3, 4, 5], by=STAFF, now=clock(), reason="不属实")
    pages, before = [], None
    while True:
        found, is_more = finished_items(office, person, before=before)
        pages.append([item.number for item in found])
        if not is_more:
            break
        before = pages[-1][-1]
    assert pages == [[5, 4], [3, 2], [1]]
    assert my_items.my_items(office, person, now=clock()).finished_count == 5


def test_a_long_list_is_cut_and_says_how_much_it_leaves_out(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_items, "LISTED", 2)
    person = holder_of(office)
    mine = my_items.my_items(office, person, now=clock())
    assert sum(map(len, mine.groups.values())) == 2
    assert mine.left_out == 3
    assert mine.counts == {State.OPEN: 5}


def test_the_list_is_found_by_index_and_never_by_walking_over_all_items(office: Office) -> None:
    person = holder_of(office)
    with office.database.read() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is too small to bother
        [unit_id] = person.units
        plan = connection.exec_driver_sql(
            f"{'EXPLAIN QUERY PLAN' if is_sqlite else 'EXPLAIN'} SELECT number FROM item "
            f"WHERE unit_id IN ({unit_id}) AND state IN ('open', 'signed', 'submitted', 'deferred')"
        )
        assert "ix_item_rates" in str(plan.all())


def test_the_unit_is_told_whom_of_the_bureau_to_ask(office: Office, clock: Clock) -> None:
    [unit_id] = holder_of(office).units
    assert bureau_of(office, unit_id) == []
    know(office, "市行政审批局,钱管,审批局,13800000009,,,")
    assert [(each.name, each.phone) for each in bureau_of(office, unit_id)] == [("钱管", "13800000009")]
