"""Public pages of accounts and what looks at them saw; pictures of the pages that decided looks."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PAGE = ("page_url", "next_look_at", "looked_at", "failing_since", "page_look")


def upgrade() -> None:
    op.add_column("media_account", sa.Column("page_url", sa.Text(), nullable=True))
    for name in ("next_look_at", "looked_at", "failing_since"):
        op.add_column("media_account", sa.Column(name, _MOMENT, nullable=True))
    op.add_column("media_account", sa.Column("page_look", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_media_account_next_look_at"), "media_account", ["next_look_at"])
    op.create_table(
        "screenshot",
        sa.Column("observation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_screenshot_observation_id")
        ),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_screenshot")),
    )


def downgrade() -> None:
    op.drop_table("screenshot")
    op.drop_index(op.f("ix_media_account_next_look_at"), "media_account")
    for name in reversed(_PAGE):
        op.drop_column("media_account", name)
