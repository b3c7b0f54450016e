"""The outbox: what was decided to be sent, and what became of it.

pending → sending (a lease) → accepted / failed / unknown; `standby` is what goes only if the letter's first
way fails. One message at a time is on its way to an endpoint. A lease that ran out inside a call means that
nobody knows what the far side did: such a message is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, insert
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store import endpoints
from tracker.store.schema import message, message_item


class MessageState(StrEnum):
    """`accepted` is the provider's word, never "delivered"."""

    STANDBY = "standby"
    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"  # never sent: a newer message says it, or another way has carried it


@dataclass(frozen=True)
class NewMessage:
    """A message as decided: frozen bytes, never rendered again.

    `dedup` is unique among all that was not superseded: what is taken back may have to be said again.
    `letter` is the same for all parts of one letter and all its ways; `rank` is the order of the ways.
    `hint` is the address as people may see it.
    """

    dedup: str
    letter: str
    serial: str
    kind: str
    recipient: str
    channel: str
    address: str
    hint: str
    text: str
    payload: bytes
    reason: str
    send_after: datetime
    numbers: tuple[int, ...] = ()
    rank: int = 0
    segments: int | None = None
    failure: str | None = None  # why it cannot be sent at all; kept, so that staff see who was not told

    @property
    def state(self) -> MessageState:
        if self.failure:
            return MessageState.FAILED
        return MessageState.STANDBY if self.rank else MessageState.PENDING


@dataclass(frozen=True)
class StoredMessage:
    """A row of the outbox, as people may see it."""

    id: int
    letter: str
    rank: int
    serial: str
    kind: str
    recipient: str
    channel: str
    endpoint_id: int
    text: str
    reason: str
    segments: int | None
    created_at: datetime
    send_after: datetime
    state: str
    attempts: int
    settled_at: datetime | None
    provider_id: str | None
    error: str | None
    decided_at: datetime | None
    decided_by: str | None


COLUMNS = tuple(message.c[name] for name in StoredMessage.__dataclass_fields__)


def enqueue(connection: Connection, messages: Sequence[NewMessage], now: datetime) -> dict[str, int]:
    """Put messages in, all at once; returns dedup → id of those that had not been put in before."""
    if not messages:
        return {}
    hints = {(each.channel, each.address): each.hint for each in messages}
    known = endpoints.register(connection, hints, now)
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = dialect_insert(message).on_conflict_do_nothing(index_elements=["dedup"])
    rows = connection.execute(
        statement.returning(message.c.dedup, message.c.id), [_row(each, known, now) for each in messages]
    )
    identifiers: dict[str, int] = dict(rows.all())
    added = [each for each in messages if each.dedup in identifiers]
    spoken_of = [
        {"message_id": identifiers[each.dedup], "item_number": number}
        for each in added
        for number in each.numbers
    ]
    if spoken_of:
        connection.execute(insert(message_item), spoken_of)
    wake_for(connection, added, known)
    return identifiers


def wake_for(
    connection: Connection, messages: Collection[NewMessage], known: Mapping[endpoints.Address, int]
) -> None:
    """Let the queues move when the first of these may leave."""
    moments: dict[int, datetime] = {}
    for each in messages:
        if each.state is MessageState.PENDING:
            key = known[each.channel, each.address]
            moments[key] = min(each.send_after, moments.get(key, each.send_after))
    endpoints.wake(connection, moments)


_COPIED = ("dedup", "letter", "rank", "serial", "kind", "recipient", "channel", "text", "payload", "reason")


def _row(new: NewMessage, known: Mapping[endpoints.Address, int], now: datetime) -> dict[str, object]:
    return {name: getattr(new, name) for name in _COPIED} | {
        "endpoint_id": known[new.channel, new.address],
        "segments": new.segments,
        "send_after": new.send_after,
        "created_at": now,
        "state": new.state.value,
        "attempts": 0,
        "calling": False,
        "settled_at": now if new.failure else None,
        "error": new.failure,
    }


def stored(row: RowMapping) -> StoredMessage:
    """A row selected by `COLUMNS`."""
    return StoredMessage(**row)
