"""A clone of the workspace, as a user has it: its own folder, git history, store and home; this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOP = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Done:
    status: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True)
class Workspace:
    folder: Path
    home: Path

    @property
    def store(self) -> Path:
        return self.folder / ".qalita" / "qalita.db"

    @property
    def steps(self) -> Path:
        return self.folder / "example_dbt" / "target" / "steps"

    def run(self, *command: str, inside: str = ".", **variables: str) -> Done:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QALITA_", "DBT_", "MAKE"))}
        environment = kept | {"HOME": str(self.home), "PATH": f"{BIN}:{os.environ['PATH']}"} | variables
        done = subprocess.run(
            command,
            cwd=self.folder / inside,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def make(self, *targets: str, inside: str = ".", **variables: str) -> Done:
        return self.run("make", *targets, f"VENV={BIN.parent}", inside=inside, **variables)


def clone(folder: Path) -> None:
    """What git would clone, uncommitted changes included."""
    listed = subprocess.run(
        ["git", "-C", TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    # Older than the environment: a clone must not install itself into the environment that runs these tests.
    for path in (folder / "pyproject.toml", *(folder / "requirements").iterdir()):
        os.utime(path, (0, 0))
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "clone"]):
        git(folder, *command)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=learner", "-c", "user.email=learner@example.org"]
    subprocess.run(["git", *identity, "-C", folder, *arguments], check=True, capture_output=True)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Path inside the folder → content."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
