"""The whole history in the order of its seals, and what in other tables must agree with it.

Must never hold more than one batch of rows or one file in memory, and never write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, not_, or_, select

from tracker.domain.lifecycle import State
from tracker.domain.trail import NOTHING_BEFORE, SEALED
from tracker.store.conditions import among
from tracker.store.removal import UNDO_EVENT
from tracker.store.schema import bulletin, evidence, history, item

_BATCH = 2000
# What the history's last row and the item itself both hold.
_STANDING = ("state", "due_on", "due_at", "submitted_at", "finished_at", "deferred_until")


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One row of the history; `values` in the order of SEALED, None if one is no value of its column."""

    id: int
    number: int
    values: tuple[Any, ...] | None
    digest: str

    @property
    def detail(self) -> object:
        return self._value("detail")

    @property
    def at(self) -> datetime | None:
        at: datetime | None = self._value("at")
        return at

    def _value(self, name: str) -> Any:
        return None if self.values is None else self.values[SEALED.index(name)]


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive rows: ids of the first and the last, and how many there are."""

    first: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An item that stands otherwise than its last row says; no row at all: `history_id` is None."""

    number: int
    history_id: int | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the evidence, with the digest noted when it came."""

    history_id: int
    number: int
    name: str
    sha256: str | None
    content: bytes | None


def row_of(connection: Connection, history_id: int) -> SealedRow | None:
    """None if there is no such row."""
    return next(iter(_batch(connection, history_id - 1, history_id)), None)


def digest_before(connection: Connection, history_id: int) -> str:
    """The seal upon which a row follows."""
    query = select(history.c.digest).where(history.c.id < history_id).order_by(history.c.id.desc()).limit(1)
    return connection.execute(query).scalar() or NOTHING_BEFORE


def span(
    connection: Connection, *, since: datetime | None = None, before: datetime | None = None
) -> Span | None:
    """From the first to the last row written at or after `since` and before `before`; None: to the very end.

    All in between belong to it, also what a clock set wrong has dated otherwise: a seal covers its
    predecessor. None if there is no row.
    """
    within = select(func.min(history.c.id), func.max(history.c.id))
    whole_first, whole_last = connection.execute(within).one()
    if since is not None:
        within = within.where(history.c.at >= since)
    if before is not None:
        within = within.where(history.c.at < before)
    first, last = connection.execute(within).one()
    if first is None:
        return None
    first, last = (whole_first if since is None else first), (whole_last if before is None else last)
    rows = select(func.count()).where(history.c.id.between(first, last))
    return Span(first, last, connection.execute(rows).scalar_one())


def batches(connection: Connection, of: Span) -> Iterator[list[SealedRow]]:
    """The rows of a span by ascending id."""
    last = of.first - 1
    while found := _batch(connection, last, of.last):
        yield found
        last = found[-1].id


def last_rows(connection: Connection, count: int) -> list[SealedRow]:
    """The latest rows, oldest first."""
    query = select(history.c.id).order_by(history.c.id.desc()).limit(count)
    ids = sorted(connection.execute(query).scalars())
    return _batch(connection, ids[0] - 1, ids[-1]) if ids else []


def _batch(connection: Connection, after: int, until: int) -> list[SealedRow]:
    within = (history.c.id > after, history.c.id <= until)
    query = _every().where(*within).order_by(history.c.id).limit(_BATCH)
    try:
        return [_sealed(row) for row in connection.execute(query)]
    except (ValueError, TypeError):  # SQLite keeps anything in any column: only a hand can have put it there
        plain = select(history.c.id, history.c.item_number, history.c.digest)
        rows = connection.execute(plain.where(*within).order_by(history.c.id).limit(_BATCH)).all()
        return [_one(connection, *row) for row in rows]


def _one(connection: Connection, history_id: int, number: int, digest: str) -> SealedRow:
    try:
        return _sealed(connection.execute(_every().where(history.c.id == history_id)).one())
    except (ValueError, TypeError):
        return SealedRow(history_id, number, None, digest)


def _every() -> Select[Any]:
    return select(*(history.c[name] for name in SEALED), history.c.digest)


def _sealed(row: Row[Any]) -> SealedRow:
    return SealedRow(row.id, row.item_number, tuple(row[: len(SEALED)]), row.digest)


def count_items(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(item)).scalar_one()


def _last_of_each() -> Any:
    last = select(history.c.item_number, func.max(history.c.id).label("id"))
    return last.group_by(history.c.item_number).subquery("last")


def items_apart(connection: Connection) -> Iterator[Mismatch]:
    """Items that do not stand as their last row says, or of which there is none."""
    last = _last_of_each()
    differs = [item.c[name].is_distinct_from(history.c[name]) for name in _STANDING]
    source = item.outerjoin(last, last.c.item_number == item.c.number)
    query = select(item.c.number, history.c.id, *differs).select_from(
        source.outerjoin(history, history.c.id == last.c.id)
    )
    query = query.where(or_(history.c.id.is_(None), *differs)).order_by(item.c.number)
    for number, history_id, *which in _stream(connection, query):
        columns = (name for name, is_other in zip(_STANDING, which, strict=True) if is_other)
        yield Mismatch(number, history_id, tuple(columns) if history_id is not None else ())


def items_gone(connection: Connection) -> Iterator[Mismatch]:
    """Items that only the history knows, unless its last row of them tells of an import's undoing."""
    last = _last_of_each()
    undone = exists().where(bulletin.c.undone_at == history.c.at, bulletin.c.undone_by == history.c.actor)
    told = and_(history.c.event == UNDO_EVENT, history.c.state == State.WITHDRAWN.value, undone)
    source = last.join(history, history.c.id == last.c.id)
    query = select(last.c.item_number, history.c.id).select_from(
        source.outerjoin(item, item.c.number == last.c.item_number)
    )
    query = query.where(item.c.number.is_(None), not_(told)).order_by(last.c.item_number)
    for number, history_id in _stream(connection, query):
        yield Mismatch(number, history_id, ())


def made_and_kept(connection: Connection) -> Iterator[tuple[str, int, int]]:
    """(title, items the import made, items of it on file) where they differ; undone, it has made none."""
    kept = func.count(item.c.number)
    query = select(bulletin.c.title, bulletin.c.counts, bulletin.c.undone_at, kept).select_from(
        bulletin.outerjoin(item, item.c.bulletin_id == bulletin.c.id)
    )
    for title, counts, undone_at, found in connection.execute(
        query.group_by(bulletin.c.id).order_by(bulletin.c.id)
    ):
        made = 0 if undone_at else counts.get("new", 0) + counts.get("reappeared", 0)
        if made != found:
            yield title, made, found


def evidence_of(connection: Connection, history_ids: Iterable[int]) -> dict[int, list[dict[str, object]]]:
    """By row of the history: its evidence as `history.detail` notes it, in the order in which it came."""
    columns = (evidence.c.history_id, evidence.c.kind, evidence.c.value, evidence.c.sha256)
    query = select(*columns).where(among(connection, evidence.c.history_id, history_ids))
    found: dict[int, list[dict[str, object]]] = {}
    for history_id, kind, value, sha256 in connection.execute(query.order_by(evidence.c.id)):
        found.setdefault(history_id, []).append({"kind": kind, "value": value, "sha256": sha256})
    return found


def evidence_astray(connection: Connection) -> Iterator[tuple[int, int]]:
    """(row of the history, item) of evidence whose row does not exist or tells of another item."""
    query = select(evidence.c.history_id, evidence.c.item_number).select_from(
        evidence.outerjoin(history, history.c.id == evidence.c.history_id)
    )
    query = query.where(history.c.item_number.is_distinct_from(evidence.c.item_number))
    yield from _stream(connection, query.order_by(evidence.c.id))


def undoings_since(connection: Connection, number: int, after: int) -> list[SealedRow]:
    """The rows after `after` that tell how something done with this item was undone."""
    query = select(history.c.id).where(history.c.item_number == number, history.c.event == UNDO_EVENT)
    ids = connection.execute(query.where(history.c.id > after).order_by(history.c.id)).scalars().all()
    return [row for each in ids for row in _batch(connection, each - 1, each)]


def files(connection: Connection) -> Iterator[KeptFile]:
    """All files of the evidence, one after the other."""
    columns = (evidence.c.id, evidence.c.history_id, evidence.c.item_number, evidence.c.value)
    query = select(*columns, evidence.c.sha256).order_by(evidence.c.id)
    with_file = or_(evidence.c.kind == "file", evidence.c.content.is_not(None))
    last = 0
    while rows := connection.execute(query.where(evidence.c.id > last, with_file).limit(_BATCH)).all():
        for row in rows:
            content = connection.execute(select(evidence.c.content).where(evidence.c.id == row.id)).scalar()
            last = row.id
            yield KeptFile(row.history_id, row.item_number, row.value, row.sha256, content)


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query.execution_options(yield_per=_BATCH))
