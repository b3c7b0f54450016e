"""Reminders in words: what the planner merged for one recipient, as markdown or as an SMS.

A message leaves the office's network through a commercial service, so its inputs hold no wording of
a problem and no address: numbers, names of classes, counts, dates. Must never decide whom to remind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.environment import environment

Template = Literal["markdown", "sms"]
_ABOUT_LATENESS = {MessageKind.OVERDUE, MessageKind.ESCALATION, MessageKind.PAPER}


class Timing(StrEnum):
    """Where a line stands on the day of the message, in the order of the sections."""

    OVERDUE = "overdue"
    TODAY = "today"
    UPCOMING = "upcoming"
    STANDING = "standing"
    WAITING = "waiting"  # for the bureau's verification


@dataclass(frozen=True)
class MessageLine:
    """One item. `due_on` None: a standing duty (长期坚持).

    days: working days left until `due_on`, negative when it is past; counted by the caller.
    unit: the item's unit where a message speaks of several (a leading group's); else empty.
    submitted_on: the day the unit handed it in, if it waits for verification; `days` counts from there.
    moved_from: the deadline until now, in a message that says that it has moved.
    orphan: told to the bureau, because the unit has nobody who could be told.
    """

    number: int
    domain: str
    class_name: str
    due_on: date | None
    days: int
    provisional: bool
    unit: str = ""
    submitted_on: date | None = None
    moved_from: date | None = None
    orphan: bool = False

    @property
    def is_earlier(self) -> bool:
        """The deadline has moved, and to a day before the one people remember."""
        return bool(self.moved_from and self.due_on and self.due_on < self.moved_from)

    def timing(self, today: date) -> Timing:
        if self.submitted_on is not None:
            return Timing.WAITING
        # By date first: over a weekend no working day passes, and yet Friday's deadline is over.
        if self.due_on is None:
            return Timing.STANDING
        if self.due_on < today or self.days < 0:
            return Timing.OVERDUE
        return Timing.TODAY if self.due_on == today else Timing.UPCOMING


@dataclass(frozen=True)
class ReminderMessage:
    """One message to one recipient.

    recipient_name: how the salutation names the recipient; empty where others read along (a group
    robot), then the role stands for the person. unit: whose items these are. link: the page of these
    items, or None. serial: shown in the text, so that a message sent twice can be told from two.
    paper: kind and number of the paper it brings, like 督办函第3号, or "".
    """

    kind: MessageKind
    recipient_name: str
    unit: str
    lines: tuple[MessageLine, ...]
    serial: str
    link: str | None
    today: date
    role: Audience
    paper: str = ""


@dataclass(frozen=True)
class Section:
    """The lines of one timing, most urgent first."""

    timing: Timing
    lines: tuple[MessageLine, ...]


@dataclass(frozen=True)
class LateUnit:
    """How late a unit is: overdue items, and working days of the latest (0: none has passed yet)."""

    unit: str
    overdue: int
    days: int


def render_message(message: ReminderMessage, template: Template) -> str:
    """The text of `message` for channels worded by `template`; markdown keeps one item on one line.

    Raises ValueError for a kind that the lines do not bear out: no lines, or a message about lateness
    without a late line; and for the digest, which has its own view.
    """
    late = _late_units(message)
    needs = late if message.kind in _ABOUT_LATENESS else message.lines
    if message.kind is MessageKind.DIGEST or not needs:
        raise ValueError(f"no {message.kind} message can be made of {len(message.lines)} lines")
    waiting = [line for line in message.lines if line.submitted_on is not None]
    dated = [line for line in message.lines if line.due_on is not None]
    text = (
        environment()
        .get_template(f"{message.kind}/{template}.j2")
        .render(
            message=message,
            today=message.today,
            sections=_sections(message.lines, message.today),
            earliest=min(dated, key=_urgency, default=None),
            late_units=late,
            overdue=sum(unit.overdue for unit in late),
            most_days=max((unit.days for unit in late), default=0),
            waiting=waiting,
            orphaned=list(dict.fromkeys(line.unit for line in message.lines if line.orphan)),
            most_waited=max((abs(line.days) for line in waiting), default=0),
        )
    )
    return text.strip()


def _sections(lines: Iterable[MessageLine], today: date) -> list[Section]:
    ordered = sorted(lines, key=_urgency)
    parts = (Section(kind, tuple(line for line in ordered if line.timing(today) is kind)) for kind in Timing)
    return [part for part in parts if part.lines]


def _urgency(line: MessageLine) -> tuple[date, int]:
    return line.due_on or date.max, line.number


def _late_units(message: ReminderMessage) -> list[LateUnit]:
    """The units with overdue lines, the latest first."""
    days: dict[str, list[int]] = {}
    for line in message.lines:
        if line.timing(message.today) is Timing.OVERDUE:
            days.setdefault(line.unit or message.unit, []).append(max(0, -line.days))
    late = [LateUnit(unit, len(counts), max(counts)) for unit, counts in days.items()]
    return sorted(late, key=lambda unit: (-unit.days, -unit.overdue))
