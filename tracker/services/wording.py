"""From a decision to the outbox: what a recipient is told, in which words, under which serial.

What is worded here is frozen: nothing later renders it again. Must never decide whom to tell, or send; nor
keep a one-tap link where people can read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from notifiers.base import Button, Card, Letter, Mentions, Notifier, Wording
from notifiers.sms import SmsChannel
from tracker.domain.errors import DeliveryError
from tracker.domain.escalation import MessageKind, clock_on, days_past
from tracker.domain.items import Item
from tracker.domain.ladders import Audience
from tracker.rendering.forms import Form, Rendered
from tracker.rendering.messages import MessageLine, ReminderMessage, render
from tracker.services import links
from tracker.services.office import Office
from tracker.services.recipients import Recipient
from tracker.services.routing import Routes, Way
from tracker.store import Connection, mailbox
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage

FORMS: dict[Wording, Form] = {
    Wording.MARKDOWN: "markdown",
    Wording.PLAIN: "plain",
    Wording.SMS: "sms",
    Wording.MAIL: "mail",
}
_ANSWERABLE = frozenset(
    {
        MessageKind.REMINDER,
        MessageKind.DUE_TODAY,
        MessageKind.OVERDUE,
        MessageKind.NUDGE,
        MessageKind.RETURNED,
        MessageKind.HANDOUT,
        MessageKind.RECURRED,
    }
)
_HIDDEN = "…"
_OWN_LINK = f"/t/{_HIDDEN}"  # as people see a one-tap link that another person's message bears
_BUTTONS = (Button("sign", "签收"), Button("submit", "已整改"))
_CARD_FACTS = (("单位", "unit"), ("项数", "count"), ("逾期", "overdue"), ("最早时限", "date"))


@dataclass(frozen=True)
class Setting:
    """What the words of one message depend on beside what it says: its channel, serial, link and
    salutation.
    """

    form: Form
    serial: str
    link: str | None
    name: str


Words = Callable[[Setting], Rendered]


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

    words: what it says, in a setting. channels: by which it goes, all that reach the recipient; (): by the
    usual one. fail_over: by which it goes if those fail. send_after: None for at once.
    """

    recipient: Recipient
    kind: MessageKind
    numbers: tuple[int, ...]
    reason: str
    key: str
    words: Words
    channels: tuple[str, ...] = ()
    fail_over: tuple[str, ...] = ()
    send_after: datetime | None = None

    @property
    def letter(self) -> str:
        """The same for all that carries these words to this recipient."""
        return digest(self.key, self.recipient.label)

    def dedup(self, channel: str, part: int) -> str:
        """The same key, recipient, channel and part: the same message."""
        return digest(self.key, self.recipient.label, channel, str(part))


def digest(*parts: str) -> str:
    """64 hex digits that stand for these words."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class Writer:
    """Words messages in one transaction, under the planner's turn: by it the day's serials are given.

    A serial is like R-20261121-0007. `routes` says who is reached how.
    """

    def __init__(self, connection: Connection, office: Office, now: datetime) -> None:
        self._connection, self._office, self._now = connection, office, now
        self.routes = Routes(connection, office)
        calendar = office.rules.calendar
        self._day = calendar.today(now)
        self._count = mailbox.created_since(connection, calendar.at(self._day, time(0)))

    def write(self, message: Outgoing) -> list[NewMessage]:
        """The message's bytes for each of its ways: one row, or the parts of one that is too long.

        All ways bear the same serial: whoever gets two sees that they are one.
        """
        serial = self._next_serial()
        ways = self.routes.of(message.recipient, message.channels, message.fail_over)
        return [row for way in ways for row in self._rows(message, way, serial)]

    def _next_serial(self) -> str:
        self._count += 1
        return f"R-{self._day:%Y%m%d}-{self._count:04d}"

    def _rows(self, message: Outgoing, way: Way, serial: str) -> list[NewMessage]:
        notifier, contact = way.notifier, message.recipient.contact
        link = own = self._office.public_url
        if notifier.personal and contact is not None:
            link = links.issue(self._connection, self._office, contact, self._now) or own
        said = message.words(Setting(FORMS[notifier.wording], serial, link, salutation(contact, notifier)))
        letter = letter_of(message, said, serial, link)
        payloads, failure = compose(notifier, letter)
        shown = said.text if link == own else _without_token(said.text, str(link))
        return [
            NewMessage(
                dedup=message.dedup(notifier.channel, part),
                letter=message.letter,
                serial=serial if len(payloads) == 1 else f"{serial}/{part}",
                kind=message.kind.value,
                recipient=message.recipient.label,
                channel=notifier.channel,
                address=way.address,
                hint=notifier.hint(way.address),
                text=shown,
                payload=payload,
                reason=message.reason,
                send_after=message.send_after or self._now,
                numbers=message.numbers,
                rank=way.rank,
                segments=segments(notifier, said.text),
                failure=failure,
            )
            for part, payload in enumerate(payloads, start=1)
        ]


def letter_of(message: Outgoing, said: Rendered, serial: str, link: str | None) -> Letter:
    """All that a channel may carry of a message."""
    may_answer = message.kind in _ANSWERABLE and message.recipient.audience is Audience.CONTACT
    fields = ((title, said.facts[name]) for title, name in _CARD_FACTS if said.facts.get(name))
    return Letter(
        text=said.text,
        mentions=mentions(message.recipient.contact),
        serial=serial,
        key=message.letter,
        kind=message.kind.value,
        subject=said.subject,
        html=said.html,
        card=Card(said.title, said.summary, tuple(fields), link, _BUTTONS if may_answer else ()),
        facts=said.facts,
    )


def _without_token(text: str, link: str) -> str:
    """The token itself, not the whole address: a text may bear that percent-encoded."""
    return text.replace(link.rpartition("/")[2], _HIDDEN)


def without_own_link(text: str) -> str:
    """A text as it may be sent to somebody else: its link leads to the pages, which ask who is there."""
    return text.replace(_OWN_LINK, "")


def segments(notifier: Notifier, text: str) -> int | None:
    """Short messages charged for a text; None where nothing is."""
    return notifier.segments(text) if isinstance(notifier, SmsChannel) else None


def first_line(text: str) -> str:
    """As the subject of a mail that has no words but these."""
    return text.partition("\n")[0].lstrip("# ")


def compose(notifier: Notifier, letter: Letter) -> tuple[Sequence[bytes], str | None]:
    """Frozen bytes; one contact's impossible address must not keep everybody else from being told."""
    try:
        return notifier.compose(letter), None
    except DeliveryError as error:
        return [b""], error.message


def mentions(contact: Contact | None) -> Mentions:
    """By user id, by which every channel can page; else by telephone."""
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
) -> Words:
    """The words of a message that lists items; `paper` like 督办函〔2026〕3号 where it brings one."""
    message = ReminderMessage(
        kind=kind,
        recipient_name="",
        unit=recipient.unit,
        lines=tuple(lines),
        serial="",
        link=None,
        today=office.rules.calendar.today(now),
        role=recipient.audience,
        paper=paper,
    )

    def words(setting: Setting) -> Rendered:
        here = replace(message, recipient_name=setting.name, serial=setting.serial, link=setting.link)
        return render(here, setting.form)

    return words


def salutation(contact: Contact | None, notifier: Notifier) -> str:
    """In a group others read along: there the role stands for the person."""
    return contact.name if contact and notifier.personal else ""
