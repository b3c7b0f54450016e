"""What probes saw, kept beside the item as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from tracker.store.conditions import among
from tracker.store.schema import item, observation


@dataclass(frozen=True)
class StoredObservation:
    """One look at the real world."""

    number: int
    probe: str
    verdict: str
    evidence: Mapping[str, object]
    checked_at: datetime


def claim_check(connection: Connection, number: int, now: datetime, next_at: datetime) -> bool:
    """Move an item's next check ahead; False if another process did so first."""
    due = (item.c.number == number) & (item.c.next_check_at <= now)
    return connection.execute(update(item).where(due).values(next_check_at=next_at)).rowcount == 1


def add(connection: Connection, seen: StoredObservation) -> None:
    connection.execute(
        insert(observation).values(
            item_number=seen.number,
            probe=seen.probe,
            verdict=seen.verdict,
            evidence=dict(seen.evidence),
            checked_at=seen.checked_at,
        )
    )


def of_item(connection: Connection, number: int) -> list[StoredObservation]:
    """Oldest first."""
    columns = (
        observation.c.item_number,
        observation.c.probe,
        observation.c.verdict,
        observation.c.evidence,
        observation.c.checked_at,
    )
    query = select(*columns).where(observation.c.item_number == number).order_by(observation.c.id)
    return [StoredObservation(*row) for row in connection.execute(query)]


def latest(
    connection: Connection, *, before: int | None, limit: int, unit_ids: frozenset[int] | None = None
) -> list[tuple[int, StoredObservation]]:
    """Newest first, each with its id; `before`: only ids below; `unit_ids`: only of these units' items."""
    query = select(
        observation.c.id,
        observation.c.item_number,
        observation.c.probe,
        observation.c.verdict,
        observation.c.evidence,
        observation.c.checked_at,
    )
    if unit_ids is not None:
        query = query.join(item, item.c.number == observation.c.item_number)
        query = query.where(item.c.unit_id.in_(unit_ids))
    if before is not None:
        query = query.where(observation.c.id < before)
    query = query.order_by(observation.c.id.desc()).limit(limit)
    return [(row[0], StoredObservation(*row[1:])) for row in connection.execute(query)]


def last_of_probe(
    connection: Connection, probe: str, numbers: Iterable[int]
) -> dict[int, Mapping[str, object]]:
    """Item number → what this probe saw last; items it never looked at are left out."""
    wanted = among(connection, observation.c.item_number, set(numbers))
    last = select(func.max(observation.c.id)).where(wanted, observation.c.probe == probe)
    query = select(observation.c.item_number, observation.c.evidence)
    query = query.where(observation.c.id.in_(last.group_by(observation.c.item_number)))
    return dict(connection.execute(query).all())
