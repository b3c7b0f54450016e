"""Migrations: up, down and up again on both databases, and exactly the tables of the schema."""

from __future__ import annotations

import ast
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Index, inspect, text

from tests.store.conftest import OpenDatabase
from tracker.domain.errors import StoreError
from tracker.resources import shipped
from tracker.store import Database
from tracker.store.migrations import head, pending
from tracker.store.schema import metadata

VERSIONS = shipped("migrations") / "versions"
FILES = sorted(VERSIONS.glob("*.py"))


def tables(connection: Connection) -> set[str]:
    names = inspect(connection).get_table_names()
    aside = {"alembic_version", "sqlite_sequence"}
    return {name for name in names if name not in aside and not is_words_index(name)}


def is_words_index(name: str | None) -> bool:
    """The index of items' words: tables of SQLite's own, or an index of PostgreSQL over a function."""
    return name is not None and (name.startswith("item_words") or name == "ix_item_pairs")


def test_a_migrated_database_equals_the_schema(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, parents: not is_words_index(name),
            },
        )
        assert compare_metadata(context, metadata) == []
        assert tables(connection) == set(metadata.tables)


def test_every_index_has_the_schemas_columns_order_and_condition(database: Database) -> None:
    """compare_metadata looks at neither an index's condition nor, everywhere, the order of its columns."""
    with database.read() as connection:
        look = inspect(connection)
        for table in metadata.tables.values():
            found = {each["name"]: each for each in look.get_indexes(table.name) if "sync" not in each}
            for index in table.indexes:
                there = found[str(index.name)]
                assert there["column_names"] == [column.name for column in index.columns]
                assert has_condition(there) == has_condition(index), index.name


def has_condition(index: object) -> bool:
    options = index.dialect_kwargs if isinstance(index, Index) else index["dialect_options"]  # type: ignore[index]
    return any(name.endswith("_where") and options[name] is not None for name in options)


def test_an_index_leads_with_each_foreign_key(database: Database) -> None:
    """Neither database makes one by itself, and each deleted parent is looked for in every child table."""
    with database.read() as connection:
        look = inspect(connection)
        for table in metadata.tables:
            leading = {each["column_names"][0] for each in look.get_indexes(table)}
            leading |= set(look.get_pk_constraint(table)["constrained_columns"][:1])
            for key in look.get_foreign_keys(table):
                assert key["constrained_columns"][0] in leading, (table, key["constrained_columns"])


def test_every_check_of_the_schema_is_in_the_database(database: Database) -> None:
    """compare_metadata does not look at CHECK constraints."""
    with database.read() as connection:
        look = inspect(connection)
        for table in metadata.tables.values():
            written = [table.constraints, *(column.constraints for column in table.columns)]
            wanted = {each.name for some in written for each in some if isinstance(each, CheckConstraint)}
            assert {each["name"] for each in look.get_check_constraints(table.name)} == wanted, table.name


def test_down_leaves_nothing_and_up_again_makes_the_same(database: Database) -> None:
    database.upgrade("base")
    with database.read() as connection:
        assert tables(connection) == set()
        assert pending(connection)
    database.upgrade()
    with database.read() as connection:
        assert tables(connection) == set(metadata.tables)
        assert not pending(connection)
    database.prepare()


def test_an_office_at_work_is_carried_over_with_its_items_seen_once(database: Database) -> None:
    database.upgrade("base")
    database.upgrade("0001")
    with database.write() as connection:
        for statement in OFFICE_OF_0001:
            connection.exec_driver_sql(statement)
    database.upgrade()
    with database.read() as connection:
        [bulletin] = connection.exec_driver_sql("SELECT id, sha256, corrections, undone_at FROM bulletin")
        seen = connection.exec_driver_sql(
            "SELECT item_number, bulletin_id, identity, outcome, quantity, line FROM sighting ORDER BY id"
        )
        assert tuple(bulletin) == (4, "a" * 64, "{}" if database.is_sqlite else {}, None)
        assert [tuple(row) for row in seen] == [
            (7, 4, "same", "new", 982, 3),
            (8, 4, "same", "reappeared", 5, 3),
        ]
    database.upgrade("base")
    with database.read() as connection:
        assert tables(connection) == set()


OFFICE_OF_0001 = (
    "INSERT INTO unit (id, name, key, level, confirmed, created_at) "
    "VALUES (1, '澜东区', '澜东区', 'district', true, '2021-07-23 09:00:00')",
    "INSERT INTO bulletin "
    "(id, title, issued_on, filename, sha256, content, counts, imported_at, imported_by) "
    f"VALUES (4, '通报', '2021-07-23', '通报.txt', '{'a' * 64}', '', '{{}}', '2021-07-23 09:00:00', '经办')",
    *(
        "INSERT INTO item (number, bulletin_id, unit_id, unit_as_written, class, text, quantity, identity, "
        "recurs, line, state, issued_on, provisional, rule) VALUES "
        f"({number}, 4, 1, '澜东区', 'other', '未评办件', {quantity}, 'same', {recurs}, 3, 'open', "
        "'2021-07-23', false, '{}')"
        for number, quantity, recurs in ((7, 982, "NULL"), (8, 5, "7"))
    ),
)


def test_what_was_seen_of_old_items_stands_beside_them(database: Database) -> None:
    database.upgrade("base")
    database.upgrade("0005")
    with database.write() as connection:
        for statement in LOOKS_OF_0005:
            connection.exec_driver_sql(statement)
    database.upgrade()
    with database.read() as connection:
        seen = connection.exec_driver_sql(
            "SELECT number, look_id, look_verdict, look_at IS NOT NULL, last_look_id, blind_looks, "
            "looks_count_from IS NOT NULL FROM item ORDER BY number"
        )
        assert [tuple(row) for row in seen] == [
            (7, 2, "fixed", True, 4, 2, True),
            (8, None, None, False, 5, 1, False),
            (9, None, None, False, None, 0, False),
        ]


LOOKS_OF_0005 = (
    OFFICE_OF_0001[0],
    "INSERT INTO bulletin (id, title, issued_on, filename, sha256, content, counts, corrections, "
    f"added_units, imported_at, imported_by) VALUES (4, '通报', '2021-07-23', '通报.txt', '{'a' * 64}', '', "
    "'{}', '{}', '[]', '2021-07-23 09:00:00', '经办')",
    *(
        "INSERT INTO item (number, bulletin_id, unit_id, unit_as_written, class, text, identity, line, "
        f"state, issued_on, provisional, rule) VALUES ({number}, 4, 1, '澜东区', 'missing_column', "
        "'没有专栏', 'same', 3, 'submitted', '2021-07-23', false, '{}')"
        for number in (7, 8, 9)
    ),
    "INSERT INTO history (item_number, at, actor, event, detail, state, digest) VALUES "
    "(7, '2021-07-24 09:00:00', '李联', 'submit', '{}', 'submitted', '')",
    *(
        "INSERT INTO observation (id, item_number, probe, verdict, evidence, checked_at) VALUES "
        f"({key}, {number}, 'website_column', '{verdict}', '{{}}', '2021-07-{day} 10:00:00')"
        for key, number, verdict, day in (
            (1, 7, "not_fixed", 23),
            (2, 7, "fixed", 24),
            (3, 7, "unsure", 25),
            (4, 7, "unsure", 26),
            (5, 8, "unsure", 25),
        )
    ),
)


def test_how_the_calls_of_old_messages_ended_is_known_but_for_one_that_is_under_way(
    database: Database,
) -> None:
    """A call without an outcome may have been taken: its message would never again be said anew."""
    database.upgrade("base")
    database.upgrade("0003")
    with database.write() as connection:
        for statement in MESSAGES_OF_0003:
            connection.exec_driver_sql(statement)
    database.upgrade()
    with database.read() as connection:
        made = connection.exec_driver_sql("SELECT message_id, outcome, ended_at FROM attempt ORDER BY id")
        assert [(row[0], row[1], row[2] is not None) for row in made] == [
            (1, "temporary", True),
            (2, "temporary", True),
            (3, None, False),
            (4, "accepted", True),
            (5, "permanent", True),
            (6, "unknown", True),
            (7, "temporary", True),
        ]


MESSAGES_OF_0003 = tuple(
    "INSERT INTO message (id, dedup, serial, kind, recipient, channel, address, text, payload, reason, "
    "created_at, send_after, state, attempts, attempted_at, calling, settled_at) VALUES "
    f"({number}, 'm{number}', 'R-{number}', 'reminder', '澜东区', 'sandbox', '澜东区', '字', '', '到期', "
    f"'2021-07-26 09:00:00', '2021-07-26 09:00:00', '{state}', 1, {tried}, {calling}, {settled})"
    for number, state, tried, calling, settled in (
        (1, "pending", "'2021-07-26 09:01:00'", "false", "NULL"),
        (2, "sending", "'2021-07-26 09:01:00'", "false", "NULL"),
        (3, "sending", "'2021-07-26 09:01:00'", "true", "NULL"),
        *(
            (place, state, "'2021-07-26 09:01:00'", "false", "'2021-07-26 09:02:00'")
            for place, state in enumerate(("accepted", "failed", "unknown", "superseded"), start=4)
        ),
        (8, "pending", "NULL", "false", "NULL"),
    )
)


@pytest.mark.parametrize("sealed", ["contact.phone", "contact.robot", "endpoint.address", "message.payload"])
def test_going_back_is_refused_while_something_is_sealed(database: Database, sealed: str) -> None:
    """The program before knows no key: it would post sealed bytes, or to a sealed address."""
    table, _, column = sealed.partition(".")
    with database.write() as connection:
        for statement in ONE_OF_EACH:
            connection.exec_driver_sql(statement)
        value = b"v1:gAAAAA" if column == "payload" else "v1:gAAAAA"
        connection.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})
    with pytest.raises(RuntimeError, match=f"已加密（如 {sealed}）"):
        database.upgrade("base")
    with database.write() as connection:
        assert tables(connection) == set(metadata.tables), "nothing was taken down before the refusal"
        value = value[3:]
        connection.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})
    database.upgrade("base")


ONE_OF_EACH = (
    OFFICE_OF_0001[0],
    "INSERT INTO contact (unit_id, name, role) VALUES (1, '李联', '联络员')",
    "INSERT INTO endpoint (id, channel, address, fingerprint, hint, created_at) "
    "VALUES (1, 'sandbox', '澜东区', 'f', '澜东区', '2021-07-26 09:00:00')",
    "INSERT INTO message (dedup, letter, serial, kind, recipient, channel, endpoint_id, text, payload, "
    "reason, created_at, send_after, state, attempts, calling) VALUES "
    "('d', 'l', 'R-1', 'reminder', '澜东区', 'sandbox', 1, '字', '', '到期', "
    "'2021-07-26 09:00:00', '2021-07-26 09:00:00', 'pending', 0, false)",
)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    database.upgrade()
    with database.read() as connection:
        assert not pending(connection)


def test_a_database_behind_the_program_is_refused_until_it_is_upgraded(database: Database) -> None:
    database.upgrade("base")
    with pytest.raises(StoreError, match="rectify db upgrade"):
        database.prepare()
    database.upgrade()
    database.prepare()


def test_a_failing_migration_leaves_the_old_state(tmp_path: Path, open_database: OpenDatabase) -> None:
    file = tmp_path / "office.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE watermark (mine TEXT)")  # in the way of a later table
    database = open_database(f"sqlite:///{file}")
    with pytest.raises(Exception, match="watermark"):
        database.upgrade()
    with database.read() as connection:
        assert tables(connection) == {"watermark"}


def test_there_is_one_line_of_revisions_and_names_tell_their_order() -> None:
    scripts = ScriptDirectory(str(VERSIONS.parent))
    assert scripts.get_heads() == [head()]
    for number, file in enumerate(FILES, start=1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", file.name)
        assert scripts.get_revision(f"{number:04d}").path.endswith(file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_never_imports_the_program(file: Path) -> None:
    """The program changes; what a migration did must not."""
    imported = {
        name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
        )
    }
    assert {str(name).split(".")[0] for name in imported} <= {
        "sqlalchemy",
        "alembic",
        *sys.stdlib_module_names,
    }
