"""A store whose jobs several servers work off, each at a desk of its own."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from factories import MIDNIGHT, report
from qalita_ingest.contract import encode
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.jobs.desk import Desk
from qalita_ingest.sandbox.jobs.ticket import Ticket
from store_dump import rows_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import URL

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings

RUN = report(1, {"a": "failed", "b": "passed"})


class JobStore:
    """Of which each server has a desk; `now` is the clock of all of them."""

    def __init__(self, settings: Settings) -> None:
        self.url: URL = settings.database_url
        self.database = open_database(settings)
        self.now: datetime = MIDNIGHT + timedelta(days=30)

    def desk(self) -> Desk:
        return Desk(self.database, lambda: self.now)

    def ticket(self, run: RunReport = RUN) -> Ticket:
        return Ticket(run, gzip.compress(encode(run)), self.now)

    def jobs(self) -> list[tuple[Any, ...]]:
        return rows_of(self.url, "select status, attempts, run_id, payload is null from jobs order by id")

    def runs(self) -> list[tuple[Any, ...]]:
        """Of each its id and the number of its results."""
        return rows_of(self.url, "select run_id, count(*) from results group by run_id order by run_id")

    def error(self) -> str:
        ((error,),) = rows_of(self.url, "select error from jobs")
        return str(error)


def work_all(one: Desk, *tickets: Ticket) -> None:
    """Until nothing is queued; bounded."""
    claim = one.admit(tickets)
    for _ in range(20):
        if claim:
            one.work_off(claim)
        if not one.has_jobs:
            break
        claim = one.admit([])
