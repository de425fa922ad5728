"""What is run alone: the learner's notebook and its solutions in one, so that both are proved."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_runs import NOTEBOOKS, STAGES, answered, read


def code_of(notebook: Any) -> list[tuple[str, Any]]:
    """Source and stored outputs of each code cell; numbers of executions aside, which differ with the cells before."""
    return [(cell.source, _plain(cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"]


def _plain(outputs: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "execution_count"} for one in outputs]


@pytest.mark.parametrize("folder", ["", "solutions"])
@pytest.mark.parametrize("stage", STAGES)
def test_no_code_cell_and_no_output_of_either_notebook_is_missing(stage: str, folder: str) -> None:
    both = code_of(answered(stage))
    assert [cell for cell in code_of(read(NOTEBOOKS / folder / f"{stage}.ipynb")) if cell not in both] == []


@pytest.mark.parametrize("stage", STAGES)
def test_the_learner_s_cells_come_in_their_own_order(stage: str) -> None:
    learners = read(NOTEBOOKS / f"{stage}.ipynb")
    kept = [cell.id for cell in answered(stage).cells if not cell.id.endswith("-answered")]
    assert kept == [cell.id for cell in learners.cells]


@pytest.mark.parametrize("stage", STAGES)
def test_an_exercise_is_answered_after_it_was_not(stage: str) -> None:
    cells = answered(stage).cells
    exercises = [place for place, cell in enumerate(cells) if "exercise" in cell.metadata.get("tags", [])]
    assert [cells[place].source for place in exercises[::2]] == ["answer = ..."] * len(exercises[::2])
    assert [exercises[1::2], len(exercises)] == [[place + 2 for place in exercises[::2]], 2 * len(exercises[::2])]
