"""Opening a database: what goes wrong is said in Chinese, and nothing is half-written."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, StatementError

from tests.store.conftest import OpenDatabase
from tests.support import ZONE, at
from tracker.domain.errors import StoreError
from tracker.store import Database, clockwork, migrations
from tracker.store.schema import watermark
from tracker.store.types import Moment


def message(database: Database) -> str:
    with pytest.raises(StoreError) as refused:
        database.prepare()
    return refused.value.message


@pytest.mark.parametrize("zone", [UTC, ZONE, timezone(timedelta(hours=-5))])
def test_a_moment_reads_back_in_utc_whatever_zone_it_came_in(database: Database, zone: timezone) -> None:
    moment = at("2021-07-23 23:59").astimezone(zone)
    with database.write() as connection:
        connection.execute(insert(watermark).values(name="here", at=moment))
    with database.read() as connection:
        found = connection.execute(select(watermark.c.at)).scalar_one()
    assert found == moment
    assert found.tzinfo is UTC


def test_moments_sort_and_compare_as_moments_not_as_written(database: Database) -> None:
    early, late = at("2021-07-23 07:00"), at("2021-07-23 07:01")
    with database.write() as connection:
        rows = [("early", early.astimezone(ZONE)), ("late", late.astimezone(UTC))]
        connection.execute(insert(watermark), [{"name": name, "at": moment} for name, moment in rows])
        before = select(watermark.c.name).where(watermark.c.at < late.astimezone(ZONE))
        assert connection.execute(before).scalars().all() == ["early"]


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2021, 7, 23)  # noqa: DTZ001 - the mistake under test
    with database.write() as connection, pytest.raises(StatementError, match="without a zone"):
        connection.execute(insert(watermark).values(name="here", at=naive))


# From 1992 on: before that China put its clocks back in autumn, and an hour there has two meanings.
@given(st.datetimes(datetime(1992, 1, 1), datetime(2200, 1, 1), timezones=st.just(ZONE)))  # noqa: DTZ001
def test_a_moment_survives_its_column_type(moment: datetime) -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        kept = Moment().process_bind_param(moment, dialect)
        assert Moment().process_result_value(kept, dialect) == moment


def test_a_failed_block_writes_nothing(database: Database) -> None:
    def fail_halfway() -> None:
        with database.write() as connection:
            for _ in range(2):
                connection.execute(insert(watermark).values(name="remind", at=at("2021-07-23 09:00")))

    with pytest.raises(IntegrityError):
        fail_halfway()
    with database.read() as connection:
        assert clockwork.watermarks(connection) == {}


def test_a_new_sqlite_file_is_made_and_migrated_by_the_first_use(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    file = tmp_path / "云澜 office.db"
    database = open_database(f"sqlite:///{file}")
    database.prepare()
    database.prepare()
    with database.read() as connection:
        assert clockwork.watermarks(connection) == {}
    assert file.is_file()


def test_an_empty_file_is_taken_for_a_new_database(tmp_path: Path, open_database: OpenDatabase) -> None:
    (tmp_path / "office.db").touch()
    database = open_database(f"sqlite:///{tmp_path / 'office.db'}")
    database.prepare()
    with database.read() as connection:
        assert clockwork.last_runs(connection) == []


def test_a_locked_database_is_refused_and_served_again_when_free(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    file = tmp_path / "office.db"
    open_database(f"sqlite:///{file}").prepare()
    impatient = open_database(f"sqlite:///{file}", busy_seconds=0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="正被其他程序占用"), impatient.write():
            pytest.fail("the writer's lock is taken before anything is done")
        with impatient.read() as connection:
            assert clockwork.watermarks(connection) == {}  # readers are not kept waiting
    with impatient.write() as connection:
        clockwork.take_turn(connection, "remind")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, open_database: OpenDatabase) -> None:
    file = tmp_path / "office.db"
    content = "序号,单位\n".encode() * 500
    file.write_bytes(content)
    assert "不是数据库" in message(open_database(f"sqlite:///{file}"))
    assert file.read_bytes() == content


def test_another_programs_sqlite_file_is_refused_and_kept(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    file = tmp_path / "office.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE theirs (id INTEGER)")
    assert "结构与程序版本不一致" in message(open_database(f"sqlite:///{file}"))


def test_a_missing_directory_is_refused(tmp_path: Path, open_database: OpenDatabase) -> None:
    assert "无法打开数据库" in message(open_database(f"sqlite:///{tmp_path / 'none' / 'office.db'}"))
    assert not (tmp_path / "none").exists()


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path, open_database: OpenDatabase) -> None:
    assert "无法打开数据库" in message(open_database(f"sqlite:///{tmp_path}"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root 不受目录权限约束")
def test_a_directory_that_may_not_be_written_is_refused(tmp_path: Path, open_database: OpenDatabase) -> None:
    tmp_path.chmod(0o500)
    assert "目录权限" in message(open_database(f"sqlite:///{tmp_path / 'office.db'}"))
    tmp_path.chmod(0o700)


def test_a_database_opened_read_only_is_refused_for_writing(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    open_database(f"sqlite:///{tmp_path / 'office.db'}").prepare()
    database = open_database(f"sqlite:///file:{tmp_path / 'office.db'}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="只读"), database.write() as connection:
        clockwork.take_turn(connection, "remind")


@pytest.mark.parametrize(
    "url",
    [
        "office.db",
        "mysql://clerk:hunter2@127.0.0.1/office",
        "nosuch://clerk:hunter2@127.0.0.1/office",
        "postgresql://clerk:hunter2@127.0.0.1:port/office",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(StoreError, match="TRACKER_DATABASE_URL") as refused:
        Database(url)
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
def test_a_server_that_is_not_there_is_refused(host: str, open_database: OpenDatabase) -> None:
    words = message(open_database(f"postgresql://clerk:hunter2@{host}/office"))
    assert "无法打开数据库" in words
    assert "hunter2" not in words


def test_a_server_without_our_tables_is_left_alone(
    postgresql_server: str, open_database: OpenDatabase
) -> None:
    """Only `rectify db upgrade` may change a database that others may keep their tables in."""
    database = open_database(postgresql_server)
    with database.read() as connection:
        assert not connection.dialect.has_table(connection, "item")
    assert "rectify db upgrade" in message(database)


def test_several_processes_may_make_one_new_file_ready_at_once(tmp_path: Path) -> None:
    """Threads with a pool of their own stand for processes: SQLite's locks are per connection."""
    url, barrier = f"sqlite:///{tmp_path / 'new.db'}", Barrier(4)

    def start(_: int) -> bool:
        database = Database(url)
        barrier.wait()
        database.prepare()
        with database.read() as connection:
            pending = migrations.pending(connection)
        database.close()
        return pending

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [False] * 4
