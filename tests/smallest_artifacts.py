"""The smallest files of dbt that say something: one model, and its test that failed. Made up, so no dbt is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

METADATA = {"invocation_id": "i-1", "generated_at": "2026-01-01T00:00:00Z", "dbt_version": "1.11.16"}
TEST = "test.air.not_null_stg_value"
MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "air", "adapter_type": "duckdb"},
    "nodes": {
        "model.air.stg": {"unique_id": "model.air.stg", "name": "stg", "resource_type": "model"},
        TEST: {
            "unique_id": TEST,
            "name": "not_null_stg_value",
            "resource_type": "test",
            "attached_node": "model.air.stg",
        },
    },
}
RESULTS: dict[str, Any] = {"metadata": METADATA, "results": [{"unique_id": TEST, "status": "fail", "failures": 3}]}


def write_artifacts(folder: Path) -> list[str]:
    """The options that name the two files."""
    manifest, results = folder / "manifest.json", folder / "run_results.json"
    manifest.write_text(json.dumps(MANIFEST))
    results.write_text(json.dumps(RESULTS))
    return ["--manifest", str(manifest), "--results", str(results)]
