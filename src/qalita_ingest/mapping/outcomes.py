"""Rows of dbt's results → results, steps and metrics."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qalita_ingest.contract import Invocation, Metric, Result, ResultStatus, Scope, Step
from qalita_ingest.mapping.definitions import STEP_KINDS
from qalita_ingest.mapping.status import Conditions, freshness_outcome, step_outcome, test_outcome
from qalita_ingest.mapping.text import plain
from qalita_ingest.readers.dbt import Arguments, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qalita_ingest.mapping.definitions import Definitions
    from qalita_ingest.readers.dbt import FreshnessRow, ResultRow, RunResults, SourcesFile

# What a database keeps as an integer.
LARGEST_COUNT = 2**63 - 1
TEST_KINDS = frozenset({"test", "unit_test"})


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


def map_run_results(run_results: RunResults, definitions: Definitions, outcomes: Outcomes) -> None:
    args = run_results.args or Arguments()
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
        failures=_count(row.failures),
        seconds=row.execution_time,
        message=plain(row.message) if status.is_finding else None,
        reason=reason,
        relation=row.relation_name,
    )


def _count(given: object) -> int | None:
    """Old versions write text; what is no number of rows is left out."""
    try:
        number = int(str(given))
    except ValueError:
        return None
    return number if 0 <= number <= LARGEST_COUNT else None


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
    if isinstance(rows, int) and 0 <= rows <= LARGEST_COUNT:
        yield Metric(key="rows", value=rows, scope=scope, invocation=invocation)


def map_sources(sources: SourcesFile, definitions: Definitions, outcomes: Outcomes) -> None:
    invocation = _invocation(sources, "freshness")
    outcomes.invocations.setdefault(invocation.id, invocation)
    for row in {row.unique_id: row for row in sources.rows}.values():
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
    metadata = artifact.head
    return Invocation(
        id=metadata.invocation_id or "",
        command=command,
        finished_at=parse_time(metadata.generated_at or ""),
        tool_version=metadata.dbt_version,
    )


def _starts(row: ResultRow) -> Iterator[datetime]:
    for timing in row.timing or ():
        # Only for the reader's information: an odd one is no reason to refuse the run.
        with suppress(ValueError, OverflowError):
            if timing.started_at:
                yield parse_time(timing.started_at)
