"""Databases that are closed when their test ends: one on this test's data, or any number anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tracker.store import Database

OpenDatabase = Callable[..., Database]


@pytest.fixture
def open_database() -> Iterator[OpenDatabase]:
    opened: list[Database] = []

    def build(url: str, **options: Any) -> Database:
        opened.append(Database(url, **options))
        return opened[-1]

    yield build
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: OpenDatabase, database_url: str) -> Database:
    return open_database(database_url)
