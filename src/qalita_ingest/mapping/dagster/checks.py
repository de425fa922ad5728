"""Asset checks → checks and results; those that dbt ran are dbt's own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qalita_ingest.contract import Check, Dimension, Invocation, Metric, Result, ResultStatus, Scope, Severity
from qalita_ingest.mapping.dagster.assets import metric_name, numbers_in
from qalita_ingest.mapping.dagster.dbt import FAILED_ROWS, SECONDS, DbtNode, dbt_node, is_test
from qalita_ingest.mapping.dagster.dimension import dimension_of_check
from qalita_ingest.mapping.outcomes import LARGEST_COUNT, seconds_of
from qalita_ingest.mapping.status import Conditions, badness, test_outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.mapping.dagster.assets import Assets
    from qalita_ingest.mapping.text import Plain
    from qalita_ingest.readers.dagster import AssetEvent, Evaluation, PlannedCheck, Run

# What a check may call the number of rows that it refuses.
FAILURES = (FAILED_ROWS, "failed_row_count", "failed_rows")
WORST_LAST = (ResultStatus.PASSED, ResultStatus.WARNING, ResultStatus.FAILED)


@dataclass
class CheckOutcomes:
    """Grows while events are mapped. `invocations`: of dbt, by id. `assets`: keys of those that were checked."""

    checks: dict[str, Check] = field(default_factory=dict)
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    metrics: dict[tuple[str, str], Metric] = field(default_factory=dict)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def check_key(asset: str, name: str) -> str:
    return f"{asset}:{name}"


def map_checks(run: Run, assets: Assets, plain: Plain) -> CheckOutcomes:
    mapper = _Mapper(run, assets, plain)
    mapper.add_evaluations()
    mapper.add_dbt_tests()
    mapper.add_unevaluated()
    return mapper.outcomes


class _Mapper:
    def __init__(self, run: Run, assets: Assets, plain: Plain) -> None:
        self.run, self.assets, self.plain = run, assets, plain
        self.outcomes = CheckOutcomes()

    def add_evaluations(self) -> None:
        """Of a check's evaluations the worst counts: a backfill in one run judges each partition by itself."""
        native = defaultdict(list)
        for one in _of_last_attempts(self.run.evaluations):
            if not is_test(dbt_node(one.metadata)):
                native[check_key(one.asset, one.name)].append(one)
        for key, evaluations in native.items():
            worst = max(evaluations, key=lambda one: WORST_LAST.index(_status(one)))
            self._add_native(key, worst, len(evaluations))
        if repeated := sum(len(evaluations) - 1 for evaluations in native.values()):
            self.outcomes.notes.append(
                f"{repeated} evaluation(s) repeat a check of this run, as partitions do: of each the worst counts"
            )

    def _add_native(self, key: str, one: Evaluation, evaluations: int) -> None:
        status = _status(one)
        self.outcomes.assets.add(one.asset)
        partition = f"partition {one.partition}: " if evaluations > 1 and one.partition else ""
        self.outcomes.checks[key] = Check(
            key=key,
            name=one.name,
            kind="asset_check",
            dimension=dimension_of_check(one.name, one.metadata),
            severity=Severity.WARN if one.severity == "WARN" else Severity.ERROR,
            dataset=self.assets.key_of(one.asset),
        )
        self.outcomes.results[key, self.run.id] = Result(
            check=key,
            invocation=self.run.id,
            status=status,
            tool_status="passed" if one.passed else f"failed ({one.severity})",
            failures=_failures(one.metadata),
            message=self.plain(partition + (one.description or "did not pass")) if status.is_finding else None,
        )
        scope = Scope(perimeter="check", value=key, parent_scope=self.assets.key_of(one.asset))
        for label, number in numbers_in(one.metadata).items():
            metric = Metric(key=metric_name(label), value=number, scope=scope, invocation=self.run.id)
            self.outcomes.metrics[metric.key, key] = metric

    def add_dbt_tests(self) -> None:
        """Also those that dagster-dbt could not tie to an asset check: it notes them as observations."""
        for evaluation in _of_last_attempts(self.run.evaluations):
            self._add_dbt_test(evaluation, evaluation.name, evaluation.severity)
        for event in self.run.asset_events:
            self._add_dbt_test(event, None, None)
        for event in self.run.asset_events:
            self._note_invocation(event)
        for evaluation in self.run.evaluations:
            self._note_invocation(evaluation)

    def _add_dbt_test(self, event: Evaluation | AssetEvent, name: str | None, severity: str | None) -> None:
        node = dbt_node(event.metadata)
        if node is None or not is_test(node):
            return
        key = node.unique_id
        # Of several tables that an observed test is about, none is its own.
        dataset = self.assets.dbt_key_of(event.asset) if name else None
        if dataset:
            self.outcomes.assets.add(event.asset)
        self.outcomes.checks.setdefault(key, _dbt_check(node, name, severity, event.metadata, dataset))
        result = self._dbt_result(node, event.metadata)
        known = self.outcomes.results.get((key, node.invocation))
        if known is None or badness(result.tool_status or "") > badness(known.tool_status or ""):
            self.outcomes.results[key, node.invocation] = result

    def _dbt_result(self, node: DbtNode, metadata: dict[str, Any]) -> Result:
        status, reason = test_outcome(node.status or "", Conditions())
        seconds = metadata.get(SECONDS)
        return Result(
            check=node.unique_id,
            invocation=node.invocation,
            status=status,
            tool_status=node.status,
            # dagster-dbt writes 0 where dbt, which could not count, writes nothing.
            failures=None if status is ResultStatus.ERROR else _failures(metadata),
            seconds=seconds_of(seconds) if isinstance(seconds, int | float) else None,
            reason=reason,
        )

    def _note_invocation(self, event: Evaluation | AssetEvent) -> None:
        """dbt ended its command when Dagster heard of it for the last time, or soon after."""
        node = dbt_node(event.metadata)
        if node is None:
            return
        known = self.outcomes.invocations.get(node.invocation)
        finished_at = max(event.at, known.finished_at) if known else event.at
        self.outcomes.invocations[node.invocation] = Invocation(
            id=node.invocation, command=None, finished_at=finished_at
        )

    def add_unevaluated(self) -> None:
        """What dbt did not run is for dbt's own files to tell: here its tests are not known by their own keys."""
        plan = {one.key: one for one in self.run.plan or ()}
        of_dbt = {one.key for one in plan.values() if one.is_dbt}
        of_dbt.update(one.step for one in self.run.evaluations if one.step and is_test(dbt_node(one.metadata)))
        evaluated = {(one.asset, one.name) for one in self.run.evaluations}
        missing = {
            (one.asset, one.name): one for one in self.run.planned_checks if (one.asset, one.name) not in evaluated
        }
        untold = [one for one in missing.values() if one.step in of_dbt]
        if untold:
            self.outcomes.notes.append(
                f"{len(untold)} dbt test(s) had no evaluation: `qalita ingest dbt` tells of them"
            )
        for one in missing.values():
            if one.step not in of_dbt:
                self._add_unevaluated(one)

    def _add_unevaluated(self, one: PlannedCheck) -> None:
        key = check_key(one.asset, one.name)
        self.outcomes.assets.add(one.asset)
        self.outcomes.checks[key] = Check(
            key=key,
            name=one.name,
            kind="asset_check",
            dimension=dimension_of_check(one.name, {}),
            dataset=self.assets.key_of(one.asset),
        )
        self.outcomes.results[key, self.run.id] = Result(
            check=key,
            invocation=self.run.id,
            status=ResultStatus.NOT_EXECUTED,
            tool_status=None,
            reason=self._why_unevaluated(one.step),
        )

    def _why_unevaluated(self, step: str | None) -> str:
        outcome = self.run.steps.get(step) if step else None
        if outcome is None or outcome.status == "skipped":
            return "its step did not run: a step before it failed, or the run ended early"
        if outcome.status == "success":
            return "its step ended without a result of the check"
        return "its step failed before the check was evaluated"


def _dbt_check(
    node: DbtNode, name: str | None, severity: str | None, metadata: dict[str, Any], dataset: str | None
) -> Check:
    """What is known of it here; dbt's manifest, when it comes, knows better."""
    is_unit_test = node.unique_id.startswith("unit_test.")
    name = name or (node.unique_id.split(".")[2] if node.unique_id.count(".") > 1 else node.unique_id)
    return Check(
        key=node.unique_id,
        name=name,
        kind="unit_test" if is_unit_test else "data_test",
        dimension=Dimension.ACCURACY if is_unit_test else dimension_of_check(name, metadata),
        severity=Severity.WARN if severity == "WARN" else Severity.ERROR,
        dataset=dataset,
    )


def _status(one: Evaluation) -> ResultStatus:
    if one.passed:
        return ResultStatus.PASSED
    return ResultStatus.WARNING if one.severity == "WARN" else ResultStatus.FAILED


def _of_last_attempts(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """A retried step evaluates its checks again: what it said before is overruled, where it says anything."""
    last: dict[tuple[str, str, str | None], int] = defaultdict(int)
    ordered = list(evaluations)
    for one in ordered:
        last[one.asset, one.name, one.step] = max(one.attempt, last[one.asset, one.name, one.step])
    return [one for one in ordered if one.attempt == last[one.asset, one.name, one.step]]


def _failures(metadata: dict[str, Any]) -> int | None:
    found = next((metadata[label] for label in FAILURES if label in metadata), None)
    return found if type(found) is int and 0 <= found <= LARGEST_COUNT else None
