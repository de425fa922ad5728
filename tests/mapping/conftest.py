"""What dbt 1.11 writes, command by command: made once for all workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from every_outcome import Runs, run_every_command
from made_once import made_once

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def runs(shared_folder: Path) -> Runs:
    """To look at."""
    return Runs(made_once(shared_folder, "every_outcome", run_every_command))
