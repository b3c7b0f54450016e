"""Deciding what is due now and putting it into the outbox: one transaction, however many units.

Work grows with what is due. Outside working hours nothing is written: the items stay due, and the
next working morning finds them merged. Two schedulers take turns by the watermark's row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.domain.escalation import MessageKind, days_past, next_rung_at
from tracker.domain.ladders import Audience
from tracker.domain.lifecycle import Standing, State
from tracker.rendering.messages import MessageLine
from tracker.services.check_queue import seen_fixed
from tracker.services.office import Office
from tracker.services.planning import DueLine, Plan, Planning, plan_reminders
from tracker.services.recipients import address_book
from tracker.services.routing import Routes
from tracker.services.wording import Outgoing, Writer, about_items
from tracker.store import Connection, clockwork, ladders, outbox, papers, reminders
from tracker.store.outbox import NewMessage


@dataclass(frozen=True)
class Planned:
    """One decided message. `send_after`: when it may leave."""

    recipient: str
    channel: str
    kind: str
    numbers: tuple[int, ...]
    reason: str
    send_after: datetime


@dataclass(frozen=True)
class Reminding:
    """What one run decided: messages in the outbox, or held for the next working morning."""

    planned: tuple[Planned, ...]
    held: tuple[Planned, ...]


def remind(office: Office, *, now: datetime, dry_run: bool = False, spread: bool = False) -> Reminding:
    """Plan every reminder that is due at `now`; running it twice at one moment changes nothing.

    `spread`: recipients get theirs a little apart (`jitter_minutes`), so that a city's reminders do not all
    knock at one second; for the scheduler, who comes again.
    """
    release = office.rules.reminding.release(now, office.rules.calendar)
    if dry_run or release > now:
        with office.database.read() as connection:
            plans = _plan(connection, office, now, lock=False).plans
            ways = Routes(connection, office)
        shown = tuple(each for plan in plans for each in _planned(ways, plan, release))
        return Reminding((), shown) if release > now else Reminding(shown, ())
    with office.database.write() as connection:
        if clockwork.take_planning_turn(connection) > now:
            bring_reminders_forward(connection, office, now)
        planning = _plan(connection, office, now, lock=True)
        writer = Writer(connection, office, now)
        fixed = seen_fixed(
            connection, office, {each for plan in planning.plans for each in plan.numbers}, now
        )
        worded = [
            (plan, writer.write(_outgoing(office, plan, fixed, now, spread=spread)))
            for plan in planning.plans
        ]
        said = _enqueue(connection, worded, now)
        # The gravest first: a milder one that it replaces takes in no other item any more.
        for each in sorted(planning.proposals, key=lambda each: each.paper.gravity, reverse=True):
            papers.propose(
                connection,
                unit_id=each.unit_id,
                kind=each.paper.value,
                numbers=each.numbers,
                reason=each.reason,
                at=now,
                today=office.rules.calendar.today,
            )
        reminders.move_reminders(connection, planning.moves)
        clockwork.move_watermark(connection, clockwork.PLANNING, now)
    return Reminding(tuple(each for plan in said for each in _planned(writer.routes, plan, now)), ())


def bring_reminders_forward(connection: Connection, office: Office, now: datetime) -> None:
    """After a drill (`--now`) or a clock set right, no rung that still lies ahead may stay skipped."""
    rules, known = office.rules, ladders.load(connection)
    for clock in reminders.clocks_after(connection, now):
        standing = Standing(
            State(clock.state),
            clock.due_on,
            None,
            submitted_at=clock.submitted_at,
            deferred_until=clock.deferred_until,
        )
        ladder = known.get(clock.ladder_id or 0, rules.ladder)
        at = next_rung_at(ladder, standing, now, rules.calendar)
        if at is not None:
            reminders.bring_forward(connection, clock, at)


def _plan(connection: Connection, office: Office, now: datetime, *, lock: bool) -> Planning:
    due = reminders.due_reminders(connection, now, lock=lock)
    if not due:
        return Planning((), (), ())
    book = address_book(connection)
    told = reminders.rungs_told(connection, (row.number for row in due), now)
    return plan_reminders(due, book, office.rules, ladders.load(connection), now).without(told)


def _planned(routes: Routes, plan: Plan, send_after: datetime) -> Iterator[Planned]:
    """The ways by which it goes at once; what stands by goes only if those fail."""
    for way in routes.of(plan.recipient, plan.channels):
        channel = way.notifier.channel
        yield Planned(plan.recipient.label, channel, plan.kind.value, plan.numbers, plan.reason, send_after)


def _outgoing(office: Office, plan: Plan, fixed: Collection[int], now: datetime, *, spread: bool) -> Outgoing:
    """`fixed`: whose last look saw them fixed, which is said to who can report it: the unit's contact."""
    several = plan.recipient.audience is not Audience.CONTACT
    lines = [
        replace(
            _line(office, line, now, several=several),
            looks_fixed=not several and line.row.number in fixed,
        )
        for line in plan.lines
    ]
    return Outgoing(
        recipient=plan.recipient,
        kind=plan.kind,
        numbers=plan.numbers,
        reason=plan.reason,
        key=plan.key,
        words=about_items(office, plan.recipient, plan.kind, lines, now),
        channels=plan.channels,
        fail_over=plan.fail_over,
        send_after=now + _jitter(plan.recipient.label, office.rules.jitter) if spread else now,
    )


def _jitter(label: str, most: timedelta) -> timedelta:
    """The same for one recipient every time, so that nothing depends on which machine planned."""
    place = int.from_bytes(hashlib.sha256(label.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=int(place * most.total_seconds()))


def _enqueue(
    connection: Connection, worded: Sequence[tuple[Plan, Sequence[NewMessage]]], now: datetime
) -> list[Plan]:
    """Into the outbox with them; returns those that had not been put in before."""
    identifiers = outbox.enqueue(connection, [each for _, parts in worded for each in parts], now)
    firsts = [(plan, plan.reason, identifiers.get(parts[0].dedup)) for plan, parts in worded]
    rungs = [
        reminders.SentRung(
            line.row.number,
            line.day,
            line.decision.rung.at,
            plan.recipient.label,
            reason,
            message_id,
        )
        for plan, reason, message_id in firsts
        if message_id is not None
        for line in plan.lines
    ]
    reminders.record_rungs(connection, rungs)
    return [plan for plan, _, message_id in firsts if message_id is not None]


def _line(office: Office, line: DueLine, now: datetime, *, several: bool) -> MessageLine:
    calendar, row = office.rules.calendar, line.row
    waits = line.decision.kind is MessageKind.STAFF
    return MessageLine(
        number=row.number,
        domain=row.domain or "",
        class_name=office.rules.class_name(row.problem_class),
        due_on=None if waits else line.day,
        days=-days_past(line.day, calendar.today(now), calendar),
        provisional=row.provisional,
        unit=line.unit if several else "",
        submitted_on=line.day if waits else None,
        orphan=line.orphan,
    )
