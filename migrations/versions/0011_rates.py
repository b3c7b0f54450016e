"""Published rates, and indexes by which rates are counted without reading the items themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_COVERED = ["unit_id", "state", "due_at", "finished_at", "deferred_until", "submitted_at"]
_RETURNED = sa.text("event = 'return'")


def upgrade() -> None:
    op.drop_index("ix_item_rates", table_name="item")
    op.create_index("ix_item_rates", "item", [*_COVERED, "issued_on"])
    op.create_index(
        "ix_history_returned",
        "history",
        ["item_number"],
        sqlite_where=_RETURNED,
        postgresql_where=_RETURNED,
    )
    op.create_table(
        "rate_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("published_by", sa.String(length=100), nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("list_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["corrects"], ["rate_snapshot.id"], name=op.f("fk_rate_snapshot_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_snapshot")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rate_snapshot_corrects"), "rate_snapshot", ["corrects"])


def downgrade() -> None:
    op.drop_table("rate_snapshot")
    op.drop_index("ix_history_returned", table_name="history")
    op.drop_index("ix_item_rates", table_name="item")
    op.create_index("ix_item_rates", "item", _COVERED)
