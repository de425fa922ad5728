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
    tags: Any = None
    meta: Any = None
    config: Any = None


class Contract(Record):
    enforced: bool | None = None


class Configuration(Record):
    """A node's configuration, as far as it is looked at."""

    severity: Any = None
    meta: Any = None
    freshness: Any = None
    contract: Contract | None = None


class Described(Record):
    """What nodes, unit tests and exposures share."""

    name: str = ""
    description: str | None = None
    original_file_path: str | None = None
    tags: Any = None
    meta: Any = None
    config: Configuration | None = None
    depends_on: DependsOn | None = None

    @property
    def parents(self) -> list[str]:
        return (self.depends_on.nodes or []) if self.depends_on else []


class DataTest(Described):
    """A data test, as far as it defines a check: most nodes of a large project are these."""

    test_metadata: TestMetadata | None = None
    attached_node: str | None = None
    column_name: str | None = None


class Node(DataTest, kw_only=True):
    """A model, seed, snapshot, test, operation, function or source."""

    resource_type: str
    package_name: str | None = None
    group: str | None = None
    source_name: str | None = None
    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    relation_name: str | None = None
    freshness: Any = None
    contract: Contract | None = None
    columns: dict[str, NodeColumn] | None = None


class UnitTest(Described):
    pass


class Owner(Record):
    name: Any = None
    email: Any = None


class Group(Record):
    owner: Owner | None = None


class Exposure(Described):
    type: str | None = None
    url: str | None = None
    owner: Owner | None = None


class ManifestFile(Record):
    """The first level of a manifest. Nodes stay undecoded: they are most of the file, and are looked at one by one."""

    nodes: dict[str, msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None
    sources: dict[str, msgspec.Raw] | None = None
    functions: dict[str, msgspec.Raw] | None = None
    unit_tests: dict[str, UnitTest] | None = None
    exposures: dict[str, Exposure] | None = None
    groups: dict[str, Group] | None = None
    # Nothing in them is used but that they are there.
    saved_queries: dict[str, msgspec.Raw] | None = None
    metrics: dict[str, msgspec.Raw] | None = None
    semantic_models: dict[str, msgspec.Raw] | None = None
    macros: dict[str, msgspec.Raw] | None = None


class Timing(Record):
    started_at: str | None = None
    completed_at: str | None = None


class OldNode(Record):
    """Before dbt 0.19 a row held its whole node instead of a unique_id."""

    unique_id: str


class ResultRow(Record):
    """`error`, `fail`, `warn` and `skip` are of dbt before 0.19, whose `status` is null, a number or SQL text.

    Real files hold rows whose `unique_id` is empty.
    """

    unique_id: str = ""
    status: Any = msgspec.UNSET
    node: OldNode | None = None
    error: Any = None
    fail: Any = None
    warn: Any = None
    skip: Any = None
    message: Any = None
    failures: Any = None
    execution_time: float | None = None
    adapter_response: Any = None
    timing: list[Timing] | None = None
    relation_name: str | None = None


class Arguments(Record):
    """The only arguments that are looked at: the rest may hold paths and secrets.

    `vars` is never passed on: it is read to know what to take out of messages.
    """

    which: str | None = None
    empty: bool | None = None
    sample: Any = None
    target: str | None = None
    invocation_command: str | None = None
    vars: Any = None


class Caller(Record):
    """run_results.json without its rows."""

    args: Arguments | None = None
    metadata: Metadata | None = None


class RunResults(Record):
    results: list[ResultRow] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None
    generated_at: str | None = None
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
    error: Any = None
    execution_time: float | None = None


class OldFreshness(Record):
    state: str
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    error: Any = None


class OldSourcesHead(Record):
    generated_at: str | None = None


class SourcesFile(Record):
    """`sources` and `meta` are of dbt before 0.19."""

    results: list[FreshnessRow] | msgspec.UnsetType = msgspec.UNSET
    metadata: Metadata | None = None
    sources: dict[str, OldFreshness] | None = None
    meta: OldSourcesHead | None = None

    @property
    def head(self) -> Metadata:
        return self.metadata or Metadata()

    @property
    def generated_at(self) -> str | None:
        return self.meta.generated_at if self.meta else None

    @property
    def rows(self) -> list[FreshnessRow]:
        return [] if isinstance(self.results, msgspec.UnsetType) else self.results


class CatalogColumn(Record):
    name: str
    type: str | None = None
    index: int | None = None
    comment: str | None = None


class CatalogStatistic(Record):
    id: str
    value: Any = None
    include: bool | None = None


class CatalogTable(Record):
    columns: dict[str, CatalogColumn] | None = None
    stats: dict[str, CatalogStatistic] | None = None


class Catalog(Record):
    nodes: dict[str, CatalogTable] | msgspec.UnsetType = msgspec.UNSET
    sources: dict[str, CatalogTable] | None = None
    metadata: Metadata | None = None

    @property
    def head(self) -> Metadata:
        return self.metadata or Metadata()

    @property
    def tables(self) -> dict[str, CatalogTable]:
        return ({} if isinstance(self.nodes, msgspec.UnsetType) else self.nodes) | (self.sources or {})
