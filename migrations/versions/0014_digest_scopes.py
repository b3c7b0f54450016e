"""Digests of a district and of a unit beside the city's, each with its ledger; weeks, months and quarters."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NEW_TURNS = ("digest_monthly", "digest_quarterly")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.rename_table("digest", "digest_0012")
    _create(
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("ledger", sa.LargeBinary(), nullable=True),
        key=["period", "scope"],
    )
    op.execute(
        "INSERT INTO digest (period, scope, as_of, published_at, snapshot) "
        "SELECT period, 'all', as_of, as_of, snapshot FROM digest_0012"
    )
    op.drop_table("digest_0012")
    op.create_index(op.f("ix_digest_published_at"), "digest", ["published_at"])
    # An office that has had its weeks is not sent, by the upgrade, the month and the quarter before it: whatever
    # was due by now counts as handled.
    for name in _NEW_TURNS:
        op.execute(
            "INSERT INTO watermark (name, at) "
            f"SELECT '{name}', CURRENT_TIMESTAMP FROM watermark WHERE name = 'digest'"
        )


def downgrade() -> None:
    """Only what the older program knows is kept: the city's weeks."""
    op.drop_index(op.f("ix_digest_published_at"), table_name="digest")
    op.rename_table("digest", "digest_0014")
    _create(
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        key=["period"],
    )
    op.execute(
        "INSERT INTO digest (period, as_of, snapshot) "
        "SELECT period, as_of, snapshot FROM digest_0014 WHERE scope = 'all' AND period LIKE '%W%'"
    )
    op.drop_table("digest_0014")
    for name in _NEW_TURNS:
        op.execute(f"DELETE FROM watermark WHERE name = '{name}'")


def _create(*columns: sa.Column[object], key: list[str]) -> None:
    """PostgreSQL keeps the name of a renamed table's key, which the new one is to bear."""
    if op.get_bind().dialect.name != "sqlite":
        older = "digest_0012" if len(key) > 1 else "digest_0014"
        op.drop_constraint(op.f("pk_digest"), older, type_="primary")
    op.create_table("digest", *columns, sa.PrimaryKeyConstraint(*key, name=op.f("pk_digest")))
