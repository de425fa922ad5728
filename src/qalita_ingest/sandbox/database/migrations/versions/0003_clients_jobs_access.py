"""What clients register and bring, jobs, tokens, webhooks; who has an issue, until when, and what was said of it.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qalita_ingest.sandbox.database.model.base import UtcDateTime, characters, whole

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packs",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("type", characters(40), nullable=True),
        sa.Column("description", characters(), nullable=True),
        sa.Column("url", characters(), nullable=True),
        sa.Column("visibility", characters(40), nullable=True),
        sa.Column("config", characters(), nullable=True),
        sa.Column("readme", characters(), nullable=True),
        sa.Column("avatar", characters(), nullable=True),
        sa.Column("compatible_sources", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
    )
    op.create_index(op.f("ix_packs_name"), "packs", ["name"], unique=False)

    op.create_table(
        "registered_sources",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("type", characters(40), nullable=False),
        sa.Column("description", characters(), nullable=True),
        sa.Column("visibility", characters(40), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_sources")),
        sa.UniqueConstraint("name", "type", name=op.f("uq_registered_sources_name_type")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", whole(), nullable=False),
        sa.Column("jti", characters(255), nullable=False),
        sa.Column("subject", characters(255), nullable=False),
        sa.Column("role", characters(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("jti", name=op.f("uq_tokens_jti")),
    )
    op.create_table(
        "workers",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("mode", characters(40), nullable=True),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
        sa.UniqueConstraint("name", name=op.f("uq_workers_name")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("url", characters(), nullable=False),
        sa.Column("secret", characters(255), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("score_below", sa.Double(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_webhooks_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", whole(), nullable=False),
        sa.Column("webhook_id", whole(), nullable=False),
        sa.Column("event", characters(40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("attempts", whole(), server_default="0", nullable=False),
        sa.Column("last_error", characters(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_status_next_attempt_at"),
        "webhook_deliveries",
        ["status", "next_attempt_at"],
        unique=False,
    )

    op.create_table(
        "jobs",
        sa.Column("id", whole(), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("name", characters(255), nullable=True),
        sa.Column("run_id", whole(), nullable=True),
        sa.Column("idempotency_key", characters(255), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("source_id", whole(), nullable=True),
        sa.Column("source_version_id", characters(255), nullable=True),
        sa.Column("target_id", whole(), nullable=True),
        sa.Column("pack_id", whole(), nullable=True),
        sa.Column("pack_version", characters(255), nullable=True),
        sa.Column("pack_config_override", characters(), nullable=True),
        sa.Column("worker_id", whole(), nullable=True),
        sa.Column("error", characters(), nullable=True),
        sa.Column("attempts", whole(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_jobs_pack_id_packs")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_jobs_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["registered_sources.id"], name=op.f("fk_jobs_source_id_registered_sources")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["registered_sources.id"], name=op.f("fk_jobs_target_id_registered_sources")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_jobs_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_idempotency_key"), "jobs", ["idempotency_key"], unique=False)
    op.create_index(op.f("ix_jobs_kind_status"), "jobs", ["kind", "status"], unique=False)
    op.create_index(op.f("ix_jobs_run_id"), "jobs", ["run_id"], unique=False)

    op.create_table(
        "assets",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("version", characters(255), nullable=False),
        sa.Column("bucket", characters(40), nullable=False),
        sa.Column("type", characters(40), nullable=False),
        sa.Column("description", characters(), nullable=True),
        sa.Column("file_name", characters(255), nullable=False),
        sa.Column("size_bytes", whole(), nullable=False),
        sa.Column("sha256", characters(255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("job_id", whole(), nullable=True),
        sa.Column("user", characters(255), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_assets_job_id_jobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
    )
    op.create_index(op.f("ix_assets_job_id"), "assets", ["job_id"], unique=False)

    op.create_table(
        "uploads",
        sa.Column("id", whole(), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("job_id", whole(), nullable=True),
        sa.Column("source_id", whole(), nullable=True),
        sa.Column("pack_id", whole(), nullable=True),
        sa.Column("content", characters(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_uploads_job_id_jobs")),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_uploads_pack_id_packs")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["registered_sources.id"], name=op.f("fk_uploads_source_id_registered_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_job_id"), "uploads", ["job_id"], unique=False)
    op.create_index(op.f("ix_uploads_source_id_pack_id"), "uploads", ["source_id", "pack_id"], unique=False)

    op.create_table(
        "pack_versions",
        sa.Column("id", whole(), nullable=False),
        sa.Column("pack_id", whole(), nullable=False),
        sa.Column("sem_ver_id", characters(255), nullable=False),
        sa.Column("asset_id", whole(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_pack_versions_asset_id_assets")),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_pack_versions_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_versions")),
        sa.UniqueConstraint("pack_id", "sem_ver_id", name=op.f("uq_pack_versions_pack_id_sem_ver_id")),
    )
    op.create_table(
        "recommendations",
        sa.Column("id", whole(), nullable=False),
        sa.Column("upload_id", whole(), nullable=False),
        sa.Column("content", characters(), nullable=False),
        sa.Column("type", characters(255), nullable=True),
        sa.Column("level", characters(40), nullable=True),
        sa.Column("perimeter", characters(40), nullable=True),
        sa.Column("scope_value", characters(512), nullable=True),
        sa.Column("parent_scope", characters(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_recommendations_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_upload_id"), "recommendations", ["upload_id"], unique=False)

    op.create_table(
        "schemas",
        sa.Column("id", whole(), nullable=False),
        sa.Column("upload_id", whole(), nullable=False),
        sa.Column("key", characters(255), nullable=False),
        sa.Column("value", characters(), nullable=True),
        sa.Column("perimeter", characters(40), nullable=True),
        sa.Column("scope_value", characters(512), nullable=True),
        sa.Column("parent_scope", characters(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_schemas_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemas")),
    )
    op.create_index(op.f("ix_schemas_upload_id"), "schemas", ["upload_id"], unique=False)

    op.create_table(
        "uploaded_metrics",
        sa.Column("id", whole(), nullable=False),
        sa.Column("upload_id", whole(), nullable=False),
        sa.Column("key", characters(255), nullable=False),
        sa.Column("value", characters(), nullable=True),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("perimeter", characters(40), nullable=True),
        sa.Column("scope_value", characters(512), nullable=True),
        sa.Column("parent_scope", characters(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_uploaded_metrics_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_metrics")),
    )
    op.create_index(op.f("ix_uploaded_metrics_upload_id"), "uploaded_metrics", ["upload_id"], unique=False)

    op.create_index(
        op.f("ix_invocations_environment_id_finished_at_key"),
        "invocations",
        ["environment_id", "finished_at", "key"],
        unique=False,
    )
    op.add_column("runs", sa.Column("counts", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("scores", sa.Column("excluded", whole(), nullable=True))

    op.add_column("issue_events", sa.Column("comment", characters(), nullable=True))

    op.add_column("issues", sa.Column("assignee", characters(255), nullable=True))
    op.add_column("issues", sa.Column("due_on", sa.Date(), nullable=True))
