"""Copies of the dbt example, and one of them built: dbt takes a while for that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from made_once import made_once

EXAMPLE = Path(__file__).resolve().parents[1] / "example_dbt"
PRODUCED = shutil.ignore_patterns("target", "logs", "*.duckdb", "*.wal", ".venv", "__pycache__", ".user.yml")
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class ExampleCopy:
    """The example in a folder of its own."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "opendata.duckdb"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def artifact(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / "target" / name).read_text(encoding="utf-8"))

    def statuses(self, step: str) -> dict[str, str]:
        """Name → status of every node of the step."""
        results = self.artifact(f"steps/{step}.run_results.json")["results"]
        return {name_of(result["unique_id"]): result["status"] for result in results}

    def replace_in(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds this {text.count(old)} times, not once: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def name_of(unique_id: str) -> str:
    """The name in `test.opendata.<name>.<hash>`, `unit_test.opendata.<model>.<name>`, `model.opendata.<name>`."""
    kind, _project, *rest = unique_id.split(".")
    return rest[0] if kind == "test" else rest[-1]


def build_once(shared: Path) -> ExampleCopy:
    """The built copy in the folder that all processes of this test run share."""
    made = made_once(shared, "built_example", lambda folder: build(folder / "example_dbt"))
    return ExampleCopy(made / "example_dbt")


def plain_environment() -> dict[str, str]:
    """The environment without what `make test` or a developer's shell has set for another place."""
    of_others = ("DBT_", "OPENDATA_", "QALITA_", "MAKE", "MFLAGS", "VENV", "VIRTUAL_ENV", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(of_others)}
    return {**kept, "DO_NOT_TRACK": "1"}


def build(folder: Path) -> None:
    shutil.copytree(EXAMPLE, folder, ignore=PRODUCED)
    done = subprocess.run(
        [sys.executable, "scripts/dbt_steps.py", "seed", "run", "test", "freshness"],
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    (folder.parent / "output.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
