"""Digests that were published stay readable, and an upgrade sends nothing that was never promised."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from alembic.config import Config

from tests.support import at
from tracker.resources import shipped
from tracker.store import Database, clockwork, digests

OF_0012 = (
    "INSERT INTO digest (period, as_of, snapshot) "
    "VALUES ('2021-W30', '2021-07-26 01:00:00', '{\"newly_overdue\": 3}')",
    "INSERT INTO watermark (name, at) VALUES ('digest', '2021-07-26 01:00:00')",
)
MONDAY = at("2021-07-26 09:00")


def test_published_digests_are_carried_there_and_back(database: Database) -> None:
    database.upgrade("base")
    database.upgrade("0012")
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        for statement in OF_0012:
            connection.exec_driver_sql(statement)
    before = datetime.now(UTC).replace(microsecond=0)  # SQLite's clock counts whole seconds
    database.upgrade()
    with database.write() as connection:
        assert digests.published(connection, "2021-W30") == (MONDAY, {"newly_overdue": 3})
        assert digests.ledger(connection, "2021-W30", "all") is None
        assert digests.latest_periods(connection, 5) == ["2021-W30"]
        marks = clockwork.watermarks(connection)
        assert marks.pop("digest") == MONDAY
        assert set(marks) == {"digest_monthly", "digest_quarterly"}
        # No month or quarter that ended before the upgrade is due any more.
        assert all(before <= mark <= datetime.now(UTC) for mark in marks.values())
        for period, scope in (("2021-W30", "unit:1"), ("2021-07", "all")):
            digests.publish(connection, period, scope, as_of=MONDAY, at=MONDAY, snapshot={}, ledger=b"x")
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(shipped("migrations")))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
    with database.read() as connection:
        kept = connection.exec_driver_sql("SELECT period FROM digest").scalars().all()
        assert (kept, set(clockwork.watermarks(connection))) == (["2021-W30"], {"digest"})
