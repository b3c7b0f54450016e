"""From a decision to the outbox: by which channels a recipient is reached, in which words and serial.

What is worded here is frozen: nothing later renders it again. Must never decide whom to tell, or send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from notifiers.base import Mentions, Notifier
from tracker.domain.errors import DeliveryError
from tracker.domain.escalation import MessageKind, clock_on, days_past
from tracker.domain.items import Item
from tracker.rendering.messages import MessageLine, ReminderMessage, Template, render_message
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.services.recipients import Recipient
from tracker.store import Connection, mailbox
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage


def item_line(office: Office, item: Item, now: datetime, *, unit: str = "") -> MessageLine:
    """An item as a message lists it; `unit` where it speaks of several."""
    calendar, standing = office.rules.calendar, item.standing
    day = standing.due_on and clock_on(standing.due_on, standing.deferred_until)
    return MessageLine(
        number=item.number,
        domain=item.domain or "",
        class_name=office.rules.class_name(item.problem_class),
        due_on=day,
        days=-days_past(day, calendar.today(now), calendar) if day else 0,
        provisional=item.provisional,
        unit=unit,
    )


@dataclass(frozen=True)
class Outgoing:
    """One message to one recipient, decided. `key` stands for what it says: the same key is sent once.

    text: its words for a channel under a serial. channels: by which it goes, all that reach the recipient;
    (): by the usual one. send_after: None for at once.
    """

    recipient: Recipient
    kind: MessageKind
    numbers: tuple[int, ...]
    reason: str
    key: str
    text: Callable[[Notifier, str], str]
    channels: tuple[str, ...] = ()
    send_after: datetime | None = None

    def dedup(self, channel: str, part: int) -> str:
        """The same key, recipient, channel and part: the same message."""
        whole = "\x1f".join((self.key, self.recipient.label, channel, str(part)))
        return hashlib.sha256(whole.encode()).hexdigest()


class Serials:
    """The visible serial numbers of one day, R-20261121-0007, given under the planner's turn."""

    def __init__(self, connection: Connection, office: Office, now: datetime) -> None:
        calendar = office.rules.calendar
        self._day = calendar.today(now)
        self._count = mailbox.created_since(connection, calendar.at(self._day, time(0)))

    def next(self) -> str:
        self._count += 1
        return f"R-{self._day:%Y%m%d}-{self._count:04d}"


def routes(office: Office, recipient: Recipient, channels: Sequence[str] = ()) -> list[tuple[Notifier, str]]:
    """Channels and addresses; nobody to tell means the sandbox, where staff see it."""
    contact = recipient.contact
    if contact is None:
        return [(office.channels[SANDBOX], recipient.label)]
    wanted = [
        (office.channels[name], address)
        for name in channels
        if name in office.channels and (address := ADDRESSES[name](contact))
    ]
    return wanted or [office.route(contact)]


def word(
    office: Office, message: Outgoing, next_serial: Callable[[], str], now: datetime
) -> list[NewMessage]:
    """The message's bytes for each of its channels: one row, or the parts of one that is too long."""
    return [
        row
        for route in routes(office, message.recipient, message.channels)
        for row in _rows(message, route, next_serial(), now)
    ]


def _rows(message: Outgoing, route: tuple[Notifier, str], serial: str, now: datetime) -> list[NewMessage]:
    notifier, address = route
    text = message.text(notifier, serial)
    payloads, failure = compose(notifier, text, message.recipient.contact)
    return [
        NewMessage(
            dedup=message.dedup(notifier.channel, part),
            serial=serial if len(payloads) == 1 else f"{serial}/{part}",
            kind=message.kind.value,
            recipient=message.recipient.label,
            channel=notifier.channel,
            address=address,
            text=text,
            payload=payload,
            reason=message.reason,
            send_after=message.send_after or now,
            numbers=message.numbers,
            failure=failure,
        )
        for part, payload in enumerate(payloads, start=1)
    ]


def compose(notifier: Notifier, text: str, contact: Contact | None) -> tuple[Sequence[bytes], str | None]:
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


def about_items(
    office: Office,
    recipient: Recipient,
    kind: MessageKind,
    lines: Sequence[MessageLine],
    now: datetime,
    *,
    paper: str = "",
) -> Callable[[Notifier, str], str]:
    """The words of a message that lists items; `paper` like 督办函第3号 where it brings one."""

    def text(notifier: Notifier, serial: str) -> str:
        message = ReminderMessage(
            kind=kind,
            recipient_name=salutation(recipient, notifier),
            unit=recipient.unit,
            lines=tuple(lines),
            serial=serial,
            link=office.public_url,
            today=office.rules.calendar.today(now),
            role=recipient.audience,
            paper=paper,
        )
        return render_message(message, template_of(notifier))

    return text


def salutation(recipient: Recipient, notifier: Notifier) -> str:
    """In a group others read along: there the role stands for the person."""
    return recipient.contact.name if recipient.contact and notifier.channel == "sms" else ""


def template_of(notifier: Notifier) -> Template:
    return "sms" if notifier.template == "sms" else "markdown"
