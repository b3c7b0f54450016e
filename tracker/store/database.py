"""One database: SQLite or PostgreSQL, opened so that a transaction means the same on both.

Must never leave a transaction open across a network call: `read` and `write` are short blocks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, FromClause, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from tracker.domain.errors import StoreError
from tracker.domain.people import Reach
from tracker.store import migrations
from tracker.store.reach import OPTION
from tracker.store.vault import Vault, hand_over

_BUSY_SECONDS = 15
_PAUSE_SECONDS = 0.02
_CACHE_KIB = 32 * 1024


class Database:
    """The store's handle. Holds no state but the pool; safe to share between threads."""

    _reach: Reach = None

    def __init__(self, url: str, *, busy_seconds: float = _BUSY_SECONDS, vault: Vault | None = None) -> None:
        """`vault` seals addresses and frozen messages; without one they lie open."""
        self.vault = vault or Vault()
        try:
            self.url = make_url(url)
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            self.engine = _open(self.url.render_as_string(hide_password=False), busy_seconds)
            hand_over(self.engine.dialect, self.vault)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            raise StoreError(f"数据库地址无法使用（TRACKER_DATABASE_URL）：{type(error).__name__}") from None

    def within(self, reach: Reach) -> Database:
        """The same database, on whose connections only what belongs to these units is seen."""
        bound = copy(self)
        bound._reach = reach
        return bound

    @property
    def reach(self) -> Reach:
        """What its connections are bound to."""
        return self._reach

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def prepare(self) -> None:
        """Make a new SQLite file ready; any other database must have been upgraded by hand.

        Raises StoreError when the database is behind this program.
        """
        with self.read() as connection:
            if not migrations.pending(connection):
                return
        if self.is_sqlite:
            # Asked again under the writer's lock: another process may be making this very file ready.
            with self.write() as connection:
                if migrations.is_empty(connection):
                    migrations.migrate(connection)
                if not migrations.pending(connection):
                    return
        raise StoreError("数据库结构与程序版本不一致，请先备份，再运行 rectify db upgrade")

    def upgrade(self, target: str = "head") -> None:
        """Migrate to `target`; one transaction, so that a failure leaves the old state."""
        with self.write() as connection:
            migrations.migrate(connection, target)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that writes nothing."""
        with _translated(), self.engine.connect() as plain:
            connection = plain.execution_options(**{OPTION: self._reach})
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; on SQLite the writer's lock is taken at its start, so it cannot fail half-way."""
        with _translated(), self.engine.connect() as plain:
            connection = plain.execution_options(writes=True, **{OPTION: self._reach})
            with connection.begin():
                yield connection

    def joining(self, connection: Connection) -> Database:
        """The same database, whose every transaction is this writing one, which its owner ends.

        So a use case becomes part of a greater whole: all of it is written, or none.
        """
        return _Joined(self, connection)

    def close(self) -> None:
        self.engine.dispose()


class _Joined(Database):
    """See `Database.joining`."""

    def __init__(self, whole: Database, connection: Connection) -> None:
        self.vault, self.url, self.engine = whole.vault, whole.url, whole.engine
        self._connection = connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        yield self._connection


class _WithHints(SQLiteCompiler):
    """SQLite's `INDEXED BY`, which SQLAlchemy knows for other databases only."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _open(url: str, busy_seconds: float) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})
    engine.dialect.statement_compiler = _WithHints
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: object, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA foreign_keys = ON")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # a power cut must not lose an accepted send
    # The usual 2 MB are less than what one import touches: its pages would be written and read again.
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL once. SQLite does not wait for others here as it does for every other lock."""
    until = monotonic() + _BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(_PAUSE_SECONDS)
        else:
            return  # a database in memory keeps its own mode


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Say in Chinese what an office can do; other faults of the database keep their own words."""
    try:
        yield
    except DBAPIError as error:
        words = str(error.orig).lower()
        if "locked" in words or "lock timeout" in words:
            raise StoreError("数据库正被其他程序占用，请稍后重试；本次未写入任何内容") from error
        if "full" in words or "no space" in words:
            raise StoreError("磁盘已满，数据库无法写入；本次未写入任何内容") from error
        if "readonly" in words or "read-only" in words:
            raise StoreError("数据库文件只读，请检查目录权限；本次未写入任何内容") from error
        if "unable to open" in words or "connection" in words or "resolve host" in words:
            raise StoreError("无法打开数据库，请检查 TRACKER_DATABASE_URL 与目录权限") from error
        if "not a database" in words or "malformed" in words:
            raise StoreError("数据库文件已损坏或不是数据库，请用备份恢复") from error
        raise
