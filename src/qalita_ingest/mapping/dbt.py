"""dbt's artifacts → one `RunReport`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalita_ingest.contract import RunContext, RunReport, run_id_of
from qalita_ingest.errors import ArtifactError, MixedFilesError
from qalita_ingest.mapping.freshness import map_sources
from qalita_ingest.mapping.outcomes import Outcomes, map_run_results
from qalita_ingest.mapping.secrets import Scrubber
from qalita_ingest.mapping.sizes import map_catalog
from qalita_ingest.mapping.text import Plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract import Invocation
    from qalita_ingest.mapping.definitions import Definitions
    from qalita_ingest.readers.dbt import Catalog, RunResults, SourcesFile


@dataclass(frozen=True)
class DbtResults:
    """What ran. `run_results` is gone through once, so it may read its files as it goes."""

    run_results: Iterable[RunResults]
    sources: SourcesFile | None = None
    catalog: Catalog | None = None


@dataclass(frozen=True)
class RunLabels:
    """What the artifacts don't say about a run.

    `target` wins over what they say. `secrets`: values that must not be passed on, wherever they stand.
    """

    project: str
    environment: str
    run_id: str | None = None
    git_sha: str | None = None
    git_branch: str | None = None
    client_version: str | None = None
    job_id: str | None = None
    ci_provider: str | None = None
    ci_url: str | None = None
    user: str | None = None
    adapter_version: str | None = None
    target: str | None = None
    secrets: frozenset[str] = frozenset()


@dataclass
class Mapped:
    """A report and what the summary must explain besides it.

    `unknown_ids`: rows whose node is not in the manifest. `ignored`: unique_id → why the row is no check and no step.
    `not_selected`: tests of the manifest without a row. `notes`: what a reader of the numbers should know.
    """

    report: RunReport
    unknown_ids: list[str]
    ignored: dict[str, str]
    not_selected: list[str]
    notes: list[str]


def map_dbt(definitions: Definitions, results: DbtResults, labels: RunLabels, *, allow_mixed: bool = False) -> Mapped:
    """Raises `MixedFilesError` when results speak of nodes that the manifest lacks, unless `allow_mixed`."""
    plain, scrubber, outcomes = Plain(labels.secrets), Scrubber(labels.secrets), Outcomes()
    for run_results in results.run_results:
        map_run_results(run_results, definitions, outcomes, plain)
    if results.sources:
        map_sources(results.sources, definitions, outcomes, plain)
    if results.catalog:
        map_catalog(results.catalog, definitions, outcomes)
    if outcomes.unknown_ids and not allow_mixed:
        raise MixedFilesError(plain(scrubber.text(_mixed_message(outcomes.unknown_ids))) or "")
    return Mapped(
        report=scrubber.entity(_report(labels, definitions, outcomes)),
        unknown_ids=[scrubber.text(key) for key in outcomes.unknown_ids],
        ignored={scrubber.text(key): reason for key, reason in outcomes.ignored.items()},
        not_selected=_not_selected(definitions, outcomes),
        notes=outcomes.notes,
    )


def _mixed_message(unknown_ids: list[str]) -> str:
    named = ", ".join(unknown_ids[:3]) + (" …" if len(unknown_ids) > 3 else "")  # noqa: PLR2004 (three show the pattern)
    return (
        f"results and manifest do not belong together: {len(unknown_ids)} result(s) name nodes that the manifest lacks "
        f"({named}); give the manifest of the same project state, or --allow-mixed"
    )


def _not_selected(definitions: Definitions, outcomes: Outcomes) -> list[str]:
    with_row = {result.check for result in outcomes.results}
    kinds = {"data_test", "unit_test"}
    return sorted(key for key, check in definitions.checks.items() if check.kind in kinds and key not in with_row)


def _report(labels: RunLabels, definitions: Definitions, outcomes: Outcomes) -> RunReport:
    invocations = sorted(outcomes.invocations.values(), key=lambda one: (one.finished_at, one.id))
    if not invocations:
        raise ArtifactError("no results given; give --results the file that `dbt build` writes")
    return RunReport(
        kind="dbt",
        project=labels.project,
        environment=labels.environment,
        context=_context(labels, definitions.adapter, invocations, outcomes),
        definitions_scope=f"dbt:{definitions.project_name or labels.project}",
        # A manifest that is not of these results can't say that a check was removed.
        definitions_complete=not outcomes.unknown_ids,
        sources=tuple(definitions.sources.values()),
        datasets=tuple(definitions.datasets.values()),
        exposures=tuple(definitions.exposures.values()),
        checks=tuple(definitions.checks.values()),
        invocations=tuple(invocations),
        results=tuple(outcomes.results),
        steps=tuple(outcomes.steps),
        metrics=tuple(outcomes.metrics),
        defined_keys=tuple(definitions.keys_with_outcomes),
    )


def _context(labels: RunLabels, adapter: str | None, invocations: list[Invocation], outcomes: Outcomes) -> RunContext:
    return RunContext(
        run_id=labels.run_id or run_id_of(one.id for one in invocations),
        started_at=outcomes.started_at,
        finished_at=invocations[-1].finished_at,
        git_sha=labels.git_sha,
        git_branch=labels.git_branch,
        tool="dbt",
        tool_version=invocations[-1].tool_version,
        adapter=adapter,
        adapter_version=labels.adapter_version,
        target=labels.target or outcomes.target,
        job_id=labels.job_id,
        ci_provider=labels.ci_provider,
        ci_url=labels.ci_url,
        user=labels.user,
        client_version=labels.client_version,
    )
