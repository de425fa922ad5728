"""Runs of a Dagster instance, by id or by time."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING

from dagster import AssetKey, DagsterRunStatus, RunsFilter

from qalita_ingest.errors import InputError
from qalita_ingest.readers.dagster.log import OF_ASSETS, OF_STEPS, Log, read_log
from qalita_ingest.readers.dagster.plan import read_plan
from qalita_ingest.readers.dagster.records import ENDED, NO_LOCATION, AssetEvent, Run
from qalita_ingest.readers.dagster.values import asset_event, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster import DagsterInstance, DagsterRun, RunRecord

RUNS_AT_ONCE = 100


def read_run(instance: DagsterInstance, run_id: str) -> Run:
    """All that the instance knows of a run. Raises `InputError` where it knows none of that id."""
    record = record_of(instance, run_id)
    log = read_log(instance, run_id, OF_STEPS | OF_ASSETS)
    return as_run(instance, record, log, _last_materializations(instance, log))


def runs_ended_since(instance: DagsterInstance, since: datetime, job: str | None = None) -> Iterator[str]:
    """Ids, the oldest first, of the runs that ended at that time or after it."""
    statuses = [DagsterRunStatus(word) for word in sorted(ENDED)]
    filters = RunsFilter(job_name=job, statuses=statuses, updated_after=since)
    cursor = None
    while True:
        page = instance.get_run_records(filters, limit=RUNS_AT_ONCE, cursor=cursor, ascending=True)
        yield from (one.dagster_run.run_id for one in page)
        if len(page) < RUNS_AT_ONCE:
            return
        cursor = page[-1].dagster_run.run_id


def runs_going_on(instance: DagsterInstance, job: str | None = None) -> list[str]:
    statuses = [one for one in DagsterRunStatus if one.value not in ENDED]
    return [one.run_id for one in instance.get_runs(RunsFilter(job_name=job, statuses=statuses))]


def location_of(run: DagsterRun) -> str:
    """Name of the code location; as Dagster would name it where the run was made without one."""
    if run.remote_job_origin:
        return run.remote_job_origin.location_name
    pointer = run.job_code_origin.repository_origin.code_pointer if run.job_code_origin else None
    file, module = getattr(pointer, "python_file", None), getattr(pointer, "module", None)
    return PurePath(file).name if file else module or NO_LOCATION


def location_of_run(instance: DagsterInstance, run_id: str) -> str:
    return location_of(record_of(instance, run_id).dagster_run)


def record_of(instance: DagsterInstance, run_id: str) -> RunRecord:
    record = instance.get_run_record_by_id(run_id)
    if record is None:
        raise InputError(
            f"run {run_id}: this Dagster instance has no such run; `dagster run list` names those it has, "
            "and DAGSTER_HOME says which instance it is"
        )
    return record


def as_run(instance: DagsterInstance, record: RunRecord, log: Log, assets: dict[str, AssetEvent]) -> Run:
    run = record.dagster_run
    return Run(
        id=run.run_id,
        job=run.job_name,
        status=run.status.value,
        location=location_of(run),
        dagster_version=version("dagster"),
        started_at=moment(record.start_time) if record.start_time else None,
        ended_at=_ended_at(record),
        tags=dict(run.tags),
        plan=read_plan(instance, run),
        steps=log.steps,
        asset_events=tuple(log.asset_events),
        planned_checks=tuple(log.planned_checks),
        evaluations=tuple(log.evaluations),
        assets=assets,
    )


def _ended_at(record: RunRecord) -> datetime | None:
    """A run that never began may have no end, but a time of its last change."""
    if record.end_time:
        return moment(record.end_time)
    changed = record.update_timestamp
    return changed.replace(tzinfo=changed.tzinfo or UTC) if record.dagster_run.is_finished else None


def _last_materializations(instance: DagsterInstance, log: Log) -> dict[str, AssetEvent]:
    spoken_of = {one.asset for one in log.asset_events} | {one.asset for one in log.planned_checks}
    spoken_of.update(one.asset for one in log.evaluations)
    spoken_of.update(upstream for one in log.asset_events for upstream in one.upstream)
    if not spoken_of:
        return {}
    keys = [AssetKey.from_user_string(one) for one in sorted(spoken_of)]
    found = {}
    for record in instance.get_asset_records(keys):
        event = record.asset_entry.last_materialization
        made = event.asset_materialization if event else None
        if event and made:
            found[made.asset_key.to_user_string()] = asset_event(made, event.timestamp)
    return found
