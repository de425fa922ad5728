"""What is stored and what happens are really compared: one thing changed by hand is one cell that fails."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from notebook_runs import NOTEBOOKS, Run, new_workspace, run_nbval

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def unchanged(text: str) -> str:
    return text


CHANGES: dict[str, tuple[Callable[[str], str], str | None]] = {
    "table": (change_table, "count-rows"),
    "text": (change_text, "setup-check"),
    "chart": (change_chart, "flow-picture"),
    "nothing": (unchanged, None),
}


def label(cell_id: str | None) -> list[str]:
    """nbval counts the code cells from 0."""
    code = [cell["id"] for cell in json.loads(SMALL.read_text())["cells"] if cell["cell_type"] == "code"]
    return [f"Cell {code.index(cell_id)}"] if cell_id else []


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    workspace = new_workspace(tmp_path_factory.mktemp("changed"))
    folder: Path = workspace.folder / "notebooks"
    for name, (change, _) in CHANGES.items():
        (folder / f"{name}.ipynb").write_text(change(SMALL.read_text(encoding="utf-8")), encoding="utf-8")
    return run_nbval(workspace, [f"{name}.ipynb" for name in CHANGES])


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_by_hand_fails_in_its_cell_and_nowhere_else(changed: str, run: Run) -> None:
    assert [cell for notebook, cell in run.failed if notebook == changed] == label(CHANGES[changed][1]), run.output
