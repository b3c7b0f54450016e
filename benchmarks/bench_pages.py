"""A page costs what it shows, not what is stored.

Two offices with the same thousand units: one stores 1,000 items, the other 1,000,000 (`--items` sets another
number), most of them long struck off. Both show the same pages, in turn, several times. Prints each page's
medians and their ratio within this run, on SQLite and on PostgreSQL; above 3 the run ends with a failure.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from benchmarks.databases import databases
from tracker.bootstrap import build_channels
from tracker.domain.people import Role
from tracker.rules import load_rules
from tracker.services import accounts
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Connection, Database, bulletins, items, units
from tracker.store.numbering import insert_many, reserve
from tracker.store.schema import history
from tracker.web.app import create_app
from tracker.web.guard import SESSION_COOKIE

SMALL, ROUNDS, UNITS, PER_BULLETIN, LIMIT = 1_000, 9, 1_000, 5_000, 3.0
NOW = datetime(2026, 10, 26, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_DOMAINS = ("政务公开", "一网通办", "互联网+监管")
_CLASSES = ("missing_column", "unevaluated_cases", "late_upload")
_WORDS = ("节水", "燃气", "公厕", "养老", "社保", "校车", "路灯", "河道", "林地", "档案", "献血", "渣土")
_PLACES = ("东湖", "西关", "南岭", "北桥", "上河", "下坪", "石塘", "新店", "柳园", "白沙", "青山", "金水")
_PAGES = {
    "list": "/items",
    "list, by deadline": "/items?sort=due",
    "list, by unit": "/items?sort=unit",
    "list, by state": "/items?sort=state",
    "list, last changed first": "/items?sort=updated",
    "list, to verify by deadline": "/items?state=submitted&sort=due",
    "list, overdue by deadline": "/items?overdue=true&sort=due",
    "list, unfinished": "/items?basis=unfinished",
    "list, one unit": "/items?unit=市第7局",
    "list, one unit by change": "/items?unit=市第7局&sort=updated",
    "list, two domains and two states": (
        "/items?domain=一网通办&domain=政务公开&state=open&state=signed&sort=due"
    ),
    "list, one class by deadline": "/items?class=late_upload&state=open&sort=due",
    "list, last bulletin": "/items?bulletin={bulletin}",
    "list, due this week": "/items?due_from=2026-10-26&due_to=2026-11-01&sort=due",
    "search, common word": "/items?q=专栏",
    "search, rare words": "/items?q=东湖渣土",
    "search, word of no item": "/items?q=绿萝",
    "search, unit and word": "/items?q=第7局 献血&sort=due",
    "item": "/items/{number}",
    "item, within its list": "/items/{number}?list=state%3Dopen%26sort%3Ddue",
    "overview": "/",
    "rates": "/rates",
    "leader": "/leader",
    "leader, one quarter": "/leader?issued=2026Q3",
    "leader, wall": "/leader?wall=1",
}
_UNIT_PAGES = {  # as somebody of one unit sees them, whose reach lets few items through
    "unit's list": "/items",
    "unit's list, by deadline": "/items?sort=due",
    "unit's search, common word": "/items?q=专栏",
    "unit's search, by deadline": "/items?q=专栏&sort=due",
    "unit's search, by change": "/items?q=专栏&sort=updated",
}
_PASSWORD = "yunlan-2026-mima"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--only", help="SQLite or PostgreSQL")
    given = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        for name, new_database in databases(Path(folder)).items():
            if given.only not in {None, name}:
                continue
            sizes = (SMALL, given.items)
            offices = [fill(new_database(), size) for size in sizes]
            found = measure(offices, sizes, "shenpiju", _PAGES)
            found |= measure(offices, sizes, "lianluo", _UNIT_PAGES)
            for page, medians in found.items():
                ratio = medians[1] / medians[0]
                shown = "  ".join(f"{seconds * 1000:8.1f} ms" for seconds in medians)
                print(f"{name:<11}{shown}  ratio {ratio:5.2f}  {page}", flush=True)
                slow += [f"{name}: {page}"] if ratio > LIMIT else []
            for office in offices:
                office.database.close()
    if slow:
        sys.exit("more than three times as slow: " + "; ".join(slow))


def fill(database: Database, size: int) -> Office:
    """An office with `size` items, 5,000 of each bulletin, the older ones finished."""
    rules = load_rules(None)
    chance = random.Random(7)
    with database.write() as connection:
        owners = [_unit(connection, index) for index in range(UNITS)]
    for start in range(0, size, PER_BULLETIN):
        numbers = range(start, min(size, start + PER_BULLETIN))
        with database.write() as connection:
            bulletin = _bulletin(connection, start)
            rows = [_item(index, size, bulletin, owners, chance) for index in numbers]
            keys = items.numbers_for(connection, len(rows))
            items.add(connection, [row | {"number": key} for row, key in zip(rows, keys, strict=True)])
            _tell(connection, keys, rows)
    office = Office(database, rules, build_channels(Settings()), probes=())
    accounts.save_account(office, "shenpiju", _PASSWORD, now=NOW)
    accounts.save_account(office, "lianluo", _PASSWORD, now=NOW, role=Role.CONTACT, unit="市第7局")
    if not database.is_sqlite:  # its own daemon would, in time
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return office


def _unit(connection: Connection, index: int) -> int:
    name = f"市第{index}局"
    more = {"parent": None, "site": None, "confirmed": True, "at": NOW}
    return units.add_unit(connection, name=name, key=name, level="department", **more)


def _bulletin(connection: Connection, first: int) -> int:
    return bulletins.add(
        connection,
        title=f"第{first // PER_BULLETIN + 1}期通报",
        issued_on=NOW.date(),
        filename="基准.txt",
        sha256=str(first),
        content=b"",
        counts={},
        imported_at=NOW,
        imported_by="基准",
    )


def _item(
    index: int, size: int, bulletin: int, owners: list[int], chance: random.Random
) -> dict[str, object]:
    """Nine of ten items are old and finished; of the others each tenth is to be verified."""
    is_old = index < size * 0.9
    state = "struck_off" if is_old else chance.choice(("open", "signed", "submitted", "deferred", "open"))
    kind = chance.randrange(3)
    due = NOW.date() + timedelta(days=chance.randrange(-60, -20) if is_old else chance.randrange(-5, 40))
    due_at = datetime.combine(due, NOW.time(), NOW.tzinfo)
    is_done = state in {"struck_off", "submitted"}
    return {
        "bulletin_id": bulletin,
        "unit_id": owners[chance.randrange(len(owners))],
        "unit_as_written": "市某局",
        "domain": _DOMAINS[kind],
        "class": _CLASSES[kind],
        "text": f"{chance.choice(_PLACES)}{chance.choice(_WORDS)}{chance.choice(_WORDS)}专栏没有及时更新。",
        "identity": str(index),
        "line": index,
        "state": state,
        "issued_on": NOW.date() - timedelta(days=90 if is_old else 20),
        "due_on": due,
        "due_at": due_at,
        "submitted_at": due_at - timedelta(days=1) if is_done else None,
        "finished_at": due_at - timedelta(days=1) if is_old else None,
        "provisional": False,
        "rule": {"working_days": 10},
        "next_reminder_at": None if is_done else NOW + timedelta(days=3),
        # Few: what asks for a decision is rare in a large office, too.
        "extension_to": due + timedelta(days=9) if state == "open" and index % 997 == 0 else None,
    }


def _tell(connection: Connection, keys: list[int], rows: list[dict[str, object]]) -> None:
    """One line of history each; its seals are never read here."""
    more = {"at": NOW, "actor": "基准", "event": "import", "detail": {}, "digest": "0" * 64}
    ids = reserve(connection, history, len(keys))
    told = [
        {"id": key, "item_number": number, "state": row["state"], **more}
        for key, number, row in zip(ids, keys, rows, strict=True)
    ]
    insert_many(connection, history, told)


def measure(
    offices: list[Office], sizes: tuple[int, int], login: str, pages: dict[str, str]
) -> dict[str, list[float]]:
    """Median seconds of each page of each office, the offices taking turns."""
    apps = [create_app(office, lambda: NOW) for office in offices]
    cookies = [
        {SESSION_COOKIE: accounts.sign_in(office, login, _PASSWORD, now=NOW).token} for office in offices
    ]

    async def shown() -> dict[str, list[float]]:
        clients = [
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://pages.test", cookies=cookie
            )
            for app, cookie in zip(apps, cookies, strict=True)
        ]
        found: dict[str, list[float]] = {}
        for name, address in pages.items():
            seconds: list[list[float]] = [[] for _ in clients]
            for place in _rounds(len(clients)):
                path = address.format(number=sizes[place] - 5, bulletin=-(-sizes[place] // PER_BULLETIN))
                started = time.perf_counter()
                answer = await clients[place].get(path)
                seconds[place].append(time.perf_counter() - started)
                if answer.status_code != 200:
                    raise SystemExit(f"{path} answered {answer.status_code}")
            found[name] = [statistics.median(each) for each in seconds]
        for client in clients:
            await client.aclose()
        return found

    return asyncio.run(shown())


def _rounds(clients: int) -> Iterator[int]:
    for _ in range(ROUNDS):
        yield from range(clients)


if __name__ == "__main__":
    main()
