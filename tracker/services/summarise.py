"""The weekly digest: the figures of one ISO week; sent once per period and recipient.

Must never send a figure it has not frozen: the snapshot and the messages are one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifiers.base import Letter
from tracker.domain.errors import RectifyError
from tracker.domain.periods import Week
from tracker.domain.rates import Rate, RateRow
from tracker.rendering.digest import DigestView, GroupView, render_digest, unfinished_sentence
from tracker.rendering.messages import LateUnit
from tracker.services.digest_snapshot import freeze, thaw
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import recipient_of
from tracker.services.report import count_rates
from tracker.services.routing import Routes, Way
from tracker.services.wording import FORMS, compose, mentions, segments
from tracker.services.wording import digest as fingerprint
from tracker.store import Connection, bulletins, clockwork, contacts, digests, mailbox, outbox, rates
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage
from tracker.store.rates import By

WATERMARK = "digest"
KIND = "digest"
_LATEST_UNITS = 5


@dataclass(frozen=True)
class Digest:
    """One week in figures. `sent_to` names the recipients who get it by this call."""

    view: DigestView
    text: str
    unfinished: str
    sent_to: tuple[str, ...] = ()


def compile_digest(office: Office, *, now: datetime, week: Week | None = None) -> Digest:
    """The digest of a week: as it was published, else as it stands now (for a past week: at its end)."""
    chosen = week or Week.of(office.rules.calendar.today(now))
    with office.database.read() as connection:
        return _compile(connection, office, chosen, now)


def send_digest(office: Office, *, now: datetime, week: Week | None = None) -> Digest:
    """Freeze the week's figures and put one message per recipient into the outbox; twice changes nothing."""
    this_week = Week.of(office.rules.calendar.today(now))
    chosen = week or this_week
    if chosen > this_week:
        raise RectifyError(f"{chosen.name} 尚未到来，不能提前冻结和发送该期周报")
    with office.database.write() as connection:
        clockwork.take_turn(connection, WATERMARK)
        digest = _compile(connection, office, chosen, now)
        if digests.published(connection, chosen.name) is None:
            digests.publish(connection, chosen.name, digest.view.as_of, freeze(digest.view))
        sent_to = _enqueue(connection, office, digest, now)
    return replace(digest, sent_to=sent_to)


def send_due_digest(office: Office, *, now: datetime) -> Digest | None:
    """What the scheduler calls: the latest week whose digest moment has come, unless it was handled."""
    calendar = office.rules.calendar
    week = Week.of(calendar.today(now))
    slot = week.digest_at(office.rules.digest_at, calendar)
    if slot > now:
        week = week.previous()
        slot = week.digest_at(office.rules.digest_at, calendar)
    with office.database.read() as connection:
        handled = clockwork.watermarks(connection).get(WATERMARK, clockwork.BEGINNING)
        # What came in after the slot has its first digest a week later, not on the spot.
        tracked = any(each.imported_at <= slot for each in bulletins.all_bulletins(connection))
    if slot <= handled or slot > now or not tracked:
        return None
    digest = send_digest(office, now=now, week=Week.of(calendar.today(now)))
    with office.database.write() as connection:
        clockwork.take_turn(connection, WATERMARK)
        clockwork.move_watermark(connection, WATERMARK, slot)
    return digest


def _compile(connection: Connection, office: Office, week: Week, now: datetime) -> Digest:
    published = digests.published(connection, week.name)
    if published is not None:
        as_of, snapshot = published
        view = thaw(snapshot, week, office.rules.calendar.local(as_of), office.public_url)
    else:
        view = _count(connection, office, week, now)
    text = render_digest(view, "markdown").text
    return Digest(view, text, unfinished_sentence(view.unfinished))


def _count(connection: Connection, office: Office, week: Week, now: datetime) -> DigestView:
    calendar = office.rules.calendar
    as_of = min(now, week.last_moment(calendar))
    past = as_of < now
    before = as_of - timedelta(days=7)
    groups = count_rates(connection, office, By.GROUP, as_of, past=past)
    earlier = count_rates(connection, office, By.GROUP, before, past=True)
    previous = {row.key: row.rectified for row in (earlier.total, *earlier.rows)}
    units = count_rates(connection, office, By.UNIT, as_of, past=past).rows
    return DigestView(
        period=week.name,
        as_of=calendar.local(as_of),
        total=_group(groups.total, previous),
        groups=tuple(_group(row, previous) for row in groups.rows),
        unfinished=tuple(
            sorted(((row.key, row.open) for row in units if row.open), key=lambda pair: -pair[1])
        ),
        newly_struck_off=max(0, groups.total.rectified.numerator - earlier.total.rectified.numerator),
        newly_overdue=max(0, groups.total.overdue - earlier.total.overdue),
        latest=_latest(connection, office, as_of, past=past),
        serial=f"D-{week.name}",
        link=office.public_url,
    )


def _group(row: RateRow, previous: Mapping[str, Rate]) -> GroupView:
    before = previous.get(row.key)
    known = before if before is not None and before.denominator else None
    return GroupView(row.key, row.rectified, known, row.on_time, row.overdue, row.open)


def _latest(connection: Connection, office: Office, as_of: datetime, *, past: bool) -> tuple[LateUnit, ...]:
    calendar = office.rules.calendar
    today = calendar.today(as_of)
    found = rates.latest_units(connection, as_of, today, past=past, limit=_LATEST_UNITS)
    return tuple(
        LateUnit(unit, count, calendar.working_days_between(oldest, today)) for unit, count, oldest in found
    )


def _enqueue(connection: Connection, office: Office, digest: Digest, now: datetime) -> tuple[str, ...]:
    """Put one message per recipient into the outbox; returns who had not been sent this period's before."""
    roles = [role.value for role in office.rules.digest_roles]
    recipients: list[Contact | None] = [*contacts.find(connection, roles=roles)] or [None]
    routes = Routes(connection, office)
    messages = [each for contact in recipients for each in _word(office, routes, digest, contact, now)]
    owners: dict[tuple[str, str], str] = {}
    for each in messages:  # two people behind one group robot: the group reads it once
        owners.setdefault((each.channel, each.address), each.recipient)
    messages = [each for each in messages if owners[each.channel, each.address] == each.recipient]
    # By the letter: what went by mail must not follow in part by a robot that cuts it otherwise.
    told = mailbox.told(connection, KIND, _reason(digest.view), digest.view.as_of)
    messages = [each for each in messages if each.recipient not in told]
    identifiers = outbox.enqueue(connection, messages, now)
    return tuple(dict.fromkeys(each.recipient for each in messages if each.dedup in identifiers))


def _reason(view: DigestView) -> str:
    return f"{view.period_name}周报"


def _word(
    office: Office, routes: Routes, digest: Digest, contact: Contact | None, now: datetime
) -> list[NewMessage]:
    if contact is None:  # nobody named yet: the sandbox shows staff what would have gone out
        way, label = Way(office.channels[SANDBOX], "周报"), "周报（未登记接收人）"
    else:
        recipient = recipient_of(contact)
        way, label = routes.of(recipient)[0], recipient.label
    notifier = way.notifier
    said = render_digest(digest.view, FORMS[notifier.wording])
    key = ("digest", digest.view.period, label)  # whatever the channel: nobody is told twice
    letter = Letter(
        said.text,
        mentions(contact),
        serial=digest.view.serial,
        key=fingerprint(*key),
        kind=KIND,
        subject=said.subject,
        html=said.html,
        facts=said.facts,
    )
    payloads, failure = compose(notifier, letter)
    return [
        NewMessage(
            dedup=fingerprint(*key, str(part)),
            letter=letter.key,
            serial=digest.view.serial,
            kind=KIND,
            recipient=label,
            channel=notifier.channel,
            address=way.address,
            hint=notifier.hint(way.address),
            text=said.text,
            payload=payload,
            reason=_reason(digest.view),
            send_after=office.rules.quiet.release(now, office.rules.calendar),
            segments=segments(notifier, said.text),
            failure=failure,
        )
        for part, payload in enumerate(payloads, start=1)
    ]
