"""Webhooks: the id of each message, the last answer to it, and whether the receiver is gone.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qalita_ingest.sandbox.database.model.base import UtcDateTime, characters, whole

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("disabled_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_webhooks_project_id"), "webhooks", ["project_id"], unique=False)
    # No version has written to it: made anew it needs no values for the columns that can't be null.
    op.drop_table("webhook_deliveries")
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", whole(), nullable=False),
        sa.Column("webhook_id", whole(), nullable=False),
        sa.Column("message_id", characters(255), nullable=False),
        sa.Column("event", characters(40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("attempts", whole(), server_default="0", nullable=False),
        sa.Column("last_status", whole(), nullable=True),
        sa.Column("last_error", characters(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_webhook_deliveries_message_id")),
    )
    op.create_index(op.f("ix_webhook_deliveries_webhook_id"), "webhook_deliveries", ["webhook_id"], unique=False)
    op.create_index(
        op.f("ix_webhook_deliveries_status_next_attempt_at"),
        "webhook_deliveries",
        ["status", "next_attempt_at"],
        unique=False,
    )
