from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guarded_sandboxes import GuardedSandbox, open_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[GuardedSandbox]:
    """On loopback, where no token is needed."""
    with open_guarded(tmp_path / "store") as sandbox:
        yield sandbox


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[GuardedSandbox]:
    """Where every request needs a token."""
    with open_guarded(tmp_path / "store", is_token_required=True) as sandbox:
        yield sandbox
