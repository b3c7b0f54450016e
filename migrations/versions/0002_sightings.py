"""Sightings, staged uploads, imports that can be undone; notes on items, units with a term."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Foreign keys of 0001 that deleting what they refer to has to look through.
_REFERRING = (
    ("unit_alias", "unit_id"),
    ("evidence", "history_id"),
    ("reminder", "message_id"),
    ("session", "account_id"),
)
_OLD = "id, title, issued_on, filename, sha256, content, counts, imported_at, imported_by"


def upgrade() -> None:
    op.add_column("item", sa.Column("note", sa.Text(), nullable=True))
    _create_upload()
    _create_sighting()
    _backfill_sightings()
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_bulletin(_new_bulletin, f"{_OLD}, corrections, added_units", f"{_OLD}, '{{}}', '[]'")
    else:
        op.drop_constraint(op.f("uq_bulletin_sha256"), "bulletin", type_="unique")
        for name, empty in (("corrections", "{}"), ("added_units", "[]")):
            op.add_column("bulletin", sa.Column(name, sa.JSON(), nullable=True))
            op.execute(f"UPDATE bulletin SET {name} = '{empty}'")
            op.alter_column("bulletin", name, nullable=False)
        for column in _ledger_columns():
            op.add_column("bulletin", column)
    op.create_index(
        "ix_bulletin_sha256",
        "bulletin",
        ["sha256"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    for table, column in _REFERRING:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table, column in (("item", "recurs"), ("sighting", "history_id")):
        _index_where_set(table, column)


def downgrade() -> None:
    op.drop_index("ix_item_recurs", table_name="item")
    for table, column in _REFERRING:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_table("sighting")
    op.drop_table("upload")
    op.drop_index("ix_bulletin_sha256", table_name="bulletin")
    # An undone import has no items left; the old schema has no room for it beside its second import.
    op.execute("DELETE FROM bulletin WHERE undone_at IS NOT NULL")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_bulletin(_old_bulletin, _OLD, _OLD)
    else:
        for name in ("corrections", "added_units", "undone_at", "undone_by", "undone_reason"):
            op.drop_column("bulletin", name)
        op.create_unique_constraint(op.f("uq_bulletin_sha256"), "bulletin", ["sha256"])
    op.drop_column("item", "note")


def _index_where_set(table: str, column: str) -> None:
    is_set = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=is_set, postgresql_where=is_set)


def _create_upload() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("strict_units", sa.Boolean(), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("reading_mark", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_upload_created_at"), "upload", ["created_at"])


def _create_sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("measure", sa.String(length=20), nullable=True),
        sa.Column("annex", sa.String(length=50), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("unit_as_written", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("history_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_sighting_bulletin_id")),
        sa.ForeignKeyConstraint(["item_number"], ["item.number"], name=op.f("fk_sighting_item_number")),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name=op.f("fk_sighting_history_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
    )
    for column in ("bulletin_id", "item_number", "identity"):
        op.create_index(op.f(f"ix_sighting_{column}"), "sighting", [column])


def _backfill_sightings() -> None:
    """Each item was seen once that is known for sure: by the bulletin that made it."""
    same = 'identity, quantity, measure, annex, "row", ordinal, line, unit_as_written, text'
    op.execute(
        f"INSERT INTO sighting (bulletin_id, item_number, outcome, {same}) "
        f"SELECT bulletin_id, number, CASE WHEN recurs IS NULL THEN 'new' ELSE 'reappeared' END, {same} "
        "FROM item ORDER BY number"
    )


def _rebuild_bulletin(create, columns: str, values: str) -> None:
    """SQLite cannot drop a constraint. The table is made anew under its own name, not renamed: only so do
    the rows that refer to it find their parents again before the transaction ends.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE bulletin_before AS SELECT * FROM bulletin")
    op.drop_table("bulletin")
    create()
    op.execute(f"INSERT INTO bulletin ({columns}) SELECT {values} FROM bulletin_before ORDER BY id")
    op.drop_table("bulletin_before")


def _new_bulletin() -> None:
    op.create_table(
        "bulletin",
        *_old_columns(),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("added_units", sa.JSON(), nullable=False),
        *_ledger_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
    )


def _old_bulletin() -> None:
    op.create_table(
        "bulletin",
        *_old_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bulletin_sha256")),
    )


def _old_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=100), nullable=False),
    )


def _ledger_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=100), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
    )
