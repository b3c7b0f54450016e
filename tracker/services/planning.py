"""From due items to one message per recipient: pure, so that planning, dry runs and drills agree.

Must never read a clock or a database: rows, contacts and rules come in, plans go out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.escalation import Audience, Decision, MessageKind, decide, next_reminder_at, timing_words
from tracker.domain.units import Level
from tracker.rules import Rules
from tracker.store.contacts import Contact
from tracker.store.items import DueReminder


@dataclass(frozen=True)
class Recipient:
    """Somebody to be told; `contact` is None where a unit has named nobody yet."""

    unit_id: int
    unit: str
    audience: Audience
    contact: Contact | None

    @property
    def label(self) -> str:
        """Unique for ever: shown to people, and kept with what was sent."""
        if self.contact is None:
            return f"{self.unit}（未登记{self.audience.value}）"
        return f"{self.unit} {self.contact.name}（{self.audience.value}）"


@dataclass(frozen=True)
class DueLine:
    """One item that a message speaks of, and why now."""

    row: DueReminder
    unit: str
    decision: Decision


@dataclass
class Plan:
    """One message to be: who, how urgent, about what."""

    recipient: Recipient
    lines: list[DueLine] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(line.row.number for line in self.lines)

    @property
    def kind(self) -> MessageKind:
        """The most urgent of its lines; anybody above the contact is told as an escalation."""
        if self.recipient.audience is not Audience.CONTACT:
            return MessageKind.ESCALATION
        urgency = (MessageKind.REMINDER, MessageKind.DUE_TODAY, MessageKind.OVERDUE)
        return max((line.decision.kind for line in self.lines), key=urgency.index)

    @property
    def reason(self) -> str:
        """Why this message goes out now, in Chinese, most urgent first."""
        counts = Counter(line.decision.offset for line in self.lines)
        words = "，".join(
            f"{timing_words(offset)}{counts[offset]}项" for offset in sorted(counts, reverse=True)
        )
        missed = sum(line.decision.missed for line in self.lines)
        return words + (f"；并入此前未能发出的提醒{missed}次" if missed else "")

    def dedup(self, channel: str, part: int) -> str:
        """The same items, rungs, recipient, channel and part: the same message."""
        rungs = sorted(
            f"{line.row.number}:{line.row.due_on}:{line.decision.rung.at.isoformat()}" for line in self.lines
        )
        whole = "\x1f".join(("remind", self.recipient.label, channel, str(part), *rungs))
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Planning:
    """All messages of one run, and where each item's next reminder moves."""

    plans: tuple[Plan, ...]
    moves: tuple[tuple[int, datetime | None], ...]


class AddressBook:
    """Who is told for a unit, by audience."""

    def __init__(self, units: Mapping[int, str], contacts: Iterable[Contact]) -> None:
        self._units = units
        self._own: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        self._city: dict[str, list[Contact]] = defaultdict(list)
        for contact in contacts:
            self._own[contact.unit_id, contact.role].append(contact)
            if contact.level == Level.DEPARTMENT.value:
                self._city[contact.role].append(contact)

    def unit_name(self, unit_id: int) -> str:
        return self._units[unit_id]

    def recipients(self, unit_id: int, audience: Audience) -> list[Recipient]:
        """The unit's own people; for the leading group and the bureau else the city's.

        Only the contact is ever missed: a unit without one is told in the sandbox, where staff see it.
        """
        found = self._own[unit_id, audience.value]
        if not found and audience in {Audience.LEADING_GROUP, Audience.BUREAU}:
            found = self._city[audience.value]
        people = [Recipient(each.unit_id, each.unit, audience, each) for each in found]
        if not people and audience is Audience.CONTACT:
            return [Recipient(unit_id, self._units[unit_id], audience, None)]
        return people


def plan_reminders(due: Sequence[DueReminder], book: AddressBook, rules: Rules, now: datetime) -> Planning:
    """Decide about each due item and merge what concerns one recipient into one message."""
    decisions: dict[tuple[object, datetime], Decision | None] = {}
    plans: dict[tuple[str, Audience], Plan] = {}
    moves: list[tuple[int, datetime | None]] = []
    for row in due:
        if row.due_on is None:
            moves.append((row.number, None))
            continue
        # Thousands of items share a deadline; its ladder is walked once.
        key = (row.due_on, row.next_reminder_at)
        if key not in decisions:
            decisions[key] = decide(rules.ladder, row.due_on, row.next_reminder_at, now, rules.calendar)
        decision = decisions[key]
        if decision is None:  # the ladder was edited: this moment is no rung any more
            moves.append((row.number, next_reminder_at(rules.ladder, row.due_on, now, rules.calendar)))
            continue
        moves.append((row.number, decision.next_at))
        for audience in decision.audiences:
            for recipient in book.recipients(row.unit_id, audience):
                plan = plans.setdefault((recipient.label, audience), Plan(recipient))
                plan.lines.append(DueLine(row, book.unit_name(row.unit_id), decision))
    return Planning(tuple(plans.values()), tuple(moves))
