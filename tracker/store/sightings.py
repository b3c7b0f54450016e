"""Where documents speak of items: what was read there, before any person put it right.

By it the next document is matched, and an import can be taken back. Must never be altered once written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select

from tracker.domain.lifecycle import FINAL
from tracker.store.conditions import STREAMED, among, listed
from tracker.store.numbering import insert_many
from tracker.store.schema import bulletin, item, sighting

REPLIED, SUBMITTED = "replied", "submitted"  # news of an item by its unit; SUBMITTED: and handed in by it
REPLIES = (REPLIED, SUBMITTED)


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The latest document that lists an item, and how many it counted."""

    issued_on: date
    bulletin_id: int
    quantity: int | None


@dataclass(frozen=True, slots=True)
class StoredSighting:
    """One mention; `history_id` is the row the import wrote on an item that was tracked before."""

    item_number: int
    outcome: str
    history_id: int | None


def add(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    insert_many(connection, sighting, rows)


def known_among(connection: Connection, identities: Iterable[str]) -> set[str]:
    """Those of these identities that some item has, or was ever read under."""
    wanted = listed(connection, item.c.identity, identities)
    tracked = select(item.c.number).where(item.c.identity == wanted)
    read = select(sighting.c.id).where(sighting.c.identity == wanted)
    return set(connection.execute(select(wanted).where(or_(tracked.exists(), read.exists()))).scalars())


def numbers_of(connection: Connection, identities: Iterable[str]) -> Iterator[tuple[str, int]]:
    """(identity, item number) for each item that has one of these identities, or was ever read so."""
    wanted = set(identities)
    tracked = select(item.c.identity, item.c.number).where(among(connection, item.c.identity, wanted))
    read = select(sighting.c.identity, sighting.c.item_number).where(
        among(connection, sighting.c.identity, wanted)
    )
    return ((row[0], row[1]) for row in connection.execute(tracked.union(read), execution_options=STREAMED))


def last_seen(connection: Connection, numbers: Iterable[int]) -> dict[int, LastSeen]:
    """Item number → the newest listing by day of issue, then by import. Replies list nothing."""
    newest = (bulletin.c.issued_on.desc(), sighting.c.bulletin_id.desc(), sighting.c.id.desc())
    place = func.row_number().over(partition_by=sighting.c.item_number, order_by=newest)
    ranked = (
        select(
            sighting.c.item_number,
            bulletin.c.issued_on,
            sighting.c.bulletin_id,
            sighting.c.quantity,
            place.label("place"),
        )
        .join(bulletin, bulletin.c.id == sighting.c.bulletin_id)
        .where(among(connection, sighting.c.item_number, set(numbers)))
        .where(sighting.c.outcome.not_in(REPLIES))
        .subquery()
    )
    query = select(ranked.c.item_number, ranked.c.issued_on, ranked.c.bulletin_id, ranked.c.quantity)
    rows = connection.execute(query.where(ranked.c.place == 1))
    return {row[0]: LastSeen(row[1], row[2], row[3]) for row in rows}


def waiting_since(connection: Connection, bulletin_ids: Iterable[int], issued_on: date) -> Iterator[int]:
    """Items at work that these documents, all issued on that day, list and none issued later does.

    In order of number.
    """
    newer = (
        select(sighting.c.item_number)
        .join(bulletin, bulletin.c.id == sighting.c.bulletin_id)
        .where(bulletin.c.issued_on > issued_on, sighting.c.outcome.not_in(REPLIES))
    )
    query = (
        select(sighting.c.item_number)
        .distinct()
        .join(item, item.c.number == sighting.c.item_number)
        .where(among(connection, sighting.c.bulletin_id, set(bulletin_ids)))
        .where(sighting.c.outcome.not_in(REPLIES), item.c.state.not_in([state.value for state in FINAL]))
        .where(sighting.c.item_number.not_in(newer))
        .order_by(sighting.c.item_number)
    )
    return iter(connection.execute(query, execution_options=STREAMED).scalars())


def of_bulletin(connection: Connection, bulletin_id: int) -> list[StoredSighting]:
    """All that an import said of items, in its order."""
    columns = (sighting.c.item_number, sighting.c.outcome, sighting.c.history_id)
    query = select(*columns).where(sighting.c.bulletin_id == bulletin_id).order_by(sighting.c.id)
    return [StoredSighting(*row) for row in connection.execute(query)]
