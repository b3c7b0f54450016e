"""What was seen last of each item stands beside it: the queue of checks is read from there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# From these on, what was seen before says nothing any more.
_COUNT_AFRESH = """
UPDATE item SET looks_count_from = (
    SELECT max(history.at) FROM history
    WHERE history.item_number = item.number AND history.event IN ('submit', 'return', 'reopen', 'watch'))
"""
_LAST = """
UPDATE item SET
    last_look_id = (SELECT max(id) FROM observation WHERE item_number = item.number),
    look_id = (SELECT max(id) FROM observation WHERE item_number = item.number AND verdict <> 'unsure')
WHERE number IN (SELECT item_number FROM observation)
"""
_TOLD = """
UPDATE item SET
    look_verdict = (SELECT verdict FROM observation WHERE id = item.look_id),
    look_at = (SELECT checked_at FROM observation WHERE id = item.look_id)
WHERE look_id IS NOT NULL
"""
_BLIND = """
UPDATE item SET blind_looks = (
    SELECT count(*) FROM observation
    WHERE item_number = item.number AND id > coalesce(item.look_id, 0)
      AND (item.looks_count_from IS NULL OR checked_at >= item.looks_count_from))
WHERE last_look_id IS NOT NULL
"""


def upgrade() -> None:
    for column in _columns():
        op.add_column("item", column)
    for statement in (_COUNT_AFRESH, _LAST, _TOLD, _BLIND):
        op.execute(statement)
    _create_index("ix_item_look", ["look_verdict", "state", "number"], "look_verdict IS NOT NULL")
    _create_index("ix_item_blind", ["number", "blind_looks"], "blind_looks > 0")


def downgrade() -> None:
    for name in ("ix_item_blind", "ix_item_look"):
        op.drop_index(name, "item")
    for column in reversed(_columns()):
        op.drop_column("item", column.name)


def _create_index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "item", columns, sqlite_where=where, postgresql_where=where)


def _columns() -> list[sa.Column]:
    return [
        sa.Column("look_id", sa.Integer(), nullable=True),
        sa.Column("look_verdict", sa.String(20), nullable=True),
        sa.Column("look_at", _MOMENT, nullable=True),
        sa.Column("last_look_id", sa.Integer(), nullable=True),
        sa.Column("blind_looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("looks_count_from", _MOMENT, nullable=True),
        sa.Column("look_asked_at", _MOMENT, nullable=True),
    ]
