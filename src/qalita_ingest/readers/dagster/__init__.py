"""A Dagster instance's event log, through the API of `DagsterInstance`.

The only room that imports Dagster, and so the rooms above import `runs` and `instance` late: Dagster may not be there.
"""

from qalita_ingest.readers.dagster.records import (
    ENDED,
    OWN_METADATA,
    AssetEvent,
    Column,
    Evaluation,
    Note,
    OutputHandle,
    PlannedCheck,
    PlannedStep,
    Run,
    StepInput,
    StepOutcome,
)

__all__ = [
    "ENDED",
    "OWN_METADATA",
    "AssetEvent",
    "Column",
    "Evaluation",
    "Note",
    "OutputHandle",
    "PlannedCheck",
    "PlannedStep",
    "Run",
    "StepInput",
    "StepOutcome",
]
