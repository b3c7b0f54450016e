"""Exports that were taken in, the faulty cases they show, and the register of new-media accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_feed()
    _create_feed_case()
    _create_media_account()


def downgrade() -> None:
    for table in ("media_account", "feed_case", "feed"):
        op.drop_table(table)


def _create_feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rejected_rows", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.JSON(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("judged", sa.JSON(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("taken_by", sa.String(length=100), nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("kind", "source", "sha256", name=op.f("uq_feed_kind_source_sha256")),
        sqlite_autoincrement=True,
    )


def _create_feed_case() -> None:
    op.create_table(
        "feed_case",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("fault", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("first_feed_id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("gone_feed_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feed_case_unit_id")),
        sa.PrimaryKeyConstraint("source", "fault", "digest", name=op.f("pk_feed_case")),
    )
    op.create_index("ix_feed_case_unit_id_fault", "feed_case", ["unit_id", "fault"])
    standing = sa.text("gone_feed_id IS NULL")
    op.create_index(
        "ix_feed_case_standing",
        "feed_case",
        ["source", "feed_id"],
        sqlite_where=standing,
        postgresql_where=standing,
    )


def _create_media_account() -> None:
    op.create_table(
        "media_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("listed", sa.String(length=100), nullable=True),
        sa.Column("registered", sa.String(length=20), nullable=False),
        sa.Column("observed", sa.String(length=20), nullable=False),
        sa.Column("last_post_on", sa.Date(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column("verdict", sa.String(length=30), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=True),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_media_account_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_account")),
        sa.UniqueConstraint("key", name=op.f("uq_media_account_key")),
    )
    for name in ("unit_id", "last_post_on"):
        op.create_index(op.f(f"ix_media_account_{name}"), "media_account", [name])
