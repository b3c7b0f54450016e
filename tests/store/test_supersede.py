"""Taking back, and deciding about second ways: by the indexes of what waits, in the order senders lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from tests.support import at
from tracker.store import Database, decisions, endpoints, outbox, standby, supersede
from tracker.store.outbox import NewMessage
from tracker.store.supersede import supersede_for, supersede_stale

pytestmark = pytest.mark.slow

NOW, MORNING = at("2021-07-27 09:00"), at("2021-07-27 00:00")
WHO = "市教育局 李联（联络员）"


def put(connection: Connection, letter: str, *ways: tuple[str, str]) -> None:
    """One letter with these ways: channel and address of each."""
    new = [
        NewMessage(
            dedup=f"{letter} {channel}",
            letter=letter,
            serial="R",
            kind="nudge",
            recipient=WHO,
            channel=channel,
            address=address,
            hint="…",
            text="催办",
            payload=b"x",
            reason="催办",
            send_after=NOW,
            rank=rank,
        )
        for rank, (channel, address) in enumerate(ways)
    ]
    outbox.enqueue(connection, new, NOW)


@pytest.mark.parametrize(
    ("work", "indexes"),
    [
        (lambda c: supersede_stale(c, MORNING, NOW), ["ix_message_queue", "ix_message_standby"]),
        (lambda c: supersede.endpoints_for(c, [WHO]), ["ix_message_queue", "ix_message_standby"]),
        (
            lambda c: supersede.supersede_paper(c, "督办函第1号", NOW),
            ["ix_message_queue", "ix_message_standby"],
        ),
        (lambda c: standby.undecided(c, NOW, MORNING), ["ix_message_standby"]),
        (lambda c: decisions.unknown_since(c, NOW, is_fresh=True), ["ix_message_open"]),
        (lambda c: decisions.given_up(c, 8), ["ix_message_open"]),
    ],
    ids=["stale", "for somebody", "void paper", "second ways", "unknown", "given up"],
)
def test_what_waits_is_found_by_its_index_however_long_the_history_is(
    database: Database, work: Callable[[Connection], object], indexes: list[str]
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL counts a small table and walks it")
    with database.write() as connection:
        for n in range(300):
            put(connection, f"letter {n}", ("wecom_robot", "key"), ("sms", "13800000001"))
        connection.execute(text("UPDATE message SET state = 'accepted' WHERE id % 50 != 0"))
        connection.execute(text("UPDATE message SET state = 'superseded' WHERE state = 'standby'"))
    with database.write() as connection:
        connection.execute(text("ANALYZE"))
        statements: list[tuple[str, Any]] = []
        event.listen(
            database.engine,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, parameters, _context, _many: statements.append(
                (statement, parameters)
            ),
        )
        work(connection)
        statement, parameters = statements[0]
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        plan = [str(row[-1]) for row in rows]
    assert [name for name in indexes if not any(name in line for line in plan)] == []
    assert [line for line in plan if line in {"SCAN message", "SCAN front", "SCAN spoken"}] == []


def test_who_takes_back_has_locked_the_endpoints_before_the_messages(database: Database) -> None:
    """A sender has the endpoint and wants the message: it must not meet somebody on the reverse way."""
    if database.is_sqlite:
        pytest.skip("one writer at a time")
    with database.write() as connection:
        put(connection, "one", ("wecom_robot", "key"), ("sms", "13800000001"))
        known = endpoints.known(connection, [("wecom_robot", "key")])
    sent = Event()

    def take_back() -> int:
        with database.write() as connection:
            sent.set()
            return len(supersede_for(connection, [WHO], NOW).messages)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            endpoints.lock(connection, known.values())
            taking = pool.submit(take_back)
            sent.wait()
            connection.execute(text("SELECT pg_sleep(0.5)"))
            found = connection.execute(text("SELECT id FROM message FOR UPDATE NOWAIT")).all()
            assert len(found) == 2
        assert taking.result(timeout=10) == 2


def test_however_many_letters_are_asked_for(database: Database) -> None:
    many = range(70_000)
    with database.write() as connection:
        assert standby.endpoints_of(connection, [f"letter {n}" for n in many]) == set()
        assert decisions.on_disabled(connection, many) == []
        assert decisions.undecided(connection, identifiers=many) == []
        assert supersede.untrue(connection, many, MORNING, MORNING.date()) == set()
        standby.stand_down(connection, many, "不再发", NOW)
        decisions.drop(connection, many, "经办", NOW)
