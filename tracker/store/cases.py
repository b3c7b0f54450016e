"""Faulty cases by source: where each was seen first and last, and in which export not any more.

Must never delete a case: what was seen stays traceable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.domain.lifecycle import FINAL
from tracker.store.conditions import among
from tracker.store.each import in_arrays, unnested
from tracker.store.schema import feed_case, item

_CHUNK = 5000
_TYPES = {name: feed_case.c[name].type for name in ("fault", "digest", "unit_id", "row")}


@dataclass(frozen=True, slots=True)
class SeenCase:
    """One fault of one case, at its row of the export."""

    fault: str
    digest: str
    unit_id: int
    row: int


@dataclass(frozen=True, slots=True)
class TracedCase:
    """One fault of one case: its row in the export that showed it last."""

    source: str
    digest: str
    first_feed_id: int
    feed_id: int
    row: int


@dataclass(frozen=True, slots=True)
class CaseCount:
    """Faulty cases of one unit: those that nothing proves gone, and those of them that exports still show."""

    standing: int
    proven: int


def record(connection: Connection, source: str, feed_id: int, seen: Iterable[SeenCase]) -> None:
    """Write what an export shows. A case that had gone stays so until `settle_gone`.

    Units may number their cases each for itself. The digest of a number is the case's of the unit that bore
    it first; another unit's gets a digest of both, so that neither takes the other's place.
    """
    coming, common = iter(seen), {"source": source, "first_feed_id": feed_id, "feed_id": feed_id}
    while chunk := list(islice(coming, _CHUNK)):
        # Of a case that stands twice in an export the last row counts; one statement writes each once.
        cases = {(one.fault, one.digest, one.unit_id): one for one in chunk}
        once = {(one.fault, one.digest): one for one in cases.values()}
        if _write(connection, common, once.values()) < len(cases):
            owners = _owners(connection, source, {digest for _, digest in once})
            told_apart = (
                one if owners[one.fault, one.digest] == one.unit_id else _of_its_unit(one)
                for one in cases.values()
            )
            _write(connection, common, list(told_apart))


def _write(connection: Connection, common: Mapping[str, object], seen: Collection[SeenCase]) -> int:
    """How many were written: not those whose digest is another unit's."""
    rows = [{name: getattr(one, name) for name in _TYPES} for one in seen]
    counted = {"preserve_rowcount": True}
    if connection.dialect.name == "sqlite":
        statement = _or_update(insert_sqlite(feed_case))
        values = [{**common, **row} for row in rows]
        return connection.execute(statement, values, execution_options=counted).rowcount
    given = select(*map(literal, common.values()), *unnested(_TYPES).c)
    new = insert_postgresql(feed_case).from_select([*common, *_TYPES], given)
    return connection.execute(_or_update(new), in_arrays(_TYPES, rows), execution_options=counted).rowcount


def _or_update(new: Any) -> Any:
    """Of either database; what was written before keeps its first export, and whether it had gone."""
    written = {name: new.excluded[name] for name in ("feed_id", "row")}
    is_its_own = feed_case.c.unit_id == new.excluded.unit_id
    return new.on_conflict_do_update(
        index_elements=["source", "fault", "digest"], set_=written, where=is_its_own
    )


def _owners(connection: Connection, source: str, digests: Collection[str]) -> dict[tuple[str, str], int]:
    """(fault, digest) → the unit that bears it."""
    query = select(feed_case.c.fault, feed_case.c.digest, feed_case.c.unit_id)
    query = query.where(feed_case.c.source == source, among(connection, feed_case.c.digest, digests))
    return {(fault, digest): unit_id for fault, digest, unit_id in connection.execute(query)}


def _of_its_unit(one: SeenCase) -> SeenCase:
    both = f"{one.unit_id}\x1f{one.digest}".encode()
    return replace(one, digest=blake2b(both, digest_size=len(one.digest) // 2).hexdigest())


def settle_gone(
    connection: Connection,
    source: str,
    feed_id: int,
    faults: Collection[str],
    units: Collection[int] | None = None,
) -> set[int]:
    """Take the export at its word: what it shows stands, what it leaves out is gone; units that changed.

    `units`: only theirs; None: everybody's.
    """
    mine = and_(feed_case.c.source == source, feed_case.c.fault.in_(list(faults)))
    left_out = and_(mine, feed_case.c.gone_feed_id.is_(None), feed_case.c.feed_id != feed_id)
    if units is not None:
        left_out = and_(left_out, among(connection, feed_case.c.unit_id, units))
    back = and_(mine, feed_case.c.gone_feed_id.is_not(None), feed_case.c.feed_id == feed_id)
    touched: set[int] = set()
    for condition, value in ((left_out, feed_id), (back, None)):
        touched |= set(connection.scalars(select(feed_case.c.unit_id).distinct().where(condition)))
        connection.execute(update(feed_case).where(condition).values(gone_feed_id=value))
    return touched


def counts(
    connection: Connection, source: str, feed_id: int, faults: Collection[str]
) -> dict[tuple[int, str], CaseCount]:
    """By unit id and fault, over all sources; a case that two sources show counts once."""
    shown = or_(feed_case.c.feed_id == feed_id, feed_case.c.source != source)
    query = select(
        feed_case.c.unit_id,
        feed_case.c.fault,
        func.count(distinct(feed_case.c.digest)),
        func.count(distinct(case((shown, feed_case.c.digest)))),
    ).where(feed_case.c.gone_feed_id.is_(None), feed_case.c.fault.in_(list(faults)))
    rows = connection.execute(query.group_by(feed_case.c.unit_id, feed_case.c.fault))
    return {(row[0], row[1]): CaseCount(row[2], row[3]) for row in rows}


def numbers_at_work(connection: Connection, classes: Collection[str], units: Collection[int]) -> list[int]:
    """Items of these classes and units that are neither struck off nor withdrawn."""
    query = select(item.c.number).where(item.c["class"].in_(list(classes)))
    query = query.where(item.c.state.not_in([state.value for state in FINAL]))
    return list(connection.scalars(query.where(among(connection, item.c.unit_id, units))))


def of_unit(connection: Connection, unit_id: int, fault: str, limit: int) -> Sequence[TracedCase]:
    """The cases behind a unit's item of this class that still stand, by their place in the exports."""
    columns = (feed_case.c[name] for name in TracedCase.__dataclass_fields__)
    query = select(*columns).where(feed_case.c.unit_id == unit_id, feed_case.c.fault == fault)
    query = query.where(feed_case.c.gone_feed_id.is_(None))
    query = query.order_by(feed_case.c.source, feed_case.c.feed_id, feed_case.c.row).limit(limit)
    return [TracedCase(*row) for row in connection.execute(query)]
