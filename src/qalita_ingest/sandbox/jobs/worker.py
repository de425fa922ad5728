"""The thread of a server that takes runs in."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from qalita_ingest.sandbox.database import words_for
from qalita_ingest.sandbox.jobs.desk import Desk
from qalita_ingest.sandbox.jobs.ticket import Taken, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.database import Database

# After this it looks again at runs that another process has in hand; and it waits as long when the store would not.
PAUSE_SECONDS = 1.0
# So often it looks for jobs that nobody works on any more.
SEARCH_SECONDS = 20.0

log = logging.getLogger(__name__)


class JobWorker:
    """All writing of runs is done by one thread: many clients at once never queue for the store's write lock."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._desk = Desk(database, clock)
        self._wake = threading.Condition()
        self._arrived: list[Ticket] = []
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the job in hand; those that are pending are the next server's."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        if self._thread:
            self._thread.join()
            self._thread = None

    def submit(self, report: RunReport, packed: bytes, now: datetime) -> Future[Taken]:
        """`packed` is the gzipped report. The future raises what `accept` does, or why the store can't be written."""
        if self._thread is None:
            raise RuntimeError("the worker is not started; the lifespan of the application does it")
        ticket = Ticket(report, packed, now)
        with self._wake:
            self._arrived.append(ticket)
            self._wake.notify()
        return ticket.taken

    def _work(self) -> None:
        # Whatever is open now, a server that is gone has left.
        self._without_end(lambda: self._desk.search(everything=True))
        self._without_end(self._desk.clear_away)
        searched_at = time.monotonic()
        while not self._is_stopping:
            if time.monotonic() - searched_at > SEARCH_SECONDS:
                self._without_end(self._desk.search)
                self._without_end(self._desk.clear_away)
                searched_at = time.monotonic()
            self._without_end(self._step)

    def _step(self) -> None:
        """One transaction for all that arrived and for the next claims, another for the runs that were claimed."""
        arrived = self._arrivals()
        if claims := self._desk.admit(arrived):
            self._desk.work_off(claims)

    def _arrivals(self) -> list[Ticket]:
        with self._wake:
            if not self._desk.has_jobs:
                self._wake.wait_for(lambda: self._arrived or self._is_stopping, PAUSE_SECONDS)
            arrived, self._arrived = self._arrived, []
        return arrived

    def _without_end(self, action: Callable[[], None]) -> None:
        """The thread outlives every failure; who waits has been told."""
        try:
            action()
        except SQLAlchemyError as error:
            log.warning("%s", words_for(error))
            self._pause()
        except Exception:
            log.exception("a job failed")
            self._pause()

    def _pause(self) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping, PAUSE_SECONDS)
