"""The unit's own steps on the phone: only its own items, only its own steps, each form once."""

from __future__ import annotations

from datetime import date

import pytest

from tests.services.scenes import at_once, know
from tests.support import Clock, take_in
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.domain.steps import Step
from tracker.services import advance, inspect, unit_steps
from tracker.services.accounts import save_account
from tracker.services.contacts import remove_contact
from tracker.services.evidence import Evidence
from tracker.services.judging import roles_towards
from tracker.services.office import Office
from tracker.services.unit_people import UnitPerson
from tracker.store import units

EDUCATION = "市教育局"
STAFF = "审批局核验员"


@pytest.fixture
def office(office: Office, clock: Clock) -> Office:
    take_in(office, clock())
    know(office, f"{EDUCATION},李联,联络员,13800000001,,,")
    return office


@pytest.fixture
def person(office: Office) -> UnitPerson:
    with office.database.read() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == EDUCATION]
    return UnitPerson("李联", {unit_id: EDUCATION})


def step(clock: Clock, event: Event = Event.SIGN, **more: object) -> Step:
    return Step(event, "李联", clock(), **more)  # type: ignore[arg-type] # the fields of a step


def state_of(office: Office, number: int) -> State:
    return inspect.open_file(office, number).item.standing.state


def events_of(office: Office, number: int) -> list[str]:
    return [row.event for row in inspect.open_file(office, number).history]


def test_a_form_sent_twice_counts_once(office: Office, person: UnitPerson, clock: Clock) -> None:
    proof = [Evidence.link("https://jiaoyu.yunlan.example/")]
    report = step(clock, Event.SUBMIT, reason="已开设")
    for done in (1, 0):
        assert unit_steps.take(office, person, report, [1], once="a", evidence=proof) == done
    assert events_of(office, 1) == ["import", "submit"]
    assert len(inspect.open_file(office, 1).evidence) == 1


def test_a_form_sent_twice_at_the_same_moment_counts_once(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    def send() -> int:
        return unit_steps.take(office, person, step(clock), [1], once="a")

    assert sorted(at_once(send, send, send), key=str) == [0, 0, 1]
    assert events_of(office, 1) == ["import", "sign"]


def test_a_refused_form_may_be_sent_again(office: Office, person: UnitPerson, clock: Clock) -> None:
    early = step(clock, Event.EXTEND, reason="等待批复", to=date(2021, 7, 1))
    with pytest.raises(TransitionError, match="须晚于现时限"):
        unit_steps.take(office, person, early, [3], once="a")
    later = step(clock, Event.EXTEND, reason="等待批复", to=date(2021, 12, 1))
    assert unit_steps.take(office, person, later, [3], once="a") == 1


def test_no_item_of_another_unit_is_moved_not_even_along_with_own_ones(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    know(office, "市民政局,李联,联络员,13800000002,,,")  # by name alone it would be allowed
    for numbers in ([6], [1, 6], [99], [1, 99]):
        with pytest.raises(NotFoundError):
            unit_steps.take(office, person, step(clock), numbers, once=f"{numbers}")
    assert state_of(office, 1) is State.OPEN
    assert state_of(office, 6) is State.OPEN


@pytest.mark.parametrize("event", [event for event in Event if event not in unit_steps.OWN_STEPS])
def test_the_bureaus_steps_are_not_taken_here(
    office: Office, person: UnitPerson, clock: Clock, event: Event
) -> None:
    with pytest.raises(TransitionError, match="不能在此办理"):
        unit_steps.take(office, person, step(clock, event, reason="理由"), [1], once="a")


def test_somebody_who_is_no_contact_any_more_does_nothing(office: Office, clock: Clock) -> None:
    with office.database.read() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == "市民政局"]
    person = UnitPerson("李联", {unit_id: "市民政局"})
    with pytest.raises(TransitionError, match="不是该事项责任单位的联系人"):
        unit_steps.take(office, person, step(clock), [6], once="a")


def test_all_that_wait_are_signed_for_and_what_others_signed_meanwhile_is_passed_over(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    advance.perform(office, Event.SIGN, [2], by=STAFF, now=clock())
    numbers = [1, 2, 3]
    assert unit_steps.take(office, person, step(clock), numbers, once="a", only_in=State.OPEN) == 2
    assert [state_of(office, number) for number in numbers] == [State.SIGNED] * 3
    assert unit_steps.take(office, person, step(clock), numbers, once="b", only_in=State.OPEN) == 0


def test_the_last_step_is_taken_back_once_and_by_its_owner(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    unit_steps.take(office, person, step(clock, Event.SUBMIT), [1], once="a")
    for _ in range(2):  # the second tap of a double one says nothing
        unit_steps.undo(office, person, 1, now=clock())
    assert state_of(office, 1) is State.OPEN
    with pytest.raises(NotFoundError):
        unit_steps.undo(office, person, 6, now=clock())
    advance.perform(office, Event.SIGN, [2], by=STAFF, now=clock())
    with pytest.raises(TransitionError, match="只能由本人撤回"):
        unit_steps.undo(office, person, 2, now=clock())


def test_why_no_extension_can_be_asked_for_is_said_before_it_is_asked(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    def why() -> str | None:
        return unit_steps.why_no_extension(office, person, inspect.open_file(office, 3).item, now=clock())

    item = inspect.open_file(office, 3).item
    assert item.standing.due_on is not None
    assert why() is None
    first = unit_steps.first_extension_day(item, clock().date())
    assert first is not None
    assert first > item.standing.due_on
    unit_steps.take(office, person, step(clock, Event.EXTEND, reason="等待批复", to=first), [3], once="a")
    assert "尚待审批" in str(why())
    advance.perform(office, Event.REFUSE, [3], by=STAFF, now=clock(), reason="不符合条件")
    clock.advance(days=400)
    assert "已过" in str(why())


def test_an_account_of_the_same_name_elsewhere_takes_nothing_from_who_came_by_a_link(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    save_account(office, "李联", "minzheng-2026-ok", now=clock(), role=Role.CONTACT, unit="市民政局")
    [unit_id] = person.units
    holder = UnitPerson("李联", person.units, of_unit=unit_id)
    with pytest.raises(TransitionError, match="不是该事项责任单位的联系人"):
        unit_steps.take(office, person, step(clock), [1], once="a")
    assert unit_steps.take(office, holder, step(clock), [1], once="b") == 1
    own = inspect.open_file(office, 1).item
    assert roles_towards(office, own, "李联", of_unit=unit_id) == {Role.CONTACT}
    assert unit_steps.why_no_extension(office, holder, own, now=clock()) is None


def test_an_account_of_the_bureaus_gives_nothing_to_a_namesake_who_came_by_a_link(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    save_account(office, "李联", "shenpi-2026-ok", now=clock(), role=Role.STAFF)
    [unit_id] = person.units
    own = inspect.open_file(office, 1).item
    assert roles_towards(office, own, "李联", of_unit=unit_id) == {Role.CONTACT}
    other = inspect.open_file(office, 6).item
    assert roles_towards(office, other, "李联", of_unit=unit_id) == set()


def test_who_has_left_the_unit_does_nothing_by_a_link_that_is_still_open(
    office: Office, person: UnitPerson, clock: Clock
) -> None:
    [unit_id] = person.units
    remove_contact(office, EDUCATION, "李联", now=clock())
    with pytest.raises(TransitionError, match="不是该事项责任单位的联系人"):
        unit_steps.take(office, UnitPerson("李联", person.units, of_unit=unit_id), step(clock), [1], once="a")
