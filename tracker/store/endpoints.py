"""The addresses of all channels: found again though they are sealed, each with its queue's state and its
health.

Must never show an address to anybody but a sender; people see its `hint`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.conditions import among
from tracker.store.each import Given, update_each
from tracker.store.schema import attempt, endpoint, message
from tracker.store.types import Moment
from tracker.store.vault import vault_of

Address = tuple[str, str]  # channel, address

# Written out, not bound: SQLite takes a partial index only where the query repeats its very condition.
QUEUED = message.c.state.in_([literal_column("'pending'"), literal_column("'sending'")])
PENDING = and_(QUEUED, message.c.state == "pending")
STANDBY = message.c.state == literal_column("'standby'")


@dataclass(frozen=True)
class Endpoint:
    """One address as staff see it. `failing_since`: nothing was accepted since then, `failures` times in a
    row.
    """

    id: int
    channel: str
    hint: str
    ready_at: datetime | None
    held_until: datetime | None
    disabled_at: datetime | None
    disabled_by: str | None
    reason: str | None
    failing_since: datetime | None
    failures: int
    last_error: str | None
    tried_at: datetime | None
    accepted_at: datetime | None


_COLUMNS = tuple(endpoint.c[name] for name in Endpoint.__dataclass_fields__)


def register(connection: Connection, hints: Mapping[Address, str], now: datetime) -> dict[Address, int]:
    """The ids of these addresses, given with their hints; those that were never written to are added."""
    vault = vault_of(connection.dialect)
    names = {address: vault.fingerprints(name_of(address)) for address in hints}
    known = _by_fingerprint(connection, names)
    new = [
        {
            "channel": address[0],
            "address": address[1],
            "fingerprint": names[address][0],
            "hint": hint,
            "created_at": now,
            "failures": 0,
        }
        for address, hint in hints.items()
        if address not in known
    ]
    if new:
        dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
        # Somebody else may be adding the same at this moment.
        added = dialect_insert(endpoint).on_conflict_do_nothing(index_elements=["fingerprint"])
        connection.execute(added, new)
        known = _by_fingerprint(connection, names)
    _renew_hints(connection, {known[address]: hint for address, hint in hints.items()})
    return known


def known(connection: Connection, addresses: Collection[Address]) -> dict[Address, int]:
    """The ids of those of these addresses that were ever written to."""
    vault = vault_of(connection.dialect)
    return _by_fingerprint(connection, {each: vault.fingerprints(name_of(each)) for each in addresses})


def _renew_hints(connection: Connection, hints: Mapping[int, str]) -> None:
    """Where an address is shown otherwise than it was: by a newer program, or after a migration."""
    query = select(endpoint.c.id, endpoint.c.hint).where(among(connection, endpoint.c.id, hints))
    shown = dict(connection.execute(query).all())
    new = [{"which": key, "now": hints[key]} for key in sorted(shown) if shown[key] != hints[key]]
    if new:
        statement = update(endpoint).where(endpoint.c.id == bindparam("which"))
        connection.execute(statement.values(hint=bindparam("now")), new)


def _by_fingerprint(connection: Connection, names: Mapping[Address, Collection[str]]) -> dict[Address, int]:
    owners = {name: address for address, some in names.items() for name in some}
    query = select(endpoint.c.fingerprint, endpoint.c.id).where(
        among(connection, endpoint.c.fingerprint, owners)
    )
    return {owners[name]: identifier for name, identifier in connection.execute(query)}


def name_of(address: Address) -> str:
    """What an endpoint's fingerprint stands for."""
    return "\x1f".join(address)


def wake(connection: Connection, moments: Mapping[int, datetime]) -> None:
    """Let the queues of these endpoints move at a moment, if they would not before."""
    if not moments:
        return
    lock(connection, moments)  # in the order of ids, as a sender locks them: nobody waits in a ring
    rows = [{"which": key, "moment": moments[key]} for key in sorted(moments)]
    update_each(connection, _wake, {"which": Integer(), "moment": Moment()}, rows)


def _wake(given: Given) -> Update:
    at = given["moment"]
    held = case((endpoint.c.held_until > at, endpoint.c.held_until), else_=at)
    ready = case((endpoint.c.ready_at < held, endpoint.c.ready_at), else_=held)
    return update(endpoint).where(endpoint.c.id == given["which"]).values(ready_at=ready)


def lock(connection: Connection, identifiers: Collection[int]) -> None:
    """In the order of ids, as everybody locks them, and before their messages; what is read afterwards is
    as the
    last writer left it. SQLite has one writer at a time.
    """
    if connection.dialect.name != "sqlite":
        query = select(endpoint.c.id).where(among(connection, endpoint.c.id, set(identifiers)))
        connection.execute(query.order_by(endpoint.c.id).with_for_update()).all()


_LONGEST_HOLD = timedelta(hours=3)  # longer than any gap or block of the far side


def mend(connection: Connection, now: datetime) -> None:
    """Let go what was put off while the clock was wrong, or in a drill (`--now`): no hold lies so far
    ahead, and
    a queue need not wait so long without being looked at.
    """
    far = now + _LONGEST_HOLD
    held = update(endpoint).where(endpoint.c.held_until > far)
    connection.execute(held.values(held_until=None))
    late = select(endpoint.c.id).where(
        endpoint.c.ready_at.is_not(None), endpoint.c.ready_at > far, endpoint.c.disabled_at.is_(None)
    )
    identifiers = list(connection.execute(late.order_by(endpoint.c.id).with_for_update()).scalars())
    if identifiers:
        wake(connection, next_moments(connection, identifiers))


def next_moments(connection: Connection, identifiers: Collection[int]) -> dict[int, datetime]:
    """When the first message that waits at each of these endpoints may leave; those without one are left
    out.
    """
    query = select(message.c.endpoint_id, func.min(message.c.send_after))
    of_these = among(connection, message.c.endpoint_id, set(identifiers))
    return dict(connection.execute(query.where(PENDING, of_these).group_by(message.c.endpoint_id)).all())


def disable(
    connection: Connection, identifiers: Iterable[int], reason: str, now: datetime, *, by: str | None = None
) -> None:
    """Send nothing there any more until a person has seen to it. `by` None: because the far side refuses."""
    values = {"disabled_at": now, "disabled_by": by, "reason": reason, "alarmed_at": None}
    chosen = endpoint.c.id.in_(list(identifiers))
    connection.execute(update(endpoint).where(chosen, endpoint.c.disabled_at.is_(None)).values(values))


def enable(connection: Connection, identifier: int, now: datetime) -> None:
    """Let it be used again, as if it had never failed; what waits goes on at once."""
    lock(connection, [identifier])
    waiting = next_moments(connection, [identifier]).get(identifier)
    connection.execute(
        update(endpoint)
        .where(endpoint.c.id == identifier)
        .values(
            disabled_at=None,
            disabled_by=None,
            reason=None,
            alarmed_at=None,
            held_until=None,
            failing_since=None,
            failures=0,
            ready_at=None if waiting is None else max(waiting, now),
        )
    )


def disabled(connection: Connection) -> set[Address]:
    """The addresses that are not to be used, open: for choosing another way."""
    query = select(endpoint.c.channel, endpoint.c.address).where(endpoint.c.disabled_at.is_not(None))
    return {(channel, address) for channel, address in connection.execute(query)}


def unalarmed(connection: Connection) -> list[tuple[Endpoint, str]]:
    """Endpoints that the far side's refusal disabled and nobody was told of, with their addresses. Not
    locked: whoever tells has the planner's turn.
    """
    query = select(*_COLUMNS, endpoint.c.address).where(
        endpoint.c.disabled_at.is_not(None), endpoint.c.disabled_by.is_(None), endpoint.c.alarmed_at.is_(None)
    )
    rows = connection.execute(query.order_by(endpoint.c.id)).all()
    return [(Endpoint(*row[:-1]), row[-1]) for row in rows]


def note_alarm(connection: Connection, identifiers: Collection[int], now: datetime) -> None:
    connection.execute(update(endpoint).where(endpoint.c.id.in_(identifiers)).values(alarmed_at=now))


def find(connection: Connection, identifier: int) -> tuple[Endpoint, str] | None:
    """One endpoint with its address."""
    query = select(*_COLUMNS, endpoint.c.address).where(endpoint.c.id == identifier)
    row = connection.execute(query).one_or_none()
    return None if row is None else (Endpoint(*row[:-1]), row[-1])


_IN_TROUBLE = or_(endpoint.c.disabled_at.is_not(None), endpoint.c.failures > 0)
_GRAVITY = case((endpoint.c.disabled_at.is_not(None), 0), (endpoint.c.failures > 0, 1), else_=2)


def listing(connection: Connection, *, limit: int | None = None) -> list[Endpoint]:
    """All, those in trouble first, then by channel in the order of their making."""
    query = select(*_COLUMNS).order_by(_GRAVITY, endpoint.c.channel, endpoint.c.id).limit(limit)
    return [Endpoint(*row) for row in connection.execute(query)]


def in_trouble(connection: Connection, *, limit: int) -> list[Endpoint]:
    """The disabled ones, then those that accept nothing; the latest trouble first."""
    latest = func.coalesce(endpoint.c.disabled_at, endpoint.c.failing_since).desc()
    query = select(*_COLUMNS).where(_IN_TROUBLE).order_by(_GRAVITY, latest, endpoint.c.id).limit(limit)
    return [Endpoint(*row) for row in connection.execute(query)]


def in_order(connection: Connection, *, after: int, limit: int) -> list[Endpoint]:
    """Those that are not in trouble, from the id behind `after`."""
    query = select(*_COLUMNS).where(not_(_IN_TROUBLE), endpoint.c.id > after)
    return [Endpoint(*row) for row in connection.execute(query.order_by(endpoint.c.id).limit(limit))]


def addresses(connection: Connection, identifiers: Collection[int]) -> dict[int, Address]:
    """Open, by id: for telling whose they are."""
    columns = (endpoint.c.id, endpoint.c.channel, endpoint.c.address)
    query = select(*columns).where(among(connection, endpoint.c.id, identifiers))
    return {key: (channel, address) for key, channel, address in connection.execute(query)}


def waiting(connection: Connection, identifiers: Collection[int]) -> dict[int, int]:
    """How many messages wait at each of these endpoints."""
    query = select(message.c.endpoint_id, func.count()).where(QUEUED).group_by(message.c.endpoint_id)
    return dict(connection.execute(query.where(among(connection, message.c.endpoint_id, identifiers))).all())


def waiting_channels(connection: Connection) -> set[str]:
    """The channels by which something is to leave."""
    query = select(endpoint.c.channel).distinct()
    return set(connection.execute(query.where(endpoint.c.ready_at.is_not(None))).scalars())


def has_accepted(connection: Connection, channel: str, message_id: int) -> bool:
    """Whether some address of the channel has accepted something since this message was first tried."""
    first = select(func.min(attempt.c.started_at)).where(attempt.c.message_id == message_id).scalar_subquery()
    latest = select(func.max(endpoint.c.accepted_at)).where(endpoint.c.channel == channel)
    return bool(connection.execute(select(latest.scalar_subquery() > first)).scalar())


def let_go(connection: Connection, channel: str, error: str, now: datetime) -> None:
    """Those that this very answer of the far side holds need not wait any longer."""
    held = (endpoint.c.channel == channel, endpoint.c.last_error == error, endpoint.c.held_until > now)
    ready = case((endpoint.c.ready_at.is_not(None), literal(now, Moment())))
    connection.execute(update(endpoint).where(*held).values(held_until=None, ready_at=ready))
