"""Rows of dbt's results → results, steps and metrics."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qalita_ingest.contract import Invocation, Metric, Result, Scope, Step
from qalita_ingest.mapping.definitions import STEP_KINDS
from qalita_ingest.mapping.status import (
    Conditions,
    Outcome,
    badness,
    contract_outcome,
    old_status,
    step_outcome,
    test_outcome,
)
from qalita_ingest.readers.dbt import Arguments, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qalita_ingest.mapping.definitions import Definitions
    from qalita_ingest.mapping.text import Plain
    from qalita_ingest.readers.dbt import ResultRow, RunResults, SourcesFile

# What a database keeps as an integer.
LARGEST_COUNT = 2**63 - 1
TEST_KINDS = frozenset({"test", "unit_test"})
# To find the command among the words that were typed; options before it may have values.
DBT_COMMANDS = frozenset(
    {"build", "clone", "compile", "docs", "list", "ls", "parse", "retry", "run", "run-operation", "seed", "show"}
    | {"snapshot", "source", "test"}
)
# How long it took to compile a model, or to skip it, is no number of its run.
_EXECUTED = frozenset({"success", "error"})


@dataclass
class Outcomes:
    """Grows while rows are mapped."""

    results: list[Result] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    unknown_ids: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    target: str | None = None
    # By shape (length, last letter): texts of one shape sort as their times do, so one of each need be parsed.
    earliest_starts: dict[tuple[int, str], str] = field(default_factory=dict)
    # Invocation → unique_ids: the same file given twice is still one execution.
    seen: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def started_at(self) -> datetime | None:
        times = []
        for text in self.earliest_starts.values():
            # Only for the reader's information: an odd one is no reason to refuse the run.
            with suppress(ValueError, OverflowError):
                times.append(parse_time(text))
        return min(times, default=None)


def map_run_results(run_results: RunResults, definitions: Definitions, outcomes: Outcomes, plain: Plain) -> None:
    args = run_results.args or Arguments()
    is_retry = _is_retry(args)
    invocation = invocation_of(run_results, "retry" if is_retry else args.which)
    if is_retry:
        outcomes.notes.append("dbt retry ran only what had failed or been skipped before; the rest has no row here")
    outcomes.target = args.target or outcomes.target
    rows = _Rows(invocation.id, Conditions.of(args), definitions, outcomes, plain)
    outcomes.invocations.setdefault(invocation.id, invocation)
    seen = outcomes.seen[invocation.id]
    for row in _one_row_each(run_results.rows, outcomes.notes):
        # A row compiles before it executes.
        if row.timing and (started_at := row.timing[0].started_at):
            _note_start(started_at, outcomes.earliest_starts)
        if row.unique_id not in seen:
            seen.add(row.unique_id)
            rows.add(row)


def _note_start(text: str, earliest: dict[tuple[int, str], str]) -> None:
    shape = len(text), text[-1]
    if shape not in earliest or text < earliest[shape]:
        earliest[shape] = text


def _is_retry(args: Arguments) -> bool:
    """`which` names the command that is tried again; only what was typed says `retry`."""
    typed = next((word for word in (args.invocation_command or "").split() if word in DBT_COMMANDS), None)
    return "retry" in (args.which, typed)


def _one_row_each(rows: list[ResultRow], notes: list[str]) -> list[ResultRow]:
    """dbt writes one row for each node. Of several in a file that was put together, the worst counts."""
    if len({row.unique_id for row in rows}) == len(rows):
        return rows
    kept: dict[str, ResultRow] = {}
    for row in rows:
        known = kept.get(row.unique_id)
        if known is None or badness(old_status(row)[0]) > badness(old_status(known)[0]):
            kept[row.unique_id] = row
    notes.append(
        f"{len(rows) - len(kept)} row(s) repeat a node of the same file: of each node the worst outcome counts"
    )
    return list(kept.values())


class _Rows:
    """The rows of one invocation."""

    def __init__(
        self, invocation: str, conditions: Conditions, definitions: Definitions, outcomes: Outcomes, plain: Plain
    ) -> None:
        self._invocation = invocation
        self._conditions = conditions
        self._definitions = definitions
        self._outcomes = outcomes
        self._plain = plain
        # One command writes few different words: each is judged once.
        self._judged: dict[str, Outcome] = {}

    def add(self, row: ResultRow) -> None:
        unique_id, outcomes = row.unique_id, self._outcomes
        kind = self._definitions.kinds.get(unique_id)
        if kind is None:
            kind = unique_id.partition(".")[0]
            # An inline query of `dbt show` is of no manifest.
            if kind != "sql_operation":
                outcomes.unknown_ids.append(unique_id)
        if kind in TEST_KINDS:
            if unique_id not in self._definitions.checks:
                self._definitions.add_unknown_check(unique_id, "unit_test" if kind == "unit_test" else "data_test")
            outcomes.results.append(self._result(row))
        elif kind in STEP_KINDS:
            self._add_step(row, kind)
        elif kind == "macro":
            # What `dbt run-operation` ran.
            self._add_step(row, "operation")
        else:
            outcomes.ignored[unique_id] = (
                f"dbt executes nothing for a node of kind {kind}" if kind else "the row names no node"
            )

    def _result(self, row: ResultRow) -> Result:
        word, failures = old_status(row)
        judged = self._judged.get(word)
        if judged is None:
            judged = self._judged[word] = test_outcome(word, self._conditions)
        status, reason = judged
        return Result(
            check=row.unique_id,
            invocation=self._invocation,
            status=status,
            tool_status=_verbatim(row.status),
            failures=_count(row.failures if failures is None else failures),
            seconds=seconds_of(row.execution_time),
            message=self._plain(row.message or row.error) if status.is_finding else None,
            reason=reason,
            relation=row.relation_name or None,
        )

    def _add_step(self, row: ResultRow, kind: str) -> None:
        word, _ = old_status(row)
        status, finding = step_outcome(word, self._conditions)
        message = self._plain(row.message or row.error) if finding else None
        named = self._definitions.named.get(row.unique_id)
        contract = self._contract_result(row, status, message)
        if contract:
            self._outcomes.results.append(contract)
        self._outcomes.steps.append(
            Step(
                key=row.unique_id,
                name=named.name if named else row.unique_id,
                kind=kind,
                invocation=self._invocation,
                status=status,
                tool_status=_verbatim(row.status),
                # A broken contract is one fault, and its check tells of it.
                finding=None if contract and contract.status.is_finding else finding,
                message=message,
            )
        )
        if status in _EXECUTED and not self._conditions.is_partial:
            self._outcomes.metrics.extend(self._metrics(row))

    def _contract_result(self, row: ResultRow, step_status: str, message: str | None) -> Result | None:
        key = self._definitions.contracts.get(row.unique_id)
        if key is None:
            return None
        status, reason = contract_outcome(step_status, message)
        return Result(
            check=key,
            invocation=self._invocation,
            status=status,
            tool_status=_verbatim(row.status),
            message=message if status.is_finding else None,
            reason=reason,
        )

    def _metrics(self, row: ResultRow) -> Iterator[Metric]:
        if row.unique_id not in self._definitions.datasets:
            return
        scope = Scope(perimeter="dataset", value=row.unique_id)
        seconds = seconds_of(row.execution_time)
        if seconds is not None:
            yield Metric(key="seconds", value=seconds, scope=scope, invocation=self._invocation)
        rows = row.adapter_response.get("rows_affected") if isinstance(row.adapter_response, dict) else None
        # -1 is how several adapters say that they don't know.
        if type(rows) is int and 0 <= rows <= LARGEST_COUNT:
            yield Metric(key="rows", value=rows, scope=scope, invocation=self._invocation)


def _verbatim(status: object) -> str | None:
    return status if status is None or type(status) is str else str(status)


def _count(given: object) -> int | None:
    """Old versions write text; what is no number of rows is left out."""
    if given is None:
        return None
    try:
        number = given if type(given) is int else int(str(given))
    except ValueError:
        return None
    return number if 0 <= number <= LARGEST_COUNT else None


def seconds_of(given: float | None) -> float | None:
    return given if given is not None and 0 <= given < LARGEST_COUNT else None


def invocation_of(artifact: RunResults | SourcesFile, command: str | None) -> Invocation:
    metadata = artifact.head
    return Invocation(
        id=metadata.invocation_id or "",
        command=command,
        finished_at=parse_time(metadata.generated_at or ""),
        tool_version=metadata.dbt_version,
    )
