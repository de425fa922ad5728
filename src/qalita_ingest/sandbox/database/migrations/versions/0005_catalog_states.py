"""Which definitions of a project were written last: while they stay the same, their rows need not be written again.

Revision: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qalita_ingest.sandbox.database.model.base import UtcDateTime, characters, whole

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_states",
        sa.Column("id", whole(), nullable=False),
        sa.Column("project_id", whole(), nullable=False),
        sa.Column("definitions_scope", characters(255), nullable=False),
        sa.Column("digest", characters(255), nullable=False),
        sa.Column("defined_at", UtcDateTime(), nullable=False),
        sa.Column("defined_by", characters(255), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_catalog_states_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_states")),
        sa.UniqueConstraint(
            "project_id", "definitions_scope", name=op.f("uq_catalog_states_project_id_definitions_scope")
        ),
    )
