"""Copies of example_dagster with what it needs beside it, loaded into this process or run by Dagster's own commands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from example_copies import PRODUCED, plain_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example_copies import ExampleCopy
    from vendor_clients import Release

TOP = Path(__file__).resolve().parents[1]
FOLDERS = ("assets", "checks", "hooks", "jobs", "partitions", "resources", "schedules", "sensors")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".env", ".tmp_dagster_home_*", "wheels")
BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 600


@dataclass
class DagsterCopy:
    """`variables` are those of its processes; `home` is its DAGSTER_HOME."""

    top: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.top / "example_dagster"

    @property
    def home(self) -> Path:
        return self.top / "dagster_home"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **plain_environment(),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "QALITA_STORE": str(self.top / "store"),
            "TMPDIR": str(self.temporary),
            **self.variables,
        }

    @property
    def temporary(self) -> Path:
        """Where homes of the client are made."""
        return self.top / "temporary"

    def use(self, release: Release, endpoint: str, token: str, wheels: dict[str, str]) -> None:
        self.variables = {
            **wheels,
            "QALITA_AGENT_ENDPOINT": endpoint,
            "QALITA_AGENT_TOKEN": token,
            "QALITA_AGENT_NAME": f"dagster-{endpoint.rpartition(':')[2]}",
            "QALITA_CLI": str(release.script),
        }

    def dagster(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As people type it, in the folder of the example."""
        return subprocess.run(
            [BIN / "dagster", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )

    @contextmanager
    def loaded(self) -> Iterator[Any]:
        """The copy's `definitions` module; nothing of it is left in this process afterwards."""
        _forget_modules()
        sys.path.insert(0, str(self.folder))
        try:
            import definitions  # type: ignore[import-not-found] # noqa: PLC0415 (of the copy)

            yield definitions
        finally:
            sys.path.remove(str(self.folder))
            _forget_modules()


def make_copy(top: Path, built: ExampleCopy) -> DagsterCopy:
    """The manifest is that of the built example: parsing takes its time."""
    shutil.copytree(TOP / "example_dagster", top / "example_dagster", ignore=LEFT_OUT)
    shutil.copytree(TOP / "example_pack", top / "example_pack", ignore=LEFT_OUT)
    shutil.copytree(built.folder, top / "example_dbt", ignore=PRODUCED)
    manifest = top / "example_dbt" / "target" / "dagster" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    shutil.copyfile(built.folder / "target" / "manifest.json", manifest)
    copy = DagsterCopy(top)
    copy.home.mkdir()
    shutil.copyfile(copy.folder / "dagster.yaml", copy.home / "dagster.yaml")
    copy.temporary.mkdir()
    return copy


def _forget_modules() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in {*FOLDERS, "definitions"}]:
        del sys.modules[name]
