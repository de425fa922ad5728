"""What is stored and what happens are really compared: one thing changed by hand is one cell that fails."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from notebook_runs import NOTEBOOKS, Run, new_workspace, run_nbval

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = NOTEBOOKS / "00_start_here.ipynb"


def change_table(text: str) -> str:
    assert text.count("8715</td>") == 1
    return text.replace("8715</td>", "8716</td>")


def change_text(text: str) -> str:
    assert text.count("dbt      ready") == 1
    return text.replace("dbt      ready", "dbt      missing")


def change_chart(text: str) -> str:
    """One corner of one line of the picture, by a tenth of a point."""
    found = re.search(r"M (\d+\.\d)(\d*) ", text)
    assert found
    return text.replace(found[0], f"M {float(found[1]) + 0.1:.1f}{found[2]} ", 1)


# Of the changed cell's id.
CHANGES: dict[str, Callable[[str], str]] = {
    "setup-check": change_text,
    "count-rows": change_table,
    "flow-picture": change_chart,
}


def label(cell_id: str) -> str:
    """nbval counts the code cells from 0."""
    code = [cell["id"] for cell in json.loads(SMALL.read_text())["cells"] if cell["cell_type"] == "code"]
    return f"Cell {code.index(cell_id)}"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of one notebook with all changes: nbval goes on after a cell that differs."""
    workspace = new_workspace(tmp_path_factory.mktemp("changed"))
    text = SMALL.read_text(encoding="utf-8")
    for change in CHANGES.values():
        text = change(text)
    (workspace.folder / "notebooks" / SMALL.name).write_text(text, encoding="utf-8")
    return run_nbval(workspace, [SMALL.name])


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_by_hand_fails_in_its_cell(changed: str, run: Run) -> None:
    assert label(changed) in [cell for _, cell in run.failed], run.output


def test_no_other_cell_fails(run: Run) -> None:
    assert len(run.failed) == len(CHANGES), run.output
    assert run.status == 1
