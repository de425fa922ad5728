"""Writes the artifacts of a large dbt project that nobody had to build: manifest.json and run_results.json.

    python scripts/generate_project.py FOLDER [--models 10000] [--tests 50000]

Shaped like what dbt 1.11 writes: the same keys, SQL text of the usual length, ten columns a model, one test in a
hundred failing. 10,000 models and 50,000 tests give 177 MB and 45 MB.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

SCHEMA = "https://schemas.getdbt.com/dbt/{}.json"
INVOCATION = "11111111-2222-3333-4444-555555555555"
COLUMNS = 10
SQL = "select order_id, customer_id, order_date, amount, status from analytics.raw_orders where status is not null "
CHECKSUM = {"name": "sha256", "checksum": "a" * 64}
# Every test of a project comes with a copy of its configuration.
TEST_CONFIG: dict[str, Any] = {
    "enabled": True, "alias": None, "schema": "dbt_test__audit", "database": None, "tags": [], "meta": {},
    "group": None,
    "materialized": "test", "severity": "ERROR", "store_failures": None, "store_failures_as": None, "where": None,
    "limit": None, "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0",
}  # fmt: skip
MODEL_CONFIG: dict[str, Any] = {
    "enabled": True, "alias": None, "schema": None, "database": None, "tags": ["nightly"], "meta": {"owner": "team"},
    "group": None, "materialized": "table", "incremental_strategy": None, "persist_docs": {}, "post-hook": [],
    "pre-hook": [], "quoting": {}, "column_types": {}, "full_refresh": None, "unique_key": None,
    "on_schema_change": "ignore",
    "on_configuration_change": "apply", "grants": {}, "packages": [], "docs": {"show": True, "node_color": None},
    "contract": {"enforced": False, "alias_types": True}, "event_time": None, "concurrent_batches": None,
    "batch_size": None, "lookback": 1, "begin": None, "freshness": None,
}  # fmt: skip


def _model(number: int, count: int) -> dict[str, Any]:
    name = f"model_{number:05d}"
    columns: dict[str, Any] = {
        f"column_{one}": {
            "name": f"column_{one}", "description": "What this column holds, in one sentence.", "meta": {},
            "data_type": "varchar", "constraints": [], "quote": None, "tags": [], "granularity": None, "config": {},
        }
        for one in range(COLUMNS)
    }  # fmt: skip
    parents = [f"model.big.model_{number - 1:05d}"] if number % 10 else []
    return {
        "unique_id": f"model.big.{name}", "resource_type": "model", "name": name, "alias": name, "database": "big",
        "schema": "analytics", "package_name": "big", "path": f"marts/{name}.sql",
        "original_file_path": f"models/marts/{name}.sql", "fqn": ["big", "marts", name], "checksum": CHECKSUM,
        "config": MODEL_CONFIG, "tags": ["nightly"], "description": "One row per order. " * 6, "columns": columns,
        "meta": {"owner": "team"}, "group": None, "docs": {"show": True}, "patch_path": "big://models/schema.yml",
        "build_path": None, "unrendered_config": {"materialized": "table"}, "created_at": 1.7e9, "raw_code": SQL * 12,
        "language": "sql", "refs": [{"name": f"model_{(number - 1) % count:05d}", "package": None, "version": None}],
        "sources": [], "metrics": [], "depends_on": {"macros": ["macro.dbt.is_incremental"], "nodes": parents},
        "compiled_path": f"target/compiled/big/models/marts/{name}.sql", "compiled": True, "compiled_code": SQL * 12,
        "extra_ctes_injected": True, "extra_ctes": [], "relation_name": f'"big"."analytics"."{name}"',
        "contract": {"enforced": False, "alias_types": True, "checksum": None}, "access": "protected",
        "constraints": [], "version": None, "latest_version": None, "deprecation_date": None, "primary_key": [],
    }  # fmt: skip


def _test(number: int, models: int) -> dict[str, Any]:
    model, column = f"model_{number % models:05d}", f"column_{number // models % COLUMNS}"
    name = f"not_null_{model}_{column}_{number}"
    return {
        "unique_id": f"test.big.{name}.{number:010x}", "resource_type": "test", "name": name, "alias": name,
        "database": "big", "schema": "analytics_dbt_test__audit", "package_name": "big", "path": f"{name}.sql",
        "original_file_path": "models/schema.yml", "fqn": ["big", "marts", name], "checksum": CHECKSUM,
        "config": TEST_CONFIG, "tags": [], "description": "", "columns": {}, "meta": {}, "group": None,
        "docs": {"show": True, "node_color": None}, "patch_path": None, "build_path": None, "unrendered_config": {},
        "created_at": 1.7e9, "raw_code": "{{ test_not_null(**_dbt_generic_test_kwargs) }}", "language": "sql",
        "refs": [{"name": model, "package": None, "version": None}], "sources": [], "metrics": [],
        "depends_on": {
            "macros": ["macro.dbt.test_not_null", "macro.dbt.get_where_subquery"], "nodes": [f"model.big.{model}"],
        },
        "compiled_path": f"target/compiled/big/models/schema.yml/{name}.sql", "compiled": True,
        "compiled_code": SQL * 2, "extra_ctes_injected": True, "extra_ctes": [], "relation_name": None,
        "contract": {"enforced": False, "alias_types": True, "checksum": None}, "column_name": column,
        "file_key_name": f"models.{model}", "attached_node": f"model.big.{model}",
        "test_metadata": {
            "name": "not_null", "namespace": None,
            "kwargs": {"column_name": column, "model": f"{{{{ get_where_subquery(ref('{model}')) }}}}"},
        },
    }  # fmt: skip


def _row(unique_id: str, status: str, *, failures: int | None) -> dict[str, Any]:
    moments = {"started_at": "2026-01-01T00:00:00.100000Z", "completed_at": "2026-01-01T00:00:00.200000Z"}
    return {
        "status": status, "timing": [{"name": "compile", **moments}, {"name": "execute", **moments}],
        "thread_id": "Thread-1 (worker)", "execution_time": 0.1, "adapter_response": {"_message": "OK"},
        "message": "Got 3 results, configured to fail if != 0" if failures else None, "failures": failures,
        "unique_id": unique_id, "compiled": True, "compiled_code": SQL * 2, "relation_name": None,
        "batch_results": None,
    }  # fmt: skip


def write_project(folder: Path, models: int, tests: int) -> None:
    """manifest.json and run_results.json of a `dbt build`."""
    folder.mkdir(parents=True, exist_ok=True)
    nodes = {node["unique_id"]: node for node in (_model(number, models) for number in range(models))}
    checks = [_test(number, models) for number in range(tests)]
    rows = [_row(key, "success", failures=None) for key in nodes]
    rows += [
        _row(check["unique_id"], "pass" if number % 100 else "fail", failures=0 if number % 100 else 3)
        for number, check in enumerate(checks)
    ]
    head = {
        "dbt_version": "1.11.16",
        "generated_at": "2026-01-01T01:00:00.000000Z",
        "invocation_id": INVOCATION,
        "env": {},
    }
    manifest = {
        "metadata": head | {
            "dbt_schema_version": SCHEMA.format("manifest/v12"), "project_name": "big", "adapter_type": "duckdb",
        },
        "nodes": nodes | {check["unique_id"]: check for check in checks},
        "sources": {}, "macros": {}, "docs": {}, "exposures": {}, "metrics": {}, "groups": {}, "selectors": {},
        "disabled": {}, "parent_map": {}, "child_map": {}, "semantic_models": {}, "saved_queries": {}, "unit_tests": {},
    }  # fmt: skip
    results = {
        "metadata": head | {"dbt_schema_version": SCHEMA.format("run-results/v6")},
        "results": rows, "elapsed_time": 60.0, "args": {"which": "build", "empty": False},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "run_results.json").write_text(json.dumps(results), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Artifacts of a large dbt project.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--tests", type=int, default=50_000)
    options = parser.parse_args()
    write_project(options.folder, options.models, options.tests)
    for name in ("manifest.json", "run_results.json"):
        print(f"{options.folder / name}  {(options.folder / name).stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
