"""Accounts of before are there after the migration; their sessions are not."""

from __future__ import annotations

from tests.support import at
from tracker.domain.people import Role
from tracker.store import Database, accounts

AT = at("2021-07-23 17:00")
OF_0005 = (
    "INSERT INTO account (id, login, password, role, created_at) "
    "VALUES (7, 'zhang', 'scrypt$1$1$1$00$00', 'leader', '2021-07-23 09:00:00')"
)
SESSION_OF_0005 = (
    "INSERT INTO session (token, account_id, csrf, expires_at) VALUES ('t', 7, 'c', '2031-07-23 09:00:00')"
)


def test_accounts_are_carried_over_and_sign_in_once_more(database: Database) -> None:
    database.upgrade("base")
    database.upgrade("0005")
    with database.write() as connection:
        for statement in (OF_0005, SESSION_OF_0005):
            connection.exec_driver_sql(statement)
    database.upgrade()
    with database.read() as connection:
        [found] = accounts.everybody(connection)
        assert (found.id, found.login, found.role, found.created_at) == (7, "zhang", Role.LEADER, AT)
        assert (found.unit_id, found.asks_code, found.disabled_at) == (None, False, None)
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 0
