"""The outbox keeps up with bare HTTP, and a reminder costs little more than a loop written by hand.

Against a sink in a process of its own, that accepts everything at once:
- throughput: messages of 5,000 robots carried out by `deliver`, against as many posts of the same bytes
  through bare keep-alive `requests.Session`s in as many threads. `--messages 100000` measures more of them.
- reminding: overdue items planned, sent and recorded by `remind` and `deliver`, against a loop by hand of
  claim, `requests.Session.post` and record, one row a transaction.
In turn and several times; prints medians, their ratio within this run, and how far memory grew, on SQLite and
on PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import text

from benchmarks.databases import NewDatabase, databases
from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tracker.rules import load_rules
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store import Database, bulletins, contacts, items, outbox, units
from tracker.store.outbox import NewMessage

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 27, 9, 30, tzinfo=ZONE)
THREADS = 16  # as config/app.toml has it
ANSWER = b'{"errcode":0,"errmsg":"ok"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: %d\r\n\r\n"
REPLY = HEAD % len(ANSWER) + ANSWER
WORDS = "## 整改逾期催办\n**市某局** 有 2 项整改事项逾期未完成，请立即整改并报送佐证材料。\n编号 R-{n:06d}"


class Robot(WeComRobot):
    """Without the 18 a minute: here only the speed counts."""

    per_minute: int | None = None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--overdue", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sink() as url:
        for name, new_database in databases(Path(folder)).items():
            report_throughput(name, new_database, url, chosen.messages, chosen.rounds)
            report_reminding(name, new_database, url, chosen.overdue, chosen.rounds)


def report_throughput(name: str, new_database: NewDatabase, url: str, count: int, rounds: int) -> None:
    ours, bare, grown = [], [], []
    for _ in range(rounds):
        office = new_office(new_database(), url)
        payloads = queue(office, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        done = deliver(office, ticking())
        ours.append(count / (time.perf_counter() - started))
        grown.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
        assert (done.accepted, done.pending) == (count, 0), done
        started = time.perf_counter()
        post_all(url, payloads)
        bare.append(count / (time.perf_counter() - started))
        office.database.close()
    print(
        f"{name:<11}{count:>7} messages of {robots(count)} robots, {THREADS} threads: outbox"
        f" {statistics.median(ours):7.0f}/s   bare requests {statistics.median(bare):7.0f}/s   ratio"
        f" {statistics.median(ours) / statistics.median(bare):5.2f}   memory +{max(grown):.0f} MiB",
        flush=True,
    )


def report_reminding(name: str, new_database: NewDatabase, url: str, count: int, rounds: int) -> None:
    ours, raw = [], []
    for _ in range(rounds):
        office = new_office(new_database(), url)
        make_overdue(office, count)
        started = time.perf_counter()
        remind(office, now=NOW)
        done = deliver(office, ticking())
        ours.append(time.perf_counter() - started)
        assert done.accepted == count, done
        office.database.close()
        raw.append(by_hand(new_database(), url, count))
    print(
        f"{name:<11}{count:>7} overdue: planned, sent, recorded {statistics.median(ours):6.2f} s   by hand"
        f" {statistics.median(raw):6.2f} s   ratio {statistics.median(ours) / statistics.median(raw):5.2f}",
        flush=True,
    )


def new_office(database: Database, url: str) -> Office:
    channels = {"wecom_robot": Robot(url), "sandbox": Sandbox()}
    return Office(database=database, rules=load_rules(None), channels=channels, probes=())


def ticking() -> Callable[[], datetime]:
    """A working morning that goes on as the machine's clock does."""
    began = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - began)


def robots(count: int) -> int:
    return min(5_000, count // 2)


def queue(office: Office, count: int) -> list[tuple[str, bytes]]:
    """Put messages in; their keys and bytes."""
    robot = office.channels["wecom_robot"]
    made = []
    for start in range(0, count, 5_000):
        batch = []
        for n in range(start, min(count, start + 5_000)):
            key = f"invented-robot-key-{n % robots(count):05d}"
            words = WORDS.format(n=n)
            [payload] = robot.compose(Letter(words))
            made.append((key, payload))
            batch.append(
                NewMessage(
                    dedup=f"{n}",
                    letter=f"{n}",
                    serial=f"R-20261027-{n:06d}",
                    kind="overdue",
                    recipient=f"市某局 {n}（联络员）",
                    channel="wecom_robot",
                    address=key,
                    hint=robot.hint(key),
                    text=words,
                    payload=payload,
                    reason="逾期1项",
                    send_after=NOW,
                )
            )
        with office.database.write() as connection:
            outbox.enqueue(connection, batch, NOW)
    return made


def post_all(url: str, payloads: Sequence[tuple[str, bytes]]) -> None:
    """Each thread its own session, kept alive."""
    address = f"{url}/cgi-bin/webhook/send"

    def post(part: Sequence[tuple[str, bytes]]) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for key, payload in part:
                headers = {"Content-Type": "application/json"}
                answer = session.post(address, params={"key": key}, data=payload, headers=headers, timeout=10)
                assert answer.json()["errcode"] == 0

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, [payloads[n::THREADS] for n in range(THREADS)]))


def make_overdue(office: Office, count: int) -> None:
    """As many units with a robot, each with one item that came due yesterday."""
    calendar = office.rules.calendar
    issued_on, due_on = (NOW - timedelta(days=30)).date(), (NOW - timedelta(days=1)).date()
    with office.database.write() as connection:
        bulletin_id = bulletins.add(
            connection,
            title="基准",
            issued_on=issued_on,
            filename="基准.txt",
            sha256="0" * 64,
            content=b"",
            counts={},
            imported_at=NOW,
            imported_by="基准",
        )
        rows = []
        for n in range(count):
            name = f"市第{n}局"
            unit_id = units.add_unit(
                connection,
                name=name,
                key=name,
                level="department",
                parent=None,
                site=None,
                confirmed=True,
                at=NOW,
            )
            reached = {
                "phone": None,
                "wecom_userid": None,
                "robot": f"invented-robot-key-{n:05d}",
                "email": None,
            }
            contacts.upsert(connection, unit_id=unit_id, role="联络员", name=f"联络员{n}", **reached)
            rows.append(
                {
                    "bulletin_id": bulletin_id,
                    "unit_id": unit_id,
                    "unit_as_written": name,
                    "domain": "政务公开",
                    "class": "missing_column",
                    "text": "没有设置统计信息专栏。",
                    "identity": str(n),
                    "line": n,
                    "state": "open",
                    "issued_on": issued_on,
                    "due_on": due_on,
                    "due_at": calendar.at(due_on, NOW.time()),
                    "provisional": False,
                    "rule": {"working_days": 10},
                    "next_reminder_at": NOW,
                }
            )
        numbers = items.numbers_for(connection, count)
        items.add(connection, [row | {"number": number} for row, number in zip(rows, numbers, strict=True)])


def by_hand(database: Database, url: str, count: int) -> float:
    """What somebody would write who wants no more than this: one table, one session, one row at a time."""
    with database.write() as connection:
        connection.execute(
            text("CREATE TABLE by_hand (id INTEGER PRIMARY KEY, key TEXT, body TEXT, state TEXT)")
        )
        connection.execute(text("CREATE INDEX by_hand_state ON by_hand (state)"))
        rows = [
            {"id": n, "key": f"invented-robot-key-{n:05d}", "body": WORDS.format(n=n), "state": "pending"}
            for n in range(count)
        ]
        connection.execute(text("INSERT INTO by_hand VALUES (:id, :key, :body, :state)"), rows)
    claim = text(
        "UPDATE by_hand SET state = 'sending' WHERE id = (SELECT id FROM by_hand WHERE state = 'pending'"
        " ORDER BY id LIMIT 1) RETURNING id, key, body"
    )
    record = text("UPDATE by_hand SET state = :state WHERE id = :id")
    started = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        while True:
            with database.write() as connection:
                row = connection.execute(claim).one_or_none()
            if row is None:
                break
            answer = session.post(
                f"{url}/cgi-bin/webhook/send",
                params={"key": row.key},
                json={"msgtype": "markdown", "markdown": {"content": row.body}},
                timeout=10,
            )
            state = "accepted" if answer.json()["errcode"] == 0 else "failed"
            with database.write() as connection:
                connection.execute(record, {"id": row.id, "state": state})
    taken = time.perf_counter() - started
    database.close()
    return taken


@contextmanager
def sink() -> Iterator[str]:
    """A server in a process of its own that keeps connections alive and accepts whatever comes."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(port_to: Connection) -> None:
    asyncio.run(_accept_all(port_to))


async def _accept_all(port_to: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=256)
    port_to.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection: each request is read to its end, and accepted."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(REPLY)
            await writer.drain()


if __name__ == "__main__":
    main()
