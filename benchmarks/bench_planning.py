"""Planning costs what is due, not what is stored.

Two offices, each with 10,000 items due: one stores 10,000 items, the other 1,000,000. Both plan the same
reminders, in turn, several times, each time from the same start. Prints the medians and
their ratio within this run, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.databases import databases
from tracker.bootstrap import build_channels
from tracker.domain.escalation import first_reminder_at
from tracker.rules import load_rules
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.settings import Settings
from tracker.store import Database, bulletins, items, reminders, schema, units

DUE, ROUNDS, UNITS = 10_000, 5, 200
SIZES = (10_000, 1_000_000)
NOW = datetime(2026, 10, 26, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, new_database in databases(Path(folder)).items():
            offices = [fill(new_database(), size) for size in SIZES]
            medians = measure(offices)
            for size, seconds in zip(SIZES, medians, strict=True):
                print(f"{name:<11}{size:>8} items, {DUE} due: {seconds * 1000:8.1f} ms")
            print(f"{name:<11}ratio {medians[1] / medians[0]:.2f}\n")
            for office in offices:
                office.database.close()


def fill(database: Database, size: int) -> Office:
    """An office with `size` items, of which the first `DUE` want a reminder now."""
    rules = load_rules(None)
    due_on = rules.calendar.today(NOW)
    issued_on = due_on - timedelta(days=30)
    later = due_on + timedelta(days=365)
    first = first_reminder_at(rules.ladder, later, issued_on, rules.calendar)
    with database.write() as connection:
        bulletin = bulletins.add(
            connection,
            title="基准",
            issued_on=issued_on,
            filename="基准.txt",
            sha256=str(size),
            content=b"",
            counts={},
            imported_at=NOW,
            imported_by="基准",
        )
        owners = [
            units.add_unit(
                connection,
                name=f"市第{index}局",
                key=f"市第{index}局",
                level="department",
                parent=None,
                site=None,
                confirmed=True,
                at=NOW,
            )
            for index in range(UNITS)
        ]
        for start in range(0, size, 10_000):
            rows = []
            for index in range(start, min(size, start + 10_000)):
                due = due_on if index < DUE else later
                rows.append(
                    {
                        "bulletin_id": bulletin,
                        "unit_id": owners[index % UNITS],
                        "unit_as_written": "市某局",
                        "domain": "政务公开",
                        "class": "missing_column",
                        "text": "没有设置统计信息专栏。",
                        "identity": str(index),
                        "line": index,
                        "state": "open",
                        "issued_on": issued_on,
                        "due_on": due,
                        "due_at": datetime.combine(due, NOW.time(), NOW.tzinfo),
                        "provisional": False,
                        "rule": {"working_days": 10},
                        "next_reminder_at": NOW if index < DUE else first,
                    }
                )
            numbers = items.numbers_for(connection, len(rows))
            items.add(
                connection,
                [row | {"number": number} for row, number in zip(rows, numbers, strict=True)],
            )
    return Office(database, rules, build_channels(Settings()), probes=())


def measure(offices: list[Office]) -> list[float]:
    """Median seconds of one planning run for each office, the offices taking turns."""
    seconds: list[list[float]] = [[] for _ in offices]
    for round_ in range(ROUNDS):
        for index, office in enumerate(offices):
            now = NOW + timedelta(minutes=round_)
            start_again(office)
            started = time.perf_counter()
            result = remind(office, now=now)
            seconds[index].append(time.perf_counter() - started)
            if sum(len(each.numbers) for each in result.planned) != DUE:
                raise SystemExit("the benchmark did not plan what it should")
    return [statistics.median(each) for each in seconds]


def start_again(office: Office) -> None:
    """Forget what the last round sent, so that each round does the same work."""
    with office.database.write() as connection:
        for table in (schema.reminder, schema.message_item, schema.message):
            connection.execute(table.delete())
        reminders.move_reminders(connection, [(number, NOW) for number in range(1, DUE + 1)])


if __name__ == "__main__":
    main()
