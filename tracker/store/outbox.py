"""The outbox: what was decided to be sent, and what became of it.

pending → sending (a lease) → accepted / failed / unknown. A lease that ran out inside a call means that
nobody knows what the far side did: such a message is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.schema import message, message_item

# Written out, not bound: SQLite takes a partial index only where the query repeats its very condition.
QUEUED = message.c.state.in_([literal_column("'pending'"), literal_column("'sending'")])
_MINUTE = timedelta(minutes=1)
_CANDIDATES = 20


class MessageState(StrEnum):
    """`accepted` is the provider's word, never "delivered"."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"  # never sent: a newer message says it


@dataclass(frozen=True)
class NewMessage:
    """A message as decided: frozen bytes, never rendered again.

    `dedup` is unique among all that was not superseded: what is taken back may have to be said again.
    """

    dedup: str
    serial: str
    kind: str
    recipient: str
    channel: str
    address: str
    text: str
    payload: bytes
    reason: str
    send_after: datetime
    numbers: tuple[int, ...] = ()
    failure: str | None = None  # why it cannot be sent at all; kept, so that staff see who was not told


@dataclass(frozen=True)
class StoredMessage:
    """A row of the outbox. `address` is a secret: for the sender only."""

    id: int
    serial: str
    kind: str
    recipient: str
    channel: str
    address: str
    text: str
    payload: bytes
    reason: str
    created_at: datetime
    send_after: datetime
    state: str
    attempts: int
    settled_at: datetime | None
    error: str | None


COLUMNS = tuple(message.c[name] for name in StoredMessage.__dataclass_fields__)


def enqueue(connection: Connection, messages: Sequence[NewMessage], now: datetime) -> dict[str, int]:
    """Put messages in, all at once; returns dedup → id of those that had not been put in before."""
    if not messages:
        return {}
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = dialect_insert(message).on_conflict_do_nothing(index_elements=["dedup"])
    rows = connection.execute(
        statement.returning(message.c.dedup, message.c.id), [_row(each, now) for each in messages]
    )
    identifiers: dict[str, int] = dict(rows.all())
    spoken_of = [
        {"message_id": identifiers[each.dedup], "item_number": number}
        for each in messages
        if each.dedup in identifiers
        for number in each.numbers
    ]
    if spoken_of:
        connection.execute(insert(message_item), spoken_of)
    return identifiers


def _row(new: NewMessage, now: datetime) -> dict[str, object]:
    values = {name: value for name, value in vars(new).items() if name not in {"numbers", "failure"}}
    return values | {
        "created_at": now,
        "state": (MessageState.FAILED if new.failure else MessageState.PENDING).value,
        "attempts": 0,
        "calling": False,
        "settled_at": now if new.failure else None,
        "error": new.failure,
    }


def abandon_expired(connection: Connection, now: datetime) -> int:
    """Settle leases that ran out; returns how many messages are `unknown` for it.

    Only what was in the middle of its call is unknown. What a dead sender had merely claimed goes back.
    """
    expired = and_(QUEUED, message.c.state == MessageState.SENDING.value, message.c.lease_until < now)
    untouched = update(message).where(expired, message.c.calling.is_(False))
    # `attempts` keeps its count: by it a sender that only was slow finds out that its claim is gone.
    connection.execute(untouched.values(state=MessageState.PENDING.value, lease_until=None))
    words = "发送程序在等待对方答复时中断，对方是否已受理不明；不会自动重发"
    values = {"state": MessageState.UNKNOWN.value, "settled_at": now, "error": words}
    return connection.execute(update(message).where(expired).values(values)).rowcount


def claim(
    connection: Connection, now: datetime, lease: timedelta, per_minute: Callable[[str], int | None]
) -> list[StoredMessage]:
    """Take due messages for this sender; nobody else gets them while the lease runs.

    One message per address and call keeps the queue fair: a flood for one robot does not starve the
    others. `per_minute` gives a channel's limit per address, counted over all senders on this database.
    """
    due = and_(message.c.state == MessageState.PENDING.value, message.c.send_after <= now)
    first = (
        select(func.min(message.c.id).label("id"))
        .where(QUEUED, due)
        .group_by(message.c.channel, message.c.address)
    )
    query = select(message.c.id, message.c.channel, message.c.address).where(message.c.id.in_(first))
    query = query.order_by(message.c.send_after, message.c.id).limit(_CANDIDATES)
    free: list[int] = []
    # Addresses without room are put off and so leave the candidates: others behind them have their turn.
    while not free and (candidates := connection.execute(query).all()):
        for identifier, channel, address in candidates:
            room_at = _room_at(connection, channel, address, per_minute(channel), now)
            if room_at > now:
                hold_address(connection, channel, address, room_at)
            else:
                free.append(identifier)
    if not free:
        return []
    statement = (
        update(message)
        .where(message.c.id.in_(free), due)  # the expected old state: the row count says who won
        .values(
            state=MessageState.SENDING.value,
            attempts=message.c.attempts + 1,
            attempted_at=now,
            lease_until=now + lease,
            calling=False,
        )
        .returning(*COLUMNS)
    )
    rows = connection.execute(statement).mappings()
    return sorted((stored(row) for row in rows), key=lambda each: each.id)


def begin_call(connection: Connection, claimed: StoredMessage, now: datetime, lease: timedelta) -> bool:
    """Note that the call comes next, and renew the lease for it; False if the lease was lost meanwhile."""
    begun = update(message).where(_mine(claimed)).values(calling=True, lease_until=now + lease)
    return connection.execute(begun).rowcount == 1


def settle(
    connection: Connection,
    claimed: StoredMessage,
    state: MessageState,
    now: datetime,
    *,
    provider_id: str = "",
    error: str | None = None,
    retry_at: datetime | None = None,
) -> bool:
    """Record how a claimed send ended; False if the lease was lost meanwhile (the row says unknown)."""
    values: dict[str, object] = {"state": state.value, "error": error, "lease_until": None, "calling": False}
    if state is MessageState.PENDING:
        values["send_after"] = retry_at
    else:
        values |= {"settled_at": now, "provider_id": provider_id or None}
    return connection.execute(update(message).where(_mine(claimed)).values(values)).rowcount == 1


def hold_address(connection: Connection, channel: str, address: str, until: datetime) -> None:
    """Keep everything else for an address back, e.g. while a robot is blocked for a minute."""
    waiting = and_(
        message.c.state == MessageState.PENDING.value,
        message.c.channel == channel,
        message.c.address == address,
        message.c.send_after < until,
    )
    connection.execute(update(message).where(waiting).values(send_after=until))


def _mine(claimed: StoredMessage) -> ColumnElement[bool]:
    return and_(
        message.c.id == claimed.id,
        message.c.state == MessageState.SENDING.value,
        message.c.attempts == claimed.attempts,
    )


def _room_at(
    connection: Connection, channel: str, address: str, limit: int | None, now: datetime
) -> datetime:
    """When an address may get its next message: `now`, or when enough attempts have left the minute."""
    if limit is None:
        return now
    recent = (
        select(message.c.attempted_at)
        .where(
            message.c.channel == channel, message.c.address == address, message.c.attempted_at > now - _MINUTE
        )
        .order_by(message.c.attempted_at.desc())
    )
    attempts = list(connection.execute(recent.limit(limit)).scalars())
    return now if len(attempts) < limit else attempts[-1] + _MINUTE


def stored(row: RowMapping) -> StoredMessage:
    """A row selected by `COLUMNS`."""
    return StoredMessage(**row)
