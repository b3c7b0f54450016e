"""Deadlines counted anew: after the office's calendar has changed, or when staff apply a class's new rule.

Must never move what a person has set (an extension, a date), make a unit late by surprise, or move anything
in silence: each change has its row of history, and each unit is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.errors import ConfigError, NotFoundError, RectifyError
from tracker.domain.escalation import MessageKind, next_rung_at
from tracker.domain.lifecycle import REMINDED
from tracker.domain.people import DECIDING, SYSTEM
from tracker.rendering.messages import MessageLine
from tracker.services.judging import require
from tracker.services.ladders import LadderBook
from tracker.services.notices import Notice, tell
from tracker.services.office import Office
from tracker.services.recounting import Change, changed_by_calendar, changed_by_rule
from tracker.services.remind import bring_reminders_forward
from tracker.services.wording import item_line
from tracker.store import Connection, clockwork, deadlines, history
from tracker.store.deadlines import NewDeadline

EVENT = "reschedule"
_NEW_CALENDAR = "节假日安排有变，时限按新日历重新计算"
_NEW_RULE = "本类问题的整改时限规定有变，时限重新计算"


@dataclass(frozen=True)
class Recomputed:
    """What changed, what of the class stays because a person set it, and who is told."""

    changes: tuple[Change, ...] = ()
    kept: tuple[int, ...] = ()
    told: tuple[str, ...] = ()


def follow_calendar(office: Office, *, now: datetime) -> Recomputed:
    """What the scheduler calls: after the calendar was edited count once, else compare two digests.

    Raises ConfigError where this process still has a calendar that another has replaced: were it to count,
    the two would move all deadlines to and fro.
    """
    digest = office.rules.calendar.digest
    with office.database.read() as connection:
        if deadlines.calendar_in_force(connection) == digest:
            return Recomputed()
    with office.database.write() as connection:
        _take_turns(connection)
        if deadlines.calendar_in_force(connection) == digest:
            return Recomputed()
        if deadlines.was_in_force(connection, digest):
            raise ConfigError(
                "calendar.toml：正在运行的程序用的是以前的日历，请重启；确要改回的，运行 rectify recompute"
            )
        return _by_calendar(connection, office, now)


def recompute(office: Office, *, now: datetime, dry_run: bool = False) -> Recomputed:
    """Count all open items by today's calendar, whatever it was before; twice changes nothing."""
    if dry_run:
        with office.database.read() as connection:
            return Recomputed(changed_by_calendar(connection, office, now))
    with office.database.write() as connection:
        _take_turns(connection)
        return _by_calendar(connection, office, now)


def recompute_class(
    office: Office, code: str, *, by: str, reason: str, now: datetime, dry_run: bool = False
) -> Recomputed:
    """Give the open items of a class its rule of today, counted from the day of issue.

    What a person has set stays: a fixed date, an extension, the clock that a return started anew.
    Raises NotFoundError for an unknown class, ForbiddenError for whoever is not of the bureau, RectifyError
    without name or reason.
    """
    if code not in office.rules.deadlines:
        raise NotFoundError(f"没有代码为“{code}”的问题类别", details={"known": list(office.rules.deadlines)})
    if not by.strip() or not reason.strip():
        raise RectifyError("须写明办理人（--by）和理由（--reason）")
    if dry_run:
        with office.database.read() as connection:
            return Recomputed(*changed_by_rule(connection, office, code, now))
    with office.database.write() as connection:
        require(connection, by.strip(), DECIDING, "重算时限")
        _take_turns(connection)
        changes, kept = changed_by_rule(connection, office, code, now)
        told = _write(
            connection, office, changes, by=by.strip(), reason=reason.strip(), why=_NEW_RULE, now=now
        )
        return Recomputed(changes, kept, told)


def _take_turns(connection: Connection) -> None:
    """The planner's, because units are told; the history's, because nobody may move an item meanwhile."""
    clockwork.take_planning_turn(connection)
    history.take_history_turn(connection)


def _by_calendar(connection: Connection, office: Office, now: datetime) -> Recomputed:
    changes = changed_by_calendar(connection, office, now)
    told = _write(connection, office, changes, by=SYSTEM, reason=_NEW_CALENDAR, why=_NEW_CALENDAR, now=now)
    # A deadline that stays may have its "three working days before" on an earlier day.
    bring_reminders_forward(connection, office, now)
    deadlines.put_in_force(connection, office.rules.calendar.digest)
    return Recomputed(changes, told=told)


def _write(
    connection: Connection,
    office: Office,
    changes: Sequence[Change],
    *,
    by: str,
    reason: str,
    why: str,
    now: datetime,
) -> tuple[str, ...]:
    """Deadlines, next reminders, history and notices; returns who is told."""
    next_reminders = _next_reminders(connection, office, changes, now)
    new = [
        NewDeadline(each.item.number, each.deadline, each.rule.as_mapping(), at)
        for each, at in zip(changes, next_reminders, strict=True)
    ]
    deadlines.save(connection, new)
    rows = [(each.item.number, each.standing, each.detail) for each in changes]
    history.append(connection, at=now, actor=by, event=EVENT, reason=reason, rows=rows)
    lines: dict[int, list[MessageLine]] = defaultdict(list)
    for each in changes:
        if each.moves and each.standing.state in REMINDED:  # nothing is left to do for who has handed in
            lines[each.item.unit_id].append(_line(office, each, now))
    notices = [
        Notice(unit_id, MessageKind.RESCHEDULED, tuple(those), why) for unit_id, those in lines.items()
    ]
    return tuple(tell(connection, office, notices, now=now))


def _next_reminders(
    connection: Connection, office: Office, changes: Sequence[Change], now: datetime
) -> Iterator[datetime | None]:
    """The ladder begun anew; the bureau's own, from the day of a submission, goes on."""
    book = LadderBook(connection, office.rules, [each.item.number for each in changes])
    known: dict[tuple[object, ...], datetime | None] = {}  # thousands of items share a deadline
    for each in changes:
        standing, ladder = each.standing, book.of(each.item.number)
        if not each.moves or standing.state not in REMINDED:
            yield each.item.next_reminder_at
            continue
        place = ladder, standing.due_on, standing.deferred_until
        if place not in known:
            known[place] = next_rung_at(ladder, standing, now, office.rules.calendar)
        yield known[place]


def _line(office: Office, change: Change, now: datetime) -> MessageLine:
    """The item with its new deadline itself, not the end of a deferral, and the old one."""
    standing = replace(change.standing, deferred_until=None)
    item = change.item._replace(standing=standing, provisional=change.deadline.provisional)
    return replace(item_line(office, item, now), moved_from=change.item.standing.due_on)
