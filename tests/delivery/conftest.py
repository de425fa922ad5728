from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stamina

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    """The attempts are made, the waits are not."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield
