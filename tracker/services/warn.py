"""Warning units before a limit is reached: one message a recipient and day, about all that comes near.

Works from the database and a watermark: a machine that slept says on its next morning what is true then. Must
never warn twice of one newest post, nor after the limit: then it is a finding for the bureau.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.forms import Rendered
from tracker.rendering.warnings import WarningLine, WarningView, render_warning
from tracker.services.office import Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.watched import Watched
from tracker.services.watching import pressing, slot_on
from tracker.services.wording import Outgoing, Setting, Words, Writer
from tracker.store import Connection, clockwork, outbox, watching
from tracker.store.watching import StoredWarning

WATERMARK = "warn"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Warned:
    """One message: to whom, about what, the most urgent first."""

    recipient: Recipient
    about: tuple[Watched, ...]

    @property
    def reason(self) -> str:
        return f"{len(self.about)}个账号、栏目快到更新期限"


def warn(office: Office, *, now: datetime, dry_run: bool = False) -> list[Warned]:
    """What the scheduler calls: once on each working day, from `watch.send_at` on; else nobody is warned.

    `dry_run` says who would be warned at `now`, whatever the hour, and writes nothing.
    """
    if dry_run:
        with office.database.read() as connection:
            return _plan(connection, office, now)
    slot = slot_on(office, office.rules.calendar.today(now))
    if slot is None or now < slot or office.rules.quiet.release(now, office.rules.calendar) > now:
        return []
    with office.database.read() as connection:
        if _is_done(clockwork.watermarks(connection).get(WATERMARK, clockwork.BEGINNING), slot, now):
            return []
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)  # serials, and who is reached how
        if _is_done(clockwork.take_turn(connection, WATERMARK), slot, now):
            return []
        planned = _plan(connection, office, now)
        _enqueue(connection, office, planned, now)
        clockwork.move_watermark(connection, WATERMARK, slot)
        return planned


def _is_done(handled: datetime, slot: datetime, now: datetime) -> bool:
    """A mark that lies ahead is of a clock that was wrong, or of a drill: it holds up nothing."""
    return slot <= handled <= now


def _plan(connection: Connection, office: Office, now: datetime) -> list[Warned]:
    by_unit: dict[int, list[Watched]] = {}
    for each in pressing(connection, office, now):
        if each.is_to_warn:
            by_unit.setdefault(each.unit_id, []).append(each)
    if not by_unit:
        return []
    book = address_book(connection, by_unit)
    planned = []
    for unit_id, some in by_unit.items():
        for recipient in book.recipients(unit_id, Audience.CONTACT):
            news = tuple(each for each in some if not _has_heard(each, recipient))
            if news:
                planned.append(Warned(recipient, news))
    return planned


def _has_heard(watched: Watched, recipient: Recipient) -> bool:
    return any(each.recipient == recipient.label for each in watched.warned)


def _enqueue(connection: Connection, office: Office, planned: Sequence[Warned], now: datetime) -> None:
    writer = Writer(connection, office, now)
    written = [(each, writer.write(_outgoing(office, each, now))) for each in planned]
    identifiers = outbox.enqueue(connection, [row for _, rows in written for row in rows], now)
    given: list[StoredWarning] = []
    for each, rows in written:
        given += _given(each, identifiers[rows[0].dedup], now)
    watching.record_warnings(connection, given)


def _given(warned: Warned, message_id: int, now: datetime) -> Iterator[StoredWarning]:
    for each in warned.about:
        newest = each.resting.newest_on
        assert newest is not None
        reason = f"{each.name}已{each.idle}天未更新，{each.resting.limit_words()}即计为不合格"
        yield StoredWarning(each.kind, each.id, newest, warned.recipient.label, reason, now, message_id)


def _outgoing(office: Office, warned: Warned, now: datetime) -> Outgoing:
    subjects = (f"{each.kind}:{each.id}:{each.resting.newest_on}" for each in warned.about)
    return Outgoing(
        recipient=warned.recipient,
        kind=MessageKind.WARNING,
        numbers=(),
        reason=warned.reason,
        # By its moment: a column taken off the list and put on it again is warned of anew.
        key="\x1f".join(("warn", now.isoformat(), *sorted(subjects))),
        words=_words(office, warned, now),
        send_after=now,
    )


def _words(office: Office, warned: Warned, now: datetime) -> Words:
    today, lines = office.rules.calendar.today(now), tuple(map(_line, warned.about))

    def words(setting: Setting) -> Rendered:
        who = warned.recipient
        view = WarningView(who.unit, lines, today, who.audience, setting.name, setting.serial)
        return render_warning(view, setting.form)

    return words


def _line(watched: Watched) -> WarningLine:
    resting = watched.resting
    newest, seen, over = resting.newest_on, resting.seen_on, resting.over_on
    assert newest is not None
    assert seen is not None
    assert over is not None
    return WarningLine(
        watched.name,
        watched.idle,
        resting.limit_words(),
        newest,
        seen,
        over - _DAY,
    )
