"""sources.json → results of the freshness checks, also of those that have no row."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qalita_ingest.contract import Result, ResultStatus
from qalita_ingest.mapping.outcomes import invocation_of, seconds_of
from qalita_ingest.mapping.status import badness, freshness_outcome

if TYPE_CHECKING:
    from qalita_ingest.contract import Invocation
    from qalita_ingest.mapping.definitions import Definitions
    from qalita_ingest.mapping.outcomes import Outcomes
    from qalita_ingest.mapping.text import Plain
    from qalita_ingest.readers.dbt import FreshnessRow, SourcesFile

OLD_FRESHNESS = timedelta(days=1)


def map_sources(sources: SourcesFile, definitions: Definitions, outcomes: Outcomes, plain: Plain) -> None:
    invocation = invocation_of(sources, "freshness")
    _note_age(invocation, outcomes)
    outcomes.invocations.setdefault(invocation.id, invocation)
    for row in _one_source_each(sources.rows, outcomes.notes):
        if row.unique_id not in definitions.kinds:
            outcomes.unknown_ids.append(row.unique_id)
        if row.unique_id not in definitions.checks:
            definitions.add_unknown_check(row.unique_id, "freshness")
        outcomes.results.append(_freshness_result(row, invocation.id, plain))
    measured = {row.unique_id for row in sources.rows}
    for key, check in definitions.checks.items():
        if check.kind == "freshness" and key not in measured:
            outcomes.results.append(_not_measured(key, invocation.id))


def _note_age(freshness: Invocation, outcomes: Outcomes) -> None:
    """A file that lies around looks current: dbt leaves it until freshness is asked for again."""
    newest = max((one.finished_at for one in outcomes.invocations.values()), default=freshness.finished_at)
    age = newest - freshness.finished_at
    if age > OLD_FRESHNESS:
        outcomes.notes.append(
            f"sources.json is {age.days} day(s) older than the run: "
            f"its freshness was measured on {freshness.finished_at:%Y-%m-%d}"
        )


def _one_source_each(rows: list[FreshnessRow], notes: list[str]) -> list[FreshnessRow]:
    kept: dict[str, FreshnessRow] = {}
    for row in rows:
        if row.unique_id not in kept or badness(row.status) > badness(kept[row.unique_id].status):
            kept[row.unique_id] = row
    if len(kept) < len(rows):
        notes.append(f"{len(rows) - len(kept)} row(s) repeat a source: of each source the worst outcome counts")
    return list(kept.values())


def _freshness_result(row: FreshnessRow, invocation: str, plain: Plain) -> Result:
    status, reason = freshness_outcome(row.status)
    loaded = f"newest row loaded at {row.max_loaded_at}" if row.max_loaded_at else "no load time"
    return Result(
        check=row.unique_id,
        invocation=invocation,
        status=status,
        tool_status=row.status,
        seconds=seconds_of(row.execution_time),
        message=(plain(row.error) or plain(loaded)) if status.is_finding else None,
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
