"""Each notebook alone in a clean workspace: stages 00, 02, 04 … (those of test_alone_odd run beside them).

What is seen only here: a notebook that needs what an earlier one made (a table, a store, a cache in the home folder).
What is seen only in test_in_order: one that is disturbed by what earlier ones left, or disturbs the workspace.
So each is run both ways. Nothing is run a third time for the solutions: here the exercises are answered as well, in
the same kernel, after they were left unanswered, and test_answered shows that no code cell of either notebook is
missing. French notebooks have the same code and outputs, cell by cell (test_sources).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notebook_runs import STAGES, run_alone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("stage", STAGES[::2])
def test_a_notebook_needs_no_other_before_it(stage: str, tmp_path: Path) -> None:
    run = run_alone(stage, tmp_path)
    assert run.failed == [], run.output
    assert run.status == 0, run.output
