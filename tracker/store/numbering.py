"""Numbers for many rows at once, taken before they are inserted.

A driver can insert many rows in one call but not tell their keys; one by one would cost ten times as much.
Must only be used inside a writing transaction, and for tables whose numbers are never given again.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text


def reserve(connection: Connection, table: Table, count: int) -> list[int]:
    """`count` ascending keys that no row of `table` has had or will get otherwise."""
    if connection.dialect.name == "sqlite":
        # The writer's lock is held; AUTOINCREMENT goes on from the greatest key that was inserted.
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        last = connection.execute(query, {"name": table.name}).scalar() or 0
        return list(range(last + 1, last + 1 + count))
    [key] = table.primary_key.columns
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    rows = func.generate_series(1, count).table_valued("n")
    return sorted(connection.execute(select(func.nextval(sequence)).select_from(rows)).scalars())
