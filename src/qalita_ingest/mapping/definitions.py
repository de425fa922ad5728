"""A manifest → sources, datasets and checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qalita_ingest.contract import Check, Column, Dataset, Dimension, Severity, Source
from qalita_ingest.mapping.dimension import dimension_of
from qalita_ingest.mapping.parents import dataset_of

if TYPE_CHECKING:
    from qalita_ingest.readers.dbt import Manifest, Node, UnitTest

STEP_KINDS = frozenset({"model", "seed", "snapshot", "function", "operation"})
DATASET_KINDS = frozenset({"model", "seed", "snapshot", "source"})


@dataclass
class Definitions:
    """Everything that the manifest defines, by unique_id.

    `kinds` holds every node, checks and datasets or not; `unknown` those that only the results speak of.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)

    @property
    def keys_with_outcomes(self) -> list[str]:
        """What can have an issue: checks, and the nodes that dbt executes as steps."""
        return sorted(self.checks.keys() | {key for key, kind in self.kinds.items() if kind in STEP_KINDS})

    def add_unknown_check(self, key: str, kind: Literal["data_test", "unit_test", "freshness"]) -> None:
        """A check of which only the name is known: `test.<package>.<name>.<hash>`."""
        dataset = key if kind == "freshness" else None
        name = "freshness" if kind == "freshness" else key.split(".")[2] if key.count(".") > 1 else key
        dimension = Dimension.TIMELINESS if kind == "freshness" else dimension_of(None, None)
        self.checks.setdefault(key, Check(key=key, name=name, kind=kind, dimension=dimension, dataset=dataset))


def define(manifest: Manifest) -> Definitions:
    definitions = Definitions()
    nodes = manifest.all_nodes
    for key, node in nodes.items():
        definitions.kinds[key] = node.resource_type
        definitions.names[key] = node.name
        if node.resource_type in DATASET_KINDS:
            _add_dataset(definitions, key, node, manifest.head.adapter_type)
        if node.resource_type == "test":
            definitions.checks[key] = _data_test(key, node, dataset_of(node, nodes), nodes)
        if node.resource_type == "source" and has_freshness(node):
            definitions.checks[key] = _freshness(key, node)
    for key, unit_test in (manifest.unit_tests or {}).items():
        definitions.kinds[key] = "unit_test"
        definitions.checks[key] = _unit_test(key, unit_test, nodes)
    definitions.kinds |= manifest.others
    return definitions


def _add_dataset(definitions: Definitions, key: str, node: Node, adapter: str | None) -> None:
    source = Source(
        name=":".join(filter(None, [adapter or "dbt", node.database])), type=adapter or "dbt", database=node.database
    )
    definitions.sources[source.name] = source
    definitions.datasets[key] = Dataset(
        key=key,
        name=f"{node.source_name}.{node.name}" if node.resource_type == "source" and node.source_name else node.name,
        kind=node.resource_type,
        source=source.name,
        relation=node.relation_name or ".".join(filter(None, [node.database, node.schema, node.alias or node.name])),
        description=node.description or None,
        owner=_owner(node),
        tags=_tags(node),
        columns=tuple(
            Column(name=column.name, type=column.data_type, description=column.description or None)
            for column in (node.columns or {}).values()
        ),
        depends_on=tuple(parent for parent in node.parents if parent.split(".")[0] in DATASET_KINDS),
    )


def _data_test(key: str, node: Node, dataset: str | None, nodes: dict[str, Node]) -> Check:
    metadata = node.test_metadata
    column = node.column_name or ((metadata.kwargs or {}).get("column_name") if metadata else None)
    return Check(
        key=key,
        name=node.name,
        kind="data_test",
        dimension=dimension_of(metadata.name if metadata else None, _declared_dimension(node)),
        severity=_severity(_config(node).get("severity")),
        dataset=dataset,
        column=column if isinstance(column, str) else None,
        description=node.description or None,
        owner=_owner(node) or _owner_of(dataset, nodes),
        tags=_tags(node),
    )


def _unit_test(key: str, unit_test: UnitTest, nodes: dict[str, Node]) -> Check:
    dataset = next((parent for parent in unit_test.parents if parent.startswith("model.")), None)
    return Check(
        key=key,
        name=unit_test.name,
        kind="unit_test",
        # A unit test compares what the SQL computes with what it should: is the number right?
        dimension=dimension_of(None, _declared_dimension(unit_test) or Dimension.ACCURACY),
        dataset=dataset,
        description=unit_test.description or None,
        owner=_owner(unit_test) or _owner_of(dataset, nodes),
        tags=_tags(unit_test),
    )


def _freshness(key: str, node: Node) -> Check:
    return Check(
        key=key,
        name="freshness",
        kind="freshness",
        dimension=Dimension.TIMELINESS,
        dataset=key,
        owner=_owner(node),
        tags=_tags(node),
    )


def has_freshness(node: Node) -> bool:
    """dbt writes the windows as {warn_after: {count, period}, error_after: …}, empty ones with count null."""
    windows = node.freshness or _config(node).get("freshness")
    if not isinstance(windows, dict):
        return False
    return any(
        isinstance(window, dict) and window.get("count") is not None
        for window in (windows.get("warn_after"), windows.get("error_after"))
    )


def _severity(declared: object) -> Severity:
    return Severity.WARN if str(declared).lower() == "warn" else Severity.ERROR


def _config(node: Node | UnitTest) -> dict[str, Any]:
    return node.config if isinstance(node.config, dict) else {}


def _meta(node: Node | UnitTest) -> dict[str, Any]:
    """Newer projects write `config.meta`, older ones `meta`; the config's wins."""
    of_config = _config(node).get("meta")
    return (node.meta if isinstance(node.meta, dict) else {}) | (of_config if isinstance(of_config, dict) else {})


def _declared_dimension(node: Node | UnitTest) -> object:
    meta = _meta(node)
    qalita = meta.get("qalita")
    return (qalita.get("dimension") if isinstance(qalita, dict) else None) or meta.get("dimension")


def _owner(node: Node | UnitTest) -> str | None:
    owner = _meta(node).get("owner")
    return owner if isinstance(owner, str) else None


def _owner_of(dataset: str | None, nodes: dict[str, Node]) -> str | None:
    node = nodes.get(dataset or "")
    return _owner(node) if node else None


def _tags(node: Node | UnitTest) -> tuple[str, ...]:
    tags = [node.tags] if isinstance(node.tags, str) else node.tags
    return tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()
