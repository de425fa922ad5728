"""The first tables.

Revision: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qalita_ingest.sandbox.database.model.base import UtcDateTime, characters, whole

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "definition_sets",
        sa.Column("id", whole(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_sets")),
        sa.UniqueConstraint("digest", name=op.f("uq_definition_sets_digest")),
    )
    op.create_table(
        "projects",
        sa.Column("id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "environments",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_environments_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_environments_project_id_name")),
    )
    op.create_table(
        "sources",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("type", characters(40), nullable=False),
        sa.Column("database", characters(255), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_sources_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_sources_project_id_name")),
    )
    op.create_table(
        "datasets",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("source_id", whole(), nullable=False),
        sa.Column("key", characters(512), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("relation", characters(512), nullable=True),
        sa.Column("description", characters(), nullable=True),
        sa.Column("owner", characters(255), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("depends_on", sa.JSON(), nullable=False),
        sa.Column("defined_at", UtcDateTime(), nullable=False),
        sa.Column("defined_by", characters(255), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_datasets_project_id_projects")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_datasets_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_datasets_project_id_key")),
    )
    op.create_table(
        "invocations",
        sa.Column("id", whole(), nullable=False),
        sa.Column("environment_id", whole(), nullable=False),
        sa.Column("key", characters(255), nullable=False),
        sa.Column("command", characters(40), nullable=True),
        sa.Column("tool_version", characters(40), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_invocations_environment_id_environments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invocations")),
        sa.UniqueConstraint("environment_id", "key", name=op.f("uq_invocations_environment_id_key")),
    )
    op.create_table(
        "runs",
        sa.Column("id", whole(), nullable=False),
        sa.Column("environment_id", whole(), nullable=False),
        sa.Column("definition_set_id", whole(), nullable=True),
        sa.Column("definitions_scope", characters(255), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("run_id", characters(255), nullable=False),
        sa.Column("last_invocation", characters(255), nullable=False),
        sa.Column("idempotency_key", characters(255), nullable=False),
        sa.Column("body_digest", characters(255), nullable=False),
        sa.Column("git_sha", characters(255), nullable=True),
        sa.Column("git_branch", characters(255), nullable=True),
        sa.Column("tool", characters(40), nullable=True),
        sa.Column("tool_version", characters(40), nullable=True),
        sa.Column("adapter", characters(40), nullable=True),
        sa.Column("client_version", characters(40), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_set_id"], ["definition_sets.id"], name=op.f("fk_runs_definition_set_id_definition_sets")
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_runs_environment_id_environments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_runs_idempotency_key")),
    )
    op.create_index(op.f("ix_runs_environment_id_finished_at"), "runs", ["environment_id", "finished_at"], unique=False)
    op.create_table(
        "checks",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("dataset_id", whole(), nullable=True),
        sa.Column("key", characters(512), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("column", characters(255), nullable=True),
        sa.Column("dimension", characters(40), nullable=False),
        sa.Column("severity", characters(40), nullable=False),
        sa.Column("description", characters(), nullable=True),
        sa.Column("owner", characters(255), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("defined_at", UtcDateTime(), nullable=False),
        sa.Column("defined_by", characters(255), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_checks_dataset_id_datasets")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_checks_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_checks_project_id_key")),
    )
    op.create_table(
        "metrics",
        sa.Column("id", whole(), nullable=False),
        sa.Column("run_id", whole(), nullable=False),
        sa.Column("invocation_id", whole(), nullable=False),
        sa.Column("key", characters(255), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("perimeter", characters(40), nullable=False),
        sa.Column("scope_value", characters(512), nullable=False),
        sa.Column("parent_scope", characters(512), nullable=True),
        sa.ForeignKeyConstraint(
            ["invocation_id"], ["invocations.id"], name=op.f("fk_metrics_invocation_id_invocations")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_metrics_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
        sa.UniqueConstraint(
            "invocation_id",
            "perimeter",
            "scope_value",
            "key",
            name=op.f("uq_metrics_invocation_id_perimeter_scope_value_key"),
        ),
    )
    op.create_index(op.f("ix_metrics_run_id"), "metrics", ["run_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("id", whole(), nullable=False),
        sa.Column("run_id", whole(), nullable=False),
        sa.Column("perimeter", characters(40), nullable=False),
        sa.Column("key", characters(512), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("checks", whole(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_scores_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint("run_id", "perimeter", "key", name=op.f("uq_scores_run_id_perimeter_key")),
    )
    op.create_table(
        "steps",
        sa.Column("id", whole(), nullable=False),
        sa.Column("run_id", whole(), nullable=False),
        sa.Column("invocation_id", whole(), nullable=False),
        sa.Column("key", characters(512), nullable=False),
        sa.Column("name", characters(255), nullable=False),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("tool_status", characters(255), nullable=True),
        sa.Column("finding", characters(40), nullable=True),
        sa.Column("message", characters(), nullable=True),
        sa.ForeignKeyConstraint(["invocation_id"], ["invocations.id"], name=op.f("fk_steps_invocation_id_invocations")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_steps_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("key", "invocation_id", name=op.f("uq_steps_key_invocation_id")),
    )
    op.create_index(op.f("ix_steps_invocation_id"), "steps", ["invocation_id"], unique=False)
    op.create_index(op.f("ix_steps_run_id"), "steps", ["run_id"], unique=False)
    op.create_table(
        "issues",
        sa.Column("id", whole(), nullable=False),
        sa.Column("environment_id", whole(), nullable=False),
        sa.Column("subject", characters(512), nullable=False),
        sa.Column("definitions_scope", characters(255), nullable=False),
        sa.Column("check_id", whole(), nullable=True),
        sa.Column("dataset_id", whole(), nullable=True),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("severity", characters(40), nullable=False),
        sa.Column("state", characters(40), nullable=False),
        sa.Column("message", characters(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolution", characters(40), nullable=True),
        sa.Column("occurrences", whole(), nullable=False),
        sa.Column("muted_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_issues_check_id_checks")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_issues_dataset_id_datasets")),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_issues_environment_id_environments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("environment_id", "subject", name=op.f("uq_issues_environment_id_subject")),
    )
    op.create_index(op.f("ix_issues_environment_id_state"), "issues", ["environment_id", "state"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", whole(), nullable=False),
        sa.Column("run_id", whole(), nullable=False),
        sa.Column("check_id", whole(), nullable=False),
        sa.Column("invocation_id", whole(), nullable=False),
        sa.Column("status", characters(40), nullable=False),
        sa.Column("tool_status", characters(255), nullable=True),
        sa.Column("failures", whole(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("message", characters(), nullable=True),
        sa.Column("reason", characters(), nullable=True),
        sa.Column("relation", characters(512), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_results_check_id_checks")),
        sa.ForeignKeyConstraint(
            ["invocation_id"], ["invocations.id"], name=op.f("fk_results_invocation_id_invocations")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_results_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("check_id", "invocation_id", name=op.f("uq_results_check_id_invocation_id")),
    )
    op.create_index(op.f("ix_results_invocation_id"), "results", ["invocation_id"], unique=False)
    op.create_index(op.f("ix_results_run_id"), "results", ["run_id"], unique=False)
    op.create_table(
        "issue_events",
        sa.Column("id", whole(), nullable=False),
        sa.Column("issue_id", whole(), nullable=False),
        sa.Column("run_id", whole(), nullable=True),
        sa.Column("kind", characters(40), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("actor", characters(255), nullable=False),
        sa.Column("detail", characters(255), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_events_issue_id_issues")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_issue_events_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_events")),
    )
    op.create_index(
        op.f("ix_issue_events_issue_id_occurred_at"), "issue_events", ["issue_id", "occurred_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("issue_events")
    op.drop_table("results")
    op.drop_table("issues")
    op.drop_table("steps")
    op.drop_table("scores")
    op.drop_table("metrics")
    op.drop_table("checks")
    op.drop_table("runs")
    op.drop_table("invocations")
    op.drop_table("datasets")
    op.drop_table("sources")
    op.drop_table("environments")
    op.drop_table("projects")
    op.drop_table("definition_sets")
