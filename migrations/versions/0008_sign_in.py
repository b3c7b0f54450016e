"""Accounts bound to a unit, with a second factor; sessions that can be looked at; failed sign-ins counted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEPT = "id, login, password, role, created_at"


def upgrade() -> None:
    op.drop_table("session")  # people sign in once more
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_account(*_new_columns(), _unit_key())
    else:
        for column in _new_columns():
            op.add_column("account", column)
        op.create_foreign_key(op.f("fk_account_unit_id"), "account", "unit", ["unit_id"], ["id"])
    op.create_index(op.f("ix_account_unit_id"), "account", ["unit_id"])
    op.create_index(op.f("ix_account_wecom_userid"), "account", ["wecom_userid"], unique=True)
    op.create_index(op.f("ix_unit_parent"), "unit", ["parent"])
    _create_session()
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("locked_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_last_at"), "sign_in_failure", ["last_at"])


def downgrade() -> None:
    for table in ("sign_in_failure", "recovery_code", "session"):
        op.drop_table(table)
    op.drop_index(op.f("ix_unit_parent"), "unit")
    op.drop_index(op.f("ix_account_wecom_userid"), "account")
    op.drop_index(op.f("ix_account_unit_id"), "account")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_account()
    else:
        op.drop_constraint(op.f("fk_account_unit_id"), "account", type_="foreignkey")
        for column in _new_columns():
            op.drop_column("account", column.name)
    _create_old_session()


def _new_columns() -> list[sa.Column]:
    return [
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("wecom_userid", sa.String(length=64), nullable=True),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_since", _MOMENT, nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
    ]


def _unit_key() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id"))


def _rebuild_account(*more: sa.schema.SchemaItem) -> None:
    """SQLite can neither add nor drop a column with a foreign key."""
    op.create_table(
        "account_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), server_default="staff", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.execute(f"INSERT INTO account_new ({_KEPT}) SELECT {_KEPT} FROM account")
    op.drop_table("account")
    op.rename_table("account_new", "account")


def _create_session() -> None:
    owners = ("account", "link", "contact")
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        *(sa.Column(f"{owner}_id", sa.Integer(), nullable=True) for owner in owners),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_session_{owner}_id"))
            for owner in owners
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token", name=op.f("uq_session_token")),
        sqlite_autoincrement=True,
    )
    for owner in owners:
        op.create_index(op.f(f"ix_session_{owner}_id"), "session", [f"{owner}_id"])
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"])


def _create_old_session() -> None:
    op.create_table(
        "session",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_session_link_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"])
    op.create_index(op.f("ix_session_link_id"), "session", ["link_id"])
