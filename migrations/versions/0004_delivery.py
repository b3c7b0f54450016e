"""Endpoints with queue and health, every call on record, standby messages, one-tap links, sealed addresses."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEPT = (
    "id, dedup, serial, kind, recipient, channel, text, payload, reason, created_at, send_after, state, attempts, "
    "lease_until, calling, settled_at, provider_id, error"
)
_STATES = "'pending', 'sending', 'accepted', 'failed', 'unknown', 'superseded'"
_CONTACT = "id, unit_id, name, role, phone, wecom_userid, robot, email"
_QUEUED = "state IN ('pending', 'sending')"
# How the last call of an old message ended. Only one that is under way has no outcome: what was tried and
# waits, or was taken back while it waited, was refused for the time being.
_UNDER_WAY = "state = 'sending' AND calling"
_ENDED_AT = f"CASE WHEN {_UNDER_WAY} THEN NULL ELSE coalesce(settled_at, attempted_at) END"
_OUTCOME = (
    f"CASE WHEN {_UNDER_WAY} THEN NULL WHEN state = 'failed' THEN 'permanent' "
    "WHEN state IN ('accepted', 'unknown') THEN state ELSE 'temporary' END"
)
_OPEN = "state IN ('failed', 'unknown') AND decided_at IS NULL"


def upgrade() -> None:
    _create_endpoint()
    for column in _new_columns():
        op.add_column("message", column)
    _register_endpoints()
    _name_letters()
    _create_attempt()
    op.drop_table("session")  # people sign in once more
    if op.get_bind().dialect.name == "sqlite":
        new = "endpoint_id, letter"
        _rebuild("message", _new_message, f"{_KEPT}, {new}, rank", f"{_KEPT}, {new}, 0")
        _rebuild("contact", lambda: _contact(sa.Text(), sa.Text()), _CONTACT, _CONTACT)
    else:
        _alter_message()
        for name in ("phone", "email"):
            op.alter_column("contact", name, type_=sa.Text())
    _index_message()
    op.create_index(op.f("ix_contact_wecom_userid"), "contact", ["wecom_userid"])
    _create_link()
    _session(
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_session_link_id")),
    )
    op.create_index(op.f("ix_session_link_id"), "session", ["link_id"])
    _create_pause()
    _create_press()


def downgrade() -> None:
    _refuse_what_is_sealed()
    for table in ("press", "channel_pause", "session", "link", "attempt"):
        op.drop_table(table)
    _session(sa.Column("account_id", sa.Integer(), nullable=False))
    op.execute(
        "DELETE FROM message_item WHERE message_id IN (SELECT id FROM message WHERE state = 'standby')"
    )
    op.execute("DELETE FROM message WHERE state = 'standby'")
    op.add_column("message", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("attempted_at", _MOMENT, nullable=True))
    op.execute("UPDATE message SET address = (SELECT address FROM endpoint WHERE id = endpoint_id)")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("message", _old_message, f"{_KEPT}, address", f"{_KEPT}, address")
        op.drop_index(op.f("ix_contact_wecom_userid"), table_name="contact")
        _rebuild("contact", lambda: _contact(sa.String(30), sa.String(200)), _CONTACT, _CONTACT)
    else:
        _alter_message_back()
        op.drop_index(op.f("ix_contact_wecom_userid"), table_name="contact")
        op.alter_column("contact", "phone", type_=sa.String(30))
        op.alter_column("contact", "email", type_=sa.String(200))
    _index_old_message()
    op.drop_table("endpoint")


def _refuse_what_is_sealed() -> None:
    """The program before this one would post sealed bytes, and to sealed addresses: neither opens there."""
    columns = {"contact": ("phone", "robot", "email"), "endpoint": ("address",), "message": ("payload",)}
    for table, names in columns.items():
        for name in names:
            mark = sa.bindparam("mark", type_=sa.LargeBinary() if name == "payload" else sa.Text())
            query = sa.text(f"SELECT id FROM {table} WHERE substr({name}, 1, 3) = :mark LIMIT 1")
            if op.get_bind().execute(query.bindparams(mark), {"mark": b"v1:" if name == "payload" else "v1:"}).first():
                raise RuntimeError(
                    f"数据库中的联系方式和消息已加密（如 {table}.{name}），旧版程序无法读取，不能退回旧版；"
                    "请继续使用本版程序，或恢复升级前的备份"
                )


def _create_endpoint() -> None:
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ready_at", _MOMENT, nullable=True),
        sa.Column("busy_until", _MOMENT, nullable=True),
        sa.Column("held_until", _MOMENT, nullable=True),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("disabled_by", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("alarmed_at", _MOMENT, nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("tried_at", _MOMENT, nullable=True),
        sa.Column("accepted_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_endpoint_fingerprint")),
    )
    _index("endpoint", "ready", ["ready_at", "id"], "ready_at IS NOT NULL AND disabled_at IS NULL")
    _index("endpoint", "busy", ["busy_until"], "busy_until IS NOT NULL")
    _index("endpoint", "disabled", ["disabled_at"], "disabled_at IS NOT NULL")


def _new_columns() -> tuple[sa.Column, ...]:
    """Of a message; those that may not be empty are filled first."""
    return (
        sa.Column("letter", sa.String(length=64), nullable=True),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
    )


def _register_endpoints() -> None:
    """One for each address that was ever written to, with what is known of it."""
    op.execute(
        "INSERT INTO endpoint (channel, address, fingerprint, hint, created_at, ready_at, busy_until, tried_at, "
        "accepted_at, failures) SELECT channel, address, 'message ' || min(id), '', min(created_at), "
        "min(CASE WHEN state = 'pending' THEN send_after END), "
        "max(CASE WHEN state = 'sending' THEN lease_until END), max(attempted_at), "
        "max(CASE WHEN state = 'accepted' THEN settled_at END), 0 FROM message "
        "GROUP BY channel, address ORDER BY min(id)"
    )
    connection = op.get_bind()
    name = sa.text("UPDATE endpoint SET fingerprint = :fingerprint, hint = :hint WHERE id = :id")
    take = sa.text("UPDATE message SET endpoint_id = :id WHERE channel = :channel AND address = :address")
    for row in connection.execute(sa.text("SELECT id, channel, address FROM endpoint")).all():
        # As without a key: `rectify secrets rotate` names and seals them anew.
        fingerprint = hashlib.sha256(f"{row.channel}\x1f{row.address}".encode()).hexdigest()
        connection.execute(name, {"id": row.id, "fingerprint": fingerprint, "hint": _hint(row)})
        connection.execute(take, row._asdict())


def _hint(row: sa.Row) -> str:
    if row.channel == "sandbox":
        return row.address
    return f"{row.address[:3]}…{row.address[-4:]}" if len(row.address) >= 11 else "…"


def _name_letters() -> None:
    """What was said to one recipient at one moment was one letter."""
    connection = op.get_bind()
    whole = "recipient, created_at, kind"
    change = sa.text(
        "UPDATE message SET letter = :letter WHERE recipient = :recipient AND kind = :kind "
        "AND created_at = :created_at"
    )
    for row in connection.execute(sa.text(f"SELECT DISTINCT {whole} FROM message")).all():
        letter = hashlib.sha256("\x1f".join(map(str, row)).encode()).hexdigest()
        connection.execute(change, row._asdict() | {"letter": letter})


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name=op.f("fk_attempt_endpoint_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_message_id"), "attempt", ["message_id"])
    op.create_index("ix_attempt_endpoint_id_started_at", "attempt", ["endpoint_id", "started_at"])
    op.execute(
        "INSERT INTO attempt (message_id, endpoint_id, started_at, ended_at, outcome, error) "
        f"SELECT id, endpoint_id, attempted_at, {_ENDED_AT}, {_OUTCOME}, error "
        "FROM message WHERE attempted_at IS NOT NULL ORDER BY id"
    )


def _new_message() -> None:
    op.create_table(
        "message",
        *_message_columns("letter", "rank"),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(f"state IN ('standby', {_STATES})", name=op.f("ck_message_state")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name=op.f("fk_message_endpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedup", name=op.f("uq_message_dedup")),
    )


def _old_message() -> None:
    op.create_table(
        "message",
        *_message_columns(),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attempted_at", _MOMENT, nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_message_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedup", name=op.f("uq_message_dedup")),
    )


def _message_columns(*more: str) -> tuple[sa.Column, ...]:
    added = {
        "letter": sa.Column("letter", sa.String(length=64), nullable=False),
        "rank": sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
    }
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedup", sa.String(length=64), nullable=False),
        *(added[name] for name in more),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("send_after", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("calling", sa.Boolean(), nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
    )


def _alter_message() -> None:
    for name in ("ix_message_queue", "ix_message_limit", "ix_message_created_at"):
        op.drop_index(name, table_name="message")
    for name in ("endpoint_id", "letter"):
        op.alter_column("message", name, nullable=False)
    for name in ("address", "attempted_at"):
        op.drop_column("message", name)
    op.create_foreign_key(op.f("fk_message_endpoint_id"), "message", "endpoint", ["endpoint_id"], ["id"])
    op.drop_constraint(op.f("ck_message_state"), "message")
    op.create_check_constraint(op.f("ck_message_state"), "message", f"state IN ('standby', {_STATES})")


def _alter_message_back() -> None:
    for name in ("queue", "standby", "open", "sending", "charged", "created_at", "letter", "endpoint_id"):
        op.drop_index(f"ix_message_{name}", table_name="message")
    op.drop_constraint(op.f("ck_message_state"), "message")
    op.create_check_constraint(op.f("ck_message_state"), "message", f"state IN ({_STATES})")
    for column in _new_columns():
        op.drop_column("message", column.name)
    op.alter_column("message", "address", nullable=False)


def _index_message() -> None:
    _index("message", "queue", ["endpoint_id", "send_after", "id"], _QUEUED)
    _index("message", "standby", ["letter", "rank"], "state = 'standby'")
    _index("message", "open", ["settled_at"], _OPEN)
    _index("message", "sending", ["lease_until"], "state = 'sending'")
    _index("message", "charged", ["settled_at", "state", "segments"], "segments IS NOT NULL")
    for name in ("created_at", "letter", "endpoint_id"):
        op.create_index(f"ix_message_{name}", "message", [name])


def _index_old_message() -> None:
    _index("message", "queue", ["state", "send_after"], _QUEUED)
    op.create_index("ix_message_limit", "message", ["channel", "address", "attempted_at"])
    op.create_index("ix_message_created_at", "message", ["created_at"])


def _index(table: str, name: str, columns: list[str], where: str) -> None:
    clause = sa.text(where)
    op.create_index(f"ix_{table}_{name}", table, columns, sqlite_where=clause, postgresql_where=clause)


def _contact(phone: sa.types.TypeEngine, email: sa.types.TypeEngine) -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("phone", phone, nullable=True),
        sa.Column("wecom_userid", sa.String(length=64), nullable=True),
        sa.Column("robot", sa.Text(), nullable=True),
        sa.Column("email", email, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_contact_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("unit_id", "role", "name", name=op.f("uq_contact_unit_id_role_name")),
    )
    op.create_index(op.f("ix_contact_unit_id"), "contact", ["unit_id"])


def _create_link() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("revoked_by", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_link_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sqlite_autoincrement=True,
    )
    for name in ("contact_id", "expires_at"):
        op.create_index(op.f(f"ix_link_{name}"), "link", [name])


def _session(*whose: sa.schema.SchemaItem) -> None:
    op.create_table(
        "session",
        sa.Column("token", sa.String(length=64), nullable=False),
        *whose,
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"])


def _create_pause() -> None:
    op.create_table(
        "channel_pause",
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alarmed_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pause")),
    )


def _create_press() -> None:
    op.create_table(
        "press",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_press")),
    )
    op.create_index(op.f("ix_press_at"), "press", ["at"])


def _rebuild(table: str, create, columns: str, values: str) -> None:
    """SQLite cannot change a table so far: it is made anew under its own name, see 0002."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
    op.drop_table(table)
    create()
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}_before ORDER BY id")
    op.drop_table(f"{table}_before")
