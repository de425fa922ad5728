"""dbt's artifacts → one `RunReport`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qalita_ingest.contract import (
    Invocation,
    Metric,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    Scope,
    Step,
    run_id_of,
)
from qalita_ingest.errors import ArtifactError, MixedFilesError
from qalita_ingest.mapping.definitions import Definitions, define
from qalita_ingest.mapping.status import Conditions, freshness_outcome, step_outcome, test_outcome
from qalita_ingest.mapping.text import plain
from qalita_ingest.readers.dbt import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from qalita_ingest.readers.dbt import FreshnessRow, Manifest, ResultRow, RunResults, SourcesFile

STEP_KINDS = frozenset({"model", "seed", "snapshot", "function", "operation"})
TEST_KINDS = frozenset({"test", "unit_test"})


@dataclass(frozen=True)
class DbtArtifacts:
    manifest: Manifest
    run_results: Sequence[RunResults]
    sources: SourcesFile | None = None


@dataclass(frozen=True)
class RunLabels:
    """What the artifacts don't say about a run."""

    project: str
    environment: str
    run_id: str | None = None
    git_sha: str | None = None
    git_branch: str | None = None
    client_version: str | None = None


@dataclass
class Mapped:
    """A report and what the summary must explain besides it.

    `unknown_ids`: rows whose node is not in the manifest. `ignored`: unique_id → why the row is no check and no step.
    `not_selected`: tests of the manifest without a row.
    """

    report: RunReport
    unknown_ids: list[str]
    ignored: dict[str, str]
    not_selected: list[str]


@dataclass
class Outcomes:
    """Grows while rows are mapped."""

    results: list[Result] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    unknown_ids: list[str] = field(default_factory=list)
    started_at: list[datetime] = field(default_factory=list)
    # (unique_id, invocation): the same file given twice is still one execution.
    seen: set[tuple[str, str]] = field(default_factory=set)


def map_dbt(artifacts: DbtArtifacts, labels: RunLabels, *, allow_mixed: bool = False) -> Mapped:
    """Raises `MixedFilesError` when results speak of nodes that the manifest lacks, unless `allow_mixed`."""
    definitions = define(artifacts.manifest)
    outcomes = Outcomes()
    for run_results in artifacts.run_results:
        _map_run_results(run_results, definitions, outcomes)
    if artifacts.sources:
        _map_sources(artifacts.sources, definitions, outcomes)
    if outcomes.unknown_ids and not allow_mixed:
        raise MixedFilesError(_mixed_message(outcomes.unknown_ids))
    return Mapped(
        report=_report(artifacts, labels, definitions, outcomes),
        unknown_ids=outcomes.unknown_ids,
        ignored=outcomes.ignored,
        not_selected=_not_selected(definitions, outcomes),
    )


def _mixed_message(unknown_ids: list[str]) -> str:
    named = ", ".join(unknown_ids[:3]) + (" …" if len(unknown_ids) > 3 else "")  # noqa: PLR2004 (three show the pattern)
    return (
        f"results and manifest do not belong together: {len(unknown_ids)} result(s) name nodes that the manifest lacks "
        f"({named}); give the manifest of the same project state, or --allow-mixed"
    )


def _map_run_results(run_results: RunResults, definitions: Definitions, outcomes: Outcomes) -> None:
    args = run_results.args
    invocation = _invocation(run_results, args.which)
    conditions = Conditions(args.which, is_empty=bool(args.empty), is_sample=bool(args.sample))
    outcomes.invocations.setdefault(invocation.id, invocation)
    for row in run_results.rows:
        outcomes.started_at.extend(_starts(row))
        if (row.unique_id, invocation.id) not in outcomes.seen:
            outcomes.seen.add((row.unique_id, invocation.id))
            _map_row(row, invocation.id, conditions, definitions, outcomes)


def _map_row(
    row: ResultRow, invocation: str, conditions: Conditions, definitions: Definitions, outcomes: Outcomes
) -> None:
    kind = definitions.kinds.get(row.unique_id)
    if kind is None:
        outcomes.unknown_ids.append(row.unique_id)
        kind = row.unique_id.split(".")[0]
    if kind in TEST_KINDS:
        definitions.add_unknown_check(row.unique_id, "unit_test" if kind == "unit_test" else "data_test")
        outcomes.results.append(_result(row, invocation, conditions))
    elif kind in STEP_KINDS:
        outcomes.steps.append(_step(row, kind, invocation, conditions, definitions))
        outcomes.metrics.extend(_metrics(row, invocation, definitions))
    else:
        outcomes.ignored[row.unique_id] = f"dbt executes nothing for a node of kind {kind}"


def _result(row: ResultRow, invocation: str, conditions: Conditions) -> Result:
    status, reason = test_outcome(row.status, conditions)
    return Result(
        check=row.unique_id,
        invocation=invocation,
        status=status,
        tool_status=row.status,
        failures=int(row.failures) if row.failures is not None and str(row.failures).isdigit() else None,
        seconds=row.execution_time,
        message=plain(row.message) if status.is_finding else None,
        reason=reason,
        relation=row.relation_name,
    )


def _step(row: ResultRow, kind: str, invocation: str, conditions: Conditions, definitions: Definitions) -> Step:
    status, finding = step_outcome(row.status, conditions)
    return Step(
        key=row.unique_id,
        name=definitions.names.get(row.unique_id, row.unique_id),
        kind=kind,
        invocation=invocation,
        status=status,
        tool_status=row.status,
        finding=finding,
        message=plain(row.message) if finding else None,
    )


def _metrics(row: ResultRow, invocation: str, definitions: Definitions) -> Iterator[Metric]:
    if row.unique_id not in definitions.datasets:
        return
    scope = Scope(perimeter="dataset", value=row.unique_id)
    if row.execution_time is not None:
        yield Metric(key="seconds", value=row.execution_time, scope=scope, invocation=invocation)
    rows = row.adapter_response.get("rows_affected") if isinstance(row.adapter_response, dict) else None
    # -1 is how several adapters say that they don't know.
    if isinstance(rows, int) and rows >= 0:
        yield Metric(key="rows", value=rows, scope=scope, invocation=invocation)


def _map_sources(sources: SourcesFile, definitions: Definitions, outcomes: Outcomes) -> None:
    invocation = _invocation(sources, "freshness")
    outcomes.invocations.setdefault(invocation.id, invocation)
    for row in sources.rows:
        if row.unique_id not in definitions.kinds:
            outcomes.unknown_ids.append(row.unique_id)
        definitions.add_unknown_check(row.unique_id, "freshness")
        outcomes.results.append(_freshness_result(row, invocation.id))
    measured = {row.unique_id for row in sources.rows}
    for key, check in definitions.checks.items():
        if check.kind == "freshness" and key not in measured:
            outcomes.results.append(_not_measured(key, invocation.id))


def _freshness_result(row: FreshnessRow, invocation: str) -> Result:
    status, reason = freshness_outcome(row.status)
    loaded = f"newest row loaded at {row.max_loaded_at}" if row.max_loaded_at else "no load time"
    return Result(
        check=row.unique_id,
        invocation=invocation,
        status=status,
        tool_status=row.status,
        seconds=row.execution_time,
        message=(plain(row.error) or loaded) if status.is_finding else None,
        reason=reason,
    )


def _not_measured(key: str, invocation: str) -> Result:
    return Result(
        check=key,
        invocation=invocation,
        status=ResultStatus.NOT_MEASURED,
        tool_status=None,
        reason="freshness is configured, but sources.json has no row for it",
    )


def _invocation(artifact: RunResults | SourcesFile, command: str | None) -> Invocation:
    metadata = artifact.metadata
    return Invocation(
        id=metadata.invocation_id or "",
        command=command,
        finished_at=parse_time(metadata.generated_at or ""),
        tool_version=metadata.dbt_version,
    )


def _starts(row: ResultRow) -> Iterator[datetime]:
    for timing in row.timing:
        # Only for the reader's information: an odd one is no reason to refuse the run.
        with suppress(ValueError, OverflowError):
            if timing.started_at:
                yield parse_time(timing.started_at)


def _not_selected(definitions: Definitions, outcomes: Outcomes) -> list[str]:
    with_row = {result.check for result in outcomes.results}
    return sorted(key for key, check in definitions.checks.items() if check.kind != "freshness" and key not in with_row)


def _report(artifacts: DbtArtifacts, labels: RunLabels, definitions: Definitions, outcomes: Outcomes) -> RunReport:
    metadata = artifacts.manifest.metadata
    invocations = sorted(outcomes.invocations.values(), key=lambda one: (one.finished_at, one.id))
    if not invocations:
        raise ArtifactError("no results given; give --results the file that `dbt build` writes")
    return RunReport(
        kind="dbt",
        project=labels.project,
        environment=labels.environment,
        context=_context(labels, metadata.adapter_type, invocations, outcomes),
        definitions_scope=f"dbt:{metadata.project_name or labels.project}",
        # A manifest that is not of these results can't say that a check was removed.
        definitions_complete=not outcomes.unknown_ids,
        sources=tuple(definitions.sources.values()),
        datasets=tuple(definitions.datasets.values()),
        checks=tuple(definitions.checks.values()),
        invocations=tuple(invocations),
        results=tuple(outcomes.results),
        steps=tuple(outcomes.steps),
        metrics=tuple(outcomes.metrics),
        defined_keys=tuple(sorted(definitions.kinds)),
    )


def _context(labels: RunLabels, adapter: str | None, invocations: list[Invocation], outcomes: Outcomes) -> RunContext:
    return RunContext(
        run_id=labels.run_id or run_id_of(one.id for one in invocations),
        started_at=min(outcomes.started_at, default=None),
        finished_at=invocations[-1].finished_at,
        git_sha=labels.git_sha,
        git_branch=labels.git_branch,
        tool="dbt",
        tool_version=invocations[-1].tool_version,
        adapter=adapter,
        client_version=labels.client_version,
    )
