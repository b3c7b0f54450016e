"""What a message about an item would be: worded and frozen as for the outbox, and thrown away.

A person who does not exist stands for whoever would get it. Must never write to the database, send anything,
or show somebody's address; nor make a link that opens something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.ladders import Audience
from tracker.domain.periods import plausible
from tracker.rendering.forms import Rendered
from tracker.rendering.messages import MessageLine
from tracker.services.office import Office
from tracker.services.recipients import Recipient
from tracker.services.wording import (
    FORMS,
    Outgoing,
    Setting,
    about_items,
    compose,
    item_line,
    letter_of,
    salutation,
    segments,
)
from tracker.store import Connection, items, units
from tracker.store.contacts import Contact

# Kinds that tell of items; at how many working days from the deadline each is shown, None: today.
KINDS: dict[MessageKind, int | None] = {
    MessageKind.REMINDER: -3,
    MessageKind.DUE_TODAY: 0,
    MessageKind.OVERDUE: 1,
    MessageKind.ESCALATION: 5,
    MessageKind.PAPER: 10,
    MessageKind.HANDOUT: None,
    MessageKind.NUDGE: None,
    MessageKind.RETURNED: None,
    MessageKind.GRANTED: None,
    MessageKind.REFUSED: None,
    MessageKind.RESCHEDULED: None,
    MessageKind.STRUCK_OFF: None,
    MessageKind.STAFF: None,
}
_NAME, _PHONE, _USER_ID, _MAIL = "张某某", "13800000000", "zhangmoumou", "zhangmoumou@example.cn"
_TOKEN = "0" * 27  # as long as that of a one-tap link
_TO = {MessageKind.STAFF: Audience.BUREAU, MessageKind.ESCALATION: Audience.HEAD}
_MOVED_BY = 5


@dataclass(frozen=True)
class Specimen:
    """A message as it would leave. parts: the frozen bytes of each; segments: short messages charged, None
    where nothing is; failure: why this channel could not carry it.
    """

    item: Item
    on: date
    said: Rendered
    parts: Sequence[bytes]
    segments: int | None
    failure: str | None


def specimen(
    office: Office, number: int, kind: MessageKind, channel: str, *, now: datetime, on: date | None = None
) -> Specimen:
    """The message of this kind about one item, as if it were nine o'clock on `on`; None: a fitting day.

    Raises NotFoundError for an item or channel nobody knows, RectifyError where the item does not bear out
    such a message on that day.
    """
    if channel not in office.channels or kind not in KINDS:
        raise NotFoundError("没有这个渠道或消息种类")
    calendar, notifier = office.rules.calendar, office.channels[channel]
    with office.database.read() as connection:
        item = next(iter(items.by_numbers(connection, [number])), None)
        if item is None:
            raise NotFoundError(f"没有编号为 {number} 的事项", details={"number": number})
        recipient = _nobody(connection, item, kind)
    day = plausible(on) if on else _fitting_day(item, kind, calendar, calendar.today(now))
    moment = calendar.at(day, time(9))
    words = about_items(
        office, recipient, kind, [_line(office, item, kind, moment)], moment, paper=_paper(item, kind)
    )
    message = Outgoing(recipient, kind, (number,), "", "specimen", words)
    serial = f"R-{day:%Y%m%d}-0001"
    link = office.public_url
    if link and notifier.personal and recipient.audience is not Audience.BUREAU and office.database.vault:
        link = f"{link.rstrip('/')}/t/{_TOKEN}"
    try:
        said = message.words(
            Setting(FORMS[notifier.wording], serial, link, salutation(recipient.contact, notifier))
        )
    except ValueError:
        raise RectifyError(f"按 {day} 的情形，这一事项不会有这种消息，请换一个日期或事项") from None
    payloads, failure = compose(notifier, letter_of(message, said, serial, link))
    parts = () if failure else payloads
    return Specimen(item, day, said, parts, segments(notifier, said.text), failure)


def _nobody(connection: Connection, item: Item, kind: MessageKind) -> Recipient:
    """An invented person of the item's unit, in the role that such a message goes to."""
    audience = _TO.get(kind, Audience.CONTACT)
    level = next(unit.level for unit in units.all_units(connection) if unit.id == item.unit_id)
    contact = Contact(0, item.unit_id, item.unit, level, _NAME, audience.value, _PHONE, _USER_ID, None, _MAIL)
    return Recipient(item.unit_id, item.unit, audience, contact)


def _fitting_day(item: Item, kind: MessageKind, calendar: WorkCalendar, today: date) -> date:
    offset, due_on = KINDS[kind], item.standing.due_on
    if offset is None or due_on is None:
        return today
    return due_on if offset == 0 else calendar.add_working_days(due_on, offset)


def _line(office: Office, item: Item, kind: MessageKind, moment: datetime) -> MessageLine:
    line, calendar = item_line(office, item, moment), office.rules.calendar
    day = calendar.today(moment)
    if kind is MessageKind.STRUCK_OFF:
        return replace(line, closed=True)
    if kind in {MessageKind.GRANTED, MessageKind.RESCHEDULED} and line.due_on:
        return replace(line, moved_from=calendar.add_working_days(line.due_on, -_MOVED_BY))
    if kind is MessageKind.STAFF:
        since = calendar.add_working_days(day, -3)
        return replace(line, due_on=None, days=-3, submitted_on=since, unit=item.unit)
    return line


def _paper(item: Item, kind: MessageKind) -> str:
    if kind is MessageKind.HANDOUT:
        return item.bulletin
    return "督办函〔2026〕1号" if kind is MessageKind.PAPER else ""
