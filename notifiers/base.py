"""What every channel is: it freezes a worded letter into bytes, and carries such bytes out once.

A channel must never retry, sleep, log an address, follow a redirect or decide whether to send:
that is the outbox's work (`tracker/services/deliver.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from tracker.domain.errors import DeliveryError, Outcome


class Wording(StrEnum):
    """In which form a channel wants its text; `tracker/services/wording.py` renders it."""

    MARKDOWN = "markdown"  # WeCom's markdown v1
    PLAIN = "plain"  # the same without marks
    SMS = "sms"  # one short sentence
    MAIL = "mail"  # plain text, and HTML beside it


@dataclass(frozen=True)
class Mentions:
    """Who is to be paged by name: WeCom user ids and telephone numbers. Where both are given they are the
    same people's, and a channel pages by what it knows.
    """

    user_ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Button:
    """A button of a card; `key` comes back when it is pressed."""

    key: str
    text: str


@dataclass(frozen=True)
class Card:
    """A letter in short, for channels that show cards. `fields`: a few names of at most five characters with
    their values. `link`: the page behind the card. `buttons`: what the reader may answer at once.
    """

    title: str
    summary: str
    fields: tuple[tuple[str, str], ...] = ()
    link: str | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter: a PNG is shown as a picture where that is possible."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Letter:
    """One message, worded for one channel, before it is frozen.

    text: in the channel's `Wording`. serial: the visible serial number, which the text bears. key: 64 hex
    digits, the letter's own for ever. subject and html: for mail. facts: short values by name (`count`,
    `date`, …) for gateways that fill approved templates; `kind` is the kind of message.
    """

    text: str
    mentions: Mentions = Mentions()
    serial: str = ""
    key: str = ""
    kind: str = ""
    subject: str = ""
    html: str = ""
    card: Card | None = None
    attachments: tuple[Attachment, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


class Notifier(Protocol):
    """One channel. Registered in `notifiers.NOTIFIERS`; the conformance test runs over that tuple."""

    channel: str
    """The public name: `wecom_robot`, `sms`, `sandbox`, …"""

    wording: Wording

    personal: bool
    """Whether only the recipient reads it: no group. A one-tap link may stand in such a letter only."""

    per_minute: int | None
    """Messages one address may get in a sliding minute, with headroom; None: no limit."""

    repeatable: timedelta | None
    """Within this span after the first try the same bytes may be sent again: the far side shows them once."""

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Freeze a letter into one payload or more, each within the channel's limit, in sending order.

        The same letter always gives the same bytes. What the channel cannot carry (a card, a file) is left
        out. Raises DeliveryError (permanent) when the text cannot be carried at all.
        """

    def send(self, address: str, payload: bytes) -> str:
        """Send one frozen payload; return the provider's message id, or "".

        Returning means that the provider's own answer says accepted. Everything else raises DeliveryError
        with its outcome and scope; the message is Chinese and holds no secret. Called from several threads
        at once.
        """

    def hint(self, address: str) -> str:
        """The address as people may see it: `key=1234…cdef`, `138****0000`."""


def sendable(text: str) -> str:
    """The text without blank ends; raises DeliveryError (permanent) when no channel can carry it."""
    text = text.strip()
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as broken documents produce
        text = ""
    if not text:
        raise DeliveryError("消息内容为空或含有无法编码的字符，无法发送", outcome=Outcome.PERMANENT)
    return text
