"""Where kernels start: VS Code may start them at the top of the workspace, French notebooks have a folder of their own.

From notebooks/ itself all notebooks are started in test_in_order.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbclient import NotebookClient

from notebook_runs import OF_A_LEARNER, new_workspace, read
from qalita_walkthrough.exercises.checking import NOT_ANSWERED

if TYPE_CHECKING:
    import nbformat

    from workspaces import Workspace

# The shortest one that draws and asks.
STAGE = "00_start_here"
TIMEOUT_SECONDS = 120


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return new_workspace(tmp_path_factory.mktemp("started"))


def run(workspace: Workspace, start: str, folder: str) -> nbformat.NotebookNode:
    """The notebook of `folder`, whose kernel is started in `start`; a cell that fails is an error."""
    notebook = read(workspace.folder / folder / f"{STAGE}.ipynb")
    kernel = {"metadata": {"path": str(workspace.folder / start)}}
    client = NotebookClient(notebook, timeout=TIMEOUT_SECONDS, resources=kernel)
    client.execute(env=os.environ | OF_A_LEARNER | {"HOME": str(workspace.home)})
    return notebook


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """By the cells that open the workspace, and that check an answer."""
    cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and re.search(r"^(?:open_workspace|check)\(", cell.source, re.MULTILINE)
    ]
    return ["".join(output.text for output in cell.outputs).strip() for cell in cells]


@pytest.mark.parametrize(
    ("start", "folder", "answer"),
    [
        (".", "notebooks", NOT_ANSWERED.english),
        ("notebooks/fr", "notebooks/fr", NOT_ANSWERED.french),
    ],
    ids=["top", "fr"],
)
def test_a_notebook_runs_wherever_in_the_workspace_it_is_started(
    workspace: Workspace, start: str, folder: str, answer: str
) -> None:
    stored = read(workspace.folder / folder / f"{STAGE}.ipynb")
    done = run(workspace, start, folder)

    opened, *answers = printed(done)
    assert printed(stored)[0] == f"Ready, in a fresh copy: .work/notebooks/{STAGE}/example_dbt"
    scratch = Path(".work", "notebooks", "fr" if folder.endswith("fr") else "", STAGE)
    assert opened == f"Ready, in a fresh copy: {scratch}/example_dbt"
    assert {" ".join(one.split()) for one in answers} == {" ".join(answer.split())}
    assert (workspace.folder / scratch / "example_dbt").is_dir()
    assert pictures(done) == pictures(stored) != []


def pictures(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output.data["image/svg+xml"] for output in outputs if "image/svg+xml" in output.get("data", {})]
