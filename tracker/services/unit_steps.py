"""The steps that a unit's people take with their own items on the phone: each form counts once.

A phone on a bad network sends a form again; a thumb taps twice. Must never take a step that is not the unit's
own, nor with an item of another unit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.domain.periods import plausible
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.domain.steps import Step
from tracker.services import step_back
from tracker.services.advance import load, take_step
from tracker.services.evidence import Evidence
from tracker.services.judging import StepJudge
from tracker.services.my_items import require_own
from tracker.services.office import Office
from tracker.services.unit_people import UnitPerson
from tracker.store import history, items, presses
from tracker.store.clockwork import take_planning_turn

OWN_STEPS = (Event.SIGN, Event.SUBMIT, Event.PROGRESS, Event.EXTEND, Event.OBJECT)
_DONE = "done"


def take(
    office: Office,
    person: UnitPerson,
    step: Step,
    numbers: Sequence[int],
    *,
    once: str,
    evidence: Sequence[Evidence] = (),
    only_in: State | None = None,
) -> int:
    """Take the step with each item, or with none, and return with how many; 0: this form was carried out.

    `once` stands for the form: whoever sends it again changes nothing. Under `only_in` items in another state
    are passed over: somebody else was quicker. Raises NotFoundError for numbers that are not of the person's
    units, TransitionError for a step that the workflow, or this page, does not allow.
    """
    if step.event not in OWN_STEPS:
        raise TransitionError(f"{step.event.chinese}不能在此办理")
    step = replace(step, by=person.name, to=plausible(step.to) if step.to else None)
    key = hashlib.sha256(f"form\x1f{once}".encode()).hexdigest()
    with office.database.write() as connection:
        take_planning_turn(connection)  # the same form sent twice at once waits here for itself
        if presses.answer(connection, key) is not None:
            return 0
        found = load(connection, numbers)
        require_own(person, found, numbers)
        moving = [item for item in found if only_in in {None, item.standing.state}]
        for item in moving:
            take_step(connection, office, item, step, evidence, of_unit=person.of_unit)
        presses.record(connection, key, _DONE, step.at)
        return len(moving)


def undo(office: Office, person: UnitPerson, number: int, *, now: datetime) -> None:
    """Take the person's last step back; sent twice, the second says nothing.

    Raises NotFoundError for another unit's item, TransitionError where it may not be taken back any more.
    """
    with office.database.read() as connection:
        require_own(person, items.by_numbers(connection, [number]), [number])
        last = history.of_item(connection, number)[-1]
    if (last.event, last.actor) != (UNDO_STEP_EVENT, person.name):
        step_back.undo_step(office, [number], by=person.name, now=now)


def why_no_extension(office: Office, person: UnitPerson, item: Item, *, now: datetime) -> str | None:
    """Why the workflow would refuse to extend this item now, whatever the day; None if it would not."""
    day = item.standing.due_on
    to = day + timedelta(days=1) if day else office.rules.calendar.today(now)
    with office.database.read() as connection:
        try:
            StepJudge(connection, office, person.name, of_unit=person.of_unit).after(
                item, Step(Event.EXTEND, person.name, now, reason="问", to=to)
            )
        except TransitionError as error:
            return error.message
    return None


def first_extension_day(item: Item, today: date) -> date | None:
    """The first day that may be asked for; None for an item without a deadline."""
    day = item.standing.due_on
    return max(day + timedelta(days=1), today) if day else None
