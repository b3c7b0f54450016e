"""All rates by unit cost what the same GROUP BY costs by hand, and the leader's page what has changed.

1,000,000 items of 10,000 units. First the rates by unit with returned, recurred and median days against the
same SQL written by hand, in turn, several times. Then the leader's page after one step with one item, at
1,000 items and at 1,000,000. Prints the medians and their ratios within this run, on
SQLite and on PostgreSQL.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from benchmarks.databases import databases
from tracker.bootstrap import build_channels
from tracker.domain.lifecycle import Event
from tracker.rules import load_rules
from tracker.services.advance import perform
from tracker.services.boards import Boards
from tracker.services.leader import leader_view
from tracker.services.office import Office
from tracker.services.report import detailed_table
from tracker.settings import Settings
from tracker.store import Database, bulletins, schema, units
from tracker.store.numbering import insert_many, reserve
from tracker.store.rates import ALL, By

SIZES, UNITS, ROUNDS = (1_000, 1_000_000), 10_000, 5
NOW = datetime(2026, 10, 28, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ISSUED = NOW.date() - timedelta(days=60)
STATES = ("struck_off",) * 6 + ("signed",) * 2 + ("open", "withdrawn")

COUNTS = """
SELECT u.name,
       SUM(CASE WHEN i.state = 'struck_off' THEN 1 ELSE 0 END),
       SUM(CASE WHEN i.state <> 'withdrawn' THEN 1 ELSE 0 END),
       SUM(CASE WHEN i.state = 'struck_off' AND (i.due_at IS NULL OR i.finished_at <= i.due_at)
           THEN 1 ELSE 0 END),
       SUM(CASE WHEN i.state = 'struck_off' OR {overdue} THEN 1 ELSE 0 END),
       SUM(CASE WHEN {overdue} THEN 1 ELSE 0 END),
       SUM(CASE WHEN i.state NOT IN ('struck_off', 'withdrawn') THEN 1 ELSE 0 END)
FROM item i JOIN unit u ON u.id = i.unit_id GROUP BY u.name ORDER BY MIN(u.id)
"""
OVERDUE = """(i.state NOT IN ('struck_off', 'withdrawn')
    AND CASE WHEN i.state = 'submitted' THEN i.submitted_at ELSE :now END > i.due_at
    AND (i.deferred_until IS NULL OR i.deferred_until < :today))"""
RETURNED = """
SELECT u.name, COUNT(*) FROM item i JOIN unit u ON u.id = i.unit_id
WHERE i.state <> 'withdrawn' AND i.number IN (
    SELECT h.item_number FROM history h WHERE h.event = 'return' AND h.at <= :now AND COALESCE((
        SELECT n.event FROM history n WHERE n.item_number = h.item_number AND n.id > h.id AND n.at <= :now
        ORDER BY n.id LIMIT 1), '') <> 'undo_step')
GROUP BY u.name
"""
RECURRED = """
SELECT u.name, COUNT(*) FROM item i JOIN unit u ON u.id = i.unit_id
WHERE i.state <> 'withdrawn' AND i.recurs IS NOT NULL GROUP BY u.name
"""
SPELLS = """
SELECT u.name AS key, {days} AS days, COUNT(*) AS count FROM item i JOIN unit u ON u.id = i.unit_id
WHERE i.state = 'struck_off' AND i.finished_at IS NOT NULL GROUP BY u.name, {days}
"""
MEDIANS = """
SELECT key, MIN(days) FILTER (WHERE running * 2 >= total), MIN(days) FILTER (WHERE running * 2 >= total + 1)
FROM (SELECT key, days, SUM(count) OVER (PARTITION BY key ORDER BY days) AS running,
             SUM(count) OVER (PARTITION BY key) AS total FROM ({spells}) s) r GROUP BY key
"""
OVERALL = """
SELECT MIN(days) FILTER (WHERE running * 2 >= total), MIN(days) FILTER (WHERE running * 2 >= total + 1)
FROM (SELECT days, SUM(count) OVER (ORDER BY days) AS running, SUM(count) OVER () AS total
      FROM ({spells}) s) r
"""
DAYS = {
    "sqlite": "CAST(julianday(date(i.finished_at, '28800 seconds')) - julianday(i.issued_on) AS INTEGER)",
    "postgresql": "(CAST(timezone('UTC', i.finished_at) + interval '8 hours' AS DATE) - i.issued_on)",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, new_database in databases(Path(folder)).items():
            small, large = (fill(new_database(), size) for size in SIZES)
            measure(name, small, large)
            for office in (small, large):
                office.database.close()


def measure(name: str, small: Office, large: Office) -> None:
    """Print what one kind of database takes."""
    ours, by_hand = in_turn(lambda: large_table(large), lambda: hand_written(large.database))
    print(f"{name:<11}{SIZES[1]:>9} items, rates by unit: {ours:6.2f} s, by hand {by_hand:6.2f} s")
    print(f"{name:<11}ratio {ours / by_hand:.2f}")
    for size, office in zip(SIZES, (small, large), strict=True):
        started = time.perf_counter()
        leader_view(office, Boards(office), ALL, now=NOW)
        print(f"{name:<11}{size:>9} items, first page: {time.perf_counter() - started:6.2f} s")
    pages = in_turn(*(page_after_a_step(office) for office in (small, large)))
    for size, seconds in zip(SIZES, pages, strict=True):
        print(f"{name:<11}{size:>9} items, page after a step: {seconds * 1000:6.1f} ms")
    print(f"{name:<11}ratio {pages[1] / pages[0]:.2f}\n")


def fill(database: Database, size: int) -> Office:
    """An office with `size` items: six tenths struck off, some returned, some that recur."""
    with database.write() as connection:
        bulletin = bulletins.add(
            connection,
            title="基准",
            issued_on=ISSUED,
            filename="基准.txt",
            sha256=str(size),
            content=b"",
            counts={},
            imported_at=NOW,
            imported_by="基准",
        )
        owners = [_unit(connection, index) for index in range(UNITS)]
        for start in range(0, size, 20_000):
            numbers = reserve(connection, schema.item, min(20_000, size - start))
            rows = [_item(number, bulletin, owners[number % UNITS]) for number in numbers]
            insert_many(connection, schema.item, rows)
            events = [_event(row, "import", 8) for row in rows]
            events += [_event(row, "return", 30) for row in rows if row["number"] % 100 == 0]
            ids = reserve(connection, schema.history, len(events))
            insert_many(
                connection,
                schema.history,
                [event | {"id": each} for each, event in zip(ids, events, strict=True)],
            )
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return Office(database, load_rules(None), build_channels(Settings()), probes=())


def _unit(connection: Any, index: int) -> int:
    return units.add_unit(
        connection,
        name=f"市第{index}局",
        key=f"市第{index}局",
        level="department" if index % 2 else "district",
        parent=None,
        site=None,
        confirmed=True,
        at=NOW,
    )


def _item(number: int, bulletin: int, unit: int) -> dict[str, Any]:
    state = STATES[(number * 7 + number // UNITS) % len(STATES)]
    due_on = ISSUED + timedelta(days=20 + number % 60)
    struck = state == "struck_off"
    return {
        "number": number,
        "bulletin_id": bulletin,
        "unit_id": unit,
        "unit_as_written": "市某局",
        "domain": "政务公开",
        "class": "missing_column",
        "text": "没有设置统计信息专栏。",
        "identity": str(number),
        "line": number,
        "state": state,
        "issued_on": ISSUED,
        "due_on": due_on,
        "due_at": datetime(due_on.year, due_on.month, due_on.day, 23, 59, 59, tzinfo=NOW.tzinfo),
        "finished_at": NOW - timedelta(days=number % 50) if struck else None,
        "recurs": number - 1 if number % 200 == 2 else None,
        "provisional": False,
        "rule": {"working_days": 10},
        "extensions": 0,
    }


def _event(row: dict[str, Any], event: str, day: int) -> dict[str, Any]:
    """One row of history that leaves the item as it is now; nobody verifies these seals."""
    moment = datetime.combine(ISSUED + timedelta(days=day), NOW.timetz())
    columns = ("state", "due_on", "due_at", "finished_at")
    return {
        "id": 0,
        "item_number": row["number"],
        "at": moment,
        "actor": "基准",
        "event": event,
        "detail": {},
        "digest": "0" * 64,
    } | {name: row[name] for name in columns}


def large_table(office: Office) -> object:
    table = detailed_table(office, By.UNIT, now=NOW)
    return len(table.rows), table.total, table.overall_days


def hand_written(database: Database) -> object:
    """What a person would type at the database's prompt."""
    spells = SPELLS.format(days=DAYS[database.engine.dialect.name])
    moment = NOW.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) if database.is_sqlite else NOW
    given = {"now": str(moment) if database.is_sqlite else moment, "today": _day(database, NOW.date())}
    statements = (
        COUNTS.format(overdue=OVERDUE),
        RETURNED,
        RECURRED,
        MEDIANS.format(spells=spells),
        OVERALL.format(spells=spells),
    )
    with database.read() as connection:
        found = [
            connection.execute(
                text(each), {name: value for name, value in given.items() if f":{name}" in each}
            ).all()
            for each in statements
        ]
    return len(found[0]), sum(row[1] for row in found[0]), found[4]


def _day(database: Database, day: date) -> object:
    return day.isoformat() if database.is_sqlite else day


def page_after_a_step(office: Office) -> Callable[[], object]:
    """The page again and again; before each, somebody takes one step."""
    boards, signed = Boards(office), itertools.count(8, 10)
    leader_view(office, boards, ALL, now=NOW)

    def page() -> object:
        perform(office, Event.SUBMIT, [next(signed)], by="联络员", now=NOW)
        started = time.perf_counter()
        leader_view(office, boards, ALL, now=NOW)
        return time.perf_counter() - started

    return page


def in_turn(*jobs: Callable[[], object]) -> list[float]:
    """Median seconds of each, the jobs taking turns; a job that times itself returns seconds."""
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for index, job in enumerate(jobs):
            started = time.perf_counter()
            timed = job()
            spent = time.perf_counter() - started
            seconds[index].append(timed if isinstance(timed, float) else spent)
    return [statistics.median(each) for each in seconds]


if __name__ == "__main__":
    main()
