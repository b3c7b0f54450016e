"""Cases out of a database, dumped or at work: as out of a file, and by the clock."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import pytest

from tests.conftest import Begin, BuildOffice
from tests.fakes.case_databases import CaseDatabase
from tests.fakes.exports import as_csv, as_database, case
from tests.services.scenes import at_once, rows
from tests.support import BULLETIN, Clock, at, take_in
from tracker.domain.errors import ConfigError, IntakeError, NotFoundError
from tracker.intake.feeds.cases import Rejected
from tracker.rules.databases import DatabaseRules
from tracker.services import feed_cases, feed_history, inspect
from tracker.services.diagnose import diagnose
from tracker.services.feed_databases import list_databases, take_in_database, take_in_due
from tracker.services.feeding import Fed
from tracker.services.office import Office
from tracker.services.rehearsal import understudy
from tracker.store.foreign import ForeignDatabase

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
PLATFORM = "市平台"
UNRATED = [case(f"L{n:04}", "澜东区", rating="") for n in range(30)]
GOOD = [case(f"G{n:04}", "澜东区") for n in range(30)]


def import_bulletin(office: Office) -> None:
    take_in(office, ISSUED, BULLETIN.replace("982件", "60件"))


@pytest.fixture
def tracked(office: Office, begin: Begin) -> Office:
    """8 澜东区 60 unrated."""
    begin(import_bulletin)
    return office


def connected(
    office: Office, database: CaseDatabase | None, at: time | None = None, **more: object
) -> Office:
    """With the platform in its settings; `database` None: its address is missing."""
    entry = DatabaseRules(PLATFORM, ("banjian",), "", at, 1)
    feeds = replace(office.rules.feeds, databases=(replace(entry, **more),))
    addresses = {} if database is None else {PLATFORM: ForeignDatabase.at(database.url, PLATFORM)}
    return replace(office, rules=replace(office.rules, feeds=feeds), feed_databases=addresses)


def rated(some: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [(*row[:9], "满意", row[10]) for row in some]


def told(fed: Fed) -> tuple[list[int], list[int], list[int], list[int]]:
    outcome = fed.outcome
    changed = [[item.number for item in some] for some in (outcome.opened, outcome.updated, outcome.cleared)]
    return changed[0], changed[1], changed[2], [each.item.number for each in outcome.doubtful]


def test_a_database_lowers_clears_and_doubts_as_a_file_does(
    tracked: Office, case_database: CaseDatabase
) -> None:
    office = connected(tracked, case_database)

    def taken(some: Sequence[Sequence[str]]) -> Fed:
        case_database.hold(some)
        return take_in_database(office, PLATFORM, by="李强", now=NOW)

    first = taken([*UNRATED, *GOOD])
    assert told(first) == ([], [8], [], [])
    assert (first.feed.source, first.feed.filename) == (PLATFORM, "市平台（2021-07-26读取）")
    assert (first.feed.rows, str(first.feed.first_on)) == (60, "2021-07-05")
    assert inspect.open_file(office, 8).item.quantity == 30
    short = taken(GOOD[:5])
    assert told(short) == ([], [], [], [8])
    assert short.feed.doubts == ["shrunk"]
    assert told(taken([*rated(UNRATED), *GOOD])) == ([], [], [8], [])


def test_a_file_and_a_database_with_the_same_cases_are_judged_alike(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    office = build_office()
    some = [
        *UNRATED,
        case(
            "B1", "市教育局", "2021-07-05 09:00:00", "2021-07-13 09:00:00", "2021-07-24 11:00:00", returned=""
        ),
        case("B2", "市民政局", promised="1个工作日", finished="2021-07-20", returned="2021-07-25 10:00:00"),
    ]
    dump = as_database(tmp_path / "dump.db", some)
    opened = feed_cases.take_in(office, as_csv(some), "办件.csv", by="李强", now=NOW).outcome.opened
    assert len(opened) == 5
    fed = feed_cases.take_in(office, dump, "办件.db", by="李强", now=NOW, source="另一系统")
    assert told(fed) == ([], [], [], [])
    for item in opened:
        behind = feed_history.cases_behind(office, item)
        of_file, of_dump = (
            {each.digest for each in behind if each.source == source} for source in ("办件", "另一系统")
        )
        assert of_file == of_dump != set()


def test_the_same_rows_on_the_same_day_are_taken_in_once(
    tracked: Office, case_database: CaseDatabase
) -> None:
    office = connected(tracked, case_database)
    case_database.hold([*UNRATED, *GOOD])
    take_in_database(office, PLATFORM, by="李强", now=NOW)
    before = rows(office)
    again = take_in_database(office, PLATFORM, by="李强", now=at("2021-07-26 15:00"))
    assert again.already
    assert told(again) == ([], [], [], [])
    assert rows(office) == before


def test_the_same_rows_in_another_order_change_no_item(tracked: Office, case_database: CaseDatabase) -> None:
    office = connected(tracked, case_database)
    case_database.hold([*UNRATED, *GOOD])
    take_in_database(office, PLATFORM, by="李强", now=NOW)
    case_database.hold([*GOOD[::-1], *UNRATED])
    again = take_in_database(office, PLATFORM, by="李强", now=at("2021-07-26 15:00"))
    assert told(again) == ([], [], [], [])


def test_the_same_rows_on_another_day_are_judged_as_of_that_day(
    tracked: Office, case_database: CaseDatabase
) -> None:
    office = connected(tracked, case_database)
    case_database.hold([case("W1", "澜西区", "2021-07-20", "", "", returned=""), *GOOD])
    assert take_in_database(office, PLATFORM, by="李强", now=NOW).outcome.opened == []
    [late] = take_in_database(office, PLATFORM, by="李强", now=at("2021-07-28 06:30")).outcome.opened
    assert (late.unit, late.problem_class) == ("澜西区", "overdue_acceptance")


def test_a_select_names_the_columns_as_the_office_knows_them(
    office: Office, case_database: CaseDatabase
) -> None:
    case_database.run(
        "CREATE TABLE t (dept text, applied date, done timestamp, score numeric, promise numeric)",
        "INSERT INTO t VALUES ('澜东区', '2021-07-05', '2021-07-20 10:00:00', NULL, 5.0)",
        "INSERT INTO t VALUES ('澜东区', '2021-07-05', '2021-07-06 10:00:00', 10, 5)",
    )
    query = """SELECT dept AS "承办单位", applied AS "申请时间", done AS "办结时间",
        score AS "评价", promise AS "承诺时限" FROM t WHERE dept <> '测试:局'"""
    connected_office = connected(office, case_database, table=(), select=query)
    fed = take_in_database(connected_office, PLATFORM, by="李强", now=NOW)
    found = {item.problem_class: item.quantity for item in fed.outcome.opened}
    assert found == {"overdue_completion": 1, "unevaluated_cases": 1}


def test_whose_case_it_is_is_not_even_asked_for(office: Office, case_database: CaseDatabase) -> None:
    case_database.hold(UNRATED)
    take_in_database(connected(office, case_database), PLATFORM, by="李强", now=NOW)
    stored = repr(rows(office))
    assert not any(word in stored for word in ("张三", "13800000001", "L0001"))
    case_database.run(
        'ALTER TABLE banjian DROP COLUMN "申请人"', 'ALTER TABLE banjian DROP COLUMN "联系电话"'
    )
    assert take_in_database(connected(office, case_database), PLATFORM, by="李强", now=NOW).already


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DROP TABLE banjian", "市平台（2021-07-26读取）：没有这个表或视图"),
        ('ALTER TABLE banjian RENAME "承办单位" TO danwei', "没有认出必需的列（承办单位"),
        ('CREATE TABLE x ("承办单位" text, "申请时间" text)', "没有可据以判断的列"),
        ("""UPDATE banjian SET "承诺时限" = '随缘'""", "没有一行可以判断，第1行：承诺时限“随缘”无法识别"),
    ],
)
def test_a_table_that_is_no_export_is_refused_and_leaves_no_trace(
    tracked: Office, case_database: CaseDatabase, statement: str, reason: str
) -> None:
    case_database.hold(UNRATED)
    case_database.run(statement)
    office = connected(tracked, case_database, table=("x" if "CREATE" in statement else "banjian",))
    before = rows(office)
    with pytest.raises(IntakeError) as caught:
        take_in_database(office, PLATFORM, by="李强", now=NOW)
    assert reason in caught.value.message
    assert rows(office) == before


def test_an_unknown_name_and_a_missing_address_are_told_apart(office: Office) -> None:
    with pytest.raises(NotFoundError, match=r"没有名为“省平台”的数据库.*市平台"):
        take_in_database(connected(office, None), "省平台", by="李强", now=NOW)
    with pytest.raises(ConfigError, match="没有写明数据库“市平台”的地址，请设置 TRACKER_FEED_DATABASES"):
        take_in_database(connected(office, None), PLATFORM, by="李强", now=NOW)


def test_each_day_at_its_hour_the_scheduler_reads_once(
    tracked: Office, case_database: CaseDatabase, clock: Clock
) -> None:
    office = connected(tracked, case_database, time(6, 30))
    case_database.hold([*UNRATED, *GOOD])
    for moment in ("2021-07-26 06:30", "2021-07-26 06:31", "2021-07-27 06:29"):
        clock.set(moment)
        take_in_due(office, clock)
    [first] = feed_history.list_feeds(office)
    assert (first.taken_by, first.taken_at) == ("系统", at("2021-07-26 06:30"))
    clock.set("2021-07-27 09:00")  # it was down at half past six
    take_in_due(office, clock)
    assert len(feed_history.list_feeds(office)) == 2
    [state] = list_databases(office)
    assert state.run is not None
    assert (state.run.started_at, state.run.error) == (clock(), None)


def test_one_without_an_hour_or_an_address_is_not_read_by_the_clock(
    office: Office, case_database: CaseDatabase, clock: Clock
) -> None:
    case_database.hold(UNRATED)
    take_in_due(connected(office, case_database), clock)
    take_in_due(connected(office, None, time(6, 30)), clock)
    assert feed_history.list_feeds(office) == []


def test_what_fails_is_noted_and_tried_again_half_an_hour_later(
    tracked: Office, case_database: CaseDatabase, clock: Clock
) -> None:
    office = connected(tracked, case_database, time(6, 30))
    case_database.run("CREATE TABLE anjian (a text)")
    for moment, reads in (("06:30", True), ("06:59", False), ("07:00", True)):
        clock.set(f"2021-07-26 {moment}")
        take_in_due(office, clock)
        [state] = list_databases(office)
        assert state.run is not None
        assert "没有这个表或视图" in str(state.run.error)
        assert (state.run.started_at == clock()) is reads
    case_database.hold([*UNRATED, *GOOD])
    clock.set("2021-07-26 07:30")
    take_in_due(office, clock)
    assert [state.run and state.run.error for state in list_databases(office)] == [None]
    assert inspect.open_file(office, 8).item.quantity == 30


def test_the_doctor_tells_of_what_is_missing_and_what_failed(
    office: Office, case_database: CaseDatabase, clock: Clock
) -> None:
    def said(about: Office) -> tuple[bool, str]:
        [found] = [each for each in diagnose(about, now=clock()) if each.name == "feeds"]
        return found.ok, found.detail

    assert said(office) == (True, "没有直接读取的业务系统数据库")
    assert said(connected(office, None)) == (False, "没有写明地址（TRACKER_FEED_DATABASES）：市平台")
    named = connected(office, case_database, time(6, 30))
    assert said(replace(named, rules=office.rules)) == (False, "feeds.toml 中没有写明读什么：市平台")
    assert said(named) == (True, "直接读取 1 个业务系统的数据库")
    case_database.run("CREATE TABLE anjian (a text)")
    clock.set("2021-07-26 06:30")
    take_in_due(named, clock)
    assert said(named)[1].startswith("最近一次读取失败：市平台（2021-07-26读取）：没有这个表或视图")


def test_two_schedulers_read_it_once(
    build_office: BuildOffice, case_database: CaseDatabase, clock: Clock
) -> None:
    case_database.hold(UNRATED)
    clock.set("2021-07-26 06:30")
    one, other = (connected(build_office(), case_database, time(6, 30)) for _ in range(2))
    assert at_once(lambda: take_in_due(one, clock), lambda: take_in_due(other, clock)) == [None, None]
    assert len(feed_history.list_feeds(one)) == 1


@pytest.mark.parametrize("has_run", [False, True])
def test_one_that_another_scheduler_has_read_meanwhile_is_not_read_again(
    build_office: BuildOffice, case_database: CaseDatabase, clock: Clock, has_run: bool
) -> None:
    """The other one reads it from beginning to end between this one's judging it due and its claim."""
    case_database.hold(UNRATED)
    one, other = (connected(build_office(), case_database, time(6, 30)) for _ in range(2))
    if has_run:
        clock.set("2021-07-25 06:30")
        take_in_due(one, clock)
    clock.set("2021-07-26 06:30")

    def slow_clock() -> datetime:
        take_in_due(other, clock)
        clock.set("2021-07-26 06:31")
        return clock()

    take_in_due(one, slow_clock)
    [state] = list_databases(one)
    assert state.run is not None
    assert state.run.started_at == at("2021-07-26 06:30")
    assert len(feed_history.list_feeds(one)) == 1 + has_run


def test_a_drill_reads_no_other_system(office: Office, case_database: CaseDatabase, clock: Clock) -> None:
    case_database.hold(UNRATED)
    with understudy(connected(office, case_database, time(6, 30))) as played:
        take_in_due(played, clock)
        assert feed_history.list_feeds(played) == []


def take_dump(office: Office, content: io.BytesIO, **more: str) -> Fed:
    return feed_cases.take_in(office, content, "导出/办件.db", by="李强", now=NOW, **more)


def test_of_a_dumped_file_the_one_table_with_cases_is_read(tracked: Office, tmp_path: Path) -> None:
    file = tmp_path / "dump.db"
    as_database(file, [("澜东区", "1")], ("单位", "电话"), "lianxi")
    fed = take_dump(tracked, as_database(file, [*UNRATED, *GOOD]))
    assert told(fed) == ([], [8], [], [])
    assert fed.feed.filename == "办件.db"
    assert take_dump(tracked, as_database(tmp_path / "again.db", [*UNRATED, *GOOD])).already


def test_among_several_tables_with_cases_a_person_chooses(tracked: Office, tmp_path: Path) -> None:
    file = tmp_path / "dump.db"
    as_database(file, UNRATED, table="ban.jian")
    content = as_database(file, UNRATED[:4], table="ban")
    with pytest.raises(IntakeError, match=r"有几个表都像办件（ban\.jian、ban）.*--table"):
        take_dump(tracked, content)
    assert take_dump(tracked, content, table="ban.jian").feed.rows == 30
    assert take_dump(tracked, content, table="ban").feed.rows == 4
    with pytest.raises(IntakeError, match=r"办件\.db：没有这个表或视图"):
        take_dump(tracked, content, table="banjian")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SQLite format 3\x00" + b"\xff" * 4000, "已损坏"),
        (b"SQLite format 3\x00", "已损坏|没有一个表"),
    ],
)
def test_a_file_that_only_begins_like_a_database_is_refused(
    office: Office, content: bytes, reason: str
) -> None:
    with pytest.raises(IntakeError, match=reason):
        take_dump(office, io.BytesIO(content))


def test_a_dumped_file_without_cases_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="没有一个表有可据以判断的列（承办单位、申请时间 等）"):
        take_dump(office, as_database(tmp_path / "dump.db", [("a",)], ("姓名",)))


def test_a_table_is_named_only_where_there_are_tables(office: Office) -> None:
    with pytest.raises(IntakeError, match="不是数据库，不须写明表名"):
        feed_cases.take_in(office, as_csv(GOOD), "办件.csv", by="李强", now=NOW, table="banjian")


def test_a_blob_where_words_are_wanted_costs_its_row_alone(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "dump.db"
    as_database(file, UNRATED)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute('UPDATE banjian SET "评价" = ? WHERE rowid = 3', (b"\xb0\xb0",))
    fed = take_dump(office, io.BytesIO(file.read_bytes()))
    assert (fed.feed.rows, fed.rejected) == (29, [Rejected(3, "列“评价”是二进制内容，无法读取")])


def test_a_case_that_cannot_be_read_is_not_gone(tracked: Office, tmp_path: Path) -> None:
    file = tmp_path / "dump.db"
    take_dump(tracked, as_database(file, [*UNRATED[:1], *GOOD]))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute('UPDATE banjian SET "评价" = ? WHERE rowid = 1', (b"\xb0\xb0",))
    fed = take_dump(tracked, io.BytesIO(file.read_bytes()))
    assert told(fed) == ([], [], [], [8])
    assert fed.feed.doubts == ["unreadable"]


def test_a_moment_without_end_costs_its_row_alone(office: Office, case_database: CaseDatabase) -> None:
    """Of both kinds that a server has: its driver can read infinity in neither."""
    has_types = case_database.url.startswith("postgresql")
    kinds = ("timestamp", "timestamptz") if has_types else ("text", "text")
    case_database.run(
        f'CREATE TABLE banjian ("承办单位" text, "申请时间" {kinds[0]}, "受理时间" {kinds[1]})',
        "INSERT INTO banjian VALUES ('澜东区', '2021-07-05 09:00:00', '2021-07-06 09:00:00+08')",
        "INSERT INTO banjian VALUES ('澜东区', '-infinity', '2021-07-06 09:00:00+08')",
        "INSERT INTO banjian VALUES ('澜东区', '2021-07-05 09:00:00', 'infinity')",
    )
    fed = take_in_database(connected(office, case_database), PLATFORM, by="李强", now=NOW)
    assert fed.feed.rows == 1
    assert sorted(each.reason for each in fed.rejected) == [
        "“-infinity”不是可识别的日期",
        "“infinity”不是可识别的日期",
    ]
