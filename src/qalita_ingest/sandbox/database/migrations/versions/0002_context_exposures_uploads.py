"""Run context, samples of failing rows, exposures, `meta` and paths, uploads in parts.

Revision: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qalita_ingest.sandbox.database.model.base import UtcDateTime, characters, whole

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("adapter_version", 40), ("target", 255), ("job_id", 255), ("ci_provider", 40), ("user", 255)):
        op.add_column("runs", sa.Column(name, characters(length), nullable=True))
    op.add_column("runs", sa.Column("ci_url", characters(), nullable=True))
    op.add_column("results", sa.Column("sample", sa.JSON(none_as_null=True), nullable=True))
    for table in ("datasets", "checks"):
        op.add_column(table, sa.Column("path", characters(512), nullable=True))
        op.add_column(table, sa.Column("meta", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "exposures",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("key", characters(512), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("type", characters(40), nullable=True),
        sa.Column("url", characters(), nullable=True),
        sa.Column("description", characters(), nullable=True),
        sa.Column("owner", characters(255), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("depends_on", sa.JSON(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("defined_at", UtcDateTime(), nullable=False),
        sa.Column("defined_by", characters(255), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_exposures_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposures")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_exposures_project_id_key")),
    )
    op.create_table(
        "upload_parts",
        sa.Column("id", whole(), nullable=False),
        sa.Column("idempotency_key", characters(255), nullable=False),
        sa.Column("number", whole(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_parts")),
        sa.UniqueConstraint("idempotency_key", "number", name=op.f("uq_upload_parts_idempotency_key_number")),
    )
