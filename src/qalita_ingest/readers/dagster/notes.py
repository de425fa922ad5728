"""Notes beside assets and checks, where Dagster's pages show them.

They are events that Dagster takes from outside a run. An asset gets an observation: a materialization would start what
follows it. Of a check the last evaluation is repeated as it was, with our metadata added: only evaluations are shown
with a check. All carry `OWN_METADATA`, by which the reader knows that they say nothing new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster import AssetCheckEvaluation, AssetCheckKey, AssetKey, AssetObservation, MetadataValue

from qalita_ingest.readers.dagster.records import OWN_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster import DagsterInstance

    from qalita_ingest.readers.dagster.records import Note


def attach(instance: DagsterInstance, run_id: str, notes: Iterable[Note], run_page: str) -> bool:
    """Once for each run, which is tagged with QALITA's page; whether anything was attached."""
    run = instance.get_run_by_id(run_id)
    if run is None or OWN_METADATA in run.tags:
        return False
    instance.add_run_tags(run_id, {OWN_METADATA: run_page})
    for note in notes:
        metadata = {label: _shown(value) for label, value in note.metadata.items()}
        asset = AssetKey.from_user_string(note.asset)
        if note.check is None:
            observation = AssetObservation(asset, partition=note.partition, metadata=metadata)
            instance.report_runless_asset_event(observation)
        elif repeated := _last_evaluation(instance, AssetCheckKey(asset, note.check), run_id):
            instance.report_runless_asset_event(repeated.with_metadata({**repeated.metadata, **metadata}))
    return True


def _last_evaluation(instance: DagsterInstance, key: AssetCheckKey, run_id: str) -> AssetCheckEvaluation | None:
    """None where a later run has evaluated the check: its outcome must stay the last."""
    record = instance.get_latest_asset_check_evaluation_record(key)
    event = record.event.dagster_event if record and record.event else None
    if record is None or record.run_id != run_id or event is None:
        return None
    said = event.event_specific_data
    return said if isinstance(said, AssetCheckEvaluation) else None


def _shown(value: str | float) -> Any:
    return MetadataValue.url(value) if isinstance(value, str) and value.startswith("http") else value
