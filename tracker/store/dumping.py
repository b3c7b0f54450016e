"""The database as one file, and a database made of such a file again: what backups are made of.

SQLite by its own backup interface, PostgreSQL by its own tools. Must never show a password: it goes to the
tools through their environment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from tracker.domain.errors import StoreError
from tracker.store import migrations
from tracker.store.copying import back_up
from tracker.store.database import Database
from tracker.store.schema import account, bulletin, contact, unit

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_FILLED = (bulletin, unit, contact, account)  # an office in which nothing was ever done has no row in any
_MUST_MATCH = "与数据库服务的主版本相同或更新"


def kind_of(database: Database) -> str:
    return SQLITE if database.is_sqlite else POSTGRESQL


def dump(database: Database, file: Path) -> str:
    """Write one moment of the whole database into `file` and return its revision.

    Raises StoreError where the copy is not whole, or PostgreSQL's tool is missing or fails.
    """
    with database.read() as connection:
        revision = migrations.revision(connection)
    if database.is_sqlite:
        try:
            back_up(database, file)
        except sqlite3.Error as error:
            raise StoreError("无法复制数据库：磁盘可能已满，或数据库文件已损坏") from error
        require_sound(file)
    else:
        _run("pg_dump", database, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    return revision


def require_sound(file: Path) -> None:
    """Raise StoreError unless SQLite finds no fault in the file."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise StoreError("数据库文件已损坏或不是数据库") from error
    if faults != ["ok"] or dangling:
        raise StoreError(f"数据库文件不完整：{faults[0] if faults != ['ok'] else '表间引用不符'}")


def takes(database: Database, revision: str) -> bool:
    """Whether a dump of that revision can be put in place of what is there.

    PostgreSQL's tool exchanges the tables that the dump names; others, of another revision, would stay.
    """
    if database.is_sqlite:
        return True
    with database.read() as connection:
        return migrations.is_empty(connection) or migrations.revision(connection) == revision


def holds_anything(database: Database) -> bool:
    """Whether somebody has worked with it; a database that was only made ready holds nothing."""
    with database.read() as connection:
        if migrations.is_empty(connection):
            return False
        made = migrations.tables(connection)
        return any(
            connection.execute(select(table.c.id).limit(1)).first() is not None
            for table in _FILLED
            if table.name in made
        )


def pour_back(database: Database, file: Path) -> None:
    """Put what `dump` wrote in place of all that the database holds; a failure leaves it as it was."""
    if not database.is_sqlite:
        _run("pg_restore", database, *_RESTORING, str(file))
        return
    require_sound(file)
    try:
        with closing(sqlite3.connect(file)) as source, database.engine.connect() as connection:
            target = connection.connection.driver_connection
            assert isinstance(target, sqlite3.Connection)
            source.backup(target)
    except sqlite3.OperationalError as error:
        raise StoreError("数据库正被其他程序使用，请先停止整改通再恢复；原有内容未动") from error


_RESTORING = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")


def _run(tool: str, database: Database, *arguments: str) -> None:
    """Call one of PostgreSQL's tools about this database."""
    program = shutil.which(tool)
    if program is None:
        advice = f"请安装 PostgreSQL 客户端（{_MUST_MATCH}），或由数据库管理员用 {tool} 办理"
        raise StoreError(f"没有找到 {tool}：{advice}")
    url = database.url.set(drivername="postgresql", password=None)
    environment = os.environ | ({"PGPASSWORD": str(database.url.password)} if database.url.password else {})
    # A password that stands in the address's query is left to the tool's own files (~/.pgpass).
    place = f"--dbname={url.render_as_string(hide_password=False)}"
    done = subprocess.run(  # noqa: S603 (no shell, and all arguments are our own)
        [program, place, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = "版本比数据库服务旧" if "server version" in done.stderr else "没有完成"
        raise StoreError(f"{tool} {words}：须{_MUST_MATCH}，且有读写整个数据库的权限；原有内容未动")
