"""`qalita ingest dbt -- command` as a process of its own, typed in the folder of a dbt project."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from workspaces import BIN, Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT_SECONDS = 60
# A shell command that leaves behind what a build left, as new.
AGAIN = "mkdir -p target && cp manifest.json run_results.json target/"
TYPED = ("qalita", "ingest", "dbt", "--project", "shop", "--")


@dataclass(frozen=True)
class Shop:
    """A dbt project; `qalita` is typed inside it."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "DO_NOT_TRACK": "1",
            **{name: value for name, value in os.environ.items() if name == "PYTHONPATH"},
        }

    def wrapped(self, *command: str, options: tuple[str, ...] = (), **variables: str) -> Done:
        done = subprocess.run(
            ["qalita", "ingest", "dbt", "--project", "shop", *options, "--", *command],
            cwd=self.folder,
            env=self.variables | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *command: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
        """The process and its stdout; without a terminal, as in a CI: a signal reaches our process alone."""
        with subprocess.Popen(
            [*TYPED, *command],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as wrapper:
            assert wrapper.stdout
            try:
                yield wrapper, wrapper.stdout
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(wrapper.pid, signal.SIGKILL)
