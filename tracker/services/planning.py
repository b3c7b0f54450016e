"""From due items to one message per recipient: pure, so that planning, dry runs and drills agree.

Must never read a clock or a database: rows, contacts and rules come in, plans go out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tracker.domain.escalation import (
    Decision,
    MessageKind,
    clock_on,
    decide,
    decide_verification,
    rungs,
    staff_rungs,
    timing_words,
)
from tracker.domain.ladders import Audience, Ladder, Paper, Stage
from tracker.domain.lifecycle import State
from tracker.rules import Rules
from tracker.services.recipients import AddressBook, Recipient
from tracker.store.reminders import DueReminder


@dataclass(frozen=True)
class DueLine:
    """One item that a message speaks of, and why now. `day` is what its ladder counts from.

    `orphan`: said to the bureau because the unit has nobody to say it to.
    """

    row: DueReminder
    unit: str
    day: date
    decision: Decision
    orphan: bool = False

    @property
    def rung(self) -> tuple[int, date, datetime]:
        return self.row.number, self.day, self.decision.rung.at


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
        """The most urgent of its lines; what is late is an escalation to anybody above the contact."""
        kinds = {line.decision.kind for line in self.lines}
        if MessageKind.STAFF in kinds or any(line.orphan for line in self.lines):
            return MessageKind.STAFF
        if self.recipient.audience is not Audience.CONTACT and MessageKind.OVERDUE in kinds:
            return MessageKind.ESCALATION
        urgency = (MessageKind.REMINDER, MessageKind.DUE_TODAY, MessageKind.OVERDUE)
        return max(kinds, key=urgency.index)

    @property
    def channels(self) -> tuple[str, ...]:
        """Those of the furthest stage among its lines; (): the recipient's usual one."""
        return self._furthest.channels

    @property
    def fail_over(self) -> tuple[str, ...]:
        """What that stage keeps in reserve."""
        return self._furthest.fail_over

    @property
    def _furthest(self) -> Stage:
        return max((line.decision.stage for line in self.lines), key=lambda stage: stage.start)

    @property
    def reason(self) -> str:
        """Why this message goes out now, in Chinese, most urgent first."""
        own = [line for line in self.lines if not line.orphan]
        counts = Counter((line.decision.kind is MessageKind.STAFF, line.decision.offset) for line in own)
        words = [
            f"{f'报送{offset}个工作日未核验' if waits else timing_words(offset)}{counts[waits, offset]}项"
            for waits, offset in sorted(counts, reverse=True)
        ]
        if orphaned := {line.unit for line in self.lines if line.orphan}:
            words.append(f"{len(orphaned)}个单位没有联络员，提醒无人接收")
        missed = sum(line.decision.missed for line in own)
        return "，".join(words) + (f"；并入此前未能发出的提醒{missed}次" if missed else "")

    @property
    def key(self) -> str:
        """The same items at the same rungs."""
        rungs_met = sorted(
            f"{line.row.number}:{line.day}:{line.decision.rung.at.isoformat()}" for line in self.lines
        )
        return "\x1f".join(("remind", *rungs_met))


@dataclass(frozen=True)
class Proposal:
    """A paper that a person has to approve: what a unit's items have come to."""

    unit_id: int
    paper: Paper
    numbers: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Planning:
    """All messages of one run, the papers it proposes, and where each item's next reminder moves."""

    plans: tuple[Plan, ...]
    proposals: tuple[Proposal, ...]
    moves: tuple[tuple[int, datetime | None], ...]

    def without(self, told: Collection[tuple[int, date, datetime, str]]) -> Planning:
        """Leaving out what a recipient has been told before: (item number, day, rung, recipient).

        An item comes up again at the same rung when a message to somebody else was taken back; and at rungs
        before it after a clock was set back: those are not made up for either.
        """
        if not told:
            return self
        plans = [Plan(plan.recipient, list(_untold(plan, told))) for plan in self.plans]
        return Planning(tuple(plan for plan in plans if plan.lines), self.proposals, self.moves)


def _untold(plan: Plan, told: Collection[tuple[int, date, datetime, str]]) -> Iterator[DueLine]:
    label = plan.recipient.label
    for line in plan.lines:
        if (*line.rung, label) in told:
            continue
        number, day, _ = line.rung
        skipped = tuple(at for at in line.decision.skipped if (number, day, at, label) not in told)
        yield replace(line, decision=replace(line.decision, skipped=skipped))


def plan_reminders(
    due: Sequence[DueReminder],
    book: AddressBook,
    rules: Rules,
    ladders: Mapping[int, Ladder],
    now: datetime,
) -> Planning:
    """Decide about each due item and merge what concerns one recipient into one message.

    `ladders` by id are those that items were started with; the others climb the default one.
    """
    judge = _Judge(rules, ladders, now)
    plans: dict[tuple[str, Audience], Plan] = {}
    late: dict[tuple[int, Paper], list[DueLine]] = {}
    moves: list[tuple[int, datetime | None]] = []
    for row in due:
        day, decision, next_at = judge.decide(row)
        moves.append((row.number, next_at))
        if day is None or decision is None:
            continue
        line = DueLine(row, book.unit_name(row.unit_id), day, decision)
        if decision.stage.paper.needs_approval:
            late.setdefault((row.unit_id, decision.stage.paper), []).append(line)
        for audience in decision.audiences:
            for recipient in book.recipients(row.unit_id, audience):
                _add(plans, recipient, line)
                if recipient.contact is None:  # that is an alarm of its own
                    for clerk in book.recipients(row.unit_id, Audience.BUREAU):
                        if clerk.contact is not None:
                            _add(plans, clerk, replace(line, orphan=True))
    proposals = tuple(_proposal(unit_id, paper, lines) for (unit_id, paper), lines in late.items())
    return Planning(tuple(plans.values()), proposals, tuple(moves))


def _add(plans: dict[tuple[str, Audience], Plan], recipient: Recipient, line: DueLine) -> None:
    plans.setdefault((recipient.label, recipient.audience), Plan(recipient)).lines.append(line)


def _proposal(unit_id: int, paper: Paper, lines: Sequence[DueLine]) -> Proposal:
    # The rule, not the count: items of the unit that come later join the paper while it waits.
    reason = f"逾期满{min(line.decision.stage.start for line in lines)}个工作日未完成"
    return Proposal(unit_id, paper, tuple(line.row.number for line in lines), reason)


class _Judge:
    """Decides item by item; thousands of them share a deadline, whose ladder is walked once."""

    def __init__(self, rules: Rules, ladders: Mapping[int, Ladder], now: datetime) -> None:
        self._rules, self._ladders, self._now = rules, ladders, now
        self._known: dict[tuple[object, ...], tuple[Decision | None, datetime | None]] = {}

    def decide(self, row: DueReminder) -> tuple[date | None, Decision | None, datetime | None]:
        """The day the ladder counts from, what it asks for now, and when it asks again."""
        waits = row.state == State.SUBMITTED.value
        if waits:
            day = self._rules.calendar.today(row.submitted_at) if row.submitted_at else None
        else:
            day = clock_on(row.due_on, row.deferred_until) if row.due_on else None
        if day is None:
            return None, None, None
        place = waits, row.ladder_id, day, row.next_reminder_at
        if place not in self._known:
            ladder = self._ladders.get(row.ladder_id or 0, self._rules.ladder)
            self._known[place] = self._ask(ladder, day, row.next_reminder_at, waits=waits)
        return day, *self._known[place]

    def _ask(
        self, ladder: Ladder, day: date, pending_since: datetime, *, waits: bool
    ) -> tuple[Decision | None, datetime | None]:
        now, calendar = self._now, self._rules.calendar
        ask = decide_verification if waits else decide
        decision = ask(ladder, day, pending_since, now, calendar)
        if decision is not None:
            return decision, decision.next_at
        # The ladder was edited, or a clock set right: this moment is no rung any more.
        walk = staff_rungs(ladder, day, calendar) if waits else rungs(ladder, day, calendar)
        return None, next((rung.at for rung in walk if rung.at > now), None)
