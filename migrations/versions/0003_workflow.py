"""Roles, ladders that items keep, papers that wait for approval, and a history that shows tampering."""

import hashlib
import json
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FORMER = (
    "id, item_number, at, actor, event, reason, detail, state, due_on, due_at, submitted_at, finished_at, "
    "deferred_until"
)
_BATCH = 5000
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_ladder()
    _create_paper()
    _create_fingerprint()
    for column in _item_columns():
        op.add_column("item", column)
    op.add_column("account", sa.Column("role", sa.String(20), server_default="staff", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_history((_digest(nullable=False),), f"{_FORMER}, digest", f"{_FORMER}, ''")
    else:
        op.drop_constraint(op.f("fk_history_item_number"), "history", type_="foreignkey")
        op.add_column("history", _digest(nullable=True))
        op.execute("UPDATE history SET digest = ''")
        op.alter_column("history", "digest", nullable=False)
    _seal_all()


def downgrade() -> None:
    # What was done with items of an undone import has no place in the old schema.
    op.execute("DELETE FROM history WHERE item_number NOT IN (SELECT number FROM item)")
    if op.get_bind().dialect.name == "sqlite":
        to_item = sa.ForeignKeyConstraint(
            ["item_number"], ["item.number"], name=op.f("fk_history_item_number")
        )
        _rebuild_history((to_item,), _FORMER, _FORMER)
    else:
        op.drop_column("history", "digest")
        op.create_foreign_key(op.f("fk_history_item_number"), "history", "item", ["item_number"], ["number"])
    op.drop_column("account", "role")
    for column in _item_columns():
        op.drop_column("item", column.name)
    for table in ("fingerprint", "paper_item", "paper", "ladder"):
        op.drop_table(table)


def _create_ladder() -> None:
    op.create_table(
        "ladder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder")),
        sa.UniqueConstraint("digest", name=op.f("uq_ladder_digest")),
    )


def _create_paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected')", name=op.f("ck_paper_state")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_paper_unit_id"), "paper", ["unit_id"])
    op.create_table(
        "paper_item",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_number"], ["item.number"], name=op.f("fk_paper_item_item_number")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_item_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", "item_number", name=op.f("pk_paper_item")),
    )
    op.create_index(op.f("ix_paper_item_item_number"), "paper_item", ["item_number"])


def _create_fingerprint() -> None:
    op.create_table(
        "fingerprint",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fingerprint")),
    )


def _item_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("counted_from", sa.Date(), nullable=True),
        sa.Column("ladder_id", sa.Integer(), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("objection_by", sa.String(length=100), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("nudged_at", _MOMENT, nullable=True),
    )


def _digest(*, nullable: bool) -> sa.Column:
    return sa.Column("digest", sa.String(length=64), nullable=nullable)


def _rebuild_history(more: tuple, columns: str, values: str) -> None:
    """SQLite cannot drop a constraint: the table is made anew under its own name, see 0002. What numbers
    it has given is kept, because none may be given twice.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE history_before AS SELECT * FROM history")
    given = op.get_bind().execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'history'")).scalar()
    op.drop_table("history")
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("submitted_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO history ({columns}) SELECT {values} FROM history_before ORDER BY id")
    op.drop_table("history_before")
    if given is not None:
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'history'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('history', {given})")
    op.create_index("ix_history_item_number_id", "history", ["item_number", "id"])
    op.create_index("ix_history_at", "history", ["at"])


def _seal_all() -> None:
    """Each row gets the digest of itself and of the row before, as the program writes it from now on."""
    connection = op.get_bind()
    table = sa.table(
        "history",
        *(sa.column(name) for name in ("id", "item_number", "actor", "event", "reason", "state", "digest")),
        sa.column("detail", sa.JSON()),
        *(sa.column(name, sa.Date()) for name in ("due_on", "deferred_until")),
        *(sa.column(name, _MOMENT) for name in ("at", "due_at", "submitted_at", "finished_at")),
    )
    columns = [table.c[name] for name in _FORMER.split(", ")]
    change = sa.update(table).where(table.c.id == sa.bindparam("which")).values(digest=sa.bindparam("seal"))
    last, digest = 0, ""
    while rows := connection.execute(
        sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(_BATCH)
    ).all():
        seals = []
        for row in rows:
            last, digest = row.id, _sealed(row, digest)
            seals.append({"which": last, "seal": digest})
        connection.execute(change, seals)


def _sealed(row: sa.Row, before: str) -> str:
    words = json.dumps([*map(_plain, row), before], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    return value.isoformat() if isinstance(value, date) else value
