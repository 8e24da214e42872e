"""What instances await and what is on its way to them: subscriptions, messages, signals, starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0004"
down_revision = "engine_0003"
branch_labels = None
depends_on = None

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "business_keys",
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "key", name=op.f("pk_business_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_business_keys_instance_id"), "business_keys", ["instance_id"], unique=False)
    op.create_table(
        "start_timers",
        sa.Column("id", Id, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("definition_id", Id, nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("cycle", sa.String(length=100), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["definitions.id"], name=op.f("fk_start_timers_definition_id_definitions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_timers")),
    )
    op.create_index(op.f("ix_start_timers_due_at"), "start_timers", ["due_at"], unique=False)
    op.create_index(op.f("ix_start_timers_process_id"), "start_timers", ["process_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("subscription_id", Id, nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("sender_id", Id, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["instances.id"], name=op.f("fk_messages_sender_id_instances")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("name", "key", "message_id", name=op.f("uq_messages_name_key_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_messages_sender_id"), "messages", ["sender_id"], unique=False)
    op.create_index(op.f("ix_messages_state_due_at"), "messages", ["state", "due_at"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("instance_id", Id, nullable=True),
        sa.Column("definition_id", Id, nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["definitions.id"], name=op.f("fk_subscriptions_definition_id_definitions")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_subscriptions_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscriptions_instance_id"), "subscriptions", ["instance_id"], unique=False)
    op.create_index(
        op.f("ix_subscriptions_kind_name_key"), "subscriptions", ["kind", "name", "key"], unique=False
    )
    op.create_table(
        "correlations",
        sa.Column("message_id", Id, autoincrement=False, nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_correlations_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("message_id", "process_id", name=op.f("pk_correlations")),
        sqlite_with_rowid=False,
    )
