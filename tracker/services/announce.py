"""Messages to other systems in the outbox that all messages leave by, each under an id that never changes.

Must never put in the same news of one subscription twice, however often it is told to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from tracker.rendering.contract import Json, moment
from tracker.services.office import Office
from tracker.store import Connection, endpoints, mailbox, outbox
from tracker.store.outbox import NewMessage, StoredMessage
from tracker.store.webhooks import CHANNEL, StoredWebhook

KIND = "webhook"

News = tuple[str, str, datetime, Json]
"""Topic, what tells it from all other news of the topic, when it happened, and the data."""


def announce(
    connection: Connection, office: Office, to: StoredWebhook, news: Sequence[News], now: datetime
) -> list[StoredMessage]:
    """Put the news in that were not put in before; returns the messages."""
    if not news:
        return []
    _, address = endpoints.addresses(connection, [to.endpoint_id])[to.endpoint_id]
    messages = [_message(office, to, address, each, now) for each in news]
    return mailbox.by_ids(connection, sorted(outbox.enqueue(connection, messages, now).values()))


def recipient_of(to: StoredWebhook) -> str:
    """How it is named in the outbox."""
    return f"对接系统 {to.name}"


def _message(office: Office, to: StoredWebhook, address: str, news: News, now: datetime) -> NewMessage:
    topic, key, at, data = news
    dedup = hashlib.sha256(f"webhook\x1f{to.id}\x1f{topic}\x1f{key}".encode()).hexdigest()
    body = {"type": topic, "timestamp": moment(at, office.rules.calendar), "data": data}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return NewMessage(
        dedup=dedup,
        letter=dedup,
        serial=f"W{to.id}-{dedup[:8]}",
        kind=KIND,
        recipient=recipient_of(to),
        channel=CHANNEL,
        address=address,
        hint=to.hint,
        text=text,
        payload=text.encode(),
        reason=topic,
        send_after=now,
    )
