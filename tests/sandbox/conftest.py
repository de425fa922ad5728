from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path / "store") as opened:
        yield opened
