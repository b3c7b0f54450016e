"""Other systems' databases: read, never written to, not waited for without end, their faults said by kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from tests.fakes.case_databases import CaseDatabase
from tracker.domain.errors import ConfigError, IntakeError
from tracker.store.foreign import _SERVER, ForeignDatabase, Wanted

SOME = [("L1", "澜东区"), ("L2", "市教育局"), ("L3", "100%的局")]
COLUMNS = ("办件编号", "承办单位")
TABLE = Wanted(("banjian",))
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def filled(case_database: CaseDatabase) -> CaseDatabase:
    case_database.hold(SOME, columns=COLUMNS)
    return case_database


def read(
    url: str, wanted: Wanted = TABLE, columns: tuple[str, ...] = COLUMNS, minutes: float = 1
) -> list[tuple[str, ...]]:
    with ForeignDatabase.at(url, "市平台").reading("市平台", minutes) as reading:
        return [
            tuple(cell.decode() if isinstance(cell, bytes) else cell for cell in row)
            for row in reading.rows(wanted, columns)
        ]


def refused(url: str, wanted: Wanted = TABLE, minutes: float = 1) -> str:
    with pytest.raises(IntakeError) as caught:
        read(url, wanted, minutes=minutes)
    return caught.value.message


def test_a_table_and_a_select_give_the_columns_that_are_asked_for(filled: CaseDatabase) -> None:
    assert sorted(read(filled.url)) == sorted(SOME)
    assert sorted(read(filled.url, columns=("承办单位",))) == sorted((unit,) for _, unit in SOME)
    query = Wanted(select="""SELECT "办件编号" AS "编号:一" FROM banjian WHERE "承办单位" LIKE '100%'""")
    assert read(filled.url, query, ("编号:一",)) == [("L3",)]
    with ForeignDatabase.at(filled.url, "市平台").reading("市平台", 1) as reading:
        assert reading.columns(TABLE) == list(COLUMNS)
        assert reading.columns(query) == ["编号:一"]


def test_a_view_in_a_schema_is_found(filled: CaseDatabase) -> None:
    if filled.url.startswith("sqlite"):
        assert len(read(filled.url, Wanted(("main", "banjian")))) == 3
        return
    filled.run("CREATE SCHEMA zwfw", 'CREATE VIEW zwfw."V办件" AS SELECT * FROM banjian')
    assert len(read(filled.url, Wanted(("zwfw", "V办件")))) == 3


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Wanted(("anjian",)), "没有这个表或视图"),
        (Wanted(select="SELECT * FORM banjian"), "查询语句有语法错误"),
        (Wanted(select="SELECT b.bianhao FROM banjian AS b"), "列或函数不存在"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_with_the_databases_name(
    filled: CaseDatabase, wanted: Wanted, reason: str
) -> None:
    said = refused(filled.url, wanted)
    assert said.startswith("市平台：")
    assert reason in said


@pytest.mark.parametrize(
    "statement", ["DELETE FROM banjian", "ATTACH ':memory:' AS other", "PRAGMA user_version = 7", "VACUUM"]
)
def test_nothing_can_be_written_into_a_file_nor_beside_it(tmp_path: Path, statement: str) -> None:
    file = in_file(tmp_path, "CREATE TABLE banjian (a)", "INSERT INTO banjian VALUES (1)")
    before = file.read_bytes()
    with ForeignDatabase.in_file(file).reading("x.db", 1) as reading:
        cursor = reading._connection.connection.cursor()
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|readonly|authorization denied"):
            cursor.execute(statement)
        assert list(reading.rows(TABLE, ("a",))) == [(1,)]
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_query_that_writes_is_refused_by_the_server(postgresql_server: str) -> None:
    CaseDatabase(postgresql_server).run("CREATE SEQUENCE IF NOT EXISTS serial")
    changed = Wanted(select="""SELECT nextval('serial') AS "办件编号", '局' AS "承办单位" """)
    assert "要改动数据，已拒绝" in refused(postgresql_server, changed)


def test_a_query_that_does_not_end_is_cut_off(filled: CaseDatabase) -> None:
    if filled.url.startswith("sqlite"):
        endless = f"""SELECT ({ENDLESS}) AS "办件编号", '局' AS "承办单位" """
    else:
        endless = """SELECT pg_sleep(60)::text AS "办件编号", '局' AS "承办单位" """
    assert "超过 0.005 分钟没有读完，已停止" in refused(filled.url, Wanted(select=endless), minutes=0.005)


def test_rows_without_end_are_cut_off_too(filled: CaseDatabase) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    query = Wanted(select=f"""SELECT i AS "办件编号", '局' AS "承办单位" FROM ({endless}) AS n""")
    if not filled.url.startswith("sqlite"):
        query = Wanted(
            select="""SELECT 1 AS "办件编号", '局' AS "承办单位" FROM generate_series(1, 9999999)"""
        )
    assert "超过 0.005 分钟没有读完" in refused(filled.url, query, minutes=0.005)


def test_a_server_that_does_not_stop_by_itself_is_hung_up_on(postgresql_server: str) -> None:
    with psycopg.connect(postgresql_server) as connection:
        watchman = Timer(0.2, _SERVER.cut, [connection])
        watchman.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
        watchman.join()
        assert connection.broken


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://reader:geheim@127.0.0.1:1/cases", "连接不上"),
        ("postgresql://reader:geheim@nowhere.example.com:5432/cases", "连接不上"),
        ("sqlite:////nowhere/geheim.db", "不存在，或打不开"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_address(url: str, reason: str) -> None:
    said = refused(url)
    assert said.startswith("市平台：")
    assert reason in said
    assert not any(word in said for word in ("geheim", "127.0.0.1", "nowhere"))


@pytest.mark.parametrize(
    "url", ["", "geheim", "oracle://reader:geheim@127.0.0.1/x", "sqlite://", "http://geheim"]
)
def test_an_address_of_another_kind_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="TRACKER_FEED_DATABASES 中“市平台”的地址无法使用") as caught:
        ForeignDatabase.at(url, "市平台")
    assert "geheim" not in str(caught.value)


def in_file(tmp_path: Path, *statements: str) -> Path:
    file = tmp_path / "dump.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return file


def read_all(file: Path, minutes: float) -> list[tuple[object, ...]]:
    with ForeignDatabase.in_file(file).reading("x.db", minutes) as reading:
        tables = [Wanted((name,)) for name in reading.tables()]
        return [tuple(row) for each in tables for row in reading.rows(each, reading.columns(each))]


def refused_file(file: Path, minutes: float = 1) -> str:
    with pytest.raises(IntakeError) as caught:
        read_all(file, minutes)
    return caught.value.message


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "CREATE VIEW v AS SELECT load_extension('evil') AS a",
            "没有读取的权限|列或函数不存在|数据库不能读取",
        ),
        ("CREATE VIEW v AS SELECT zeroblob(900000000) AS a", "单元格过长"),
        ("CREATE VIEW v AS SELECT * FROM pragma_database_list", "没有读取的权限|数据库不能读取"),
        (f"CREATE VIEW v AS SELECT ({ENDLESS}) AS a", "超过 0.005 分钟没有读完"),
    ],
)
def test_a_hostile_file_costs_a_limited_time_and_nothing_else(
    tmp_path: Path, statement: str, reason: str
) -> None:
    said = refused_file(in_file(tmp_path, statement), 0.005 if "超过" in reason else 1)
    assert any(each in said for each in reason.split("|"))


def test_text_of_a_file_comes_undecoded_in_whatever_encoding_it_is(tmp_path: Path) -> None:
    file = in_file(tmp_path, "CREATE TABLE t (a)", "INSERT INTO t VALUES (CAST(x'b0b0' AS TEXT)), ('局')")
    assert read_all(file, 1) == [(b"\xb0\xb0",), ("局".encode(),)]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = in_file(tmp_path, "CREATE TABLE a (b)", "INSERT INTO a VALUES (hex(randomblob(90000)))")
    content = file.read_bytes()
    file.write_bytes(content[:20_000])
    assert "已损坏" in refused_file(file)
    file.write_bytes(content[:16] + b"\xff" * 4_000)
    assert "已损坏" in refused_file(file)


def test_a_long_cell_of_a_column_that_is_not_read_hinders_nothing(tmp_path: Path) -> None:
    file = in_file(tmp_path, "CREATE TABLE a (b, c, d)", "INSERT INTO a VALUES (1, zeroblob(2000000), 3)")
    with ForeignDatabase.in_file(file).reading("x.db", 1) as reading:
        assert [tuple(row) for row in reading.rows(Wanted(("a",)), ("b", "d"))] == [(1, 3)]
