"""The words of the house as types. All times are UTC, ISO 8601; all durations are seconds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec


class Dimension(StrEnum):
    """QALITA's nine data-quality dimensions."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    INTEROPERABILITY = "interoperability"
    REASONABILITY = "reasonability"
    SCHEMA = "schema"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"


class ResultStatus(StrEnum):
    """Outcome of a check in a run; the last three say that there was no outcome, and why."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    NOT_EXECUTED = "not_executed"
    NOT_MEASURED = "not_measured"

    @property
    def is_outcome(self) -> bool:
        """Whether anything was measured."""
        return self in OUTCOMES

    @property
    def is_finding(self) -> bool:
        """Whether somebody has to act on it."""
        return self in FINDINGS


FINDINGS = frozenset({ResultStatus.WARNING, ResultStatus.FAILED, ResultStatus.ERROR})
OUTCOMES = FINDINGS | {ResultStatus.PASSED}


class Severity(StrEnum):
    """How much the team said a check matters: dbt's `severity`."""

    ERROR = "error"
    WARN = "warn"


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of all: immutable, named arguments, defaults left out on the wire, unknown fields ignored."""


class Source(Entity, frozen=True):
    """The system that holds the data; never its credentials."""

    name: str
    type: str
    database: str | None = None


class Column(Entity, frozen=True):
    name: str
    type: str | None = None
    description: str | None = None


class Dataset(Entity, frozen=True):
    """One table-like thing. `key` is dbt's unique_id; `depends_on` holds keys of datasets.

    `path` is the file that defines it, relative to its project; `meta` is what the team wrote about it.
    """

    key: str
    name: str
    kind: str
    source: str
    relation: str | None = None
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    depends_on: tuple[str, ...] = ()
    path: str | None = None
    meta: dict[str, Any] = {}


class Exposure(Entity, frozen=True):
    """What people use the data in: a dashboard, a notebook, an application. `depends_on` holds keys of datasets."""

    key: str
    name: str
    type: str | None = None
    url: str | None = None
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    meta: dict[str, Any] = {}


class Check(Entity, frozen=True):
    """A rule on a dataset; `dataset` is None for a rule on several at once."""

    key: str
    name: str
    kind: Literal["data_test", "unit_test", "freshness", "contract", "asset_check"]
    dimension: Dimension
    severity: Severity = Severity.ERROR
    dataset: str | None = None
    column: str | None = None
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    path: str | None = None
    meta: dict[str, Any] = {}


class Invocation(Entity, frozen=True):
    """One execution of the tool: dbt writes a new id with every command."""

    id: str
    command: str | None
    finished_at: datetime
    tool_version: str | None = None


# As large as a database keeps an integer.
RowCount = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Sample(Entity, frozen=True):
    """Some of the rows that failed, as text; a null cell is None. The values of `masked` columns were not read."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    masked: tuple[str, ...] = ()


class Result(Entity, frozen=True):
    """Outcome of one check in one invocation. `failures` counts rows; `relation` names the table that holds them."""

    check: str
    invocation: str
    status: ResultStatus
    tool_status: str | None
    failures: RowCount | None = None
    seconds: float | None = None
    message: str | None = None
    reason: str | None = None
    relation: str | None = None
    sample: Sample | None = None


class Step(Entity, frozen=True):
    """A model, seed, snapshot, function or hook that was run: no check, but when it fails somebody must act.

    `finding` is the severity of the issue that this outcome opens, or None.
    """

    key: str
    name: str
    kind: str
    invocation: str
    status: Literal["success", "error", "skipped", "not_executed"]
    tool_status: str | None
    finding: Literal["high", "medium"] | None = None
    message: str | None = None


class Scope(Entity, frozen=True):
    """What a metric is about: `perimeter` is the kind of thing, `value` its key."""

    perimeter: Literal["project", "dataset", "check"]
    value: str
    parent_scope: str | None = None


class Metric(Entity, frozen=True):
    key: str
    value: float
    scope: Scope
    invocation: str


class RunContext(Entity, frozen=True):
    """Where and with what the run was made: an allow-list, never the tool's arguments wholesale.

    `job_id` is the run's name where it was scheduled, `target` the tool's own word for where it ran.
    """

    run_id: str
    started_at: datetime | None
    finished_at: datetime
    git_sha: str | None = None
    git_branch: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    adapter: str | None = None
    adapter_version: str | None = None
    target: str | None = None
    job_id: str | None = None
    ci_provider: str | None = None
    ci_url: str | None = None
    user: str | None = None
    client_version: str | None = None


class RunReport(Entity, frozen=True):
    """Everything one ingest brings.

    `definitions_scope` names whose definitions these are (`dbt:<project name>`). Where `definitions_complete`,
    `defined_keys` lists every check and step of that scope that still exists: an open issue of another has lost its
    subject.
    """

    kind: Literal["dbt", "dagster"]
    project: str
    environment: str
    context: RunContext
    definitions_scope: str
    definitions_complete: bool
    sources: tuple[Source, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    checks: tuple[Check, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    results: tuple[Result, ...] = ()
    steps: tuple[Step, ...] = ()
    metrics: tuple[Metric, ...] = ()
    defined_keys: tuple[str, ...] = ()
    contract_version: Literal[1] = 1

    @property
    def order(self) -> tuple[datetime, str]:
        """Its place among the runs of an environment: the last invocation settles the order of equal times."""
        return max(((one.finished_at, one.id) for one in self.invocations), default=(self.context.finished_at, ""))

    def inconsistency(self) -> str | None:
        """What it refers to and does not hold, or holds twice, in words; None where all is well."""
        invocations = {one.id for one in self.invocations}
        by_check = set(map(attrgetter("check", "invocation"), self.results))
        by_key = set(map(attrgetter("key", "invocation"), self.steps))
        by_scope = set(map(attrgetter("key", "scope.perimeter", "scope.value", "invocation"), self.metrics))
        held: dict[str, tuple[set[Any], tuple[Entity, ...]]] = {
            "source": (set(map(attrgetter("name"), self.sources)), self.sources),
            "dataset": (set(map(attrgetter("key"), self.datasets)), self.datasets),
            "exposure": (set(map(attrgetter("key"), self.exposures)), self.exposures),
            "check": (set(map(attrgetter("key"), self.checks)), self.checks),
            "invocation": (invocations, self.invocations),
            "result": (by_check, self.results),
            "step": (by_key, self.steps),
            "metric": (by_scope, self.metrics),
        }
        rows = chain(self.results, self.steps, self.metrics)
        named: tuple[tuple[str, set[str]], ...] = (
            ("source", set(map(attrgetter("source"), self.datasets))),
            ("check", set(map(attrgetter("check"), self.results))),
            ("invocation", set(map(attrgetter("invocation"), rows))),
        )
        for word, keys in named:
            if missing := sorted(keys - held[word][0]):
                return f"{word} {missing[0]!r} is named and not defined"
        for word, (keys, entities) in held.items():
            if len(keys) < len(entities):
                return f"a {word} is there twice" + (" for one invocation" if word in _OF_INVOCATIONS else "")
        return None if self.invocations else "there is no invocation"


_OF_INVOCATIONS = frozenset({"result", "step", "metric"})
