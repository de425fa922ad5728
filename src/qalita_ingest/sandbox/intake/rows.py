"""Which rows of a report are new, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from qalita_ingest.sandbox.database import columns_of, insert_columns, insert_row
from qalita_ingest.sandbox.database.model import Check, Invocation
from qalita_ingest.sandbox.database.model import Metric as MetricRow
from qalita_ingest.sandbox.database.model import Result as ResultRow
from qalita_ingest.sandbox.database.model import Step as StepRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import Metric, Result, RunReport, Step
    from qalita_ingest.sandbox.intake.catalog import Catalog


@dataclass
class FreshRows:
    """The rows of a report that the store does not hold yet, and what it does hold of it.

    `invocations`: key → id of the report's invocations that are stored. `known_runs`: ids of the runs that brought the
    known rows. `is_late`: the store holds an invocation that ended after one of the new rows.
    """

    results: list[Result]
    steps: list[Step]
    metrics: list[Metric]
    invocations: dict[str, int]
    known_results: int = 0
    known_runs: set[int] = field(default_factory=set)
    is_late: bool = False

    @property
    def are_all_known(self) -> bool:
        return bool(self.known_runs) and not self.results and not self.steps

    @classmethod
    def of(cls, session: Session, report: RunReport, environment_id: int) -> FreshRows:
        invocations = _known_invocations(session, report, environment_id)
        newest = _newest(session, environment_id)
        if not invocations:
            fresh = cls(list(report.results), list(report.steps), list(report.metrics), {})
            fresh.is_late = fresh.ends_before(newest, report)
            return fresh
        results = _known_results(session, invocations)
        steps = _known_steps(session, invocations)
        metrics = _known_metrics(session, invocations)
        fresh = cls(
            results=[one for one in report.results if (one.check, one.invocation) not in results],
            steps=[one for one in report.steps if (one.key, one.invocation) not in steps],
            metrics=[
                one
                for one in report.metrics
                if (one.invocation, one.scope.perimeter, one.scope.value, one.key) not in metrics
            ],
            invocations=invocations,
        )
        fresh.known_results = len(report.results) - len(fresh.results)
        fresh.known_runs = {
            *(results[key] for one in report.results if (key := (one.check, one.invocation)) in results),
            *(steps[key] for one in report.steps if (key := (one.key, one.invocation)) in steps),
        }
        fresh.is_late = fresh.ends_before(newest, report)
        return fresh

    def ends_before(self, newest: tuple[datetime, str] | None, report: RunReport) -> bool:
        mine = {one.invocation for one in self.results} | {one.invocation for one in self.steps}
        ends = [(one.finished_at, one.id) for one in report.invocations if one.id in mine]
        # Without a new row the run can still say, at its end, that a check was removed.
        return newest is not None and min(ends, default=(report.context.finished_at, "")) < newest


_INVOCATIONS = select(Invocation.key, Invocation.id).where(
    Invocation.environment_id == bindparam("environment"), Invocation.key.in_(bindparam("keys", expanding=True))
)
_NEWEST = (
    select(Invocation.finished_at, Invocation.key)
    .where(Invocation.environment_id == bindparam("environment"))
    .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
    .limit(1)
)


def _known_invocations(session: Session, report: RunReport, environment_id: int) -> dict[str, int]:
    named = {"environment": environment_id, "keys": [one.id for one in report.invocations]}
    return dict(session.connection().execute(_INVOCATIONS, named).all())


def _newest(session: Session, environment_id: int) -> tuple[datetime, str] | None:
    row = session.connection().execute(_NEWEST, {"environment": environment_id}).first()
    return row or None


def store_invocations(session: Session, report: RunReport, environment_id: int, fresh: FreshRows) -> None:
    for one in report.invocations:
        if one.id not in fresh.invocations:
            facts = {"command": one.command, "tool_version": one.tool_version, "finished_at": one.finished_at}
            row = facts | {"key": one.id, "environment_id": environment_id}
            fresh.invocations[one.id] = insert_row(session, Invocation, row)


def _known_results(session: Session, invocations: dict[str, int]) -> dict[tuple[str, str], int]:
    query = (
        select(Check.key, Invocation.key, ResultRow.run_id)
        .join(ResultRow, ResultRow.check_id == Check.id)
        .join(Invocation, Invocation.id == ResultRow.invocation_id)
        .where(Invocation.id.in_(invocations.values()))
    )
    return {(check, invocation): run_id for check, invocation, run_id in session.execute(query)}


def _known_steps(session: Session, invocations: dict[str, int]) -> dict[tuple[str, str], int]:
    query = (
        select(StepRow.key, Invocation.key, StepRow.run_id)
        .join(Invocation, Invocation.id == StepRow.invocation_id)
        .where(Invocation.id.in_(invocations.values()))
    )
    return {(key, invocation): run_id for key, invocation, run_id in session.execute(query)}


def _known_metrics(session: Session, invocations: dict[str, int]) -> set[tuple[str, str, str, str]]:
    query = (
        select(Invocation.key, MetricRow.perimeter, MetricRow.scope_value, MetricRow.key)
        .join(MetricRow, MetricRow.invocation_id == Invocation.id)
        .where(Invocation.id.in_(invocations.values()))
    )
    return {(invocation, perimeter, value, key) for invocation, perimeter, value, key in session.execute(query)}


RESULT_FIELDS = ("status", "tool_status", "failures", "seconds", "message", "reason", "relation", "sample")
STEP_FIELDS = ("key", "name", "kind", "status", "tool_status", "finding", "message")
METRIC_FIELDS = {"perimeter": "scope.perimeter", "scope_value": "scope.value", "parent_scope": "scope.parent_scope"}


def store_rows(session: Session, run_id: int, fresh: FreshRows, catalog: Catalog) -> None:
    def of_run(some: Sequence[Result | Step | Metric]) -> dict[str, list[int]]:
        return {"run_id": [run_id] * len(some), "invocation_id": [fresh.invocations[one.invocation] for one in some]}

    checks = catalog.checks
    # In the order of the index that they go into.
    results = sorted(fresh.results, key=lambda one: checks[one.check])
    insert_columns(
        session,
        ResultRow,
        columns_of(results, RESULT_FIELDS) | of_run(results) | {"check_id": [checks[one.check] for one in results]},
    )
    insert_columns(session, StepRow, columns_of(fresh.steps, STEP_FIELDS) | of_run(fresh.steps))
    scopes = columns_of(fresh.metrics, METRIC_FIELDS.values())
    insert_columns(
        session,
        MetricRow,
        columns_of(fresh.metrics, ("key", "value"))
        | {column: scopes[field] for column, field in METRIC_FIELDS.items()}
        | of_run(fresh.metrics),
    )
