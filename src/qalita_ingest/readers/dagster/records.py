"""What is taken from a Dagster instance: plain values, so that nothing further on needs Dagster."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base: times are UTC; an asset key is its parts joined by slashes, as Dagster's pages show it."""


class OutputHandle(NamedTuple):
    """An output that another step waits for; a missing result of a check holds nobody up."""

    step: str
    output: str
    is_check: bool = False


class StepInput(Record):
    """`is_fan_in`: one of its outputs is enough."""

    outputs: tuple[OutputHandle, ...]
    is_fan_in: bool = False


class PlannedStep(Record):
    """`key` ends in `[?]` where a step before it decides how often it runs; `has_dynamic_output`: it is such a step.

    `may_lack_output`: it may end well without one of its outputs. `is_dbt`: it runs dbt, as dagster-dbt marks it.
    """

    key: str
    kind: Literal["op", "asset", "asset_check"]
    inputs: tuple[StepInput, ...] = ()
    has_dynamic_output: bool = False
    may_lack_output: bool = False
    is_dbt: bool = False


class StepOutcome(Record):
    """The last that the log says of a step.

    `outputs`: name and mapping key of what it yielded in its last attempt; None where nobody looked, as each of its
    plan makes all of its outputs.
    """

    key: str
    status: Literal["started", "success", "failure", "skipped"]
    at: datetime
    attempts: int = 1
    error_class: str | None = None
    message: str | None = None
    outputs: frozenset[tuple[str, str | None]] | None = None


class Column(Record):
    name: str
    type: str | None = None
    description: str | None = None


class AssetEvent(Record):
    """A materialization or an observation. `metadata` holds numbers, texts and truth values only."""

    asset: str
    kind: Literal["materialization", "observation"]
    at: datetime
    step: str | None = None
    partition: str | None = None
    description: str | None = None
    metadata: dict[str, Any] = {}
    columns: tuple[Column, ...] = ()
    upstream: tuple[str, ...] = ()


class PlannedCheck(Record):
    asset: str
    name: str
    step: str | None = None


class Evaluation(Record):
    """Outcome of an asset check; `attempt` counts the attempts of its step from 1."""

    asset: str
    name: str
    passed: bool
    severity: Literal["ERROR", "WARN"]
    at: datetime
    step: str | None = None
    attempt: int = 1
    partition: str | None = None
    description: str | None = None
    metadata: dict[str, Any] = {}


class Run(Record):
    """`status` is Dagster's word. `plan` is None where the instance does not hold it.

    `assets`: the last materialization of each asset that the run speaks of, whichever run made it.
    """

    id: str
    job: str
    status: str
    location: str
    dagster_version: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tags: dict[str, str] = {}
    plan: tuple[PlannedStep, ...] | None = None
    steps: dict[str, StepOutcome] = {}
    asset_events: tuple[AssetEvent, ...] = ()
    planned_checks: tuple[PlannedCheck, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    assets: dict[str, AssetEvent] = {}

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED


ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
# Label of the metadata that we attach ourselves: an event that has it says nothing new.
OWN_METADATA = "qalita/run"
# Of a run that was made without a code location, as by `materialize` in a program.
NO_LOCATION = "dagster"


class Note(Record):
    """What is shown beside an asset, or beside its check; texts that are addresses become links."""

    asset: str
    metadata: dict[str, str | float | int]
    check: str | None = None
    partition: str | None = None
