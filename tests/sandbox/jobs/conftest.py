"""A store for the tests of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from job_stores import JobStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qalita_ingest.sandbox.settings import Settings


@pytest.fixture
def store(new_store: Callable[[], Settings]) -> Iterator[JobStore]:
    opened = JobStore(new_store())
    yield opened
    opened.database.close()
