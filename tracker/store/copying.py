"""A copy of the office's database to play with: one moment of it, in a file that is gone afterwards.

Must never write to the database it copies, nor leave the copy behind: it holds names and telephone numbers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from tracker.domain.errors import StoreError
from tracker.store.database import Database
from tracker.store.schema import metadata

_ROWS = 200  # at a time: among them are documents of some megabytes


@contextmanager
def copied(source: Database) -> Iterator[Database]:
    """A temporary SQLite database, its owner's alone, with everything that `source` held at one moment.

    Raises StoreError when the temporary folder has no room for it.
    """
    with TemporaryDirectory(prefix="rectify-copy-") as folder:
        file = Path(folder) / "copy.db"
        copy = Database(f"sqlite:///{file}", vault=source.vault)
        event.listen(copy.engine, "connect", _need_not_last)
        try:
            _fill(copy, file, source)
            yield copy
        finally:
            copy.close()


def _fill(copy: Database, file: Path, source: Database) -> None:
    try:
        if source.is_sqlite:
            back_up(source, file)
        else:
            copy.prepare()
            _pour(source, copy)
    except (sqlite3.Error, DBAPIError) as error:
        raise StoreError(f"无法复制数据库，临时目录可能已满：{type(error).__name__}") from error


def back_up(source: Database, file: Path) -> None:
    """SQLite's own way, in one step: nobody who writes meanwhile can make it begin again."""
    with source.read() as connection, closing(sqlite3.connect(file)) as target:
        original = connection.connection.driver_connection
        assert isinstance(original, sqlite3.Connection)
        original.backup(target)


def _pour(source: Database, copy: Database) -> None:
    """Table by table, what is referred to first; SQLite goes on from the greatest keys by itself."""
    with source.read() as reading, copy.write() as writing:
        reading.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # An item may refer to one that comes after it in the stream.
        writing.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
            for rows in reading.execute(query).mappings().partitions():
                writing.execute(insert(table), [dict(row) for row in rows])


def _need_not_last(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """A copy that dies with its process need not survive a power cut."""
    connection.execute("PRAGMA synchronous = OFF")
