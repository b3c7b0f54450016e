"""Why an item is due when it is: the rule, who asks for it, and the days that were counted.

Must never count by any other calendar than the office's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.day_count import DayCount, count_days
from tracker.domain.deadlines import DeadlineKind, DeadlineRule
from tracker.domain.items import Item
from tracker.services.office import Office

_LONGEST_COUNT = 400  # days; nobody checks a longer count by its days


@dataclass(frozen=True)
class DeadlineReason:
    """rule: in Chinese words, "" without one; source: who asks for it; count: None if no days are counted."""

    rule: str
    source: str
    count: DayCount | None
    falls_on_day_off: bool


def deadline_reason(office: Office, item: Item) -> DeadlineReason:
    """From the snapshot of the rule that the item keeps."""
    rule = DeadlineRule.parse(item.rule, f"第 {item.number} 号事项") if item.rule else None
    source = next((each.source for each in office.rules.classes if each.code == item.problem_class), "")
    start, end, calendar = item.counted_from or item.issued_on, item.standing.due_on, office.rules.calendar
    count = None
    if rule and rule.kind is DeadlineKind.WORKING_DAYS and end and (end - start).days <= _LONGEST_COUNT:
        count = count_days(start, end, calendar)
    is_off = end is not None and not calendar.is_working_day(end)
    return DeadlineReason(rule.in_words() if rule else "", source, count, is_off)
