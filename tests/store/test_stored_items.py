"""Items in SQL: overdue as the domain defines it, and work that follows what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import Connection, event, text

from tests.support import at
from tracker.domain.deadlines import last_moment
from tracker.domain.lifecycle import Standing, State, is_overdue
from tracker.rules import load_rules
from tracker.store import Database, bulletins, claiming, items, outbox, reminders, settling, units
from tracker.store.items import STANDING_COLUMNS, ItemFilter

CALENDAR = load_rules(None).calendar
NOW = at("2021-07-26 09:00")
DUE_ON = date(2021, 8, 6)
DUE_AT = last_moment(DUE_ON, CALENDAR)
SECOND = timedelta(seconds=1)


def add(connection: Connection, standings: list[Standing], **more: object) -> list[int]:
    """Store items of one unit and bulletin, one for each standing."""
    unit_id = units.add_unit(
        connection,
        name="市教育局",
        key="市教育局",
        level="department",
        parent=None,
        site=None,
        confirmed=True,
        at=NOW,
    )
    bulletin_id = bulletins.add(
        connection,
        title="云澜市政务服务通报",
        issued_on=date(2021, 7, 23),
        filename="通报.txt",
        sha256="0" * 64,
        content=b"",
        counts={},
        imported_at=NOW,
        imported_by="经办",
    )
    same = {
        "bulletin_id": bulletin_id,
        "unit_id": unit_id,
        "unit_as_written": "市教育局",
        "domain": "政务公开",
        "class": "missing_column",
        "text": "没有设置统计信息专栏",
        "identity": "0" * 64,
        "line": 1,
        "issued_on": date(2021, 7, 23),
        "provisional": False,
        "rule": {"working_days": 10},
    }
    rows = [{name: getattr(each, name) for name in STANDING_COLUMNS} for each in standings]
    numbers = items.numbers_for(connection, len(rows))
    items.add(
        connection,
        [
            same | row | {"number": number, "state": row["state"].value} | more
            for number, row in zip(numbers, rows, strict=True)
        ],
    )
    return numbers


def standings() -> list[Standing]:
    """Every state with every date that matters, also such as the workflow would not make."""
    deferrals = [None, date(2021, 8, 5), DUE_ON, date(2021, 8, 20)]
    submissions = [None, DUE_AT - SECOND, DUE_AT, DUE_AT + SECOND]
    return [
        Standing(state, due_on, due_at, submitted_at=submitted, deferred_until=deferred)
        for state, (due_on, due_at), submitted, deferred in product(
            State, [(None, None), (DUE_ON, DUE_AT)], submissions, deferrals
        )
    ]


@pytest.mark.parametrize(
    "now",
    [
        DUE_AT - timedelta(days=1),
        DUE_AT,
        DUE_AT + SECOND,
        last_moment(date(2021, 8, 20), CALENDAR),
        last_moment(date(2021, 8, 20), CALENDAR) + SECOND,
    ],
    ids=lambda moment: f"{moment:%m%d-%H%M%S}",
)
def test_the_database_and_the_domain_agree_on_what_is_overdue(database: Database, now: object) -> None:
    with database.write() as connection:
        add(connection, standings())
        everything = items.find(connection, ItemFilter(), now, CALENDAR.today(now))
        listed = items.find(connection, ItemFilter(overdue=True), now, CALENDAR.today(now))
    overdue = [item.number for item in everything if is_overdue(item.standing, now, CALENDAR)]
    assert [item.standing for item in everything] == standings()
    assert [item.number for item in listed] == overdue


def test_a_number_is_never_given_twice(database: Database) -> None:
    plain = Standing(State.OPEN, DUE_ON, DUE_AT)
    with database.write() as connection:
        numbers = add(connection, [plain, plain])
        connection.execute(text("DELETE FROM item WHERE number = :last"), {"last": numbers[-1]})
        [again] = items.numbers_for(connection, 1)
    assert again > max(numbers)


def test_what_was_saved_reads_back(database: Database) -> None:
    before = Standing(State.OPEN, DUE_ON, DUE_AT)
    after = replace(
        before,
        state=State.SUBMITTED,
        submitted_by="教育局联络员",
        submitted_at=NOW,
        extension_by="教育局联络员",
        extension_to=date(2021, 8, 20),
    )
    with database.write() as connection:
        [number] = add(connection, [before])
        items.save_standing(connection, number, after, next_reminder_at=NOW)
        [item] = items.by_numbers(connection, [number, number], lock=True)
    assert item.standing == after
    assert (item.group, item.bulletin, item.file, item.next_reminder_at) == (
        "市直",
        "云澜市政务服务通报",
        "通报.txt",
        NOW,
    )


def test_due_reminders_are_those_at_or_before_now(database: Database) -> None:
    plain = Standing(State.OPEN, DUE_ON, DUE_AT)
    with database.write() as connection:
        numbers = add(connection, [plain] * 4)
        moments = [NOW - SECOND, NOW, NOW + SECOND, None]
        reminders.move_reminders(connection, list(zip(numbers, moments, strict=True)))
        assert [row.number for row in reminders.due_reminders(connection, NOW)] == numbers[:2]


def queue_up(connection: Connection) -> None:
    """3000 items and messages, of which hardly any is due."""
    plain = Standing(State.SIGNED, DUE_ON, DUE_AT)
    far = NOW + timedelta(days=30)
    numbers = add(connection, [plain] * 3000, next_check_at=far, page_url="http://edu.example.cn/")
    reminders.move_reminders(connection, [(number, far if number % 2 else None) for number in numbers])
    messages = [
        outbox.NewMessage(
            dedup=f"{n}",
            letter=f"{n}",
            hint=f"张{n}",
            serial=f"{n}",
            kind="reminder",
            recipient="市教育局 张三（联络员）",
            channel="sandbox",
            address=f"张{n}",
            text="",
            payload=b"",
            reason="",
            send_after=NOW,
            failure="手机号无效" if n > 5 else None,
        )
        for n in range(3000)
    ]
    outbox.enqueue(connection, messages, NOW)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "index"),
    [
        (lambda connection: reminders.due_reminders(connection, NOW), "ix_item_reminder"),
        (lambda connection: items.due_checks(connection, NOW, ["missing_column"], 20), "ix_item_check"),
        (
            lambda connection: settling.abandon_expired(connection, NOW, timedelta(minutes=5)),
            "ix_message_sending",
        ),
        (
            lambda connection: claiming.claim(
                connection, NOW, timedelta(minutes=5), {}, most=100, channels={"sandbox"}
            ),
            "ix_endpoint_ready",
        ),
    ],
    ids=["reminders", "checks", "leases", "claim"],
)
def test_looking_for_what_is_due_reads_the_index_of_what_waits(
    database: Database, work: Callable[[Connection], object], index: str
) -> None:
    """Cost follows what is due, not what is stored: the plan of the first statement says so."""
    with database.write() as connection:
        queue_up(connection)
    with database.write() as connection:
        connection.execute(text("ANALYZE"))
        statements: list[tuple[str, object]] = []
        event.listen(
            database.engine,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, parameters, _context, _many: statements.append(
                (statement, parameters)
            ),
        )
        work(connection)
        statement, parameters = statements[0]
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
    assert index in plan
    assert "Seq Scan" not in plan.replace("Seq Scan on unit", "").replace("Seq Scan on bulletin", "")
