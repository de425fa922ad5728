"""Artifacts of a project called air, as dbt 1.11 writes them, cut down to what a test is about; and their report."""

import json
from pathlib import Path
from typing import Any

from qalita_ingest.contract import RunReport
from qalita_ingest.mapping import RunLabels, Summary
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

STAGING, TEST, UNIT, SOURCE = (
    "model.air.stg",
    "test.air.not_null_stg_value",
    "unit_test.air.stg.units",
    "source.air.raw.log",
)
HOOK, EXPOSURE = "operation.air.air-on-run-end-0", "exposure.air.report"
MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "air", "adapter_type": "duckdb"},
    "nodes": {
        STAGING: {
            "unique_id": STAGING,
            "name": "stg",
            "resource_type": "model",
            "database": "opendata",
            "schema": "main",
            "relation_name": '"opendata"."main"."stg"',
            "tags": ["air"],
            "config": {"meta": {"owner": "data team"}},
            "columns": {"value": {"name": "value", "data_type": "double", "description": "µg/m³"}},
            "depends_on": {"nodes": ["seed.air.raw", "macro.air.x"]},
        },
        TEST: {
            "unique_id": TEST,
            "name": "not_null_stg_value",
            "resource_type": "test",
            "attached_node": STAGING,
            "test_metadata": {"name": "not_null", "kwargs": {"column_name": "value"}},
            "config": {"severity": "WARN"},
        },
        HOOK: {"unique_id": HOOK, "name": "air-on-run-end-0", "resource_type": "operation"},
    },
    "sources": {
        SOURCE: {
            "unique_id": SOURCE,
            "name": "log",
            "source_name": "raw",
            "resource_type": "source",
            "freshness": {"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": None}},
        }
    },
    "unit_tests": {UNIT: {"unique_id": UNIT, "name": "units", "model": "stg", "depends_on": {"nodes": [STAGING]}}},
    "exposures": {EXPOSURE: {}},
}


def run_results(
    *rows: dict[str, Any], invocation: str = "i-1", at: str = "2026-01-01T01:00:00Z", **args: Any
) -> dict[str, Any]:
    return {
        "metadata": {"invocation_id": invocation, "generated_at": at, "dbt_version": "1.11.16"},
        "args": args,
        "results": list(rows),
    }


def row(unique_id: str, status: str, **more: Any) -> dict[str, Any]:
    return {"unique_id": unique_id, "status": status} | more


def prepared(folder: Path, *results: dict[str, Any], sources: Any = None, **options: bool) -> tuple[RunReport, Summary]:
    def write(name: str, content: Any) -> Path:
        (folder / name).write_text(json.dumps(content))
        return folder / name

    files = DbtFiles(
        write("manifest.json", MANIFEST),
        [write(f"run_results_{number}.json", content) for number, content in enumerate(results)],
        write("sources.json", sources) if sources else None,
    )
    return prepare_dbt(files, RunLabels("opendata_dbt", "dev"), **options)
