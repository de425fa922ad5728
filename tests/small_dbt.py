"""A dbt project of one model and three tests, in a git repository of its own, with DuckDB: built in seconds."""

from __future__ import annotations

from pathlib import Path

from workspaces import git, write_files

FILES = {
    "dbt_project.yml": """\
name: shop
version: "1.0"
profile: shop
model-paths: [models]
flags: {send_anonymous_usage_stats: false}
""",
    "profiles.yml": """\
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 1}
""",
    ".gitignore": "target/\nlogs/\n*.duckdb\n.qalita/\n",
}
SCHEMA = """\
models:
  - name: orders
    description: One row per order.
    columns:
      - name: id
        data_tests: [not_null, unique]
      - name: status
        data_tests:
          - accepted_values: {arguments: {values: [paid, sent]}, config: {severity: SEVERITY}}
"""
GOOD = "select 1 as id, 'paid' as status union all select 2, 'sent'\n"
# One test of three fails.
BAD = "select 1 as id, 'paid' as status union all select 2, 'lost'\n"
UNPARSABLE = "select * from {{ ref('nowhere') }}\n"


def write_project(folder: Path, orders: str = GOOD, severity: str = "error") -> Path:
    """`severity` of the test that `BAD` fails."""
    schema = SCHEMA.replace("SEVERITY", severity)
    write_files(folder, FILES | {"models/schema.yml": schema, "models/orders.sql": orders})
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "shop"]):
        git(folder, *command)
    return folder
