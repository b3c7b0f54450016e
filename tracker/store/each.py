"""Changing many rows at once, each to values of its own.

Must never decide anything: whoever calls has locked the rows, or locks them in the order everybody does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, TableValuedAlias, Update, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

Given = Mapping[str, ColumnElement[Any]]
"""The values of one row, by name, as a statement speaks of them."""
Types = Mapping[str, TypeEngine[Any]]
"""Their types, by name."""


def update_each(
    connection: Connection,
    change: Callable[[Given], Update],
    types: Types,
    rows: Sequence[Mapping[str, object]],
) -> None:
    """Run `change` for each of `rows`, which have the names of `types`; nothing for none.

    SQLite lies in this very process: a statement for each row costs little there. PostgreSQL answers one
    statement over arrays in a tenth of the time that as many statements take, even in a pipeline.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        bound = {name: bindparam(name, type_=kind) for name, kind in types.items()}
        connection.execute(change(bound), rows)
        return
    connection.execute(change(dict(unnested(types).c)), in_arrays(types, rows))


def unnested(types: Types) -> TableValuedAlias:
    """PostgreSQL: the table `given` that is bound to what `in_arrays` returns."""
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    return func.unnest(*arrays).table_valued(*types, name="given").render_derived()


def in_arrays(types: Types, rows: Collection[Mapping[str, object]]) -> dict[str, list[object]]:
    """Rows as one array for each name."""
    return {name: [row[name] for row in rows] for name in types}
