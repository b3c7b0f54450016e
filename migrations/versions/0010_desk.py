"""Lists of items at any size: indexes for each order and filter, words found by pairs of characters; views.

The words' index is the database's own: FTS5 with triggers on SQLite, GIN over a function on PostgreSQL. Chinese
has no blanks between words, so it holds each pair of neighbouring characters. A later migration that makes
the table `item` anew on SQLite must create the triggers again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_INDEXES = {
    "ix_item_state_number": ["state", "number"],
    "ix_item_state_due_on_number": ["state", "due_on", "number"],
    "ix_item_due_on_number": ["due_on", "number"],
    "ix_item_unit_id_number": ["unit_id", "number"],
    "ix_item_domain_state_number": ["domain", "state", "number"],
    "ix_item_class_state_number": ["class", "state", "number"],
    "ix_item_bulletin_id_state_number": ["bulletin_id", "state", "number"],
}
_WAITING = {"ix_item_extension": "extension_to", "ix_item_objection": "objection_by"}

# No WITH in a trigger: the places of the characters are the keys of an array of as many zeros.
_PAIRS = """(
  SELECT coalesce(group_concat(substr({text}, key + 1, 2), ' '), '')
  FROM json_each('[' || replace(hex(zeroblob(max(min(length({text}), 1000) - 2, 0))), '00', '0,') || '0]')
)"""
_SQLITE = (
    # Kept apart from the items and without a copy of their words: only what stands where.
    "CREATE VIRTUAL TABLE item_words USING fts5("
    "words, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0')",
    f"INSERT INTO item_words (rowid, words) SELECT number, {_PAIRS.format(text='item.text')} FROM item",
    "CREATE TRIGGER item_words_added AFTER INSERT ON item BEGIN "
    f"INSERT INTO item_words (rowid, words) VALUES (new.number, {_PAIRS.format(text='new.text')}); END",
    "CREATE TRIGGER item_words_removed AFTER DELETE ON item BEGIN "
    "INSERT INTO item_words (item_words, rowid, words) "
    f"VALUES ('delete', old.number, {_PAIRS.format(text='old.text')}); END",
    "CREATE TRIGGER item_words_changed AFTER UPDATE OF text ON item BEGIN "
    "INSERT INTO item_words (item_words, rowid, words) "
    f"VALUES ('delete', old.number, {_PAIRS.format(text='old.text')}); "
    f"INSERT INTO item_words (rowid, words) VALUES (new.number, {_PAIRS.format(text='new.text')}); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION item_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$ "
    "SELECT coalesce(array_agg(DISTINCT substr(low, place, 2)), '{}') "
    "FROM (SELECT lower(left(words, 1000)) AS low) AS lowered, "
    "generate_series(1, length(low) - 1) AS place $$",
    "CREATE INDEX ix_item_pairs ON item USING gin (item_pairs(text))",
)


def upgrade() -> None:
    op.drop_index("ix_item_bulletin_id", "item")
    for name, columns in _INDEXES.items():
        op.create_index(name, "item", columns)
    for name, column in _WAITING.items():
        asked = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "item", ["number"], sqlite_where=asked, postgresql_where=asked)
    _create_saved_view()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER item_words_{trigger}")
        op.execute("DROP TABLE item_words")
    else:
        op.execute("DROP INDEX ix_item_pairs")
        op.execute("DROP FUNCTION item_pairs(text)")
    op.drop_table("saved_view")
    for name in (*_WAITING, *_INDEXES):
        op.drop_index(name, "item")
    op.create_index("ix_item_bulletin_id", "item", ["bulletin_id"])


def _create_saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_view_owner"), "saved_view", ["owner"])
