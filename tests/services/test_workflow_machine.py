"""The whole workflow, anybody trying anything in any order, on a real database.

Whatever happens: the states are legal, the history replays to the same standing, and the rates that the
history gives for a past moment are those that the tables gave at that moment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from tests.services.scenes import know
from tests.support import at, take_in
from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, TRANSITIONS, Event, Standing, State
from tracker.domain.people import Role
from tracker.domain.steps import Step, Terms, advance
from tracker.services import inspect, judging
from tracker.services.advance import perform
from tracker.services.evidence import Evidence
from tracker.services.inspect import ItemFile
from tracker.services.office import Office
from tracker.services.report import RateTable, rate_table
from tracker.services.step_back import undo_step
from tracker.store import accounts
from tracker.store.rates import By
from tracker.store.schema import metadata

START = at("2021-07-23 17:00")
# A contact and a head of two units, a contact of neither, staff, a second one, the leader, an administrator.
PEOPLE = ["王丽", "周敏", "赵晓", "核验员甲", "核验员乙", "方局", "管理员"]
KEPT = {"account", "contact", "unit", "unit_alias"}
# Weighted so that a run gets somewhere.
EVENTS = [*Event, *[Event.SUBMIT, Event.STRIKE_OFF] * 3, Event.EXTEND, Event.GRANT, Event.RETURN]
MINUTES = [0, 4, 11, 60 * 7, 60 * 24 * 3]


def people_the_office(office: Office) -> None:
    know(
        office,
        "市教育局,王丽,联络员,13800000001,,,",
        "市民政局,周敏,负责人,13800000002,,,",
        "澜西区,赵晓,联络员,13800000003,,,",
    )
    with office.database.write() as connection:
        accounts.add(connection, "方局", "", Role.LEADER, START)
        accounts.add(connection, "管理员", "", Role.ADMIN, START)


class Bureau(RuleBasedStateMachine):
    """One quarter of one office; each run begins with the same bulletin."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office, self.now = office, START
        with office.database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name not in KEPT:
                    connection.execute(delete(table))
        imported = [draft.item for draft in take_in(office, START).drafts]
        # One that counts something and one that does not, of each of two units.
        self.first = {item.number: item for item in (imported[0], imported[3], imported[5], imported[7])}
        self.remembered: dict[datetime, dict[By, RateTable]] = {}

    @rule(
        event=st.sampled_from(EVENTS),
        places=st.sets(st.integers(0, 3), min_size=1, max_size=2),
        by=st.sampled_from(PEOPLE),
        reason=st.sampled_from([None, "情况属实"]),
        days=st.none() | st.integers(-2, 40),
        left=st.none() | st.integers(0, 20),
        with_link=st.booleans(),
        wait=st.sampled_from(MINUTES),
    )
    def step(
        self,
        event: Event,
        places: set[int],
        by: str,
        reason: str | None,
        days: int | None,
        left: int | None,
        with_link: bool,
        wait: int,
    ) -> None:
        self.now += timedelta(minutes=wait)
        to = None if days is None else self.now.date() + timedelta(days=days)
        proofs = [Evidence.link("https://example.invalid/")] if with_link else []
        more = {"reason": reason, "to": to, "left": left, "evidence": proofs}
        before = self.items()
        try:
            perform(self.office, event, self.numbers(places), by=by, now=self.now, **more)
        except TransitionError:
            assert self.items() == before

    @rule(
        places=st.sets(st.integers(0, 3), min_size=1, max_size=2),
        by=st.sampled_from(PEOPLE),
        wait=st.sampled_from(MINUTES),
    )
    def take_back(self, places: set[int], by: str, wait: int) -> None:
        self.now += timedelta(minutes=wait)
        before = self.items()
        try:
            undo_step(self.office, self.numbers(places), by=by, now=self.now)
        except TransitionError:
            assert self.items() == before

    @rule(place=st.integers(0, 3), wait=st.sampled_from(MINUTES[:3]))
    def regret(self, place: int, wait: int) -> None:
        """Whoever took the last step takes it back, if it was one and a moment ago."""
        number = list(self.first)[place]
        last = inspect.open_file(self.office, number).history[-1]
        self.now += timedelta(minutes=wait)
        in_time = self.now - last.at <= timedelta(minutes=10)
        try:
            undo_step(self.office, [number], by=last.actor, now=self.now)
        except TransitionError:
            assert not in_time or last.event in {"import", "undo_step"}
        else:
            assert in_time

    @invariant()
    def every_item_is_whole(self) -> None:
        for item in self.items():
            standing = item.standing
            assert (standing.closed_at is not None) is (standing.state in FINAL)
            assert (standing.finished_at is not None) is (standing.state is State.STRUCK_OFF)
            assert (standing.deferred_until is not None) is (standing.state is State.DEFERRED)
            assert (standing.submitted_by is None) is (standing.submitted_at is None)
            assert standing.extensions <= self.office.rules.limits.max_extensions
            if standing.state in FINAL:
                assert (item.next_reminder_at, standing.objection_by) == (None, None)

    @invariant()
    def rates_are_remembered(self) -> None:
        self.remembered[self.now] = self.rates(None)

    def teardown(self) -> None:
        for number, item in self.first.items():
            file = inspect.open_file(self.office, number)
            assert self.replayed(item, file) == file.item.standing
        self.now += timedelta(days=1)
        for moment, then in self.remembered.items():
            assert self.rates(moment) == then

    def replayed(self, item: Item, file: ItemFile) -> Standing:
        """Where the item stands by its history alone, each row held against the table of transitions."""
        standing, passed = item.standing, [(file.history[0].id, item.standing)]
        for row in file.history[1:]:
            if row.event == "undo_step":
                undone, _ = passed.pop()
                assert row.detail["undoes"] == undone
                standing = passed[-1][1]
            else:
                event = Event(row.event)
                with self.office.database.read() as connection:
                    roles = judging.actor_named(connection, row.actor).roles_for(item.unit_id)
                assert roles & TRANSITIONS[standing.state, event].roles
                terms = Terms(self.office.rules.calendar, self.office.rules.limits, roles, item.quantity)
                wish = Step(event, row.actor, row.at, row.reason)
                standing = advance(standing, _with_detail(wish, row.detail, standing), terms)
                passed.append((row.id, standing))
            assert row.state == standing.state
        return standing

    def numbers(self, places: set[int]) -> list[int]:
        return [list(self.first)[place] for place in places]

    def items(self) -> list[Item]:
        return inspect.pick_items(self.office, list(self.first))

    def rates(self, moment: datetime | None) -> dict[By, RateTable]:
        return {by: rate_table(self.office, by, now=self.now, as_of=moment) for by in (By.UNIT, By.GROUP)}


def _with_detail(wish: Step, detail: dict[str, list[object]], before: Standing) -> Step:
    """The date and the number that a row of the history tells of."""
    named = {Event.EXTEND: "extension_to", Event.GRANT: "due_on", Event.DEFER: "deferred_until"}
    if wish.event in named:
        return replace(wish, to=date.fromisoformat(str(detail[named[wish.event]][1])))
    if wish.event is Event.PROGRESS:
        return replace(wish, left=detail.get("remaining", [None, before.remaining])[1])
    return wish


@pytest.mark.slow
def test_any_order_of_events_by_any_roles_ends_in_a_legal_state(office: Office) -> None:
    people_the_office(office)
    run_state_machine_as_test(
        lambda: Bureau(office), settings=settings(max_examples=12, stateful_step_count=25, deadline=None)
    )
