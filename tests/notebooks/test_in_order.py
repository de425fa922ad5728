"""A learner's way: all notebooks one after the other, in one clean workspace, which is left as it was."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pytest

from notebook_runs import STAGES, Run, new_workspace, run_nbval

if TYPE_CHECKING:
    from pathlib import Path

    from workspaces import Workspace


class Walk(NamedTuple):
    workspace: Workspace
    before: dict[str, str]
    run: Run


def contents(folder: Path) -> dict[str, str]:
    """Path → digest, of everything but the folder for scratch work and what git keeps for itself."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in {".work", ".git"}
    }


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    workspace = new_workspace(tmp_path_factory.mktemp("walk"))
    for store in (".qalita", "learners_store"):
        (workspace.folder / store).mkdir()
        (workspace.folder / store / "qalita.db").write_text("what a learner has kept")
    before = contents(workspace.folder)
    return Walk(workspace, before, run_nbval(workspace, [f"{stage}.ipynb" for stage in STAGES]))


def test_every_notebook_shows_what_is_stored_in_it(walk: Walk) -> None:
    assert walk.run.failed == [], walk.run.output
    assert walk.run.status == 0, walk.run.output


def test_no_file_of_the_workspace_is_changed_made_or_removed(walk: Walk) -> None:
    assert contents(walk.workspace.folder) == walk.before


def test_git_has_nothing_to_tell_but_the_store_that_was_there(walk: Walk) -> None:
    told = subprocess.run(
        ["git", "-C", walk.workspace.folder, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["??", "learners_store/"]


def test_each_notebook_has_worked_in_its_own_folder(walk: Walk) -> None:
    scratch = walk.workspace.folder / ".work" / "notebooks"
    assert sorted(path.name for path in scratch.iterdir()) == STAGES
