"""Runs `migrations/` with Alembic from inside the program, on a connection that the caller owns."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from tracker.resources import shipped


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """The newest revision this program knows; looked up once, what is shipped does not change."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def pending(connection: Connection) -> bool:
    """True when the database is not at this program's revision."""
    return revision(connection) != head()


def revision(connection: Connection) -> str:
    """Where the database stands; "" where nothing was migrated yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def knows(wanted: str) -> bool:
    """Whether this program has that revision, and so can bring a database from there to its own."""
    scripts = ScriptDirectory.from_config(_config())
    return any(wanted == script.revision for script in scripts.walk_revisions())


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def is_empty(connection: Connection) -> bool:
    """True when there is no table at all: a new file, not somebody else's database."""
    return not tables(connection)


def migrate(connection: Connection, target: str = "head") -> None:
    """Upgrade to `target`, or downgrade when it is `base`."""
    config = _config(connection)
    (command.downgrade if target == "base" else command.upgrade)(config, target)
