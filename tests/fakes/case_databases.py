"""Databases of other systems with a table of cases: a SQLite file, or one on the tests' PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from tests.fakes.exports import CASE_COLUMNS

_MOMENTS = ("申请时间", "受理时间", "办结时间", "回传时间")


@dataclass(frozen=True)
class CaseDatabase:
    """Another system's database, as its own people work with it. `url` is what ours is given."""

    url: str

    @contextmanager
    def _working(self) -> Iterator[Connection]:
        engine = create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def run(self, *statements: str) -> None:
        with self._working() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def hold(
        self, rows: Iterable[Sequence[object]], table: str = "banjian", columns: Sequence[str] = CASE_COLUMNS
    ) -> None:
        """Its table from now on, moments as timestamps where the database has such a type; "" is NULL."""
        kinds = ["timestamp" if name in _MOMENTS else "text" for name in columns]
        named = ", ".join(f'"{name}" {kind}' for name, kind in zip(columns, kinds, strict=True))
        self.run(f'DROP TABLE IF EXISTS "{table}"', f'CREATE TABLE "{table}" ({named})')
        places = ", ".join(f":c{place}" for place in range(len(columns)))
        values = [{f"c{place}": value or None for place, value in enumerate(row)} for row in rows]
        with self._working() as connection:
            connection.execute(text(f'INSERT INTO "{table}" VALUES ({places})'), values)


def in_file(folder: Path) -> CaseDatabase:
    return CaseDatabase(f"sqlite:///{folder / 'platform.db'}")


@contextmanager
def on_server(server: str, execute: Callable[[str, str], None], name: str) -> Iterator[CaseDatabase]:
    """A database of its own on the tests' server."""
    execute(server, f"CREATE DATABASE {name}")
    yield CaseDatabase(server.replace("/postgres?", f"/{name}?"))
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")
