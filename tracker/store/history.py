"""The history: appended to in the same transaction as the change it tells of, never altered.

Its rows are sealed in the order of their ids, so whoever appends waits for those before: take the turn
(`take_history_turn`) before locking items that the history will tell of, else two could wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, func, insert, select

from tracker.domain.lifecycle import Standing
from tracker.domain.trail import NOTHING_BEFORE, SEALED, seal
from tracker.store.clockwork import take_turn
from tracker.store.conditions import among
from tracker.store.numbering import insert_many, reserve
from tracker.store.reach import within
from tracker.store.schema import evidence, history, item

_TURN = "history"
_SEALED = itemgetter(*SEALED)


@dataclass(frozen=True)
class HistoryRow:
    """One change of one item, oldest first in every list."""

    id: int
    at: datetime
    actor: str
    event: str
    state: str
    reason: str | None
    detail: Mapping[str, object]


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    event: str,
    rows: Sequence[tuple[int, Standing, Mapping[str, object]]],
    reason: str | None = None,
) -> list[int]:
    """Write one row for each (item number, standing after the event, detail); return their ids."""
    if not rows:
        return []
    digest = take_history_turn(connection)
    ids = reserve(connection, history, len(rows))
    values: list[dict[str, object]] = [
        {
            "id": history_id,
            "item_number": number,
            "at": at,
            "actor": actor,
            "event": event,
            "reason": reason,
            "detail": detail,
            "state": standing.state.value,
            "due_on": standing.due_on,
            "due_at": standing.due_at,
            "submitted_at": standing.submitted_at,
            "finished_at": standing.finished_at,
            "deferred_until": standing.deferred_until,
        }
        for history_id, (number, standing, detail) in zip(ids, rows, strict=True)
    ]
    for value in values:
        digest = seal(_SEALED(value), digest)
        value["digest"] = digest
    insert_many(connection, history, values)
    return ids


def take_history_turn(connection: Connection) -> str:
    """Wait until nobody else appends, and return the last seal."""
    take_turn(connection, _TURN)
    last = connection.execute(select(history.c.digest).order_by(history.c.id.desc()).limit(1)).scalar()
    return last or NOTHING_BEFORE


_COLUMNS = (
    history.c.id,
    history.c.at,
    history.c.actor,
    history.c.event,
    history.c.state,
    history.c.reason,
    history.c.detail,
)


def of_item(connection: Connection, number: int) -> list[HistoryRow]:
    query = select(*_COLUMNS).where(history.c.item_number == number).order_by(history.c.id)
    return [HistoryRow(*row) for row in connection.execute(query)]


def last_id(connection: Connection) -> int:
    """The newest row's, 0 for none: where it is the same, nothing was done since."""
    return connection.execute(select(func.max(history.c.id))).scalar() or 0


def of_items(
    connection: Connection, numbers: Iterable[int], events: Iterable[str]
) -> dict[int, list[HistoryRow]]:
    """The rows of some events by item number; items without any are left out."""
    query = select(history.c.item_number, *_COLUMNS).where(history.c.event.in_(list(events)))
    query = query.where(among(connection, history.c.item_number, set(numbers))).order_by(history.c.id)
    found: dict[int, list[HistoryRow]] = {}
    for number, *row in connection.execute(query):
        found.setdefault(number, []).append(HistoryRow(*row))
    return found


def version(connection: Connection, number: int) -> int:
    """The id of an item's last row: it moves on with every change. 0 for a number nobody has."""
    last = select(func.max(history.c.id)).where(history.c.item_number == number)
    return connection.execute(last).scalar() or 0


def last_changes(connection: Connection, numbers: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Item number → version (see there) and moment of its last change."""
    query = select(history.c.item_number, func.max(history.c.id)).group_by(history.c.item_number)
    last = dict(connection.execute(query.where(among(connection, history.c.item_number, set(numbers)))).all())
    moments = select(history.c.id, history.c.at).where(among(connection, history.c.id, set(last.values())))
    at = dict(connection.execute(moments).all())
    return {number: (history_id, at[history_id]) for number, history_id in last.items()}


def detail(connection: Connection, history_id: int) -> Mapping[str, object]:
    """What one row says was changed."""
    found: Mapping[str, object] = connection.execute(
        select(history.c.detail).where(history.c.id == history_id)
    ).scalar_one()
    return found


@dataclass(frozen=True)
class EvidenceRow:
    """A link, a file's name or a note that came with a step; `kind` is link, file or note."""

    id: int
    history_id: int
    kind: str
    value: str
    sha256: str | None


def add_evidence(
    connection: Connection,
    *,
    number: int,
    history_id: int,
    kind: str,
    value: str,
    sha256: str | None = None,
    content: bytes | None = None,
) -> None:
    connection.execute(
        insert(evidence).values(
            item_number=number, history_id=history_id, kind=kind, value=value, sha256=sha256, content=content
        )
    )


def evidence_of_item(connection: Connection, number: int) -> list[EvidenceRow]:
    columns = (evidence.c.id, evidence.c.history_id, evidence.c.kind, evidence.c.value, evidence.c.sha256)
    query = select(*columns).where(evidence.c.item_number == number).order_by(evidence.c.id)
    return [EvidenceRow(*row) for row in connection.execute(query)]


def notes_of(connection: Connection, numbers: Iterable[int]) -> set[tuple[int, str]]:
    """(item number, words) of the notes kept beside these items."""
    query = select(evidence.c.item_number, evidence.c.value).where(evidence.c.kind == "note")
    query = query.where(among(connection, evidence.c.item_number, set(numbers)))
    return {(row[0], row[1]) for row in connection.execute(query)}


def evidence_file(connection: Connection, number: int, evidence_id: int) -> tuple[str, bytes] | None:
    """Name and content of a file, only if it belongs to that item and that to the reach."""
    query = select(evidence.c.value, evidence.c.content).where(
        evidence.c.id == evidence_id, evidence.c.item_number == number, evidence.c.content.is_not(None)
    )
    query = query.join(item, item.c.number == evidence.c.item_number)
    row = connection.execute(query.where(*within(connection, item.c.unit_id))).one_or_none()
    return None if row is None else (row.value, row.content)
