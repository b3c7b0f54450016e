"""The ladders that items were started with, each stored once. Must never alter or delete one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.domain.ladders import Ladder
from tracker.store.conditions import among
from tracker.store.schema import item, ladder


def keep(connection: Connection, ladders: Iterable[Ladder]) -> dict[Ladder, int]:
    """The ids of these ladders, storing those that are new."""
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    wanted = {each.digest: each for each in ladders}
    for digest, each in wanted.items():
        new = dialect_insert(ladder).values(code=each.code, digest=digest, content=each.as_mapping())
        connection.execute(new.on_conflict_do_nothing(index_elements=["digest"]))
    query = select(ladder.c.id, ladder.c.digest).where(among(connection, ladder.c.digest, wanted))
    return {wanted[row.digest]: row.id for row in connection.execute(query)}


def load(connection: Connection) -> dict[int, Ladder]:
    """Every stored ladder by its id: a handful, one for each time an office changed its file."""
    query = select(ladder.c.id, ladder.c.content)
    return {row.id: Ladder.from_mapping(row.content) for row in connection.execute(query)}


def of_items(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Item number → ladder id, of those items that have one."""
    query = select(item.c.number, item.c.ladder_id).where(item.c.ladder_id.is_not(None))
    return dict(connection.execute(query.where(among(connection, item.c.number, set(numbers)))).all())
