"""Deadlines as an iCalendar file (RFC 5545), which phones subscribe to.

Must never name a person: an address of a calendar is passed on more easily than a password.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from tracker.domain.text import printable

_REFRESH = timedelta(hours=6)


@dataclass(frozen=True)
class DeadlineView:
    """One item's day. `version` grows with every change; `is_over`: struck off or withdrawn."""

    number: int
    unit: str
    text: str
    day: date
    version: int
    changed_at: datetime
    is_provisional: bool = False
    is_overdue: bool = False
    is_over: bool = False


def render_calendar(name: str, deadlines: Iterable[DeadlineView], host: str) -> bytes:
    """The same deadlines always give the same bytes. `host` keeps the events of two offices apart."""
    calendar = Calendar()
    calendar.add("prodid", "-//rectify//deadlines//ZH-CN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", printable(name))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for deadline in deadlines:
        calendar.add_component(_event(deadline, host))
    content: bytes = calendar.to_ical()
    return content


def _event(deadline: DeadlineView, host: str) -> Event:
    event = Event()
    event.add("uid", f"item-{deadline.number}@{host}")
    event.add("sequence", deadline.version)
    event.add("dtstamp", deadline.changed_at)
    event.add("last-modified", deadline.changed_at)
    event.add("dtstart", deadline.day)
    event.add("dtend", deadline.day + timedelta(days=1))
    event.add("summary", _summary(deadline))
    event.add("description", f"{deadline.unit} 第 {deadline.number} 号\n{deadline.text}")
    event.add("status", _status(deadline))
    event.add("transp", "TRANSPARENT")
    return event


def _summary(deadline: DeadlineView) -> str:
    late = "逾期 " if deadline.is_overdue else ""
    doubt = "（暂定）" if deadline.is_provisional else ""
    return f"{late}整改时限{doubt}：{deadline.text}"


def _status(deadline: DeadlineView) -> str:
    if deadline.is_over:
        return "CANCELLED"
    return "TENTATIVE" if deadline.is_provisional else "CONFIRMED"
