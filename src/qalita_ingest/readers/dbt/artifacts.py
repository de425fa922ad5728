"""The fields of dbt's artifacts that are used, and no others.

Every field that some dbt version omits has a default, and may be null; `Any` marks what versions and adapters fill
differently, or what is only counted.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base: unknown fields are skipped while decoding. No cycles, so the garbage collector need not look."""


class Metadata(Record):
    dbt_schema_version: str | None = None
    dbt_version: str | None = None
    generated_at: str | None = None
    invocation_id: str | None = None
    project_name: str | None = None
    adapter_type: str | None = None


class DependsOn(Record):
    nodes: list[str] | None = None


class TestMetadata(Record):
    name: str
    namespace: str | None = None
    kwargs: dict[str, Any] | None = None


class NodeColumn(Record):
    name: str
    data_type: str | None = None
    description: str | None = None


def parents_in(depends_on: DependsOn | None) -> list[str]:
    return (depends_on.nodes or []) if depends_on else []


class Node(Record):
    """A model, seed, snapshot, test, operation or source."""

    unique_id: str
    name: str
    resource_type: str
    package_name: str | None = None
    source_name: str | None = None
    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    identifier: str | None = None
    relation_name: str | None = None
    description: str | None = None
    tags: Any = None
    meta: Any = None
    config: Any = None
    freshness: Any = None
    columns: dict[str, NodeColumn] | None = None
    depends_on: DependsOn | None = None
    test_metadata: TestMetadata | None = None
    attached_node: str | None = None
    column_name: str | None = None

    @property
    def parents(self) -> list[str]:
        return parents_in(self.depends_on)


class UnitTest(Record):
    unique_id: str
    name: str
    description: str | None = None
    tags: Any = None
    meta: Any = None
    config: Any = None
    depends_on: DependsOn | None = None

    @property
    def parents(self) -> list[str]:
        return parents_in(self.depends_on)


class Manifest(Record):
    nodes: dict[str, Node] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None
    sources: dict[str, Node] | None = None
    functions: dict[str, Node] | None = None
    unit_tests: dict[str, UnitTest] | None = None
    # Nothing in them is used but that they are there.
    exposures: Any = None
    saved_queries: Any = None
    metrics: Any = None
    semantic_models: Any = None
    macros: dict[str, msgspec.Raw] | None = None

    @property
    def head(self) -> Metadata:
        return self.metadata or Metadata()

    @property
    def all_nodes(self) -> dict[str, Node]:
        """Models, seeds, snapshots, tests, hooks, functions and sources."""
        nodes = {} if isinstance(self.nodes, msgspec.UnsetType) else self.nodes
        return nodes | (self.functions or {}) | (self.sources or {})

    @property
    def others(self) -> dict[str, str]:
        """unique_id → kind of what dbt never executes as a check or a step."""
        kinds = {
            "exposure": self.exposures,
            "saved_query": self.saved_queries,
            "metric": self.metrics,
            "semantic_model": self.semantic_models,
            "macro": self.macros,
        }
        return {key: kind for kind, found in kinds.items() if isinstance(found, dict) for key in found}


class Timing(Record):
    started_at: str | None = None
    completed_at: str | None = None


class ResultRow(Record):
    unique_id: str
    status: str
    message: Any = None
    failures: Any = None
    execution_time: float | None = None
    adapter_response: Any = None
    timing: list[Timing] | None = None
    relation_name: str | None = None


class Arguments(Record):
    """The only arguments that are looked at: the rest may hold paths and secrets."""

    which: str | None = None
    empty: bool | None = None
    sample: Any = None


class RunResults(Record):
    results: list[ResultRow] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None
    args: Arguments | None = None

    @property
    def head(self) -> Metadata:
        return self.metadata or Metadata()

    @property
    def rows(self) -> list[ResultRow]:
        return [] if isinstance(self.results, msgspec.UnsetType) else self.results


class FreshnessRow(Record):
    unique_id: str
    status: str
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    error: str | None = None
    execution_time: float | None = None


class SourcesFile(Record):
    results: list[FreshnessRow] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None

    @property
    def head(self) -> Metadata:
        return self.metadata or Metadata()

    @property
    def rows(self) -> list[FreshnessRow]:
        return [] if isinstance(self.results, msgspec.UnsetType) else self.results
