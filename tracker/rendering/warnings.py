"""The warning to a unit that accounts or columns of its own will soon have rested for too long.

Must never hold an address: names that the public reads, days, counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.environment import cn_date
from tracker.rendering.forms import Form, Rendered, rendered
from tracker.rendering.messages import greeting


@dataclass(frozen=True)
class WarningLine:
    """One account or column: its name, natural days without a post, the limit like 满14天, the newest day,
    the day of the last look, and the last day on which a post is in time.
    """

    name: str
    idle: int
    limit: str
    newest_on: date
    seen_on: date
    last_good_on: date


@dataclass(frozen=True)
class WarningView:
    """One warning of at least one line, the most urgent first; recipient_name and role as in a reminder."""

    unit: str
    lines: tuple[WarningLine, ...]
    today: date
    role: Audience
    recipient_name: str
    serial: str


def render_warning(view: WarningView, form: Form) -> Rendered:
    """The warning for channels that want `form`.

    facts: unit, count, days (left for the first line), date (the last good day of it).
    """
    first, count = view.lines[0], len(view.lines)
    facts = {
        "unit": view.unit,
        "count": count,
        "days": max((first.last_good_on - view.today).days, 0),
        "date": cn_date(first.last_good_on, view.today),
    }
    context = {"view": view, "today": view.today, "greeting": greeting(view.recipient_name, view.role)}
    topic = f"{view.unit}{count}处"
    return rendered(
        MessageKind.WARNING, form, context, topic=topic, facts=facts, serial=view.serial, link=None
    )
