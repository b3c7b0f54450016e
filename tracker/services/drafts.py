"""What each finding of a document means for what is tracked: new, unchanged, changed or reappeared.

Must never decide by position: items are matched by unit, class and normalised wording, so a list in
another order, or the same list in another file format, means the same.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tracker.domain.classes import classify
from tracker.domain.deadlines import Deadline, deadline_from
from tracker.domain.escalation import first_reminder_at
from tracker.domain.items import Item, identity
from tracker.domain.lifecycle import FINAL, Standing, State
from tracker.intake.model import Finding, Reading
from tracker.services.office import Office
from tracker.services.unit_names import KnownUnit, UnitNames
from tracker.store import Connection, items


class ItemOutcome(StrEnum):
    """What a finding means for what is tracked already."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REAPPEARED = "reappeared"


@dataclass(frozen=True)
class Draft:
    """One finding, judged: `item` is the tracked one, or how a new one will look (number 0)."""

    outcome: ItemOutcome
    item: Item
    finding: Finding
    unit: KnownUnit
    identity: str


def draft_all(connection: Connection, office: Office, reading: Reading, names: UnitNames) -> list[Draft]:
    """Judge every finding of a reading whose day of issue is known."""
    assert reading.issued_on is not None
    issued_on = reading.issued_on
    judged = []
    for finding in reading.findings:
        unit = names.of(finding)
        code = classify(finding.text, finding.domain, office.rules.classes)
        judged.append((finding, unit, code, identity(unit.key, code, finding.text)))
    tracked = _Tracked(items.by_identity(connection, (key for *_, key in judged)), issued_on)
    deadlines: dict[str, Deadline] = {}
    drafts = []
    for finding, unit, code, key in judged:
        if code not in deadlines:
            deadlines[code] = deadline_from(office.rules.deadlines[code], issued_on, office.rules.calendar)
        outcome, existing = tracked.match(key, finding)
        new = _new_item(office, reading, finding, unit=unit, code=code, deadline=deadlines[code])
        if outcome is ItemOutcome.REAPPEARED and existing is not None:
            new = replace(new, recurs=existing.number)
        reuses = existing is not None and outcome is not ItemOutcome.REAPPEARED
        drafts.append(Draft(outcome, existing if reuses and existing else new, finding, unit, key))
    return drafts


class _Tracked:
    """The items that findings are matched to; each takes part once, so twins in a list stay twins."""

    def __init__(self, found: Sequence[tuple[str, Item]], issued_on: date) -> None:
        self._issued_on = issued_on
        self._same: dict[str, deque[Item]] = defaultdict(deque)  # of this bulletin, or of a later one
        self._active: dict[str, deque[Item]] = defaultdict(deque)
        self._struck: dict[str, Item] = {}
        for key, item in found:
            if item.issued_on >= issued_on:
                self._same[key].append(item)
            elif item.standing.state not in FINAL:
                self._active[key].append(item)
            elif item.standing.state is State.STRUCK_OFF:
                self._struck[key] = item

    def match(self, key: str, finding: Finding) -> tuple[ItemOutcome, Item | None]:
        if self._same[key]:
            return ItemOutcome.UNCHANGED, self._same[key].popleft()
        if self._active[key]:
            item = self._active[key].popleft()
            quantity = finding.quantity.value if finding.quantity else None
            same = quantity == item.quantity
            return (ItemOutcome.UNCHANGED if same else ItemOutcome.CHANGED), item
        if key in self._struck:
            return ItemOutcome.REAPPEARED, self._struck.pop(key)
        return ItemOutcome.NEW, None


def _new_item(
    office: Office, reading: Reading, finding: Finding, *, unit: KnownUnit, code: str, deadline: Deadline
) -> Item:
    assert reading.issued_on is not None
    rules = office.rules
    starts = None
    if deadline.due_on is not None:
        starts = first_reminder_at(rules.ladder, deadline.due_on, reading.issued_on, rules.calendar)
    return Item(
        number=0,
        unit_id=unit.id or 0,
        unit=unit.name,
        unit_as_written=finding.unit_as_written,
        group=unit.level.group,
        domain=finding.domain,
        problem_class=code,
        text=finding.text,
        quantity=finding.quantity.value if finding.quantity else None,
        measure=finding.quantity.measure if finding.quantity else None,
        standing=Standing(State.OPEN, deadline.due_on, deadline.due_at),
        issued_on=reading.issued_on,
        provisional=deadline.provisional,
        rule=rules.deadlines[code].as_mapping(),
        bulletin_id=0,
        bulletin=reading.title,
        recurs=None,
        file=reading.filename,
        annex=finding.source.annex,
        row=finding.source.row,
        ordinal=finding.source.ordinal,
        line=finding.source.line,
        next_reminder_at=starts,
        page_url=unit.site if any(code in probe.classes for probe in office.probes) else None,
    )
