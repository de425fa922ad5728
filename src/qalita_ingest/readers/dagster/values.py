"""Dagster's events and metadata → plain values."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qalita_ingest.readers.dagster.records import AssetEvent, Column, Evaluation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import AssetCheckEvaluation, AssetMaterialization, AssetObservation

COLUMN_SCHEMA = "dagster/column_schema"
# A tag of every materialization names the version of each asset that it was made from.
UPSTREAM_TAG = "dagster/input_data_version/"


def moment(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def asset_event(
    event: AssetMaterialization | AssetObservation, timestamp: float, step: str | None = None
) -> AssetEvent:
    tags = event.tags or {}
    return AssetEvent(
        asset=event.asset_key.to_user_string(),
        kind="materialization" if type(event).__name__ == "AssetMaterialization" else "observation",
        at=moment(timestamp),
        step=step,
        partition=event.partition,
        description=event.description,
        metadata=plain_metadata(event.metadata),
        columns=_columns(event.metadata),
        upstream=tuple(tag.removeprefix(UPSTREAM_TAG) for tag in sorted(tags) if tag.startswith(UPSTREAM_TAG)),
    )


def evaluation(event: AssetCheckEvaluation, timestamp: float, step: str | None = None, attempt: int = 1) -> Evaluation:
    return Evaluation(
        asset=event.asset_key.to_user_string(),
        name=event.check_name,
        passed=event.passed,
        severity="WARN" if event.severity.value == "WARN" else "ERROR",
        at=moment(timestamp),
        step=step,
        attempt=attempt,
        partition=event.partition,
        description=event.description,
        metadata=plain_metadata(event.metadata),
    )


def plain_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers, texts and truth values by their labels; tables, notebooks and the like stay in Dagster."""
    found = {label: getattr(value, "value", None) for label, value in metadata.items()}
    return {label: value for label, value in found.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    # JSON has no word for what is no number.
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _columns(metadata: Mapping[str, Any]) -> tuple[Column, ...]:
    schema = getattr(metadata.get(COLUMN_SCHEMA), "schema", None)
    columns = schema.columns if schema is not None else ()
    return tuple(Column(name=one.name, type=one.type, description=one.description) for one in columns)
