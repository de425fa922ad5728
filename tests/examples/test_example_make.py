"""The Makefile of the dbt example: order, environment, what it lists and what it leaves."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def make(plain_environment: dict[str, str]) -> Callable[..., str]:
    def run(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["make", *arguments],
            cwd=folder,
            env=plain_environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def copied_out(example: Path, tmp_path: Path) -> Path:
    """A copy outside the workspace whose environment counts as made."""
    for file in ("Makefile", "requirements.txt"):
        (tmp_path / file).write_bytes((example / file).read_bytes())
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()
    return tmp_path


def test_make_alone_lists_the_targets_in_the_order_of_use(make: Callable[..., str], copied_out: Path) -> None:
    listed = [line.split()[0] for line in make(copied_out).splitlines()[1:]]

    assert listed == ["help", "all", "env", "seed", "run", "test", "ingest", "clean"]


@pytest.mark.parametrize("goals", [["seed", "run", "test", "ingest"], ["ingest", "test", "run", "seed"]])
def test_steps_named_together_run_in_their_order_under_j(
    make: Callable[..., str], copied_out: Path, goals: list[str]
) -> None:
    planned = make(copied_out, "-n", "-j4", *goals)

    order = re.findall(r"dbt_steps\.py (.*)|scripts/(ingest)_qalita\.sh", planned)
    assert ["".join(found) for found in order] == ["seed", "run", "test freshness", "ingest"]


def test_make_all_runs_every_step_in_one_process_and_ingests_nothing(
    make: Callable[..., str], copied_out: Path
) -> None:
    planned = make(copied_out, "-n", "all")

    assert "dbt_steps.py seed run test freshness" in planned
    assert "ingest" not in planned


def test_the_environment_is_made_again_only_when_the_requirements_changed(
    make: Callable[..., str], copied_out: Path
) -> None:
    unchanged = make(copied_out, "-n", "env")
    stamp = (copied_out / ".venv" / ".installed").stat().st_mtime
    (copied_out / "requirements.txt").write_text("dbt-core==1.11.16\n", encoding="utf-8")
    subprocess.run(["touch", "-d", f"@{stamp + 10}", "requirements.txt"], cwd=copied_out, check=True)

    assert "pip install" not in unchanged
    assert "pip install" in make(copied_out, "-n", "env")


def test_in_the_workspace_its_environment_is_used(make: Callable[..., str], example: Path, tmp_path: Path) -> None:
    (tmp_path / ".qalita-workspace").touch()
    (tmp_path / "Makefile").write_text("env:\n\t@echo made above\n", encoding="utf-8")
    folder = tmp_path / "example_dbt"
    folder.mkdir()
    (folder / "Makefile").write_bytes((example / "Makefile").read_bytes())

    planned = make(folder, "-n", "seed")

    assert "made above" in planned
    assert "../.venv/bin/python scripts/dbt_steps.py seed" in planned


def test_clean_leaves_only_what_was_shipped(make: Callable[..., str], copied_out: Path) -> None:
    for produced in ("target/steps", "logs"):
        (copied_out / produced).mkdir(parents=True)
    (copied_out / "opendata.duckdb").touch()

    make(copied_out, "clean")

    assert sorted(path.name for path in copied_out.iterdir()) == [".venv", "Makefile", "requirements.txt"]
