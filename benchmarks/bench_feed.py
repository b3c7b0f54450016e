"""Taking in an export of cases costs at most three times what merely reading it with the library costs.

In turn and several times, each time into a new database of each kind: the product takes in a csv, a
dumped SQLite database and a PostgreSQL's table of a million rows, an xlsx of 100,000 (judged, faulty cases
stored, items opened); the bare way goes through the same rows with `csv`, `python-calamine`, or SQLAlchemy
(the same columns, by a server's cursor) and does nothing. Prints medians and their ratio within this run, and
the memory at the peak for two sizes of csv and table; ends with status 1 if a ratio is above the limit.

`--rounds 5` measures more often than three times, `--part csv` (or xlsx, dump, table, memory) only that part,
`--rows 100000` with fewer rows: what opening 540 items costs then weighs more.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import column, create_engine, select, table

from benchmarks.databases import NewDatabase, databases
from tracker.bootstrap import build_channels
from tracker.rules import load_rules
from tracker.rules.databases import DatabaseRules
from tracker.services.feed_cases import take_in
from tracker.services.feed_databases import take_in_database
from tracker.services.feeding import Fed
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Database
from tracker.store.foreign import ForeignDatabase

LIMIT = 3.0
ROWS = {"csv": 1_000_000, "xlsx": 100_000, "dump": 1_000_000, "table": 1_000_000}
MEMORY_ROWS = (100_000, 1_000_000)
PLATFORM = "市平台"
NOW = datetime(2026, 10, 26, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BEGINNING = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - as an export writes it
COLUMNS = (
    "办件编号",
    "事项编码",
    "事项名称",
    "事项类型",
    "承办单位",
    "申请人",
    "申请人类型",
    "申请渠道",
    "申请时间",
    "受理时间",
    "办结时间",
    "承诺时限",
    "评价",
    "回传时间",
)
JUDGED = [
    name for name in COLUMNS if name not in {"事项编码", "事项类型", "申请人", "申请人类型", "申请渠道"}
]
LATE_EVERY, UNRATED_EVERY = 97, 50  # 3 faulty cases in a hundred


@dataclass(frozen=True)
class Form:
    """One form of an export: how the product takes it in, and how the library alone reads it."""

    take: Callable[[Database], Fed]
    read: Callable[[], int]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--part", choices=(*ROWS, "memory"))
    chosen = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kinds = databases(folder)
        if chosen.part in {None, "memory"}:  # first: a child's peak begins with what its parent ever held
            report_memory(folder, kinds, chosen.rows)
        for part, usual in ROWS.items():
            if chosen.part in {None, part} and not (part == "table" and "PostgreSQL" not in kinds):
                rows = chosen.rows or usual
                form = made(part, folder / f"cases.{part}", rows, kinds)
                worst = max(worst, report_speed(kinds, part, form, rows, chosen.rounds))
    if worst > LIMIT:
        raise SystemExit(f"a ratio is above {LIMIT:g}")


def made(part: str, file: Path, rows: int, kinds: dict[str, NewDatabase]) -> Form:
    """An export with so many rows, in this form."""
    if part == "table":
        url = write_table(kinds["PostgreSQL"], rows)
        return Form(partial(read_platform, url), partial(read_bare_table, url))
    write = {"csv": write_csv, "xlsx": write_xlsx, "dump": write_dump}[part]
    write(file, rows)
    bare = partial(read_bare_table, f"sqlite:///{file}") if part == "dump" else partial(read_bare, file)
    return Form(partial(take_file, file), bare)


def cases(count: int) -> Iterator[tuple[str, ...]]:
    """180 units, moments to the second over 200 days."""
    for number in range(count):
        applied = BEGINNING + timedelta(seconds=number * 37 % (200 * 86_400))
        waited = 20 if number % LATE_EVERY == 0 else number % 3
        accepted = applied + timedelta(days=waited, minutes=number % 50)
        finished = accepted + timedelta(days=number % 4, minutes=number % 47)
        returned = finished + timedelta(hours=number % 40)
        moments = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (applied, accepted, finished))
        rating = "" if number % UNRATED_EVERY == 0 else "非常满意"
        promised = f"{5 + number % 10 * 3}个工作日"
        unit = f"市第{number % 180}局"
        kind = number % 300
        matter = (f"YL42{kind:012}", f"办理第{kind}类事项", "行政许可", unit, "张三", "自然人", "网上申请")
        named = (f"YL{number:010}", *matter, *moments)
        yield (*named, promised, rating, f"{returned:%Y-%m-%d %H:%M:%S}")


def write_csv(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(cases(count))


def write_xlsx(file: Path, count: int) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([COLUMNS, *cases(count)]):
            sheet.write_row(number, 0, row)


def write_dump(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"CREATE TABLE banjian ({', '.join(COLUMNS)})")
        connection.executemany(f"INSERT INTO banjian VALUES ({', '.join('?' * len(COLUMNS))})", cases(count))


def write_table(new_database: NewDatabase, count: int) -> str:
    """A table on the server, moments as timestamps; the address of its database."""
    import psycopg

    with closing(new_database()) as database:
        url = database.url.render_as_string(hide_password=False)
    kinds = ("timestamp" if name.endswith("时间") else "text" for name in COLUMNS)
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, kinds, strict=True))
        cursor.execute(f"CREATE TABLE banjian ({columns})".encode())
        with cursor.copy("COPY banjian FROM STDIN") as copy:
            for row in cases(count):
                copy.write_row(row)
    return url


def report_speed(kinds: dict[str, NewDatabase], part: str, form: Form, count: int, rounds: int) -> float:
    """The highest ratio."""
    ratios = []
    for name, new_database in kinds.items():
        taken, bare = compare(new_database, form, count, rounds)
        ratios.append(taken / bare)
        print(
            f"{name:<11}{count:>8} rows of {part:<6} taken in {taken:6.2f} s"
            f"   bare {bare:6.2f} s   ratio {ratios[-1]:4.1f}",
            flush=True,
        )
    return max(ratios)


def compare(new_database: NewDatabase, form: Form, count: int, rounds: int) -> tuple[float, float]:
    """Median seconds of taking an export in, and of going through its rows, in turn."""
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        with closing(new_database()) as database:
            runs: tuple[Callable[[], int], ...] = (partial(taken_in, database, form), form.read)
            for run, times in zip(runs, seconds, strict=True):
                started = time.perf_counter()
                rows = run()
                times.append(time.perf_counter() - started)
                if rows != count:
                    raise SystemExit(f"{rows} rows instead of {count}")
    taken, bare = (statistics.median(times) for times in seconds)
    return taken, bare


def taken_in(database: Database, form: Form) -> int:
    fed = form.take(database)
    if not fed.outcome.opened or fed.feed.rejected_rows:
        raise SystemExit("an export of this benchmark has faults, and no row that is rejected")
    return fed.feed.rows


def take_file(file: Path, database: Database) -> Fed:
    with file.open("rb") as stream:
        return take_in(office_on(database), stream, file.name, by="基准", now=NOW)


def read_platform(url: str, database: Database) -> Fed:
    office = office_on(database)
    feeds = replace(office.rules.feeds, databases=(DatabaseRules(PLATFORM, ("banjian",), "", None, 60),))
    office = replace(
        office,
        rules=replace(office.rules, feeds=feeds),
        feed_databases={PLATFORM: ForeignDatabase.at(url, PLATFORM)},
    )
    return take_in_database(office, PLATFORM, by="基准", now=NOW)


def office_on(database: Database) -> Office:
    return Office(database, load_rules(None), build_channels(Settings()), probes=())


def read_bare(file: Path) -> int:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as text:
            return sum(1 for _ in csv.reader(text)) - 1
    content = io.BytesIO(file.read_bytes())
    sheet = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
    return sum(1 for _ in sheet.iter_rows()) - 1


def read_bare_table(url: str) -> int:
    """Of the columns that cases are judged by."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            rows = connection.execution_options(yield_per=2000).execute(
                select(*map(column, JUDGED)).select_from(table("banjian"))
            )
            return sum(1 for _ in rows)
    finally:
        engine.dispose()


def report_memory(folder: Path, kinds: dict[str, NewDatabase], rows: int | None) -> None:
    """Peak memory of a process that takes in a csv, or a table, above what it has before, for two sizes."""
    spawn = multiprocessing.get_context("spawn")
    for part in ("csv", "table") if "PostgreSQL" in kinds else ("csv",):
        for count in (rows // 10, rows) if rows else MEMORY_ROWS:
            form = made(part, folder / f"memory_{count}.csv", count, kinds)
            with ProcessPoolExecutor(1, mp_context=spawn) as child:
                url = f"sqlite:///{folder}/memory_{part}_{count}.db"
                before, peak = child.submit(take_in_measured, url, form).result()
            print(
                f"memory     {count:>8} rows of {part:<6} {before / 1024:4.0f} MiB before,"
                f" {peak / 1024:4.0f} MiB at the peak"
            )


def take_in_measured(url: str, form: Form) -> tuple[int, int]:
    """Peak resident memory in KiB before and after; runs in a process of its own."""
    with closing(Database(url)) as database:
        database.upgrade()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken_in(database, form)
    return before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
