"""Deciding what is due now and putting it into the outbox: one transaction, however many units.

Work grows with what is due. Outside working hours nothing is written: the items stay due, and the
next working morning finds them merged. Two schedulers take turns by the watermark's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from notifiers.base import Mentions, Notifier
from tracker.domain.errors import DeliveryError
from tracker.domain.escalation import Audience, next_reminder_at
from tracker.rendering.messages import MessageLine, ReminderMessage, render_message
from tracker.services.office import SANDBOX, Office
from tracker.services.planning import AddressBook, DueLine, Plan, Planning, plan_reminders
from tracker.store import Connection, clockwork, contacts, items, mailbox, outbox, units
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage

WATERMARK = "remind"


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


def remind(office: Office, *, now: datetime, dry_run: bool = False) -> Reminding:
    """Plan every reminder that is due at `now`; running it twice at one moment changes nothing."""
    release = office.rules.reminding.release(now, office.rules.calendar)
    if dry_run or release > now:
        with office.database.read() as connection:
            plans = _plan(connection, office, now, lock=False).plans
        shown = tuple(_planned(office, plan, release) for plan in plans)
        return Reminding((), shown) if release > now else Reminding(shown, ())
    with office.database.write() as connection:
        if clockwork.take_turn(connection, WATERMARK) > now:
            _undo_a_clock_that_was_ahead(connection, office, now)
        planning = _plan(connection, office, now, lock=True)
        serials = Serials(connection, office, now)
        worded = [(plan, _word(office, plan, serials.next(), now)) for plan in planning.plans]
        _enqueue(connection, worded, now)
        items.move_reminders(connection, planning.moves)
        clockwork.move_watermark(connection, WATERMARK, now)
    return Reminding(tuple(_planned(office, plan, now) for plan in planning.plans), ())


def _undo_a_clock_that_was_ahead(connection: Connection, office: Office, now: datetime) -> None:
    """After a drill (`--now`) or a clock set right, no rung that still lies ahead may stay skipped."""
    rules = office.rules
    for due_on in items.deadlines_reminded_after(connection, now):
        at = next_reminder_at(rules.ladder, due_on, now, rules.calendar)
        items.bring_forward(connection, due_on, at)


class Serials:
    """The visible serial numbers of one day, R-20261121-0007, given under the planner's turn."""

    def __init__(self, connection: Connection, office: Office, now: datetime) -> None:
        calendar = office.rules.calendar
        self._day = calendar.today(now)
        self._count = mailbox.created_since(connection, calendar.at(self._day, time(0)))

    def next(self) -> str:
        self._count += 1
        return f"R-{self._day:%Y%m%d}-{self._count:04d}"


def route(office: Office, plan: Plan) -> tuple[Notifier, str]:
    """The channel and address of a plan; nobody to tell means the sandbox, where staff see it."""
    contact = plan.recipient.contact
    if contact is None:
        return office.channels[SANDBOX], plan.recipient.label
    return office.route(contact)


def _plan(connection: Connection, office: Office, now: datetime, *, lock: bool) -> Planning:
    due = items.due_reminders(connection, now, lock=lock)
    if not due:
        return Planning((), ())
    names = {unit.id: unit.name for unit in units.all_units(connection)}
    book = AddressBook(names, contacts.find(connection))
    return plan_reminders(due, book, office.rules, now)


def _planned(office: Office, plan: Plan, send_after: datetime) -> Planned:
    notifier, _ = route(office, plan)
    return Planned(
        plan.recipient.label, notifier.channel, plan.kind.value, plan.numbers, plan.reason, send_after
    )


def _word(office: Office, plan: Plan, serial: str, now: datetime) -> list[NewMessage]:
    """The plan's messages, rendered and frozen: one, or the parts of one."""
    notifier, address = route(office, plan)
    text = _render(office, plan, notifier, serial, now)
    payloads, failure = _compose(notifier, text, plan.recipient.contact)
    return [
        NewMessage(
            dedup=plan.dedup(notifier.channel, part),
            serial=serial if len(payloads) == 1 else f"{serial}/{part}",
            kind=plan.kind.value,
            recipient=plan.recipient.label,
            channel=notifier.channel,
            address=address,
            text=text,
            payload=payload,
            reason=plan.reason,
            send_after=now,
            numbers=plan.numbers,
            failure=failure,
        )
        for part, payload in enumerate(payloads, start=1)
    ]


def _enqueue(
    connection: Connection, worded: Sequence[tuple[Plan, Sequence[NewMessage]]], now: datetime
) -> None:
    identifiers = outbox.enqueue(connection, [each for _, parts in worded for each in parts], now)
    firsts = [(plan, identifiers.get(parts[0].dedup)) for plan, parts in worded]
    rungs = [
        outbox.SentRung(
            line.row.number,
            line.row.due_on,
            line.decision.rung.at,
            plan.recipient.label,
            plan.reason,
            message_id,
        )
        for plan, message_id in firsts
        if message_id is not None
        for line in plan.lines
    ]
    outbox.record_rungs(connection, rungs)


def _compose(notifier: Notifier, text: str, contact: Contact | None) -> tuple[Sequence[bytes], str | None]:
    """Frozen bytes; one contact's impossible address must not keep everybody else from being told."""
    try:
        return notifier.compose(text, _mentions(contact)), None
    except DeliveryError as error:
        return [b""], error.message


def _mentions(contact: Contact | None) -> Mentions:
    if contact is None:
        return Mentions()
    if contact.wecom_userid:
        return Mentions(user_ids=(contact.wecom_userid,))
    return Mentions(phones=(contact.phone,) if contact.phone else ())


def _render(office: Office, plan: Plan, notifier: Notifier, serial: str, now: datetime) -> str:
    recipient = plan.recipient
    message = ReminderMessage(
        kind=plan.kind,
        # In a group others read along: there the role stands for the person.
        recipient_name=recipient.contact.name if recipient.contact and notifier.channel == "sms" else "",
        unit=recipient.unit,
        lines=_lines(office, plan.lines, now, several=recipient.audience is not Audience.CONTACT),
        serial=serial,
        link=office.public_url,
        today=office.rules.calendar.today(now),
        role=recipient.audience,
    )
    return render_message(message, "sms" if notifier.template == "sms" else "markdown")


def _lines(
    office: Office, lines: Sequence[DueLine], now: datetime, *, several: bool
) -> tuple[MessageLine, ...]:
    calendar = office.rules.calendar
    today = calendar.today(now)
    return tuple(
        MessageLine(
            number=line.row.number,
            domain=line.row.domain or "",
            class_name=office.rules.class_name(line.row.problem_class),
            due_on=line.row.due_on,
            days=calendar.working_days_between(today, line.row.due_on) if line.row.due_on else 0,
            provisional=line.row.provisional,
            unit=line.unit if several else "",
        )
        for line in lines
    )
