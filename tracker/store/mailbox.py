"""Reading the outbox for people: what was said to whom, and how it stands. Must never change a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select

from tracker.store.conditions import among
from tracker.store.endpoints import QUEUED, STANDBY
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.reach import messages_within
from tracker.store.schema import attempt, message, message_item


def created_since(connection: Connection, moment: datetime) -> int:
    """How many messages were put in since `moment`: the day's running number."""
    return connection.execute(
        select(func.count()).select_from(message).where(message.c.created_at >= moment)
    ).scalar_one()


# Written out for SQLite, see `QUEUED`.
OPEN = and_(
    message.c.state.in_([literal_column("'failed'"), literal_column("'unknown'")]),
    message.c.decided_at.is_(None),
)


class Pile(StrEnum):
    """A part of the outbox, found however much there is of the rest."""

    OPEN = "open"  # failed or unknown, and nobody has decided
    WAITING = "waiting"  # to be sent, or on its way
    ALL = "all"


# States that have a small index of their own.
_RARE = {
    frozenset({MessageState.PENDING.value, MessageState.SENDING.value}): QUEUED,
    frozenset({MessageState.STANDBY.value}): STANDBY,
}
_BOUND = 500  # values bound in one statement
_PILES = {Pile.OPEN: OPEN, Pile.WAITING: QUEUED}


def waiting(connection: Connection) -> int:
    """How many messages wait to be sent or are on their way."""
    return connection.execute(select(func.count()).select_from(message).where(QUEUED)).scalar_one()


def count_open(connection: Connection) -> dict[str, int]:
    """How many failed, and of how many the outcome is unknown, that nobody has decided about."""
    query = select(message.c.state, func.count()).where(OPEN).group_by(message.c.state)
    return dict(connection.execute(query).all())


def count_open_up_to(connection: Connection, most: int) -> int:
    """The same for both together, but at most `most`."""
    some = select(message.c.id).where(OPEN).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def of_item(connection: Connection, number: int) -> list[StoredMessage]:
    """The messages that speak of an item, oldest first."""
    query = select(*COLUMNS).join(message_item, message_item.c.message_id == message.c.id)
    query = query.where(message_item.c.item_number == number, *messages_within(connection))
    query = query.order_by(message.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]


def latest(
    connection: Connection,
    *,
    pile: Pile = Pile.ALL,
    channel: str | None = None,
    states: Iterable[str] | None = None,
    recipient: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[StoredMessage]:
    """Newest first. `recipient`: words that all stand in the recipient's name; `before`: only ids below."""
    wanted: list[ColumnElement[bool]] = [
        message.c.recipient.contains(word, autoescape=True) for word in (recipient or "").split()
    ]
    wanted += messages_within(connection)
    if pile is not Pile.ALL:
        # Asked for apart: else SQLite walks all messages, newest first, in place of the small index.
        wanted.append(message.c.id.in_(select(message.c.id).where(_PILES[pile])))
    if channel is not None:
        wanted.append(message.c.channel == channel)
    if states is not None:
        chosen = list(states)
        wanted.append(message.c.state.in_(chosen))
        for some, indexed in _RARE.items():
            if some.issuperset(chosen):
                wanted.append(message.c.id.in_(select(message.c.id).where(indexed)))
    if before is not None:
        wanted.append(message.c.id < before)
    query = select(*COLUMNS).where(*wanted).order_by(message.c.id.desc()).limit(limit)
    return [stored(row) for row in connection.execute(query).mappings()]


def told_at(connection: Connection, moments: Iterable[datetime]) -> set[tuple[str, str, str, datetime]]:
    """(recipient, kind, reason, moment) of what was put in at these moments and not taken back."""
    columns = (message.c.recipient, message.c.kind, message.c.reason, message.c.created_at)
    query = select(*columns).where(message.c.state != MessageState.SUPERSEDED.value)
    found: set[tuple[str, str, str, datetime]] = set()
    chosen = sorted(set(moments))
    for start in range(0, len(chosen), _BOUND):
        some = message.c.created_at.in_(chosen[start : start + _BOUND])
        found |= {(row[0], row[1], row[2], row[3]) for row in connection.execute(query.where(some))}
    return found


def told(connection: Connection, kind: str, reason: str, since: datetime) -> set[str]:
    """The recipients for whom a message of this kind and reason was put in since `since` and not taken
    back.
    """
    query = select(message.c.recipient).where(message.c.created_at >= since, message.c.kind == kind)
    query = query.where(message.c.reason == reason, message.c.state != MessageState.SUPERSEDED.value)
    return set(connection.execute(query).scalars())


def of_reason(
    connection: Connection, kind: str, reason: str, since: datetime, *, limit: int
) -> list[StoredMessage]:
    """The newest messages of this kind and reason since a moment, but for those that were taken back."""
    query = select(*COLUMNS).where(message.c.created_at >= since, message.c.kind == kind)
    query = query.where(message.c.reason == reason, message.c.state != MessageState.SUPERSEDED.value)
    query = query.where(*messages_within(connection)).order_by(message.c.id.desc()).limit(limit)
    return [stored(row) for row in connection.execute(query).mappings()]


def items_of(connection: Connection, identifiers: Iterable[int]) -> dict[int, list[int]]:
    """The numbers of the items of which each message speaks, in order."""
    query = select(message_item.c.message_id, message_item.c.item_number)
    chosen = among(connection, message_item.c.message_id, set(identifiers))
    query = query.where(chosen).order_by(message_item.c.item_number)
    found: dict[int, list[int]] = {}
    for identifier, number in connection.execute(query):
        found.setdefault(identifier, []).append(number)
    return found


def waiting_about(connection: Connection, kind: str, numbers: Iterable[int]) -> set[int]:
    """Those of these items about which a message of this kind has not left yet."""
    query = select(message_item.c.item_number).join(message, message.c.id == message_item.c.message_id)
    query = query.where(QUEUED, message.c.kind == kind)
    about = among(connection, message_item.c.item_number, set(numbers))
    return set(connection.execute(query.where(about)).scalars())


@dataclass(frozen=True)
class Attempt:
    """One call for a message. `outcome` None: it was never heard how it ended."""

    message_id: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    error: str | None


def attempts_of(connection: Connection, identifiers: Sequence[int]) -> list[Attempt]:
    """All calls for these messages, the oldest first."""
    query = select(*(attempt.c[name] for name in Attempt.__dataclass_fields__))
    chosen = among(connection, attempt.c.message_id, set(identifiers))
    query = query.where(chosen).order_by(attempt.c.id)
    return [Attempt(*row) for row in connection.execute(query)]


def charged_since(connection: Connection, moment: datetime) -> int:
    """Short messages that are charged for what left since `moment`, or may have, or is leaving."""
    left = message.c.state.in_([MessageState.ACCEPTED.value, MessageState.UNKNOWN.value])
    leaving = and_(QUEUED, message.c.calling)
    charged = select(func.coalesce(func.sum(message.c.segments), 0)).where(message.c.segments.is_not(None))
    gone, going = (
        connection.execute(charged.where(*which)).scalar_one()
        for which in ((message.c.settled_at >= moment, left), (leaving,))
    )
    return int(gone + going)


def parts_of(connection: Connection, identifier: int) -> list[StoredMessage]:
    """All messages of the letter of which this one is a part, in sending order; [] for no message."""
    letter = select(message.c.letter).where(message.c.id == identifier).scalar_subquery()
    query = select(*COLUMNS).where(message.c.letter == letter).order_by(message.c.rank, message.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]


def by_ids(connection: Connection, identifiers: Sequence[int]) -> list[StoredMessage]:
    query = select(*COLUMNS).where(among(connection, message.c.id, set(identifiers)))
    query = query.order_by(message.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]
