"""What probes saw, kept beside the item as evidence; what was seen last also stands on the item itself.

Must never be deleted or altered: the item, its history and the queue of checks refer to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from tracker.domain.checks import Look, Verdict
from tracker.store.conditions import among
from tracker.store.reach import within
from tracker.store.schema import item, observation

_COLUMNS = (
    observation.c.item_number,
    observation.c.probe,
    observation.c.verdict,
    observation.c.evidence,
    observation.c.checked_at,
)


@dataclass(frozen=True)
class StoredObservation:
    """One look at the real world; `checked_at` is when it began: what happened later it cannot have seen."""

    number: int
    probe: str
    verdict: str
    evidence: Mapping[str, object]
    checked_at: datetime


def claim_check(connection: Connection, number: int, now: datetime, next_at: datetime) -> bool:
    """Move an item's next check ahead; False if another process did so first."""
    due = (item.c.number == number) & (item.c.next_check_at <= now)
    return connection.execute(update(item).where(due).values(next_check_at=next_at)).rowcount == 1


def add(connection: Connection, seen: StoredObservation) -> int:
    """Keep one look, and on its item what it says; one that could not tell only counts there. Its id."""
    made = insert(observation).values(
        item_number=seen.number,
        probe=seen.probe,
        verdict=seen.verdict,
        evidence=dict(seen.evidence),
        checked_at=seen.checked_at,
    )
    look_id = int(connection.execute(made.returning(observation.c.id)).scalar_one())
    told: dict[str, object] = {"look_verdict": seen.verdict, "look_at": seen.checked_at, "look_id": look_id}
    is_blind = seen.verdict == Verdict.UNSURE
    last = {"blind_looks": item.c.blind_looks + 1} if is_blind else {"blind_looks": 0, **told}
    mine = update(item).where(item.c.number == seen.number)
    connection.execute(mine.values(last_look_id=look_id, **last))
    return look_id


def of_item(connection: Connection, number: int, *, last: int | None = None) -> list[StoredObservation]:
    """Oldest first; all of them, or the last so many."""
    return [look for _, look in reversed(latest_of_item(connection, number, limit=last))]


def latest_of_item(
    connection: Connection, number: int, *, before: int | None = None, limit: int | None
) -> list[tuple[int, StoredObservation]]:
    """(id, look), newest first; `before`: only those older than the look of this id."""
    query = select(observation.c.id, *_COLUMNS).where(observation.c.item_number == number)
    if before is not None:
        query = query.where(observation.c.id < before)
    rows = connection.execute(query.order_by(observation.c.id.desc()).limit(limit))
    return [(row[0], StoredObservation(*row[1:])) for row in rows]


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, StoredObservation]:
    query = select(observation.c.id, *_COLUMNS).where(among(connection, observation.c.id, set(ids)))
    return {row[0]: StoredObservation(*row[1:]) for row in connection.execute(query)}


def since(connection: Connection, number: int, moment: datetime | None) -> list[Look]:
    """The looks at an item that did not begin before `moment` (None: all), oldest first."""
    query = select(observation.c.verdict, observation.c.checked_at).where(observation.c.item_number == number)
    if moment is not None:
        query = query.where(observation.c.checked_at >= moment)
    rows = connection.execute(query.order_by(observation.c.id))
    return [Look(Verdict(verdict), at) for verdict, at in rows]


def latest(connection: Connection, *, before: int | None, limit: int) -> list[tuple[int, StoredObservation]]:
    """Newest first, each with its id; `before`: only ids below."""
    query = select(
        observation.c.id,
        observation.c.item_number,
        observation.c.probe,
        observation.c.verdict,
        observation.c.evidence,
        observation.c.checked_at,
    )
    if reached := within(connection, item.c.unit_id):
        query = query.join(item, item.c.number == observation.c.item_number).where(*reached)
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
