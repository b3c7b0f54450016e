"""What a new item begins with: its standing, its deadline with the rule's snapshot, its first reminder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from
from tracker.domain.escalation import first_reminder_at
from tracker.domain.ladders import Ladder
from tracker.domain.lifecycle import Standing, State
from tracker.domain.periods import plausible
from tracker.rules import Rules
from tracker.services.corrected import CorrectedFinding
from tracker.services.corrections import CorrectionError


@dataclass(frozen=True, slots=True)
class Start:
    """`rule` is the snapshot by which the item keeps its deadline whatever the office changes later."""

    standing: Standing
    provisional: bool
    rule: Mapping[str, object]
    reminder_at: datetime | None


class Starts:
    """The starts of one document's items: the same for all of one class and one day that a person set."""

    def __init__(self, rules: Rules, issued_on: date, title: str) -> None:
        self._rules, self._issued_on, self._title = rules, issued_on, title
        self._known: dict[tuple[str, date | None], Start] = {}

    def of(self, each: CorrectedFinding, code: str) -> Start:
        """Raises CorrectionError for a deadline before the day of issue."""
        place = code, each.due_on
        if place not in self._known:
            if each.due_on and plausible(each.due_on) < self._issued_on:
                raise CorrectionError(
                    f"{each.key}：整改时限 {each.due_on} 早于印发日期 {self._issued_on}",
                    details={"key": each.key},
                )
            rule = self._rules.deadlines[code]
            if each.due_on:
                rule = DeadlineRule(DeadlineKind.FIXED, day=each.due_on)
            self._known[place] = self._start(rule, self._rules.ladders.for_item(code, self._title))
        return self._known[place]

    def _start(self, rule: DeadlineRule, ladder: Ladder) -> Start:
        calendar = self._rules.calendar
        deadline = deadline_from(rule, self._issued_on, calendar)
        reminder_at = None
        if deadline.due_on is not None:
            reminder_at = first_reminder_at(ladder, deadline.due_on, self._issued_on, calendar)
        standing = Standing(State.OPEN, deadline.due_on, deadline.due_at)
        return Start(standing, deadline.provisional, rule.as_mapping(), reminder_at)
