"""The scores of a run, by the definitions that the store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from qalita_ingest.contract import Severity, score_report
from qalita_ingest.sandbox.database import columns_of, insert_columns
from qalita_ingest.sandbox.database.model import Check, Dataset, Score

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport, RunScore
    from qalita_ingest.contract.scores import Scored

SCORE_FIELDS = ("perimeter", "key", "value", "checks", "excluded")
# Below SQLite's 32,766 variables in a statement.
KEYS_AT_ONCE = 10_000
_KEPT = (
    select(Check.key, Check.dimension, Dataset.key, Check.severity)
    .outerjoin(Dataset, Dataset.id == Check.dataset_id)
    .where(Check.project_id == bindparam("project"), Check.key.in_(bindparam("keys", expanding=True)))
)


def scores_of(session: Session, project_id: int, report: RunReport) -> tuple[RunScore, ...]:
    """Over all results of the report: also those that an earlier run brought are outcomes of this one.

    Where the report's definitions are incomplete, those of the store count: dbt's manifest knows the dimension and
    severity of a test that Dagster can only guess.
    """
    return score_report(report, {} if report.definitions_complete else _kept(session, project_id, report))


def store_scores(session: Session, run_id: int, scores: tuple[RunScore, ...]) -> None:
    insert_columns(session, Score, columns_of(scores, SCORE_FIELDS) | {"run_id": [run_id] * len(scores)})


def _kept(session: Session, project_id: int, report: RunReport) -> dict[str, Scored]:
    keys = [one.key for one in report.checks]
    connection = session.connection()
    found: dict[str, Scored] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        for key, dimension, dataset, severity in connection.execute(_KEPT, {"project": project_id, "keys": some}):
            found[key] = (dimension, dataset, Severity(severity))
    return found
