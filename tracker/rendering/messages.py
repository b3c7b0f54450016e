"""Messages about items in words: what was decided to be told to one recipient, in every form.

A message leaves the office's network through a commercial service, so its inputs hold no wording of
a problem and no address: numbers, names of classes, counts, dates. Must never decide whom to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.environment import cn_date, md
from tracker.rendering.forms import NONE, Form, Rendered, of_several, rendered

_ABOUT_LATENESS = {MessageKind.OVERDUE, MessageKind.ESCALATION, MessageKind.PAPER}
_NOT_ABOUT_ITEMS = {MessageKind.DIGEST, MessageKind.WARNING, MessageKind.ALARM, MessageKind.TEST}


class Timing(StrEnum):
    """Where a line stands on the day of the message, in the order of the sections."""

    OVERDUE = "overdue"
    TODAY = "today"
    UPCOMING = "upcoming"
    STANDING = "standing"
    WAITING = "waiting"  # for the bureau's verification
    CLOSED = "closed"


@dataclass(frozen=True)
class MessageLine:
    """One item. `due_on` None: a standing duty (长期坚持).

    days: working days left until `due_on`, negative when it is past; counted by the caller.
    unit: the item's unit where a message speaks of several (a leading group's); else empty.
    submitted_on: the day the unit handed it in, if it waits for verification; `days` counts from there.
    moved_from: the deadline until now, in a message that says that it has moved.
    orphan: told to the bureau, because the unit has nobody who could be told.
    closed: struck off. looks_fixed: the last look saw it fixed, and the unit has not reported that.
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
    closed: bool = False
    looks_fixed: bool = False

    @property
    def is_earlier(self) -> bool:
        """The deadline has moved, and to a day before the one people remember."""
        return bool(self.moved_from and self.due_on and self.due_on < self.moved_from)

    def timing(self, today: date) -> Timing:
        if self.closed:
            return Timing.CLOSED
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
    paper: what it brings, or "": kind and number like 督办函〔2026〕3号; of a handout, the bulletin's title.
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


@dataclass(frozen=True)
class _Tally:
    """What a message counts among its lines; its fields are the templates' names for them."""

    about: list[MessageLine]  # what it speaks of; the other lines tell what else there is
    late_units: list[LateUnit]
    waiting: list[MessageLine]
    earliest: MessageLine | None
    overdue: int
    most_days: int
    most_waited: int


def render(message: ReminderMessage, form: Form) -> Rendered:
    """`message` for channels that want `form`; markdown keeps one item on one line.

    facts: unit, count (of what it is about), overdue, date (the earliest deadline, `7月30日`), and days: the
    working days by which the latest item is late; else those that the longest waiting submission has waited;
    else those left until the earliest deadline.
    Raises ValueError for a kind that the lines do not bear out: no lines, a message about lateness without a
    late line or about strike-offs without a closed one; and for kinds that have a view of their own.
    """
    tally = _tally(message)
    needed = tally.late_units if message.kind in _ABOUT_LATENESS else tally.about
    if message.kind in _NOT_ABOUT_ITEMS or not needed:
        raise ValueError(f"no {message.kind} message can be made of {len(message.lines)} lines")
    unit = of_several(list(dict.fromkeys(line.unit or message.unit for line in tally.about)))
    facts = {
        "unit": unit,
        "count": len(tally.about),
        "overdue": tally.overdue,
        "days": tally.most_days if tally.overdue else tally.most_waited or _days_left(tally.earliest),
        "date": _day(tally.earliest, message.today),
    }
    topic, serial, link = f"{unit}{len(tally.about)}项", message.serial, message.link
    return rendered(
        message.kind, form, _context(message, tally), topic=topic, facts=facts, serial=serial, link=link
    )


def greeting(name: str, role: str) -> str:
    """The line that says to whom a message speaks; without a name the role stands for the person."""
    return f"{md(name)}（{role}）：" if name else f"{role}："


def _tally(message: ReminderMessage) -> _Tally:
    late = _late_units(message)
    still_open = sorted((line for line in message.lines if not line.closed), key=_urgency)
    closed = sorted((line for line in message.lines if line.closed), key=_urgency)
    waiting = [line for line in still_open if line.submitted_on is not None]
    return _Tally(
        about=closed if message.kind is MessageKind.STRUCK_OFF else still_open,
        late_units=late,
        waiting=waiting,
        earliest=next((line for line in still_open if line.due_on), None),
        overdue=sum(unit.overdue for unit in late),
        most_days=max((unit.days for unit in late), default=0),
        most_waited=max((abs(line.days) for line in waiting), default=0),
    )


def _context(message: ReminderMessage, tally: _Tally) -> dict[str, object]:
    still_open = [line for line in message.lines if not line.closed]
    return vars(tally) | {
        "message": message,
        "greeting": greeting(message.recipient_name, message.role),
        "today": message.today,
        "sections": _sections(still_open, message.today),
        "orphaned": list(dict.fromkeys(line.unit for line in message.lines if line.orphan)),
        "domains": Counter(line.domain for line in still_open).most_common(),
    }


def _days_left(earliest: MessageLine | None) -> int:
    return earliest.days if earliest else 0


def _day(earliest: MessageLine | None, today: date) -> str:
    return cn_date(earliest.due_on, today) if earliest and earliest.due_on else NONE


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
