"""The notebooks, and nbval on them: in a clone of the workspace, with what a learner may have set."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from workspaces import BIN, Workspace, clone

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).resolve().parents[1]
NOTEBOOKS = TOP / "notebooks"
SOURCES = sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
STAGES = [source.stem for source in SOURCES]
TIMEOUT_SECONDS = 1800
FAILED_CELL = re.compile(r"^(?:FAILED|ERROR) (\S+\.ipynb)(?:::(Cell \d+))?", re.MULTILINE)
# Only nbval of all plugins, and none of this project's settings for pytest: it starts in a fraction of the time.
ALONE = ["-p", "nbval.plugin", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".", "--color=no"]
# None of these may be obeyed in a notebook.
OF_A_LEARNER = {
    "QALITA_STORE": "learners_store",
    "QALITA_AGENT_ENDPOINT": "http://127.0.0.1:9",
    "QALITA_AGENT_TOKEN": "a-token-of-the-learner",
    "QALITA_PROJECT": "shop",
    "QALITA_ENV": "prod",
    "DBT_TARGET_PATH": "elsewhere",
    "DBT_PROFILES_DIR": "nowhere",
    "DAGSTER_HOME": "relative",
    "OPENDATA_DUCKDB": "learner.duckdb",
    "FORCE_COLOR": "1",
    "GITHUB_ACTIONS": "true",
    "CI": "true",
}


@dataclass(frozen=True)
class Run:
    status: int
    output: str

    @property
    def failed(self) -> list[tuple[str, str]]:
        """(notebook, cell) of what differs."""
        return [(Path(name).stem, cell) for name, cell in FAILED_CELL.findall(self.output)]


def new_workspace(folder: Path) -> Workspace:
    """A clone, and an empty home beside it."""
    workspace = Workspace(folder / "workspace", folder / "home")
    workspace.folder.mkdir()
    workspace.home.mkdir()
    clone(workspace.folder)
    return workspace


def run_nbval(workspace: Workspace, notebooks: Sequence[str]) -> Run:
    """One after the other, in a process of its own; paths are counted from `notebooks/`."""
    variables = {"HOME": str(workspace.home), "PATH": f"{BIN}:{os.environ['PATH']}", **OF_A_LEARNER}
    options = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", "notebooks/sanitize.cfg"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ALONE, "-q", "-rfE", *options, *(f"notebooks/{one}" for one in notebooks)],
        cwd=workspace.folder,
        env=os.environ | variables | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    return Run(done.returncode, done.stdout)


def run_alone(stage: str, folder: Path) -> Run:
    """In a clean workspace with an empty home, and with the exercises answered after they were not."""
    workspace = new_workspace(folder)
    nbformat.write(answered(stage), workspace.folder / "notebooks" / f"{stage}.ipynb")
    return run_nbval(workspace, [f"{stage}.ipynb"])


def answered(stage: str) -> nbformat.NotebookNode:
    """The learner's notebook; behind each check the exercise and its check stand once more, as in the solutions.

    So one kernel shows that the outputs of both notebooks are true.
    """
    notebook, solved = (read(NOTEBOOKS / folder / f"{stage}.ipynb") for folder in ("", "solutions"))
    cells: list[nbformat.NotebookNode] = []
    answer: list[nbformat.NotebookNode] = []
    for mine, solution in zip(notebook.cells, solved.cells, strict=True):
        cells.append(mine)
        tags = mine.metadata.get("tags", [])
        if "exercise" in tags or "check" in tags:
            solution.id += "-answered"
            answer.append(solution)
        if "check" in tags:
            cells += answer
            answer = []
    notebook.cells = cells
    return notebook


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
