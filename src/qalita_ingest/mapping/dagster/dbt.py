"""What dagster-dbt writes into metadata: which dbt node and which dbt command an event is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

UNIQUE_ID, INVOCATION_ID, STATUS = "unique_id", "invocation_id", "status"
FAILED_ROWS = "dagster_dbt/failed_row_count"
SECONDS = "Execution Duration"
TESTS = ("test.", "unit_test.")
DATASETS = ("model.", "seed.", "snapshot.", "source.")


class DbtNode(NamedTuple):
    unique_id: str
    invocation: str
    status: str | None


def dbt_node(metadata: Mapping[str, Any]) -> DbtNode | None:
    """None where the event is not dbt's."""
    unique_id, invocation, status = (metadata.get(label) for label in (UNIQUE_ID, INVOCATION_ID, STATUS))
    if not (isinstance(unique_id, str) and isinstance(invocation, str) and unique_id and invocation):
        return None
    return DbtNode(unique_id, invocation, status if isinstance(status, str) else None)


def is_test(node: DbtNode | None) -> bool:
    return node is not None and node.unique_id.startswith(TESTS)


def is_dataset(node: DbtNode | None) -> bool:
    return node is not None and node.unique_id.startswith(DATASETS)
