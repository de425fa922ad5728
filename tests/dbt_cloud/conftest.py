from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import stamina

from cloud_stand_in import ACCOUNT, TOKEN, Cloud
from qalita_ingest.dbt_cloud import Access, Api, open_api
from qalita_ingest.dbt_cloud.api import ATTEMPTS


@pytest.fixture
def api_of() -> Iterator[Callable[..., Api]]:
    with ExitStack() as stack:
        yield lambda cloud, token=TOKEN: open_on(stack, cloud, token)


def open_on(stack: ExitStack, cloud: Cloud, token: str) -> Api:
    return stack.enter_context(open_api(Access(cloud.server.url, ACCOUNT, token)))


@pytest.fixture
def without_waits() -> Iterator[None]:
    """As many attempts as ever, one right after the other."""
    with stamina.set_testing(testing=True, attempts=ATTEMPTS):
        yield
