"""Each notebook with its solutions, alone in a clean workspace: stages 01, 03, 05 … (two files run side by side)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notebook_runs import STAGES, new_workspace, run_nbval

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("stage", STAGES[1::2])
def test_a_notebook_needs_no_other_before_it(stage: str, tmp_path: Path) -> None:
    run = run_nbval(new_workspace(tmp_path), [f"solutions/{stage}.ipynb"])
    assert run.failed == [], run.output
    assert run.status == 0, run.output
