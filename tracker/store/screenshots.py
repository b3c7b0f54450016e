"""Pictures of the pages that decided looks, kept beside the look as evidence.

Must never be altered: the evidence of the look names each by its SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from tracker.store.observations import StoredObservation
from tracker.store.reach import within
from tracker.store.schema import item, observation, screenshot


@dataclass(frozen=True)
class Picture:
    """A JPEG; `sha256` is of its bytes."""

    sha256: str
    content: bytes
    taken_at: datetime


def add(connection: Connection, look_id: int, picture: Picture) -> None:
    connection.execute(insert(screenshot).values(observation_id=look_id, **vars(picture)))


def last_pictured(connection: Connection, number: int) -> StoredObservation | None:
    """The last look at an item of which there is a picture."""
    columns = [observation.c[name] for name in ("item_number", "probe", "verdict", "evidence", "checked_at")]
    query = select(*columns).join(screenshot, screenshot.c.observation_id == observation.c.id)
    query = query.where(observation.c.item_number == number).order_by(observation.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredObservation(*row)


def content(connection: Connection, number: int, sha256: str) -> bytes | None:
    """The picture of this digest, if it belongs to that item and the item is within reach."""
    query = select(screenshot.c.content).join(observation, observation.c.id == screenshot.c.observation_id)
    query = query.join(item, item.c.number == observation.c.item_number)
    query = query.where(observation.c.item_number == number, screenshot.c.sha256 == sha256)
    query = query.where(*within(connection, item.c.unit_id))
    return connection.execute(query.limit(1)).scalar_one_or_none()
