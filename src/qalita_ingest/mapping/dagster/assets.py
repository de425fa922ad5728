"""Assets → datasets, and the numbers in their metadata → metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qalita_ingest.contract import Column, Dataset, Metric, Scope
from qalita_ingest.mapping.dagster.dbt import SECONDS, dbt_node, is_dataset, is_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qalita_ingest.mapping.text import Plain
    from qalita_ingest.readers.dagster import AssetEvent, Run

# Labels that mean what a number of dbt's is called.
METRIC_NAMES = {"dagster/row_count": "rows", "dagster/partition_row_count": "rows", SECONDS: "seconds"}
RELATIONS = ("dagster/table_name", "dagster/relation_identifier")
LONGEST_NAME = 255
# Beyond it no whole number is a float.
LARGEST_NUMBER = 1e300


@dataclass
class Assets:
    """The datasets of a run by asset key. A model that dbt built is dbt's dataset: its key is dbt's unique_id."""

    run: Run
    source: str
    plain: Plain
    _keys: dict[str, str] = field(init=False)
    _last: dict[str, AssetEvent] = field(init=False)

    def __post_init__(self) -> None:
        made = (one for one in self.run.asset_events if one.kind == "materialization")
        self._last = {**self.run.assets, **{one.asset: one for one in made}}
        nodes = {asset: dbt_node(one.metadata) for asset, one in self._last.items()}
        self._keys = {asset: node.unique_id for asset, node in nodes.items() if node and is_dataset(node)}

    def key_of(self, asset: str) -> str:
        return self._keys.get(asset, asset)

    def dbt_key_of(self, asset: str) -> str | None:
        """None where nobody said which node of dbt it is."""
        return self._keys.get(asset)

    def dataset(self, asset: str) -> Dataset:
        key, event = self.key_of(asset), self._last.get(asset)
        is_dbt, kind = asset in self._keys, key.partition(".")[0]
        metadata = event.metadata if event else {}
        return Dataset(
            key=key,
            name=key.split(".", 2)[-1] if is_dbt else asset,
            kind=kind if is_dbt else "asset",
            source=self.source,
            relation=next((str(metadata[label]) for label in RELATIONS if label in metadata), None),
            description=self.plain(event.description) if event else None,
            columns=tuple(
                Column(name=one.name, type=one.type, description=self.plain(one.description)) for one in event.columns
            )
            if event
            else (),
            depends_on=tuple(self.key_of(one) for one in event.upstream) if event else (),
        )

    def metrics(self) -> Iterator[Metric]:
        """Of the last event that has the number; one for each partition where the run made several of an asset."""
        partitions = Counter(asset for asset, _ in {(one.asset, one.partition) for one in self.run.asset_events})
        found = {
            (metric.key, metric.scope.value, metric.invocation): metric
            for event in self.run.asset_events
            for metric in self._metrics_of(event, is_partitioned=partitions[event.asset] > 1)
        }
        yield from found.values()

    def _metrics_of(self, event: AssetEvent, *, is_partitioned: bool) -> Iterator[Metric]:
        node = dbt_node(event.metadata)
        if is_test(node):
            return
        scope = Scope(perimeter="dataset", value=self.key_of(event.asset))
        suffix = f"[{event.partition}]" if is_partitioned and event.partition else ""
        # The seconds of a model are what dbt's own files say of the same command.
        invocation = node.invocation if node and is_dataset(node) else self.run.id
        for label, number in numbers_in(event.metadata).items():
            yield Metric(key=metric_name(label, suffix), value=number, scope=scope, invocation=invocation)


def numbers_in(metadata: Mapping[str, Any]) -> dict[str, float]:
    numeric = {label: value for label, value in metadata.items() if isinstance(value, int | float)}
    return {
        label: float(value)
        for label, value in numeric.items()
        if not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
    }


def metric_name(label: str, suffix: str = "") -> str:
    return METRIC_NAMES.get(label, label)[: LONGEST_NAME - len(suffix)] + suffix
