"""Importing a long list costs a small multiple of merely reading and storing it.

In turn and several times, each time into a new database: the product imports a csv and an xlsx of an
invented city as tracked items; the bare way reads the same file and inserts the same columns into one table
with three indexes. Prints medians and their ratio within this run, on SQLite and on PostgreSQL, and the
memory at the peak of a preview as JSON, of an import, and of importing the same again, for two sizes and with
their ratio. `--rounds 7` measures more often than five times, `--part csv` (or xlsx, memory) only that part.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import itertools
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, redirect_stdout
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks.databases import NewDatabase, databases, migrated
from tracker.bootstrap import build_channels
from tracker.cli import run
from tracker.rules import load_rules
from tracker.services import register
from tracker.services.office import Office
from tracker.services.register import Source
from tracker.settings import Settings
from tracker.store import Database, schema

CSV_ROWS, XLSX_ROWS, MEMORY_ROWS = 10_000, 100_000, (10_000, 100_000)
NOW = datetime(2026, 10, 26, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ISSUED_ON = date(2026, 10, 20)
DISTRICTS = ("澜东区", "澜西区", "云台区", "青桥开发区")
DUTIES = ("教育", "民政", "财政", "审计", "统计", "交通运输", "水利", "林业", "商务", "体育", "气象", "档案")
THINGS = (
    "统计信息",
    "行政复议",
    "财政预算",
    "政策解读",
    "招考录用",
    "应急管理",
    "社会救助",
    "环境保护",
    "食品安全",
    "义务教育",
)
FAULTS = (
    ("政务公开", "“{thing}”栏目超过{count}天没有更新。"),
    ("政务公开", "{thing}专栏有{count}条信息内容为空。"),
    ("政务公开", "{thing}栏目下{count}个链接打不开。"),
    ("一网通办", "{thing}类有未评办件{count}件。"),
    ("一网通办", "{thing}类{count}个应标注免提交的材料没有标注。"),
    ("一网通办", "{thing}类有{count}件办件超过5个工作日未受理。"),
    ("一网通办", "{thing}类{count}个事项的办事指南不准确。"),
    ("一网通办", "{thing}类{count}本证照未及时入库。"),
    ("互联网+监管", "{thing}领域监管行为少报{count}条。"),
    ("互联网+监管", "{thing}领域有{count}家企业监管数据逾期上传。"),
    ("互联网+监管", "{thing}监管事项覆盖率低，缺少{count}项。"),
    ("互联网+监管", "{thing}领域{count}名执法人员没有注册。"),
    (
        "互联网+监管",
        "{thing}检查实施清单有{count}项填写错误。",
    ),
    ("政务公开", "{thing}类留言有{count}条逾期没有回复。"),
    ("一网通办", "{thing}类{count}个事项的跑动次数与承诺不符。"),
)
TITLES = ("序号", "责任单位", "领域", "问题", "检查日期", "检查方式", "网址", "责任人", "联系人", "备注")
COLUMNS = [name for name in schema.item.c.keys() if name != "number"]  # noqa: SIM118 - a column collection
INDEXES = (("UNIQUE", "identity"), ("", "unit_id, state, due_at"), ("", "next_reminder_at"))

Row = tuple[str, str, str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=("csv", "xlsx", "memory"))
    chosen = parser.parse_args()
    parts = (chosen.part,) if chosen.part else ("csv", "xlsx", "memory")
    with tempfile.TemporaryDirectory() as folder:
        for part, rows in (("csv", CSV_ROWS), ("xlsx", XLSX_ROWS)):
            if part in parts:
                report_speed(Path(folder) / part, part, rows, chosen.rounds)
        if "memory" in parts:
            report_memory(Path(folder))


def report_speed(folder: Path, kind: str, rows: int, rounds: int) -> None:
    """Both contestants on each database, as ratio of their medians."""
    folder.mkdir()
    content = (as_csv if kind == "csv" else as_xlsx)(findings(rows))
    source = Source(content, f"基准.{kind}", ISSUED_ON, "基准")
    for name, new_database in databases(folder).items():
        imported, bare = compare(new_database, source, rows, rounds)
        print(
            f"{name:<11}{rows:>7} rows of {kind:<5} imported {imported:7.2f} s"
            f"   bare {bare:6.2f} s   ratio {imported / bare:5.1f}",
            flush=True,
        )


def findings(count: int) -> Iterator[Row]:
    """Unit, domain and text: 300 units, 150 kinds of text, each time with another number in it."""
    units = [f"市第{number}{duty}局" for number, duty in itertools.product("一二三四五", DUTIES)]
    units += [
        f"{district}第{number}{duty}局"
        for district in DISTRICTS
        for number, duty in itertools.product("一二三四五", DUTIES)
    ]
    for index in range(count):
        domain, words = FAULTS[index % len(FAULTS)]
        thing = THINGS[index // len(FAULTS) % len(THINGS)]
        yield units[index % len(units)], domain, words.format(thing=thing, count=3 + index * 7 % 9973)


def as_csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLES[1:4])
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Iterable[Row]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        for number, (unit, domain, text) in enumerate(rows, start=1):
            rest = ("2026-10-12", "抽查", f"https://www.example.com/{number}", "张三", "李四", "")
            sheet.write_row(number, 0, (number, unit, domain, text, *rest))
    return content.getvalue()


def compare(new_database: NewDatabase, source: Source, rows: int, rounds: int) -> tuple[float, float]:
    """Median seconds of importing a file, and of reading and storing it the bare way, in turn."""
    contestants = (import_file, store_bare)
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        for contestant, times in zip(contestants, seconds, strict=True):
            with closing(new_database()) as database:
                run = contestant(database, source)
                started = time.perf_counter()
                stored = run()
                times.append(time.perf_counter() - started)
            if stored != rows:
                raise SystemExit(f"{contestant.__name__} stored {stored} rows instead of {rows}")
    imported, bare = (statistics.median(times) for times in seconds)
    return imported, bare


def import_file(database: Database, source: Source) -> Callable[[], int]:
    """The product: read, judged and committed as items with history."""
    office = Office(database, load_rules(None), build_channels(Settings()), probes=())

    def run() -> int:
        return register.commit(office, source, by="基准", now=NOW).counts["new"]

    return run


def store_bare(database: Database, source: Source) -> Callable[[], int]:
    """The least that stores the same: the file's rows, an identity for each, one driver-level executemany."""
    mark, key = ("?", "INTEGER") if database.is_sqlite else ("%s", "SERIAL")
    marks = ", ".join([mark] * len(COLUMNS))
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    types = ", ".join(
        f'"{name}" {schema.item.c[name].type.compile(database.engine.dialect)}' for name in COLUMNS
    )
    insert = f"INSERT INTO bare ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    with database.write() as connection:
        connection.exec_driver_sql(f"CREATE TABLE bare (number {key} PRIMARY KEY, {types})")
        for place, (unique, columns) in enumerate(INDEXES):
            connection.exec_driver_sql(f"CREATE {unique} INDEX bare_{place} ON bare ({columns})")

    def run() -> int:
        rows = [bare_row(line, *row) for line, row in enumerate(read_bare(source), start=2)]
        with database.write() as connection:
            connection.exec_driver_sql(insert, rows)
            return int(connection.exec_driver_sql("SELECT count(*) FROM bare").scalar_one())

    return run


def read_bare(source: Source) -> Iterator[Row]:
    rows: Iterable[Sequence[Any]]
    if source.filename.endswith(".csv"):
        rows, first = csv.reader(io.StringIO(source.content.decode())), 0
    else:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(source.content))
        rows, first = workbook.get_sheet_by_index(0).to_python(), 1
    for row in itertools.islice(rows, 1, None):
        yield row[first], row[first + 1], row[first + 2]


def bare_row(line: int, unit: str, domain: str, text: str) -> tuple[object, ...]:
    identity = hashlib.sha256(f"{unit}\x1f{domain}\x1f{text}\x1f{line}".encode()).hexdigest()
    values: dict[str, object] = {
        "bulletin_id": 1,
        "unit_id": 1,
        "unit_as_written": unit,
        "domain": domain,
        "class": "other",
        "text": text,
        "identity": identity,
        "line": line,
        "state": "open",
        "issued_on": "2026-10-20",
        "due_on": "2026-11-03",
        "due_at": "2026-11-03 15:59:59",
        "provisional": False,
        "rule": '{"working_days": 10}',
        "next_reminder_at": "2026-10-23 01:00:00",
    }
    return tuple(map(values.get, COLUMNS))


def report_memory(folder: Path) -> None:
    """What each way of taking a list in asks for at its peak, for two sizes; each in a process of its own."""
    few, many = MEMORY_ROWS
    for kind, make in (("csv", as_csv), ("xlsx", as_xlsx)):
        files = {rows: folder / f"memory_{rows}.{kind}" for rows in MEMORY_ROWS}
        for rows, file in files.items():
            file.write_bytes(make(findings(rows)))
        for way in (preview_as_json, import_once, import_again):
            used = {}
            for rows, file in files.items():
                database = folder / f"memory_{kind}_{rows}.db"  # importing again finds what was imported
                used[rows] = measured(way, f"sqlite:///{database}", file)
            own = files[many].stat().st_size / 1024**2
            print(
                f"memory     {way.__name__:<16} {kind:<5} {few:>7} rows {used[few]:+5.0f} MiB"
                f"   {many:>7} rows {used[many]:+5.0f} MiB   ratio {used[many] / used[few]:4.1f}"
                f"   file {own:.0f} MiB",
                flush=True,
            )
        if kind == "xlsx":
            alone = measured(read_only, f"sqlite:///{folder}/none.db", files[many])
            print(f"memory     calamine alone   xlsx  {many:>7} rows {alone:+5.0f} MiB", flush=True)


def measured(way: Callable[[str, Path], None], url: str, file: Path) -> float:
    """MiB that this way asks for beyond an interpreter at rest."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as child:
        return child.submit(in_child, way, url, file).result()


def in_child(way: Callable[[str, Path], None], url: str, file: Path) -> float:
    migrated(url).close()
    before = peak_kib()
    way(url, file)
    return (peak_kib() - before) / 1024


def peak_kib() -> int:
    """Of this program alone; what `getrusage` says may stem from the one that started it."""
    [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1])


def import_once(url: str, file: Path) -> None:
    with closing(Database(url)) as database:
        import_file(database, Source(file.read_bytes(), file.name, ISSUED_ON, "基准"))()


def import_again(url: str, file: Path) -> None:
    """The same list a week later, as a file of its own: everything in it is tracked, all of it unchanged."""
    with closing(Database(url)) as database:
        office = Office(database, load_rules(None), build_channels(Settings()), probes=())
        with database.write() as connection:  # else the file itself would be known
            connection.exec_driver_sql("UPDATE bulletin SET sha256 = 'another file'")
        source = Source(file.read_bytes(), file.name, ISSUED_ON + timedelta(days=7), "基准")
        done = register.commit(office, source, by="基准", now=NOW + timedelta(days=7))
        if done.counts["unchanged"] != len(done.drafts):
            raise SystemExit(f"{done.counts} instead of everything unchanged")


def preview_as_json(url: str, file: Path) -> None:
    """What `rectify --json import --dry-run` writes, into nothing."""
    os.environ["TRACKER_DATABASE_URL"] = url
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing):
        status = run(["--json", "import", "--dry-run", "--issued-on", str(ISSUED_ON), str(file)])
    if status:
        raise SystemExit(f"rectify import ended with {status}")


def read_only(_url: str, file: Path) -> None:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.read_bytes()))
    for _ in workbook.get_sheet_by_index(0).iter_rows():
        pass


if __name__ == "__main__":
    main()
