"""Databases of other systems, opened to go through one table or SELECT of theirs.

Must never write to one: transactions are read-only, SQLite files opened so. Must never wait without end, hold
all rows at once, or show an address or a password: what goes wrong is said by its kind.
"""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, Result, Row, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tracker.domain.errors import ConfigError, IntakeError

_WAIT_SECONDS = 15
_SERVED_ROWS, _FILE_ROWS = 500, 100  # more of them at once outgrow the processor's cache: measured
_AS_TEXT = 0  # psycopg's format of what a server writes out
_LONGEST_CELL = 256 * 1024  # a damaged file may state any length
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    }
)
_REASONS = (
    (r"password authentication|no password supplied|role .* does not exist", "用户名或口令不对"),
    (r"no pg_hba\.conf entry", "对方没有允许本机连接"),
    (r"database .* does not exist", "没有这个名称的数据库"),
    (r"no such table|(relation|schema) .* does not exist", "没有这个表或视图"),
    (r"no such column|(column|function) .* does not exist|ambiguous", "查询语句中的列或函数不存在，或不明确"),
    (r"permission denied|not authorized|prohibited", "没有读取的权限"),
    (r"read-only|readonly", "查询语句要改动数据，已拒绝"),
    (r"syntax error|incomplete input", "查询语句有语法错误"),
    (r"utf-8|encoding", "其中的文字编码有误，不是 UTF-8"),
    (r"not a database|malformed|corrupt", "数据库文件已损坏，或不是 SQLite 数据库"),
    (r"too big", "单元格过长"),
    (r"locked", "数据库正被占用"),
    (r"unable to open", "数据库文件不存在，或打不开"),
    (r"connect|resolve|timeout|closed|terminat", "连接不上，或连接中断"),
)


@dataclass(frozen=True)
class Wanted:
    """What to go through: a table or view by its name, its schema before it if need be; or else a SELECT."""

    table: tuple[str, ...] = ()
    select: str = ""


class Reading:
    """One read-only transaction of another system's database, until `ends_at` on the monotonic clock."""

    def __init__(self, connection: Connection, rows_at_once: int, cursors: ExitStack, ends_at: float) -> None:
        self._connection, self._rows_at_once = connection, rows_at_once
        self._cursors, self._ends_at = cursors, ends_at

    def tables(self) -> list[str]:
        """The names of a SQLite file's tables and views."""
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'"
        names = self._connection.exec_driver_sql(query).scalars()
        return [name.decode(errors="replace") for name in names if isinstance(name, bytes)]

    def columns(self, wanted: Wanted) -> list[str]:
        """The names of its columns, in order."""
        return list(self._connection.execute(_statement("*", wanted, "WHERE 1 = 0")).keys())

    def rows(self, wanted: Wanted, columns: Sequence[str]) -> Iterator[Row[Any]]:
        """The rows of these columns, by a cursor of the server's; a SQLite file's text is undecoded bytes."""
        streaming = self._connection.execution_options(yield_per=self._rows_at_once)
        result = streaming.execute(_statement(", ".join(map(_quoted, columns)), wanted))
        return chain.from_iterable(self._in_time(self._cursors.enter_context(result)))

    def _in_time(self, result: Result[Any]) -> Iterator[Sequence[Row[Any]]]:
        """A server limits each of its answers; their sum is limited here."""
        while some := result.fetchmany(self._rows_at_once):
            if monotonic() >= self._ends_at:
                raise TimeoutError
            yield some


@dataclass(frozen=True)
class _Kind:
    """What differs. begin: makes a new connection safe, for so many seconds. cut: ends what its driver's
    connection is at, from another thread, `grace` seconds after it should have ended by itself.
    """

    rows_at_once: int
    grace: float
    begin: Callable[[Connection, float], None]
    cut: Callable[[Any], None]


class ForeignDatabase:
    """Another system's database. Holds no connection: `reading` opens one, and closes it."""

    def __init__(self, engine: Engine, kind: _Kind) -> None:
        self._engine, self._kind = engine, kind

    @classmethod
    def at(cls, url: str, name: str) -> ForeignDatabase:
        """PostgreSQL, or what speaks its protocol, or a SQLite file.

        Raises ConfigError, by `name` and without the address, for anything else.
        """
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database:
                return cls.in_file(Path(address.database), immutable=False)
            if address.get_backend_name() == "postgresql":
                return cls._on_server(address.set(drivername="postgresql+psycopg").render_as_string(False))
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError):
            pass  # said below, without the address
        raise ConfigError(
            f"TRACKER_FEED_DATABASES 中“{name}”的地址无法使用，须为 postgresql://… 或 sqlite:///…",
            details={"settings": ["feed_databases"]},
        )

    @classmethod
    def in_file(cls, file: Path, *, immutable: bool = True) -> ForeignDatabase:
        """A SQLite file. `immutable`: nobody writes to it meanwhile, and nothing is laid beside it."""
        address = f"file:{quote(str(file))}?mode=ro{'&immutable=1' if immutable else ''}"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, check_same_thread=False)

        return cls(create_engine("sqlite://", creator=connect, poolclass=NullPool), _FILE)

    @classmethod
    def _on_server(cls, url: str) -> ForeignDatabase:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _WAIT_SECONDS})
        return cls(engine.execution_options(postgresql_readonly=True), _SERVER)

    @contextmanager
    def reading(self, name: str, minutes: float) -> Iterator[Reading]:
        """A transaction of so many minutes at most.

        Raises IntakeError, also while rows are gone through, that names the database and what is wrong.
        """
        seconds = minutes * 60
        ends_at = monotonic() + seconds
        try:
            with self._engine.connect() as connection:
                self._kind.begin(connection, seconds)
                watchman = Timer(
                    seconds + self._kind.grace, self._kind.cut, [connection.connection.driver_connection]
                )
                watchman.daemon = True
                watchman.start()
                try:
                    with ExitStack() as cursors:
                        yield Reading(connection, self._kind.rows_at_once, cursors, ends_at)
                finally:
                    watchman.cancel()
        except (DBAPIError, TimeoutError) as error:
            is_over = monotonic() >= ends_at
            reason = f"超过 {minutes:g} 分钟没有读完，已停止" if is_over else _reason(error)
            raise IntakeError(f"{name}：{reason}，未作任何改动") from None


def _statement(columns: str, wanted: Wanted, condition: str = "") -> Any:
    """Names are quoted, and nothing in it is a parameter."""
    source = f"({wanted.select}) AS cases" if wanted.select else ".".join(map(_quoted, wanted.table))
    return text(f"SELECT {columns} FROM {source} {condition}".replace(":", r"\:"))  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _distrust(connection: Connection, _seconds: float) -> None:
    """What a file brings along (views, functions, lengths) may cost time, which is limited, no more."""
    own = connection.connection.driver_connection
    assert isinstance(own, sqlite3.Connection)
    own.execute("PRAGMA trusted_schema = OFF")
    own.execute("PRAGMA cell_size_check = ON")
    own.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
    own.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    own.text_factory = bytes  # text in no known encoding is its row's matter
    own.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)


def _limit(connection: Connection, seconds: float) -> None:
    """The server itself stops: it would not notice that nobody listens any more."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    # Moments come as the server writes them, which is how an export does: a million need not be parsed.
    connection.exec_driver_sql("SET LOCAL datestyle = 'ISO'")
    driver: Any = connection.connection.driver_connection
    as_text = driver.adapters.get_loader(driver.adapters.types["text"].oid, _AS_TEXT)
    for kind in ("timestamp", "date", "time", "timetz", "interval"):
        driver.adapters.register_loader(kind, as_text)
    moments = driver.adapters.get_loader(driver.adapters.types["timestamptz"].oid, _AS_TEXT)
    driver.adapters.register_loader("timestamptz", _or_text(moments, connection.dialect.dbapi))


def _or_text(loader: Any, driver: Any) -> type:
    """The same, but what it cannot read (infinity, the year 12021) stays as written: its row's matter."""

    class OrText:
        format = loader.format

        def __init__(self, oid: int, context: Any = None) -> None:
            self._moment = loader(oid, context)

        def load(self, data: Any) -> Any:
            try:
                return self._moment.load(data)
            except (driver.DataError, ValueError, OverflowError):
                return bytes(data).decode()

    return OrText


def _hang_up(connection: Any) -> None:
    """Close the line to a server that does not stop: asking it to might take as long again."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


_FILE = _Kind(_FILE_ROWS, 0, _distrust, sqlite3.Connection.interrupt)
_SERVER = _Kind(_SERVED_ROWS, _WAIT_SECONDS, _limit, _hang_up)


def _reason(error: Exception) -> str:
    words = str(getattr(error, "orig", error)).lower()
    return next((said for pattern, said in _REASONS if re.search(pattern, words)), "数据库不能读取")
