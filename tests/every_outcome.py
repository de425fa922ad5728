"""A dbt project on DuckDB that meets every outcome, run for real by the commands that write artifacts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from qalita_ingest.contract import RunReport
from qalita_ingest.mapping import RunLabels, Summary
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from workspaces import write_files

LABELS = RunLabels("shop", "dev")
# Of a public repository, in the corpus.
JAFFLE = "yu-iskw__dbt-artifacts-parser/tests/resources/"
PLANTED_TOKEN = "zq7_planted_3f9b"
SCHEMA = """
sources:
  - name: raw
    config:
      loaded_at_field: loaded_at
      freshness: {warn_after: {count: 1, period: day}, error_after: {count: 2, period: day}}
    tables:
      - name: orders
        columns:
          - name: customer_id
            data_tests: [{relationships: {name: raw_customer, arguments: {to: ref('customers'), field: id}}}]
      - name: gone
models:
  - name: orders
    columns:
      - {name: id, data_tests: [{not_null: {name: id_there}}, {unique: {name: id_unique, config: {severity: warn}}}]}
      - name: customer_id
        data_tests: [{relationships: {name: customer_known, arguments: {to: ref('customers'), field: id}}}]
      - name: status
        data_tests: [{accepted_values: {arguments: {values: [VALUES]}}}]
  - name: broken
    columns: [{name: id, data_tests: [{not_null: {name: broken_there}}]}]
  - name: priced
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}, {name: price, data_type: integer}]
  - name: kept
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}]
unit_tests:
  - {name: right, model: customers, given: [], expect: {rows: [{id: 1}]}}
  - {name: wrong, model: labels, given: [], expect: {rows: [{id: 2}]}}
"""
FILES = {
    "dbt_project.yml": """
name: shop
version: "1.0"
profile: shop
on-run-end: ["select 1"]
data_tests: {+store_failures: true}
flags: {send_anonymous_usage_stats: false}
""",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}",
    # Its alias is not its name, as with one model of ten in the field.
    "models/orders.sql": "{{ config(alias='bestellungen') }} select * from {{ source('raw', 'orders') }}",
    "models/customers.sql": "select 1 as id",
    "models/labels.sql": "select 1 as id",
    "models/broken.sql": "{{ config(materialized='table') }} select 'x'::int as id from {{ ref('customers') }}",
    "models/priced.sql": "select 1 as id, 2.5 as price",
    "models/kept.sql": "select 1 as id",
    "models/schema.yml": SCHEMA.replace("VALUES", "paid"),
    "tests/two_tables.sql": "select id from {{ ref('orders') }} where id not in (select id from {{ ref('kept') }})",
    "tests/unreadable.sql": "select {{ var('api_token', 'no_such_column') }} from {{ ref('customers') }}",
}
RAW = """
create schema raw;
create table raw.orders as from (values (1, 1, 'paid', now()::timestamp), (1, 7, 'lost', now()::timestamp))
    as t(id, customer_id, status, loaded_at);
"""
# What is typed, under the name of the folder that its artifacts are copied to.
STEPS = [
    ("build", ["build"]),
    ("retry", ["retry"]),
    ("freshness", ["source", "freshness"]),
    ("docs", ["docs", "generate"]),
    ("empty", ["build", "--empty"]),
    ("run", ["run"]),
    ("warn_error", ["--warn-error", "test", "--select", "id_unique"]),
    ("test", ["test", "--vars", json.dumps({"api_token": PLANTED_TOKEN})]),
    ("unparsable", ["build"]),
    ("other_values", ["parse"]),
]
DRIVER = """
import json, pathlib, shutil, sys
from dbt.cli.main import dbtRunner

changes = {"unparsable": "models: [", "other_values": SCHEMA}
for step, typed in STEPS:
    if step in changes:
        pathlib.Path("models/schema.yml").write_text(changes[step])
    sys.argv = ["dbt", *typed]
    dbtRunner().invoke(typed)
    shutil.copytree("target", pathlib.Path("steps", step), ignore=shutil.ignore_patterns("compiled", "run", "*pack"))
"""


@dataclass(frozen=True)
class Runs:
    """The artifacts after each step."""

    folder: Path

    def file(self, step: str, name: str = "run_results.json") -> Path:
        return self.folder / "steps" / step / name

    def loaded(self, step: str, name: str = "run_results.json") -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.file(step, name).read_bytes())
        return content

    def prepared(self, *steps: str, sources: bool = False) -> tuple[RunReport, Summary]:
        """With the manifest of the last step."""
        files = DbtFiles(
            self.file(steps[-1], "manifest.json"),
            [] if sources else [self.file(step) for step in steps],
            self.file(steps[-1], "sources.json") if sources else None,
        )
        return prepare_dbt(files, LABELS)


def run_every_command(folder: Path) -> Runs:
    """Takes as long as ten commands of dbt in one process."""
    write_files(folder, FILES)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(RAW)
    script = f"STEPS = {STEPS!r}\nSCHEMA = {SCHEMA.replace('VALUES', 'paid, lost')!r}\n{DRIVER}"
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return Runs(folder)


def written(path: Path, content: object) -> Path:
    """An artifact that a test edited."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
