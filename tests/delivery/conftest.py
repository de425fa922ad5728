from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stamina

from platform_server import Platform
from qalita_ingest.delivery import Outbox
from upload_routes import RUN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qalita_ingest.delivery import Entry


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    """The attempts are made, the waits are not."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return Outbox(tmp_path / "outbox").keep(RUN)


@pytest.fixture
def platform() -> Platform:
    return Platform()
