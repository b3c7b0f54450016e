"""Watched columns and the warnings given, looks back at struck-off items, random draws."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_watched_column()
    _create_watch_warning()
    _create_spot_check()
    _create_revisit()


def downgrade() -> None:
    for table in ("revisit", "spot_check_item", "spot_check", "watch_warning", "watched_column"):
        op.drop_table(table)


def _create_watched_column() -> None:
    op.create_table(
        "watched_column",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("newest_on", sa.Date(), nullable=True),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=True),
        sa.Column("tried_at", _MOMENT, nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("next_look_at", _MOMENT, nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=True),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_watched_column_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_column")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_watched_column_unit_id_name")),
        sqlite_autoincrement=True,
    )
    for name in ("unit_id", "newest_on", "next_look_at"):
        op.create_index(op.f(f"ix_watched_column_{name}"), "watched_column", [name])


def _create_watch_warning() -> None:
    op.create_table(
        "watch_warning",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("newest_on", sa.Date(), nullable=False),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("warned_at", _MOMENT, nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_watch_warning_message_id")),
        sa.PrimaryKeyConstraint(
            "kind", "subject_id", "newest_on", "recipient", name=op.f("pk_watch_warning")
        ),
    )
    op.create_index(op.f("ix_watch_warning_message_id"), "watch_warning", ["message_id"])


def _create_spot_check() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=100), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("per_unit", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("population", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
        sa.Column("drawn_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "spot_check_item",
        sa.Column("spot_check_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("new_number", sa.Integer(), nullable=True),
        sa.CheckConstraint("result IN ('fit', 'unfit')", name=op.f("ck_spot_check_item_result")),
        sa.ForeignKeyConstraint(
            ["spot_check_id"], ["spot_check.id"], name=op.f("fk_spot_check_item_spot_check_id")
        ),
        sa.PrimaryKeyConstraint("spot_check_id", "place", name=op.f("pk_spot_check_item")),
    )
    op.create_index(op.f("ix_spot_check_item_item_number"), "spot_check_item", ["item_number"])


def _create_revisit() -> None:
    op.create_table(
        "revisit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("struck_off_at", _MOMENT, nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=True),
        sa.Column("spot_check_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("new_number", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'again', 'proposed', 'fixed', 'unsure', 'reopened', 'dismissed', 'void')",
            name=op.f("ck_revisit_state"),
        ),
        sa.ForeignKeyConstraint(
            ["spot_check_id"], ["spot_check.id"], name=op.f("fk_revisit_spot_check_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_revisit_item_number"), "revisit", ["item_number"])
    op.create_index("ix_revisit_spot_check_id", "revisit", ["spot_check_id"])
    _partial("ix_revisit_due", ["due_at", "id"], "due_at IS NOT NULL")
    _partial("ix_revisit_to_decide", ["id"], "state IN ('proposed', 'unsure')")


def _partial(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "revisit", columns, sqlite_where=where, postgresql_where=where)
