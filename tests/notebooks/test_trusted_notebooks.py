"""What `make notebooks` trusts, and that a damaged notebook keeps JupyterLab from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook, new_output

from workspaces import BIN, TOP, write_files

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "scripts/trust_notebooks.py"
STARTED_BY = ("scripts/run_notebooks.sh", "notebooks/jupyter/custom.css")
FOLDERS = ("", "solutions", "fr", "fr/solutions")
STAGES = ("00_one", "01_two")
PICTURE = {"image/svg+xml": "<svg/>"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    write_files(folder, {name: (TOP / name).read_text(encoding="utf-8") for name in (SCRIPT, *STARTED_BY)})
    write_files(folder, {f"notebooks/source/{stage}.py": "" for stage in STAGES})
    places = [f"notebooks/{edition}/{stage}.ipynb" for edition in FOLDERS for stage in STAGES]
    write_files(folder, dict.fromkeys(places, with_a_chart()))
    return folder


def with_a_chart() -> str:
    cell = new_code_cell("draw()", id="draw", outputs=[new_output("display_data", PICTURE)])
    return nbformat.writes(new_notebook(cells=[cell]))


def trusted(workspace: Path) -> str:
    """Runs the script; what it says."""
    variables = os.environ | {"JUPYTER_DATA_DIR": str(workspace / "data"), "JUPYTER_CONFIG_DIR": str(workspace)}
    command = [sys.executable, workspace / SCRIPT]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


def is_trusted(workspace: Path, name: str) -> bool:
    with NotebookNotary(data_dir=str(workspace / "data")) as notary:
        return notary.check_signature(nbformat.read(workspace / "notebooks" / name, nbformat.NO_CONVERT))


def test_all_that_have_a_source_are_trusted_and_nothing_is_said(workspace: Path) -> None:
    assert trusted(workspace) == ""
    for folder in FOLDERS:
        assert [is_trusted(workspace, f"./{folder}/{stage}.ipynb") for stage in STAGES] == [True, True]


def test_one_without_a_source_is_not_trusted(workspace: Path) -> None:
    mine = nbformat.writes(new_notebook(cells=[new_code_cell("draw()", id="mine")]))
    write_files(workspace, {"notebooks/mine.ipynb": mine, "notebooks/fr/02_of_somebody.ipynb": mine})
    trusted(workspace)

    assert not is_trusted(workspace, "mine.ipynb")
    assert not is_trusted(workspace, "fr/02_of_somebody.ipynb")


@pytest.mark.parametrize("content", ["{", "{}", '{"nbformat": 4}'])
def test_a_half_written_one_is_said_in_a_line_and_the_others_are_trusted(workspace: Path, content: str) -> None:
    (workspace / "notebooks" / "00_one.ipynb").write_text(content)

    assert trusted(workspace) == (
        "notebooks: 1 of the workspace's notebooks is missing or damaged; "
        "as they came: git checkout notebooks/00_one.ipynb\n"
    )
    assert is_trusted(workspace, "01_two.ipynb")


def test_a_missing_folder_is_said_in_a_line_and_the_others_are_trusted(workspace: Path) -> None:
    for path in sorted((workspace / "notebooks" / "fr").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    assert trusted(workspace) == (
        "notebooks: 4 of the workspace's notebooks are missing or damaged; as they came: git checkout notebooks/fr\n"
    )
    assert is_trusted(workspace, "solutions/01_two.ipynb")


@pytest.mark.parametrize("damaged", [SCRIPT, "notebooks/00_one.ipynb"])
def test_jupyterlab_is_started_all_the_same(workspace: Path, damaged: str) -> None:
    """Asked for its version, it starts and ends at once."""
    (workspace / damaged).write_text("{")
    command = ["sh", workspace / "scripts" / "run_notebooks.sh", "--version"]

    done = subprocess.run(
        command, env=os.environ | {"VENV": str(BIN.parent)}, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout[0].isdigit()
    assert "\nnotebooks: " in f"\n{done.stderr}"
