from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stamina

from qalita_ingest.delivery import Outbox
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    """The attempts are made, the waits are not."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path / "server") as opened:
        yield opened


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")
