"""A run's event log → what became of its steps, assets and checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from dagster import DagsterEventType

from qalita_ingest.readers.dagster.records import OWN_METADATA, AssetEvent, Evaluation, PlannedCheck, StepOutcome
from qalita_ingest.readers.dagster.values import asset_event, evaluation, moment

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, EventLogEntry

OF_STEPS = {
    DagsterEventType.STEP_START,
    DagsterEventType.STEP_OUTPUT,
    DagsterEventType.STEP_UP_FOR_RETRY,
    DagsterEventType.STEP_RESTARTED,
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.STEP_SKIPPED,
}
OF_ASSETS = {
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_OBSERVATION,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}
RECORDS_AT_ONCE = 1000
Key = tuple[str, str | None]


@dataclass
class Log:
    """Grows while events are read, the oldest first. `has_outputs`: what steps yielded is among them."""

    has_outputs: bool = True
    steps: dict[str, StepOutcome] = field(default_factory=dict)
    asset_events: list[AssetEvent] = field(default_factory=list)
    planned_checks: list[PlannedCheck] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    _outputs: dict[str, set[Key]] = field(default_factory=dict)
    _attempts: Counter[str] = field(default_factory=Counter)

    def add(self, entry: EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        if event.event_type in OF_STEPS and event.step_key:
            self._add_to_step(event, event.step_key, entry.timestamp)
        elif event.event_type in OF_ASSETS:
            self._add_to_assets(event, entry.timestamp)

    def _add_to_step(self, event: DagsterEvent, step: str, timestamp: float) -> None:
        data: Any = event.event_specific_data
        if event.event_type is DagsterEventType.STEP_OUTPUT:
            handle = data.step_output_handle
            self._outputs.setdefault(step, set()).add((handle.output_name, handle.mapping_key))
            return
        if event.event_type is DagsterEventType.STEP_UP_FOR_RETRY:
            # What the attempt yielded is yielded again by the next one.
            self._attempts[step] += 1
            self._outputs.pop(step, None)
        self.steps[step] = StepOutcome(
            key=step,
            status=_STATUSES.get(event.event_type, "started"),
            at=moment(timestamp),
            attempts=self._attempts[step] + 1,
            outputs=frozenset(self._outputs.get(step, ())) if self.has_outputs else None,
        )
        if event.event_type is DagsterEventType.STEP_FAILURE:
            error_class, message = _failure(data)
            self.steps[step] = msgspec.structs.replace(self.steps[step], error_class=error_class, message=message)

    def _add_to_assets(self, event: DagsterEvent, timestamp: float) -> None:
        data: Any = event.event_specific_data
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
            asset = data.asset_key.to_user_string()
            self.planned_checks.append(PlannedCheck(asset=asset, name=data.check_name, step=event.step_key))
        elif event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            if OWN_METADATA not in data.metadata:
                attempt = self._attempts[event.step_key or ""] + 1
                self.evaluations.append(evaluation(data, timestamp, event.step_key, attempt))
        else:
            is_made = event.event_type is DagsterEventType.ASSET_MATERIALIZATION
            said = data.materialization if is_made else data.asset_observation
            self.asset_events.append(asset_event(said, timestamp, event.step_key))


_STATUSES: dict[DagsterEventType, Any] = {
    DagsterEventType.STEP_SUCCESS: "success",
    DagsterEventType.STEP_FAILURE: "failure",
    DagsterEventType.STEP_SKIPPED: "skipped",
}


def _failure(data: Any) -> tuple[str | None, str | None]:
    """Class of the error that Dagster raised, and the words of the one that caused it."""
    if data.user_failure_data and data.user_failure_data.description:
        return "Failure", data.user_failure_data.description
    if data.error is None:
        return None, None
    cause = data.error
    while cause.cause is not None:
        cause = cause.cause
    return data.error.cls_name, cause.message


def read_log(instance: DagsterInstance, run_id: str, of_types: set[DagsterEventType]) -> Log:
    log = Log()
    read_on(instance, run_id, of_types, log, None)
    return log


def read_on(
    instance: DagsterInstance, run_id: str, of_types: set[DagsterEventType], log: Log, cursor: str | None
) -> str | None:
    """Add what came after the cursor. Returns the cursor behind it."""
    while True:
        page = instance.get_records_for_run(run_id, cursor=cursor, of_type=of_types, limit=RECORDS_AT_ONCE)
        for one in page.records:
            log.add(one.event_log_entry)
        cursor = page.cursor if page.records else cursor
        if not page.has_more:
            return cursor
