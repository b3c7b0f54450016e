"""Documents between their preview and the decision, so that a restart loses no correction.

Must never be taken for imports: what stands here has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from tracker.store.schema import bulletin, unit, unit_alias, upload


@dataclass(frozen=True)
class StoredUpload:
    """One staged document without its bytes; `corrections` is the JSON of `services.corrections`."""

    id: int
    filename: str
    sha256: str
    issued_on: date | None
    title: str | None
    strict_units: bool
    corrections: Mapping[str, object]
    reading_mark: str
    created_at: datetime
    created_by: str


_COLUMNS = tuple(upload.c[name] for name in StoredUpload.__dataclass_fields__)


def add(connection: Connection, **values: object) -> int:
    """Insert a document with its bytes and return its id."""
    return int(connection.execute(insert(upload).values(values).returning(upload.c.id)).scalar_one())


def by_id(connection: Connection, upload_id: int, *, lock: bool = False) -> tuple[StoredUpload, bytes] | None:
    """The row and its bytes; `lock` keeps another from correcting or committing it meanwhile."""
    query = select(*_COLUMNS, upload.c.content).where(upload.c.id == upload_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else (StoredUpload(*row[:-1]), bytes(row[-1]))


def look(connection: Connection, upload_id: int) -> tuple[StoredUpload, int] | None:
    """The row, and how many bytes its document has, without reading them."""
    size = func.length(upload.c.content).label("size")
    row = connection.execute(select(*_COLUMNS, size).where(upload.c.id == upload_id)).one_or_none()
    return None if row is None else (StoredUpload(*row[:-1]), int(row[-1]))


def surroundings(connection: Connection) -> tuple[int, ...]:
    """Stands for the imports and names that a preview was judged by: other ones, and it is out of date."""
    queries = (
        select(func.max(bulletin.c.id)),
        select(func.count(bulletin.c.undone_at)),
        select(func.max(unit.c.id)),
        select(func.count(unit_alias.c.alias)),
    )
    return tuple(connection.execute(query).scalar() or 0 for query in queries)


def all_uploads(connection: Connection) -> list[StoredUpload]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(upload.c.id.desc())
    return [StoredUpload(*row) for row in connection.execute(query)]


def save(connection: Connection, stored: StoredUpload) -> None:
    """Write what a person may say otherwise (title, day, corrections), and which reading they mean."""
    values = {"title": stored.title, "issued_on": stored.issued_on, "corrections": dict(stored.corrections)}
    values["reading_mark"] = stored.reading_mark
    connection.execute(update(upload).where(upload.c.id == stored.id).values(values))


def remove(connection: Connection, upload_id: int) -> bool:
    """Whether there was one."""
    return connection.execute(delete(upload).where(upload.c.id == upload_id)).rowcount == 1


def remove_older(connection: Connection, moment: datetime) -> None:
    connection.execute(delete(upload).where(upload.c.created_at < moment))
