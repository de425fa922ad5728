from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guarded_sandboxes import GuardedSandbox, open_guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings


@pytest.fixture
def opened(new_store: Callable[[], Settings]) -> Iterator[GuardedSandbox]:
    """On loopback, where no token is needed."""
    settings = new_store()
    with open_guarded(settings.store, settings.url) as sandbox:
        yield sandbox


@pytest.fixture
def closed(new_store: Callable[[], Settings]) -> Iterator[GuardedSandbox]:
    """Where every request needs a token."""
    settings = new_store()
    with open_guarded(settings.store, settings.url, is_token_required=True) as sandbox:
        yield sandbox
