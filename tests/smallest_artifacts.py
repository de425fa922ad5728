"""The smallest files of dbt that say something: one model, and its test that failed. Made up, so no dbt is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

METADATA = {"invocation_id": "i-1", "generated_at": "2026-01-01T00:00:00Z", "dbt_version": "1.11.16"}


def manifest_of(project: str, model: str, *tests: str) -> dict[str, Any]:
    """One model and its tests; a test is `test.<project>.<name>`."""
    dataset = f"model.{project}.{model}"
    nodes = [{"unique_id": dataset, "name": model, "resource_type": "model"}] + [
        {"unique_id": f"test.{project}.{name}", "name": name, "resource_type": "test", "attached_node": dataset}
        for name in tests
    ]
    return {
        "metadata": {"project_name": project, "adapter_type": "duckdb"},
        "nodes": {node["unique_id"]: node for node in nodes},
    }


TEST = "test.air.not_null_stg_value"
MANIFEST = manifest_of("air", "stg", "not_null_stg_value")
RESULTS: dict[str, Any] = {"metadata": METADATA, "results": [{"unique_id": TEST, "status": "fail", "failures": 3}]}


def write_artifacts(folder: Path) -> list[str]:
    """The options that name the two files."""
    manifest, results = folder / "manifest.json", folder / "run_results.json"
    manifest.write_text(json.dumps(MANIFEST))
    results.write_text(json.dumps(RESULTS))
    return ["--manifest", str(manifest), "--results", str(results)]
