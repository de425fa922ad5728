"""Dagster in a notebook: the example's definitions, and one job for one month, in this process.

A run in this process starts no others for its steps, so it is quicker than `dagster job execute`, and remembers the
same in `DAGSTER_HOME`.
"""

from __future__ import annotations

import importlib
import io
import sys
import warnings
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dagster as dg

# What Dagster itself prints; a failed step is told of in the cells.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def load_definitions() -> dg.Definitions:
    """Of `definitions.py` in this folder, anew each time: a workspace may have been opened again."""
    here = Path.cwd()
    if not (here / "definitions.py").exists():
        raise WalkthroughError(f"there is no definitions.py in {here.name}/")
    for name in [name for name, module in sys.modules.items() if _is_within(module, here)]:
        del sys.modules[name]
    with _in_path(here), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        definitions: dg.Definitions = importlib.import_module("definitions").defs
    return definitions


def launch(definitions: dg.Definitions, job: str, month: str, *, csv: str | None = None) -> dg.ExecuteInProcessResult:
    """Run a job for a month such as "2016-09", in the instance of `DAGSTER_HOME`. A failed run is no error here.

    `csv`: the file with all months, in place of the seed.
    """
    import dagster as dg  # noqa: PLC0415 (Dagster takes a second to import)

    config: dict[str, Any] = {"csv_path": str(Path(csv).resolve())} if csv else {}
    with _in_path(Path.cwd()), dg.DagsterInstance.get() as instance, _silence():
        return definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=f"{month}-01",
            run_config=QUIET | {"ops": {"raw_airquality": {"config": config}}},
            raise_on_error=False,
        )


def _is_within(module: object, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and Path(str(file)).is_relative_to(folder)


@contextmanager
def _in_path(folder: Path) -> Iterator[None]:
    """As `dagster -f definitions.py` does: the folder's own modules are found."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _silence() -> Iterator[None]:
    """dbt prints some hundred lines for each month."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
