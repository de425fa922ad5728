"""What the tests of the dbt example share: copies of it to change, and dbt in this process.

Importing dbt takes seconds, so only the first build runs as a process of its own; the others run here.
"""

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from example_copies import EXAMPLE, ExampleCopy, plain_environment
from script_modules import load_script
from small_dbt import build_once

QUICKLY = ("--quiet", "--no-write-json", "--log-level-file", "none")


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    output: str


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


@pytest.fixture(scope="session", name="plain_environment")
def plain_environment_fixture() -> dict[str, str]:
    return plain_environment()


@pytest.fixture
def fresh_copy(built: ExampleCopy, tmp_path: Path) -> ExampleCopy:
    """A copy of the built example, with its database and artifacts, to change at will."""
    folder = tmp_path / "example_dbt"
    shutil.copytree(built.folder, folder)
    return ExampleCopy(folder)


@pytest.fixture(scope="session")
def built_shop(shared_folder: Path) -> Path:
    """What a `dbt build` with a failed test leaves in `target/`, to look at: one for all workers."""
    return build_once(shared_folder)


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
