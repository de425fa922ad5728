"""A dbt project of one model and three tests, in a git repository of its own, with DuckDB: built in seconds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from example_copies import plain_environment
from made_once import made_once
from workspaces import BIN, git, write_files

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


def write_project(folder: Path, orders: str = GOOD, severity: str = "error", parsed: Path | None = None) -> Path:
    """`severity` of the test that `BAD` fails; `parsed`: see `build_once`."""
    schema = SCHEMA.replace("SEVERITY", severity)
    write_files(folder, FILES | {"models/schema.yml": schema, "models/orders.sql": orders})
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "shop"]):
        git(folder, *command)
    if parsed:
        (folder / "target").mkdir()
        shutil.copy(parsed / "partial_parse.msgpack", folder / "target")
    return folder


def build_once(shared: Path) -> Path:
    """The `target/` of the project with `BAD`, built.

    A project that gets what was parsed there need not parse the macros of dbt again, which takes half of a short build:
    what its own files say is parsed where they differ.
    """
    return made_once(shared, "built_shop", _build) / "project" / "target"


def _build(folder: Path) -> None:
    project = write_project(folder / "project", BAD)
    done = subprocess.run(
        [BIN / "dbt", "build"], cwd=project, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
