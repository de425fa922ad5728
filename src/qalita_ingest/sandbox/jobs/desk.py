"""What a worker has at hand: who waits for which job, and what becomes of each."""

from __future__ import annotations

import gzip
import logging
import zlib
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import DBAPIError, OperationalError

from qalita_ingest.contract import IngestAnswer, decode_report, idempotency_key
from qalita_ingest.sandbox.database import is_refused, words_for
from qalita_ingest.sandbox.intake import ConflictingRunError, accept, answer_again
from qalita_ingest.sandbox.jobs import records
from qalita_ingest.sandbox.uploads import forget_abandoned, forget_parts, has_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.database import Database
    from qalita_ingest.sandbox.jobs.records import Claim
    from qalita_ingest.sandbox.jobs.ticket import Taken, Ticket

# Where a ticket goes: the id of its new job, an answer, an error, or None while an open job has its key.
Place = int | IngestAnswer | ConflictingRunError | None

log = logging.getLogger(__name__)


class GivenUpError(Exception):
    """A job that can't be taken in, whoever tries."""


# So many runs are taken in with one commit, as long as they are small: gzipped, all of them together in bytes.
MOST_AT_ONCE = 25
SMALL_BYTES = 250_000


class Desk:
    """For one thread. Every method is one transaction, or none where there is nothing to write."""

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

        When it fails, all who wait in vain are told, and it raises.
        """
        tickets, self._waiting = [*self._waiting, *arrived], []
        if not tickets and not self._queue:
            return []
        try:
            return self._placed_and_claimed(tickets)
        except Exception as error:
            if len(tickets) > 1 and not isinstance(error, OperationalError):
                # What one can't be stored for is no fault of those that are stored with it.
                return [claim for ticket in tickets for claim in self.admit([ticket])]
            for ticket in tickets:
                ticket.taken.set_exception(error)
            if isinstance(error, OperationalError) or not tickets:
                raise
            return []

    def _placed_and_claimed(self, tickets: list[Ticket]) -> list[Claim]:
        with self._database.writing() as session:
            places = [_place(session, ticket) for ticket in tickets]
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
        self._fail(unreadable)
        self._take_in({claim: report for claim, report in reports.items() if not isinstance(report, Exception)})

    def _take_in(self, reports: Mapping[Claim, RunReport]) -> None:
        try:
            with self._database.writing() as session:
                held = records.held(session, reports)
                outcomes = {claim: self._taken(session, claim, reports[claim]) for claim in held}
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for it)
            if len(reports) > 1 and not isinstance(error, OperationalError):
                # What one can't be taken in for is no fault of those that come with it.
                for claim, report in reports.items():
                    self._take_in({claim: report})
            else:
                self._fail(dict.fromkeys(reports, error))
            return
        for claim in reports:
            self._tell(claim, outcomes.get(claim))

    def _taken(self, session: Session, claim: Claim, report: RunReport) -> Taken:
        answer, is_new = accept(session, report, claim.arrived_at)
        forget_parts(session, idempotency_key(report))
        if answer.outcome == "already_delivered":
            records.forget_job(session, claim)
        else:
            records.finish_job(session, claim, answer.run, self._clock())
        return answer, is_new

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
            if isinstance(error, OperationalError) and not _would_fail_again(error):
                # The next job would meet the same.
                raise error

    def _fail_one(self, claim: Claim, error: Exception) -> None:
        is_final = _would_fail_again(error) or claim.attempt >= records.MOST_ATTEMPTS
        if not _is_foreseen(error):
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
                records.fail_job(session, claim, _described(error), self._clock())
            else:
                records.reopen_jobs(session, [claim.job_id])


def _place(session: Session, ticket: Ticket) -> Place:
    try:
        answer = answer_again(session, ticket.report)
    except ConflictingRunError as error:
        return error
    if answer:
        forget_parts(session, ticket.key)
        return answer
    return None if records.has_open_job(session, ticket.key) else records.store_job(session, ticket)


def _would_fail_again(error: Exception) -> bool:
    return isinstance(error, ConflictingRunError | GivenUpError | OverflowError) or is_refused(error)


def _is_foreseen(error: Exception) -> bool:
    return isinstance(error, OperationalError) or _would_fail_again(error)


def _described(error: Exception) -> str:
    return words_for(error) if _is_foreseen(error) else "the sandbox failed on this run; its log says where"
