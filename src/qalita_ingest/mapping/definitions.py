"""A manifest and a catalog → sources, datasets, exposures and checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from qalita_ingest.contract import Check, Column, Dataset, Dimension, Exposure, Severity, Source
from qalita_ingest.mapping.dimension import dimension_of
from qalita_ingest.mapping.parents import dataset_of
from qalita_ingest.mapping.text import Plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from qalita_ingest.readers.dbt import Catalog, DataTest, Described, Manifest, Node, NodeColumn, Owner, UnitTest
    from qalita_ingest.readers.dbt import Exposure as ExposureNode

STEP_KINDS = frozenset({"model", "seed", "snapshot", "function", "operation"})
DATASET_KINDS = frozenset({"model", "seed", "snapshot", "source"})


class Named(NamedTuple):
    """What others need to know of a node."""

    name: str
    package_name: str | None
    owner: str | None


@dataclass
class Definitions:
    """Everything that the manifest defines, by unique_id.

    `kinds` holds every node, checks and datasets or not; `unknown` those that only the results speak of. `contracts`:
    unique_id of a model whose contract dbt enforces → key of its check.
    """

    adapter: str | None = None
    project_name: str | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)

    @property
    def keys_with_outcomes(self) -> list[str]:
        """What can have an issue: checks, the nodes that dbt executes as steps, and macros (`dbt run-operation`)."""
        executed = STEP_KINDS | {"macro"}
        return sorted(self.checks.keys() | {key for key, kind in self.kinds.items() if kind in executed})

    def add_unknown_check(self, key: str, kind: Literal["data_test", "unit_test", "freshness"]) -> None:
        """A check of which only the name is known: `test.<package>.<name>.<hash>`."""
        dataset = key if kind == "freshness" else None
        name = "freshness" if kind == "freshness" else key.split(".")[2] if key.count(".") > 1 else key
        dimension = Dimension.TIMELINESS if kind == "freshness" else dimension_of(None, None)
        self.checks[key] = Check(key=key, name=name, kind=kind, dimension=dimension, dataset=dataset)


def define(manifest: Manifest, catalog: Catalog | None = None, secrets: Collection[str] = ()) -> Definitions:
    """Raises `ArtifactError` at a node that can't be read. `secrets` are taken out of texts."""
    return _Definer(manifest, catalog, Plain(secrets)).definitions


class _Definer:
    def __init__(self, manifest: Manifest, catalog: Catalog | None, plain: Plain) -> None:
        self.definitions = Definitions(manifest.head.adapter_type, manifest.head.project_name)
        self._adapter = manifest.head.adapter_type or "dbt"
        self._tables = catalog.tables if catalog else {}
        self._owners = manifest.owners_of_groups
        self._plain = plain
        for key, node in manifest.tested_nodes():
            self._add_node(key, node)
        # Tests come after what they test: they ask for its name and its owner.
        for key, test in manifest.data_tests():
            self.definitions.kinds[key] = "test"
            self.definitions.checks[key] = self._data_test(key, test)
        for key, unit_test in manifest.unit_tests.items():
            self.definitions.kinds[key] = "unit_test"
            self.definitions.checks[key] = self._unit_test(key, unit_test)
        for key, exposure in manifest.exposures.items():
            self.definitions.exposures[key] = self._exposure(key, exposure)
        self.definitions.kinds |= manifest.others

    def _add_node(self, key: str, node: Node) -> None:
        definitions, kind = self.definitions, node.resource_type or key.partition(".")[0]
        definitions.kinds[key] = kind
        meta = _meta(node)
        owner = _owner(meta) or (_name_of(self._owners.get(node.group)) if node.group else None)
        definitions.named[key] = Named(node.name or key, node.package_name, owner)
        if kind in DATASET_KINDS:
            definitions.datasets[key] = self._dataset(key, node, meta)
        if kind == "source" and has_freshness(node):
            definitions.checks[key] = self._check_of_node(key, key, node, "freshness", Dimension.TIMELINESS)
        if kind == "model" and _is_contract_enforced(node):
            contract = f"{key}.contract"
            definitions.contracts[key] = contract
            definitions.checks[contract] = self._check_of_node(contract, key, node, "contract", Dimension.SCHEMA)

    def _dataset(self, key: str, node: Node, meta: dict[str, Any]) -> Dataset:
        is_named_twice = node.resource_type == "source" and node.source_name
        name = f"{node.source_name}.{node.name}" if is_named_twice else node.name
        parts = (node.database, node.schema, node.alias or node.name)
        return Dataset(
            key=key,
            name=name or key,
            kind=node.resource_type,
            source=self._source(node.database),
            relation=node.relation_name or ".".join(filter(None, parts)),
            description=self._plain(node.description),
            owner=self.definitions.named[key].owner,
            tags=_tags(node),
            columns=self._columns(key, node),
            depends_on=_datasets_in(node.parents),
            path=node.original_file_path,
            meta=self._plain_inside(meta) if meta else _NOTHING,
        )

    def _source(self, database: str | None) -> str:
        name = f"{self._adapter}:{database}" if database else self._adapter
        if name not in self.definitions.sources:
            self.definitions.sources[name] = Source(name=name, type=self._adapter, database=database)
        return name

    def _columns(self, key: str, node: Node) -> tuple[Column, ...]:
        """Those of the catalog, in its order and with its types; then those that only the manifest knows."""
        documented = node.columns or {}
        if key not in self._tables:
            return tuple([self._column(one.name, one.data_type, one) for one in documented.values()])
        known = {name.lower(): column for name, column in documented.items()}
        found = sorted((self._tables[key].columns or {}).values(), key=lambda one: one.index or 0)
        columns = [self._column(one.name, one.type, known.pop(one.name.lower(), None)) for one in found]
        return (*columns, *(self._column(one.name, one.data_type, one) for one in known.values()))

    def _column(self, name: str, type_: str | None, documented: NodeColumn | None) -> Column:
        # Most columns have none, and there are more columns than anything else.
        description = self._plain(documented.description) if documented and documented.description else None
        return Column(name=name, type=type_, description=description)

    def _data_test(self, key: str, node: DataTest) -> Check:
        metadata, meta = node.test_metadata, _meta(node)
        column = node.column_name or ((metadata.kwargs or {}).get("column_name") if metadata else None)
        return self._check(
            key,
            node,
            meta,
            kind="data_test",
            dimension=dimension_of(metadata.name if metadata else None, _declared_dimension(meta)),
            dataset=dataset_of(node, self.definitions.named),
            severity=_severity(node),
            column=column if isinstance(column, str) else None,
        )

    def _unit_test(self, key: str, unit_test: UnitTest) -> Check:
        meta = _meta(unit_test)
        return self._check(
            key,
            unit_test,
            meta,
            kind="unit_test",
            # A unit test compares what the SQL computes with what it should: is the number right?
            dimension=dimension_of(None, _declared_dimension(meta) or Dimension.ACCURACY),
            dataset=next((parent for parent in unit_test.parents if parent.startswith("model.")), None),
        )

    def _check(
        self,
        key: str,
        node: Described,
        meta: dict[str, Any],
        *,
        kind: Literal["data_test", "unit_test"],
        dimension: Dimension,
        dataset: str | None,
        severity: Severity = Severity.ERROR,
        column: str | None = None,
    ) -> Check:
        tested = self.definitions.named.get(dataset) if dataset else None
        return Check(
            key=key,
            name=node.name or key,
            kind=kind,
            dimension=dimension,
            severity=severity,
            dataset=dataset,
            column=column,
            description=self._plain(node.description),
            owner=_owner(meta) or (tested.owner if tested else None),
            tags=_tags(node),
            path=node.original_file_path,
            meta=self._plain_inside(meta) if meta else _NOTHING,
        )

    def _check_of_node(
        self, key: str, dataset: str, node: Node, kind: Literal["freshness", "contract"], dimension: Dimension
    ) -> Check:
        """A rule that is part of a dataset's own definition: its words and its `meta` are the dataset's."""
        return Check(
            key=key,
            name=kind,
            kind=kind,
            dimension=dimension,
            dataset=dataset,
            owner=self.definitions.named[dataset].owner,
            tags=_tags(node),
            path=node.original_file_path,
        )

    def _exposure(self, key: str, node: ExposureNode) -> Exposure:
        meta = _meta(node)
        return Exposure(
            key=key,
            name=node.name or key,
            type=node.type,
            url=self._plain(node.url),
            description=self._plain(node.description),
            owner=_name_of(node.owner) or _owner(meta),
            tags=_tags(node),
            depends_on=_datasets_in(node.parents),
            meta=self._plain_inside(meta),
        )

    def _plain_inside(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._plain(value)
        if isinstance(value, dict):
            return {str(key): self._plain_inside(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._plain_inside(one) for one in value]
        return value


def has_freshness(node: Node) -> bool:
    """dbt writes the windows as {warn_after: {count, period}, error_after: …}, empty ones with count null."""
    windows = node.freshness or (node.config.freshness if node.config else None)
    if not isinstance(windows, dict):
        return False
    return any(
        isinstance(window, dict) and window.get("count") is not None
        for window in (windows.get("warn_after"), windows.get("error_after"))
    )


def _is_contract_enforced(node: Node) -> bool:
    contracts = (node.contract, node.config.contract if node.config else None)
    return any(contract is not None and contract.enforced for contract in contracts)


def _datasets_in(parents: Iterable[str]) -> tuple[str, ...]:
    return tuple([parent for parent in parents if parent.partition(".")[0] in DATASET_KINDS])


# Looking a word up in its enumeration takes longer than all else that is done here for a test.
ERROR, WARN = Severity.ERROR, Severity.WARN


def _severity(node: DataTest) -> Severity:
    declared = node.config.severity if node.config else None
    return WARN if isinstance(declared, str) and declared.lower() == "warn" else ERROR


_NOTHING: dict[str, Any] = {}


def _meta(node: Described) -> dict[str, Any]:
    """Newer projects write `config.meta`, older ones `meta`; the config's wins."""
    own, configured = node.meta, node.config.meta if node.config else None
    if not own and not configured:
        return _NOTHING
    parts = (part for part in (own, configured) if isinstance(part, dict))
    return {key: value for part in parts for key, value in part.items()}


def _declared_dimension(meta: dict[str, Any]) -> object:
    if not meta:
        return None
    qalita = meta.get("qalita")
    return (qalita.get("dimension") if isinstance(qalita, dict) else None) or meta.get("dimension")


def _owner(meta: dict[str, Any]) -> str | None:
    """`owner: data team`, or `owner: {name: …, email: …}`."""
    owner = meta.get("owner") if meta else None
    if isinstance(owner, dict):
        owner = owner.get("name") or owner.get("email")
    return owner if isinstance(owner, str) and owner else None


def _name_of(owner: Owner | None) -> str | None:
    found = (owner.name or owner.email) if owner else None
    return found if isinstance(found, str) else None


def _tags(node: Described) -> tuple[str, ...]:
    tags = node.tags
    if not tags:
        return ()
    if isinstance(tags, str):
        return (tags,)
    return tuple([str(tag) for tag in tags]) if isinstance(tags, list) else ()
