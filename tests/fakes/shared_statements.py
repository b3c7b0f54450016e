"""SQLite as SQLAlchemy speaks it, but all databases of a test process share their compiled statements, and
none waits for the disk.

A process of the product opens one database and compiles each statement once. A test process opens more than
a thousand of them, and would spend an eighth of its time on compiling the same statements anew, and more
than that on waiting until the disk has what will be thrown away. PostgreSQL's tests do not wait either. A
killed process loses nothing by it: only a power cut could show the difference.
"""

from __future__ import annotations

from sqlalchemy import Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.util import LRUCache

_STATEMENTS: LRUCache = LRUCache(5_000)


class SharingSQLite(SQLiteDialect_pysqlite):
    """Equal to each other: what was compiled for one is right for all, they have no options."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharingSQLite)

    def __hash__(self) -> int:
        return hash(SharingSQLite)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_STATEMENTS)
        event.listen(engine, "connect", _wait_for_no_disk)
        # The product asks for the contrary when it has connected.
        event.listen(engine, "checkout", _wait_for_no_disk)


def _wait_for_no_disk(connection: DBAPIConnection, *_: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def share_statements() -> None:
    """From now on `sqlite:` addresses of this process are opened with this dialect."""
    registry.register("sqlite", __name__, SharingSQLite.__name__)
