"""A ledger costs what its cells cost, and its memory does not grow with its rows.

Offices with 10,000 and with 100,000 items (`--items` sets another large number) write their ledger, each in a
process of its own; a further process lets the library write the very same cells, from a list, by itself.
Prints rows, seconds, their ratio within this run and the peak of memory, on SQLite and on PostgreSQL. SQLite
keeps pages of its file in memory, up to a fixed size; nothing else may grow. Where the large ledger takes
more than that beyond the small one, or 4 times the library's time, the run ends with a failure.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from benchmarks.bench_pages import NOW, fill
from benchmarks.databases import databases
from tracker.bootstrap import build_channels
from tracker.rules import load_rules
from tracker.services import lists
from tracker.services.ledger import ledger_row, write_office_ledger
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Database
from tracker.store.items import ItemFilter

SMALL, LARGE, MOST_GROWTH, LIMIT = 10_000, 100_000, 40.0, 4.0
_PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


@dataclass(frozen=True)
class Run:
    """What one process took; `peak` in MB of resident memory, with all that Python and libraries take."""

    rows: int
    seconds: float
    peak: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=LARGE)
    parser.add_argument("--only", help="SQLite or PostgreSQL")
    given = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for name, new_database in databases(Path(folder)).items():
            if given.only not in {None, name}:
                continue
            peaks = []
            for size in (SMALL, given.items):
                office = fill(new_database(), size)
                url = office.database.engine.url.render_as_string(hide_password=False)
                office.database.close()
                ledger, plain = (alone(work, url, folder) for work in (by_us, by_library))
                ratio = ledger.seconds / plain.seconds
                peaks.append(ledger.peak)
                print(
                    f"{name:<11}{ledger.rows:8} rows  {ledger.seconds:6.1f} s, the library alone "
                    f"{plain.seconds:6.1f} s, ratio {ratio:4.2f}  peak {ledger.peak:6.1f} MB",
                    flush=True,
                )
                faults += [f"{name}: {ratio:.1f} times the library"] if ratio > LIMIT else []
            if peaks[-1] - peaks[0] > MOST_GROWTH:
                faults.append(f"{name}: {peaks[-1] - peaks[0]:.1f} MB more")
    if faults:
        sys.exit("; ".join(faults))


def alone(work: Callable[[str, str], Run], url: str, folder: str) -> Run:
    """`work` in a new process, which has never held anything else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, url, folder).result()


def by_us(url: str, folder: str) -> Run:
    office, started = _office(url), time.perf_counter()
    rows = write_office_ledger(office, Path(folder) / "ledger.xlsx", now=NOW)
    return _run(rows, started)


def by_library(url: str, folder: str) -> Run:
    office = _office(url)
    with office.database.read() as connection:
        _, batches = lists.by_number(connection, office, ItemFilter(), now=NOW)
        rows = [ledger_row(office, item, "", NOW).cells for found in batches for item in found]
    started = time.perf_counter()
    with xlsxwriter.Workbook(str(Path(folder) / "plain.xlsx"), _PLAIN) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return _run(len(rows), started)


def _office(url: str) -> Office:
    return Office(Database(url), load_rules(None), build_channels(Settings()), probes=())


def _run(rows: int, started: float) -> Run:
    seconds = time.perf_counter() - started
    return Run(rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
