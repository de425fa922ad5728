"""What the tests of the dbt example share: copies of it, one built copy, and dbt in this process.

Importing dbt takes seconds, so only the first build runs as a process of its own; the others run here.
"""

import contextlib
import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from script_modules import load_script

EXAMPLE = Path(__file__).resolve().parents[2] / "example_dbt"
PRODUCED = shutil.ignore_patterns("target", "logs", "*.duckdb", "*.wal", ".venv", "__pycache__", ".user.yml")
TIMEOUT_SECONDS = 300
QUICKLY = ("--quiet", "--no-write-json", "--log-level-file", "none")


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    output: str


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


@contextlib.contextmanager
def dbt_in(folder: Path) -> Iterator[None]:
    """Run dbt in this process as if started in the folder, and let go of its database afterwards."""
    before, path_before = dict(os.environ), list(sys.path)
    os.environ.clear()
    os.environ.update(plain_environment(), DBT_PROFILES_DIR=str(folder))
    sys.path.insert(0, str(folder / "scripts"))
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        close_database()
        os.environ.clear()
        os.environ.update(before)
        sys.path[:] = path_before


def close_database() -> None:
    """Dbt keeps a DuckDB file open as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - seconds, if never needed

    if DuckDBConnectionManager._ENV is not None:  # noqa: SLF001 - dbt offers no other way
        DuckDBConnectionManager._ENV.close()  # noqa: SLF001
        DuckDBConnectionManager.close_all_connections()


@pytest.fixture(scope="session")
def example() -> Path:
    return EXAMPLE


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> ExampleCopy:
    """A built copy to look at, one for all workers. Whoever changes something takes `fresh_copy`."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    finished = shared / "built_example" / "finished"
    with (shared / "built_example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            build(finished.parent / "example_dbt")
            finished.touch()
    return ExampleCopy(finished.parent / "example_dbt")


def plain_environment() -> dict[str, str]:
    """The environment without what `make test` or a developer's shell has set for another place."""
    of_others = ("DBT_", "OPENDATA_", "QALITA_", "MAKE", "MFLAGS", "VENV", "VIRTUAL_ENV", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(of_others)}
    return {**kept, "DO_NOT_TRACK": "1"}


@pytest.fixture(scope="session", name="plain_environment")
def plain_environment_fixture() -> dict[str, str]:
    return plain_environment()


def build(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
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


@pytest.fixture
def fresh_copy(built: ExampleCopy, tmp_path: Path) -> ExampleCopy:
    """A copy of the built example, with its database and artifacts, to change at will."""
    folder = tmp_path / "example_dbt"
    shutil.copytree(built.folder, folder)
    return ExampleCopy(folder)


@pytest.fixture(scope="session")
def run_steps() -> Callable[..., Outcome]:
    """`run_steps(copy, "seed", "run")`: the copy's own dbt_steps.py, in this process."""

    def run(copy: ExampleCopy, *arguments: str) -> Outcome:
        printed = io.StringIO()
        with dbt_in(copy.folder), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exit_code = load_script(copy.folder / "scripts" / "dbt_steps.py").main(arguments)
        return Outcome(exit_code, printed.getvalue())

    return run


@pytest.fixture(scope="session")
def run_dbt() -> Callable[..., Any]:
    """`run_dbt(copy, "test", "--select", "name")` → dbt's results, without artifacts; `manifest=` saves the parsing."""

    def run(copy: ExampleCopy, *arguments: str, manifest: Any = None) -> Any:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - seconds, if never needed

        with dbt_in(copy.folder):
            outcome = dbtRunner(manifest=manifest).invoke([*arguments, *QUICKLY])
        assert outcome.exception is None, outcome.exception
        return outcome.result

    return run
