"""A Dagster run → one `RunReport`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.contract import Invocation, RunContext, RunReport, Source
from qalita_ingest.mapping.dagster.assets import Assets
from qalita_ingest.mapping.dagster.checks import map_checks
from qalita_ingest.mapping.dagster.dbt import dbt_node, is_test
from qalita_ingest.mapping.dagster.plan import progress_of
from qalita_ingest.mapping.dagster.steps import StepMapper
from qalita_ingest.mapping.dbt import Mapped
from qalita_ingest.mapping.secrets import Scrubber
from qalita_ingest.mapping.text import Plain

if TYPE_CHECKING:
    from datetime import datetime

    from qalita_ingest.mapping.dagster.checks import CheckOutcomes
    from qalita_ingest.mapping.dbt import RunLabels
    from qalita_ingest.readers.dagster import Run

ENDS_OF_STEPS = frozenset({"success", "failure"})


def map_dagster(run: Run, labels: RunLabels) -> Mapped:
    """Of a run that has its last word (`has_last_word`): any later look at it gives the same outcomes."""
    plain, scrubber = Plain(labels.secrets), Scrubber(labels.secrets)
    assets = Assets(run, f"dagster:{run.location}", plain)
    found = map_checks(run, assets, plain)
    report = _report(run, labels, assets, found, plain)
    return Mapped(scrubber.entity(report), unknown_ids=[], ignored={}, not_selected=[], notes=found.notes)


def _report(run: Run, labels: RunLabels, assets: Assets, found: CheckOutcomes, plain: Plain) -> RunReport:
    datasets = {one.key: one for one in map(assets.dataset, _assets_to_show(run, found))}
    finished_at = _finished_at(run)
    native = Invocation(
        id=run.id, command=f"job {run.job}", finished_at=finished_at, tool_version=f"dagster {run.dagster_version}"
    )
    return RunReport(
        kind="dagster",
        project=labels.project,
        environment=labels.environment,
        context=_context(run, labels, finished_at),
        definitions_scope=f"dagster:{run.location}",
        # One run knows what it did, and not what else there is.
        definitions_complete=False,
        sources=(Source(name=assets.source, type="dagster"),),
        datasets=tuple(datasets.values()),
        checks=tuple(found.checks.values()),
        invocations=(*sorted(found.invocations.values(), key=lambda one: (one.finished_at, one.id)), native),
        results=tuple(found.results.values()),
        steps=tuple(StepMapper(run, plain).steps()),
        metrics=(*assets.metrics(), *found.metrics.values()),
    )


def _assets_to_show(run: Run, found: CheckOutcomes) -> list[str]:
    """Those that the run made, observed or checked. A test of dbt on what is not known as dbt's brings none."""
    told = {one.asset for one in run.asset_events if not is_test(dbt_node(one.metadata))}
    return sorted(told | found.assets)


def _finished_at(run: Run) -> datetime:
    """When its last step ended: known before the run's own end, and the same ever after."""
    ends = [one.at for one in run.steps.values() if one.status in ENDS_OF_STEPS]
    progress = progress_of(run)
    is_cut_short = progress is not None and bool(progress.unfinished)
    if ends and not is_cut_short:
        return max(ends)
    if run.ended_at is None:
        raise ValueError(f"run {run.id} does not have its last word yet")
    return run.ended_at


def _context(run: Run, labels: RunLabels, finished_at: datetime) -> RunContext:
    return RunContext(
        run_id=run.id,
        started_at=run.started_at,
        finished_at=finished_at,
        git_sha=labels.git_sha,
        git_branch=labels.git_branch,
        tool="dagster",
        tool_version=run.dagster_version,
        target=run.location,
        job_id=labels.job_id or run.job,
        ci_provider=labels.ci_provider,
        ci_url=labels.ci_url,
        user=labels.user,
        client_version=labels.client_version,
    )
