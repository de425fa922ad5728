"""The fields of dbt's artifacts that are used, and no others.

Every field that some dbt version omits has a default; `Any` marks what versions and adapters fill differently.
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
    nodes: list[str] = msgspec.field(default_factory=list)


class TestMetadata(Record):
    name: str
    namespace: str | None = None
    kwargs: dict[str, Any] = msgspec.field(default_factory=dict)


class NodeColumn(Record):
    name: str
    data_type: str | None = None
    description: str | None = None


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
    columns: dict[str, NodeColumn] = msgspec.field(default_factory=dict)
    depends_on: DependsOn = msgspec.field(default_factory=DependsOn)
    test_metadata: TestMetadata | None = None
    attached_node: str | None = None
    column_name: str | None = None


class UnitTest(Record):
    unique_id: str
    name: str
    model: str
    description: str | None = None
    tags: Any = None
    meta: Any = None
    config: Any = None
    depends_on: DependsOn = msgspec.field(default_factory=DependsOn)


class Manifest(Record):
    nodes: dict[str, Node] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    sources: dict[str, Node] = msgspec.field(default_factory=dict)
    unit_tests: dict[str, UnitTest] = msgspec.field(default_factory=dict)
    exposures: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)

    @property
    def all_nodes(self) -> dict[str, Node]:
        """`nodes`; a file without them is refused while reading."""
        return {} if isinstance(self.nodes, msgspec.UnsetType) else self.nodes


class Timing(Record):
    started_at: str | None = None
    completed_at: str | None = None


class ResultRow(Record):
    unique_id: str
    status: str
    message: str | None = None
    failures: int | str | None = None
    execution_time: float | None = None
    adapter_response: Any = None
    timing: list[Timing] = msgspec.field(default_factory=list)
    relation_name: str | None = None


class Arguments(Record):
    """The only arguments that are looked at: the rest may hold paths and secrets."""

    which: str | None = None
    empty: bool | None = None
    sample: Any = None


class RunResults(Record):
    results: list[ResultRow] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    args: Arguments = msgspec.field(default_factory=Arguments)

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
    metadata: Metadata = msgspec.field(default_factory=Metadata)

    @property
    def rows(self) -> list[FreshnessRow]:
        return [] if isinstance(self.results, msgspec.UnsetType) else self.results
