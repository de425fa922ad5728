from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories import report
from qalita_ingest.sandbox.database import Database, open_database
from qalita_ingest.sandbox.intake import take_in
from qalita_ingest.sandbox.settings import Settings
from sandbox_history import HISTORY, NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session


@pytest.fixture
def database(new_store: Callable[[], Settings]) -> Iterator[Database]:
    """Six runs of `prod` and one of `dev`, which ended last; the project `other` has one run."""
    opened = open_database(new_store())
    for hour in range(6):
        statuses = {name: history[hour] for name, history in HISTORY.items()}
        steps = {"model.opendata.stg_airquality": "success"}
        take_in(opened, report(hour, statuses, environment="prod", steps=steps, git_sha=f"{hour:040x}"), NOW)
    take_in(opened, report(7, {"a": "error"}, environment="dev"), NOW)
    take_in(opened, report(2, {"z": "passed"}, project="other", invocation="elsewhere"), NOW)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.reading() as opened:
        yield opened
