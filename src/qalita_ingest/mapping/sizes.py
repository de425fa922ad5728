"""catalog.json → numbers of datasets. Its columns and types are definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.contract import Metric, Scope

if TYPE_CHECKING:
    from qalita_ingest.mapping.definitions import Definitions
    from qalita_ingest.mapping.outcomes import Outcomes
    from qalita_ingest.readers.dbt import Catalog, CatalogStatistic


def map_catalog(catalog: Catalog, definitions: Definitions, outcomes: Outcomes) -> None:
    """Sizes of the tables, as numbers of the last invocation: the catalog has none of the run's own."""
    if not outcomes.invocations:
        return
    last = max(outcomes.invocations.values(), key=lambda one: (one.finished_at, one.id))
    for key in catalog.tables.keys() & definitions.datasets.keys():
        scope = Scope(perimeter="dataset", value=key)
        sizes = {one.id: one.value for one in (catalog.tables[key].stats or {}).values() if _is_size(one)}
        outcomes.metrics.extend(
            Metric(key=f"catalog_{name}", value=value, scope=scope, invocation=last.id)
            for name, value in sorted(sizes.items())
        )


def _is_size(statistic: CatalogStatistic) -> bool:
    """Statistics of the adapter's own, like whether there are any, are marked as not to be included."""
    value = statistic.value
    return bool(statistic.include) and isinstance(value, int | float) and not isinstance(value, bool)
