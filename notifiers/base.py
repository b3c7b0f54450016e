"""What every channel is: it freezes a rendered text into bytes, and carries such bytes out once.

A channel must never retry, sleep, log an address, follow a redirect or decide whether to send:
that is the outbox's work (`tracker/services/deliver.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.domain.errors import DeliveryError, Outcome


@dataclass(frozen=True)
class Mentions:
    """Who is to be paged by name: WeCom user ids and telephone numbers."""

    user_ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class Notifier(Protocol):
    """One channel. Registered in `notifiers.NOTIFIERS`; the conformance test runs over that tuple."""

    channel: str
    """The public name: `wecom_robot`, `sms`, `sandbox`, …"""

    template: str
    """The file of `templates/messages/<kind>/` this channel is worded by: `markdown` or `sms`."""

    per_minute: int | None
    """Messages one address may get in a sliding minute, with headroom; None: no limit."""

    def compose(self, text: str, mentions: Mentions) -> Sequence[bytes]:
        """Freeze a text into one payload or more, each within the channel's limit, in sending order.

        Raises DeliveryError (permanent) when the text cannot be carried at all.
        """

    def send(self, address: str, payload: bytes) -> str:
        """Send one frozen payload; return the provider's message id, or "".

        Returning means that the provider's own answer says accepted. Everything else raises
        DeliveryError with its outcome; the message is Chinese and holds no secret.
        """


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
