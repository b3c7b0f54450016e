"""One item as its unit sees it: what is to be done, the form for it, why it was returned, whom to ask.

Must never show what the bureau keeps to itself: its notes, its messages to others, the checks it runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from tracker.domain.deadlines import DeadlineRule
from tracker.domain.items import Item
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, Event
from tracker.services import step_back
from tracker.services.evidence_types import TAKEN
from tracker.services.inspect import ItemFile
from tracker.services.judging import roles_towards
from tracker.services.lamps import lamps
from tracker.services.my_items import days_left, why_returned
from tracker.services.unit_people import UnitPerson, bureau_of
from tracker.services.unit_steps import OWN_STEPS, first_extension_day, why_no_extension
from tracker.web import steps, words
from tracker.web.context import Desk
from tracker.web.steps import StepForm

# Whoever does not ask for these gets JPEGs from an iPhone, and of those the place can be taken out.
_CONVERTED = frozenset({".heic", ".heif"})
# What of a step's changes is the unit's to know; the bureau's own notes are not.
_TOLD = frozenset({"due_on", "extension_to", "deferred_until", "remaining", "quantity", "class", "unit"})


@dataclass(frozen=True)
class Shown:
    """What has just happened: a step that was taken, or one that was refused with what was typed."""

    done: Event | None = None
    typed: StepForm | None = None
    message: str = ""


def show_item(
    request: Request, desk: Desk, *, person: UnitPerson, own: ItemFile, shown: Shown, status: int = 200
) -> Response:
    """The page of one item, with the steps that this person may take with it now."""
    item, office, now = own.item, desk.office, desk.now()
    rule = DeadlineRule.parse(item.rule, f"第 {item.number} 号事项") if item.rule else None
    problem_class = next((each for each in office.rules.classes if each.code == item.problem_class), None)
    events = _own_steps(desk, person, item)
    refusal = why_no_extension(office, person, item, now=now) if Event.EXTEND in events else None
    return desk.render(
        request,
        "my/item.html",
        status,
        file=own,
        item=item,
        rule=rule.in_words() if rule else "",
        rule_source=problem_class.source if problem_class else "",
        proof=problem_class.evidence if problem_class else None,
        returned=why_returned(item, own.history),
        lamps=lamps(office, [item], now=now),
        days=days_left(office, [item], desk.today()),
        events=[event for event in events if event is not Event.EXTEND or refusal is None],
        no_extension=refusal,
        first_day=first_extension_day(item, desk.today()),
        limits=office.rules.limits,
        most_files=steps.MOST_FILES,
        kinds=",".join(sorted(TAKEN - _CONVERTED)),
        may_undo=step_back.may_undo(office, own.history, by=person.name, now=now),
        bureau=[each.name for each in bureau_of(office, item.unit_id)],  # numbers are theirs to give
        ask=office.rules.ask,
        reason_needed=REASON_NEEDED,
        date_needed=DATE_NEEDED,
        once=secrets.token_urlsafe(16),
        told={row.id: words.changes(_told(row.detail)) for row in own.history},
        done=shown.done,
        typed=shown.typed,
        message=words.for_pages(shown.message),
        notice=f"已{shown.done.chinese}" if shown.done else "",
    )


def _own_steps(desk: Desk, person: UnitPerson, item: Item) -> list[Event]:
    """What this person may do with it now, as far as the unit's pages have a form for it."""
    roles = roles_towards(desk.office, item, person.name, of_unit=person.of_unit)
    return [event for event in steps.possible(item, roles) if event in OWN_STEPS]


def _told(detail: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in detail.items() if name in _TOLD}
