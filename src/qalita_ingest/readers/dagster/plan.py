"""The steps that a run was to execute, and what each waits for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from qalita_ingest.readers.dagster.records import OutputHandle, PlannedStep, StepInput

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

FAN_IN = "FromMultipleSources"
DBT_TAGS = "dagster_dbt/"
PLANS_KEPT = 8


def read_plan(instance: DagsterInstance, run: DagsterRun) -> tuple[PlannedStep, ...] | None:
    """Only the steps that the run was to execute: a re-execution begins where another run had failed."""
    snapshot_id = run.execution_plan_snapshot_id
    return _plan_of(_Plans(instance), snapshot_id) if snapshot_id else None


class _Plans:
    """Where plans are read; all are equal to the cache, since the id of a plan is a digest of its content."""

    def __init__(self, instance: DagsterInstance) -> None:
        self.instance = instance

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Plans)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=PLANS_KEPT)
def _plan_of(plans: _Plans, snapshot_id: str) -> tuple[PlannedStep, ...]:
    """A hook asks after every step of a run, and the plan of a large job takes its time to read."""
    snapshot = plans.instance.get_execution_plan_snapshot(snapshot_id)
    checks = {
        (step.key, output.name)
        for step in snapshot.steps
        for output in step.outputs
        if output.properties and output.properties.asset_check_key
    }
    executed = set(snapshot.step_keys_to_execute)
    planned = [_step(step, checks) for step in snapshot.steps if step.key in executed]
    # A step that another run had multiplied is named in full, and is not among the steps of the plan.
    resolved = executed - {step.key for step in planned}
    return (*planned, *(PlannedStep(key=key, kind="op") for key in sorted(resolved)))


def _step(step: Any, checks: set[tuple[str, str]]) -> PlannedStep:
    return PlannedStep(
        key=step.key,
        kind=_kind(step),
        inputs=tuple(
            StepInput(
                outputs=tuple(
                    OutputHandle(one.step_key, one.output_name, (one.step_key, one.output_name) in checks)
                    for one in given.upstream_output_handles
                ),
                is_fan_in=type(given.source).__name__ == FAN_IN,
            )
            for given in step.inputs
        ),
        has_dynamic_output=any(one.properties and one.properties.is_dynamic for one in step.outputs),
        may_lack_output=any(not one.properties or not one.properties.is_required for one in step.outputs),
        is_dbt=any(tag.startswith(DBT_TAGS) for tag in step.tags or {}),
    )


def _kind(step: Any) -> Literal["op", "asset", "asset_check"]:
    properties = [one.properties for one in step.outputs if one.properties]
    if any(one.asset_key for one in properties):
        return "asset"
    return "asset_check" if any(one.asset_check_key for one in properties) else "op"
