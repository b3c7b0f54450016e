"""Taking in an export of cases costs a small multiple of merely reading the file with the library.

In turn and several times, each time into a new database: the product takes in a csv of 1,000,000 rows and an
xlsx of 100,000 (judged, faulty cases stored, items opened); the bare way goes through the same file's rows
with `csv`, or `python-calamine`, and does nothing. Prints medians and their ratio within this run, and the
memory at the peak for two sizes of csv. `--rounds 5` measures more often than three times, and `--part csv`
(or xlsx, memory) only that part.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from databases import NewDatabase, databases
from python_calamine import CalamineWorkbook

from tracker.bootstrap import build_channels
from tracker.rules import load_rules
from tracker.services.feed_cases import take_in
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Database

CSV_ROWS, XLSX_ROWS, MEMORY_ROWS = 1_000_000, 100_000, (100_000, 1_000_000)
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
LATE_EVERY, UNRATED_EVERY = 97, 50  # 3 faulty cases in a hundred


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", choices=("csv", "xlsx", "memory"))
    chosen = parser.parse_args()
    parts = (chosen.part,) if chosen.part else ("csv", "xlsx", "memory")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for part, count, write in (("csv", CSV_ROWS, write_csv), ("xlsx", XLSX_ROWS, write_xlsx)):
            if part in parts:
                room = folder / part
                room.mkdir()
                file = room / f"cases.{part}"
                write(file, count)
                report_speed(room, file, count, chosen.rounds)
        if "memory" in parts:
            report_memory(folder)


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


def report_speed(folder: Path, file: Path, count: int, rounds: int) -> None:
    for name, new_database in databases(folder).items():
        taken, bare = compare(new_database, file, count, rounds)
        print(
            f"{name:<11}{count:>8} rows of {file.suffix[1:]:<5} taken in {taken:6.2f} s"
            f"   bare {bare:6.2f} s   ratio {taken / bare:4.1f}",
            flush=True,
        )


def compare(new_database: NewDatabase, file: Path, count: int, rounds: int) -> tuple[float, float]:
    """Median seconds of taking a file in, and of going through its rows, in turn."""
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        with closing(new_database()) as database:
            runs: tuple[Callable[[], int], ...] = (lambda: taken_in(database, file), lambda: read_bare(file))
            for run, times in zip(runs, seconds, strict=True):
                started = time.perf_counter()
                rows = run()
                times.append(time.perf_counter() - started)
                if rows != count:
                    raise SystemExit(f"{rows} rows instead of {count}")
    taken, bare = (statistics.median(times) for times in seconds)
    return taken, bare


def taken_in(database: Database, file: Path) -> int:
    office = Office(database, load_rules(None), build_channels(Settings()), probes=())
    with file.open("rb") as stream:
        fed = take_in(office, stream, file.name, by="基准", now=NOW)
    if not fed.outcome.opened or fed.feed.rejected_rows:
        raise SystemExit("an export of this benchmark has faults, and no row that is rejected")
    return fed.feed.rows


def read_bare(file: Path) -> int:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as text:
            return sum(1 for _ in csv.reader(text)) - 1
    content = io.BytesIO(file.read_bytes())
    sheet = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
    return sum(1 for _ in sheet.iter_rows()) - 1


def report_memory(folder: Path) -> None:
    """Peak memory of a process that takes in a csv, above what it has before, for two sizes."""
    spawn = multiprocessing.get_context("spawn")
    for count in MEMORY_ROWS:
        file = folder / f"memory_{count}.csv"
        write_csv(file, count)
        with ProcessPoolExecutor(1, mp_context=spawn) as child:
            url = f"sqlite:///{folder}/memory_{count}.db"
            before, peak = child.submit(take_in_measured, url, file).result()
        print(
            f"memory     {count:>8} rows of csv   {before / 1024:4.0f} MiB before,"
            f" {peak / 1024:4.0f} MiB at the peak"
        )


def take_in_measured(url: str, file: Path) -> tuple[int, int]:
    """Peak resident memory in KiB before and after; runs in a process of its own."""
    with closing(Database(url)) as database:
        database.upgrade()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken_in(database, file)
    return before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
