"""What a worker has at hand: who waits for which job, and what becomes of each."""

from __future__ import annotations

import gzip
import logging
import zlib
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import DBAPIError

from qalita_ingest.contract import IngestAnswer, decode_report, idempotency_key
from qalita_ingest.sandbox.database import words_for
from qalita_ingest.sandbox.intake import accept, kept_runs
from qalita_ingest.sandbox.jobs import records
from qalita_ingest.sandbox.jobs.failures import GivenUpError, described, is_foreseen, is_of_the_store, would_fail_again
from qalita_ingest.sandbox.jobs.places import places_of
from qalita_ingest.sandbox.uploads import forget_abandoned, forget_parts, has_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.database import Database
    from qalita_ingest.sandbox.jobs.places import Place
    from qalita_ingest.sandbox.jobs.records import Claim
    from qalita_ingest.sandbox.jobs.ticket import Taken, Ticket

log = logging.getLogger(__name__)


# So many runs are taken in with one commit, as long as they are small: gzipped, all of them together in bytes.
MOST_AT_ONCE = 25
SMALL_BYTES = 250_000


class Desk:
    """For one thread. Jobs go through it together: one transaction for all, and one each where that fails."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._queue: list[int] = []
        # Only jobs of this process have one; the payload is for all others.
        self._tickets: dict[int, Ticket] = {}
        # Their key has an open job: looked at again each time.
        self._waiting: list[Ticket] = []
        # Taken in alone: one of them may be what ended the process, or the transaction, that tried it.
        self._suspects: set[int] = set()

    @property
    def has_jobs(self) -> bool:
        return bool(self._queue)

    def search(self, *, everything: bool = False) -> None:
        """Queue open jobs that nobody works on: those whose lease is over, or `everything`."""
        with self._database.reading() as session:
            found = records.open_jobs(session, None if everything else self._clock() - records.LEASE)
        if abandoned := [job_id for job_id in found if job_id not in self._queue]:
            with self._database.writing() as session:
                records.reopen_jobs(session, abandoned)
            self._queue += abandoned
            self._suspects.update(abandoned)

    def clear_away(self) -> None:
        """The parts of runs that never became whole."""
        with self._database.reading() as session:
            is_due = has_abandoned(session, self._clock())
        if is_due:
            with self._database.writing() as session:
                forget_abandoned(session, self._clock())

    def admit(self, arrived: Sequence[Ticket]) -> list[Claim]:
        """Store a job for each ticket that needs one, and claim those that are next.

        When the store fails, all who wait in vain are told, and it raises.
        """
        tickets, self._waiting = [*self._waiting, *arrived], []
        if not tickets and not self._queue:
            return []
        try:
            return self._placed_and_claimed(tickets)
        except Exception as error:
            if is_of_the_store(error) or not tickets:
                _refuse(tickets, error)
                raise
        self._place_one_by_one(tickets)
        return self._placed_and_claimed([])

    def _place_one_by_one(self, tickets: Sequence[Ticket]) -> None:
        """What one can't be stored for is no fault of those that are stored with it."""
        for at, ticket in enumerate(tickets):
            try:
                with self._database.writing() as session:
                    (place,) = places_of(session, [ticket])
            except Exception as error:
                if is_of_the_store(error):
                    _refuse(tickets[at:], error)
                    raise
                _refuse([ticket], error)
            else:
                self._seat(ticket, place)

    def _placed_and_claimed(self, tickets: list[Ticket]) -> list[Claim]:
        with self._database.writing() as session:
            places = places_of(session, tickets)
            new = {place: ticket for place, ticket in zip(places, tickets, strict=True) if isinstance(place, int)}
            batch = self._batch([*self._queue, *new], self._tickets | new)
            claims = records.claim_jobs(session, batch, self._clock()) if batch else []
        for ticket, place in zip(tickets, places, strict=True):
            self._seat(ticket, place)
        self._leave_queue(batch, claims)
        return claims

    def _batch(self, queue: Sequence[int], tickets: Mapping[int, Ticket]) -> list[int]:
        batch: list[int] = []
        room = SMALL_BYTES
        for job_id in queue[:MOST_AT_ONCE]:
            ticket = tickets.get(job_id)
            room -= len(ticket.packed) if ticket else SMALL_BYTES
            if batch and (room < 0 or job_id in self._suspects):
                break
            batch.append(job_id)
            if job_id in self._suspects:
                break
        return batch

    def _seat(self, ticket: Ticket, place: Place) -> None:
        match place:
            case int():
                self._queue.append(place)
                self._tickets[place] = ticket
            case IngestAnswer():
                ticket.taken.set_result((place, False))
            case Exception():
                ticket.taken.set_exception(place)
            case None:
                self._waiting.append(ticket)

    def _leave_queue(self, batch: list[int], claims: list[Claim]) -> None:
        del self._queue[: len(batch)]
        self._suspects.difference_update(batch)
        for job_id in batch:
            if job_id not in {claim.job_id for claim in claims}:
                # Another process has it.
                self._wait_for(job_id)

    def _wait_for(self, job_id: int) -> None:
        if ticket := self._tickets.pop(job_id, None):
            self._waiting.append(ticket)

    def work_off(self, claims: Sequence[Claim]) -> None:
        """All of them with one commit. Raises only what has not been told to anybody."""
        reports = {claim: self._report_of(claim) for claim in claims}
        unreadable = {claim: report for claim, report in reports.items() if isinstance(report, Exception)}
        readable = {claim: report for claim, report in reports.items() if not isinstance(report, Exception)}
        self._fail(unreadable | self._take_in(readable))

    def _take_in(self, reports: Mapping[Claim, RunReport]) -> dict[Claim, Exception]:
        """Those that can't be, and why."""
        if not reports:
            return {}
        try:
            with self._database.writing() as session:
                held = {claim: reports[claim] for claim in records.held(session, reports)}
                outcomes = self._taken(session, held)
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for it)
            is_ones_own = len(reports) > 1 and not is_of_the_store(error)
            return self._take_in_one_by_one(reports) if is_ones_own else dict.fromkeys(reports, error)
        for claim in reports:
            self._tell(claim, outcomes.get(claim))
        return {}

    def _take_in_one_by_one(self, reports: Mapping[Claim, RunReport]) -> dict[Claim, Exception]:
        """What one can't be taken in for is no fault of those that come with it."""
        failed: dict[Claim, Exception] = {}
        of_the_store: Exception | None = None
        for claim, report in reports.items():
            # The next would meet the same.
            failed |= {claim: of_the_store} if of_the_store else self._take_in({claim: report})
            if (error := failed.get(claim)) and is_of_the_store(error):
                of_the_store = error
        return failed

    def _taken(self, session: Session, reports: Mapping[Claim, RunReport]) -> dict[Claim, Taken]:
        keys = {claim: idempotency_key(report) for claim, report in reports.items()}
        kept = kept_runs(session, keys.values())
        taken = {
            claim: accept(session, report, claim.arrived_at, kept.get(keys[claim])) for claim, report in reports.items()
        }
        forget_parts(session, keys.values())
        runs = {claim: answer.run for claim, (answer, _) in taken.items() if answer.outcome != "already_delivered"}
        records.finish_jobs(session, runs, self._clock())
        records.forget_jobs(session, taken.keys() - runs)
        return taken

    def _report_of(self, claim: Claim) -> RunReport | Exception:
        if claim.attempt > records.MOST_ATTEMPTS:
            return GivenUpError(f"the server ended {records.MOST_ATTEMPTS} times while it took this run in")
        if ticket := self._tickets.get(claim.job_id):
            return ticket.report
        with self._database.reading() as session:
            payload = records.payload_of(session, claim.job_id)
        try:
            return decode_report(gzip.decompress(payload))
        except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
            return GivenUpError(f"what was kept of this run is no run report: {error}")

    def _tell(self, claim: Claim, taken: Taken | None) -> None:
        if taken is None:
            self._wait_for(claim.job_id)
        elif ticket := self._tickets.pop(claim.job_id, None):
            ticket.taken.set_result(taken)

    def _fail(self, failed: Mapping[Claim, Exception]) -> None:
        for claim, error in failed.items():
            self._fail_one(claim, error)
        for error in failed.values():
            if is_of_the_store(error) and not would_fail_again(error):
                # The next job would meet the same.
                raise error

    def _fail_one(self, claim: Claim, error: Exception) -> None:
        is_final = would_fail_again(error) or claim.attempt >= records.MOST_ATTEMPTS
        if not is_foreseen(error):
            log.error("job %d failed in attempt %d", claim.job_id, claim.attempt, exc_info=error)
        try:
            self._write_failure(claim, error, is_final=is_final)
        except DBAPIError as unwritten:
            # It stays running in the store until its lease is over.
            is_final = True
            log.warning("job %d: %s", claim.job_id, words_for(unwritten))
        if not is_final:
            self._queue.append(claim.job_id)
            self._suspects.add(claim.job_id)
        elif ticket := self._tickets.pop(claim.job_id, None):
            ticket.taken.set_exception(error)

    def _write_failure(self, claim: Claim, error: Exception, *, is_final: bool) -> None:
        with self._database.writing() as session:
            if is_final:
                records.fail_job(session, claim, described(error), self._clock())
            else:
                records.reopen_jobs(session, [claim.job_id])


def _refuse(tickets: Iterable[Ticket], error: Exception) -> None:
    for ticket in tickets:
        ticket.taken.set_exception(error)
