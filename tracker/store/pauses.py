"""Channels that rest, because they refuse whatever is sent: a wrong password, no money left, no access."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, true, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.schema import channel_pause

_SKEW = timedelta(minutes=10)  # by which the clocks of two machines may differ


@dataclass(frozen=True)
class Pause:
    """A channel, since when it rests, until when and why."""

    channel: str
    since: datetime
    until: datetime
    reason: str
    alarmed_at: datetime | None


def pause(connection: Connection, channel: str, reason: str, now: datetime, until: datetime) -> None:
    """Let a channel rest; the trouble began when it first rested, however often it was tried since."""
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    new = dialect_insert(channel_pause).values(channel=channel, since=now, until=until, reason=reason)
    again = {"until": until, "reason": reason}
    connection.execute(new.on_conflict_do_update(index_elements=["channel"], set_=again))


def pauses(connection: Connection) -> list[Pause]:
    """Those that were not lifted, over or not."""
    query = select(*(channel_pause.c[name] for name in Pause.__dataclass_fields__))
    return [Pause(*row) for row in connection.execute(query.order_by(channel_pause.c.channel))]


def lift(connection: Connection, channels: Collection[str], now: datetime | None = None) -> None:
    """The channel carries again: its next trouble is a new one. `now`: only where the rest is over; what is
    accepted during it was on its way before.
    """
    over = channel_pause.c.until <= now if now is not None else true()
    connection.execute(channel_pause.delete().where(channel_pause.c.channel.in_(channels), over))


def mend(connection: Connection, now: datetime) -> None:
    """Forget what began ahead of the clock: it was wrong then, or that was a drill (`--now`)."""
    connection.execute(channel_pause.delete().where(channel_pause.c.since > now + _SKEW))


def note_alarm(connection: Connection, channel: str, now: datetime) -> None:
    chosen = channel_pause.c.channel == channel
    connection.execute(update(channel_pause).where(chosen).values(alarmed_at=now))
