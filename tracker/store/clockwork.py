"""What the scheduler remembers: watermarks, and when each job last ran.

A watermark's row is also the lock by which two schedulers on one database take turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.schema import job, watermark

PLANNING = "remind"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def take_turn(connection: Connection, name: str) -> datetime:
    """Wait until no other transaction holds `name`, hold it, and return how far it got."""
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    new = dialect_insert(watermark).values(name=name, at=BEGINNING)
    connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
    query = select(watermark.c.at).where(watermark.c.name == name).with_for_update()
    at: datetime = connection.execute(query).scalar_one()
    return at


def take_planning_turn(connection: Connection) -> datetime:
    """The turn of whoever plans messages, or changes what those that wait are about; how far planning got.

    Turns are taken in the order registry → planning → history, before items are locked: then nobody waits
    in a ring.
    """
    return take_turn(connection, PLANNING)


def move_watermark(connection: Connection, name: str, at: datetime) -> None:
    connection.execute(update(watermark).where(watermark.c.name == name).values(at=at))


def watermarks(connection: Connection) -> dict[str, datetime]:
    return dict(connection.execute(select(watermark.c.name, watermark.c.at)).all())


@dataclass(frozen=True)
class JobRun:
    """The last run of one job; `error` is None when it went well, `finished_at` while it goes on."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None


def record_run(connection: Connection, run: JobRun) -> None:
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    values = vars(run)
    statement = dialect_insert(job).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def claim_run(
    connection: Connection,
    name: str,
    at: datetime,
    stale_before: datetime,
    unless_since: datetime | None = None,
) -> bool:
    """Note that a run begins; False while another one is at it that began after `stale_before`.

    unless_since: False also if one has begun after it, which whoever claims did not know of.
    """
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    values = vars(JobRun(name, at, None, None))
    free = or_(job.c.finished_at.is_not(None), job.c.started_at < stale_before)
    if unless_since is not None:
        free = and_(free, job.c.started_at <= unless_since)
    statement = dialect_insert(job).values(values)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values, where=free)
    return connection.execute(statement.returning(job.c.name)).first() is not None


def last_runs(connection: Connection) -> list[JobRun]:
    query = select(job.c.name, job.c.started_at, job.c.finished_at, job.c.error).order_by(job.c.name)
    return [JobRun(*row) for row in connection.execute(query)]
