"""Steps of the history are found by who took them and by what they were."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_history_actor_id"), "history", ["actor", "id"])
    op.create_index(op.f("ix_history_event_id"), "history", ["event", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_history_event_id"), "history")
    op.drop_index(op.f("ix_history_actor_id"), "history")
