"""Which of QALITA's dimensions an asset check measures, as far as its result tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qalita_ingest.contract import Dimension
from qalita_ingest.mapping.dimension import BY_TEST_NAME, dimension_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DECLARED = ("qalita/dimension", "dimension")
# dbt begins the names of tests on sources with the first, and those of packages with the package's.
PREFIXES = ("source_", "dbt_utils_", "dbt_expectations_")
# What Dagster calls the checks that it builds itself: `build_last_update_freshness_checks` and the like.
BUILT_BY_DAGSTER = {
    "freshness_check": Dimension.TIMELINESS,
    "column_schema_change": Dimension.SCHEMA,
}
_LONGEST_FIRST = sorted(BY_TEST_NAME, key=len, reverse=True)


def dimension_of_check(name: str, metadata: Mapping[str, Any]) -> Dimension:
    """What its metadata says; else what a dbt test of that name measures (`not_null_orders_id`); else reasonability."""
    declared = next((metadata[label] for label in DECLARED if label in metadata), None)
    built = next((found for part, found in BUILT_BY_DAGSTER.items() if part in name), None)
    return dimension_of(_test_name(name), declared if declared is not None else built)


def _test_name(name: str) -> str | None:
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return next((test for test in _LONGEST_FIRST if name == test or name.startswith(f"{test}_")), None)
