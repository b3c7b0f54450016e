"""Subscriptions of other systems: made with a secret that is shown once, listed, tried, taken away.

Must never show an address or a secret again; an internal address is refused when something is to be sent
there, by the rule of the office's settings.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifiers.webhook import SECRET_PREFIX
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.text import printable
from tracker.probes.addresses import checked_url
from tracker.services.announce import announce, recipient_of
from tracker.services.office import Office
from tracker.store import Connection, endpoints, webhooks
from tracker.store.clockwork import take_planning_turn
from tracker.store.outbox import StoredMessage
from tracker.store.supersede import supersede_for
from tracker.store.webhooks import CHANNEL, StoredWebhook

_LONGEST_NAME = 60


class Topic(StrEnum):
    """What another system may want to hear."""

    ITEM_OPENED = "item.opened"
    ITEM_STEP = "item.step"
    BULLETIN_IMPORTED = "bulletin.imported"
    MESSAGE_FAILED = "message.failed"
    DIGEST_SENT = "digest.sent"


@dataclass(frozen=True)
class Subscribed:
    """A new subscription, and its secret, never to be seen again."""

    webhook: StoredWebhook
    secret: str


def subscribe(
    office: Office, name: str, url: str, topics: Collection[Topic], *, by: str, now: datetime
) -> Subscribed:
    """Tell that address from now on; no topic means all. Raises RectifyError for a name that is taken, and
    for an address that is none.
    """
    name, by = printable(name), by.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not by:
        raise RectifyError(f"须写明名称（不超过 {_LONGEST_NAME} 个字）和经办人（--by）")
    checked_url(url)
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    address = f"{url.strip()} {secret}"
    with office.database.write() as connection:
        if any(each.name == name for each in webhooks.listing(connection)):
            raise RectifyError(f"已有名为“{name}”的推送", details={"name": name})
        hint = office.carriers[CHANNEL].hint(address)
        key = (CHANNEL, address)
        endpoint_id = endpoints.register(connection, {key: hint}, now)[key]
        events = [topic.value for topic in Topic if topic in (topics or set(Topic))]
        webhooks.add(connection, name=name, endpoint_id=endpoint_id, events=events, by=by, at=now)
        return Subscribed(_named(connection, name), secret)


def list_webhooks(office: Office) -> list[StoredWebhook]:
    """In the order of their making, with how it goes."""
    with office.database.read() as connection:
        return webhooks.listing(connection)


def unsubscribe(office: Office, name: str, *, by: str, now: datetime) -> None:
    """Tell that system nothing more, not even what waits; raises NotFoundError."""
    if not by.strip():
        raise RectifyError("须写明经办人（--by）")
    with office.database.write() as connection:
        take_planning_turn(connection)
        found = _named(connection, name)
        endpoints.disable(connection, [found.endpoint_id], "推送已删除", now, by=by.strip())
        supersede_for(connection, [recipient_of(found)], now)
        webhooks.remove(connection, found.id)


def try_out(office: Office, name: str, *, now: datetime) -> StoredMessage:
    """Put a message of the type `test` for that system into the outbox; raises NotFoundError."""
    with office.database.write() as connection:
        found = _named(connection, name)
        [made] = announce(connection, office, found, [("test", now.isoformat(), now, {"name": name})], now)
        return made


def _named(connection: Connection, name: str) -> StoredWebhook:
    for each in webhooks.listing(connection):
        if each.name == name:
            return each
    raise NotFoundError(f"没有名为“{name}”的推送", details={"name": name})
