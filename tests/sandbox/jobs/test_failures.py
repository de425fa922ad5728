"""What becomes of a job that fails, and of those beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from factories import report
from job_stores import work_all
from qalita_ingest.sandbox.jobs import MOST_ATTEMPTS, desk, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from job_stores import JobStore
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.sandbox.jobs.ticket import Ticket

STORES = ("sqlite", "postgresql")
LOCKED = OperationalError(None, None, Exception("database is locked"))


def test_a_run_that_can_not_be_taken_in_costs_those_beside_it_nothing(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, other = (store.ticket(report(number, {"a": "passed"})) for number in (1, 2, 3))
    accept = desk.accept

    def accept_all_but_the_second(session: Session, run: RunReport, *others: Any) -> tuple[IngestAnswer, bool]:
        taken = accept(session, run, *others)
        if run == bad.report:
            raise OverflowError("a number is too large")
        return taken

    monkeypatch.setattr(desk, "accept", accept_all_but_the_second)
    one = store.desk()

    one.work_off(one.admit([good, bad, other]))

    assert [status for status, *_ in store.jobs()] == ["succeeded", "failed", "succeeded"]
    assert [results for _, results in store.runs()] == [1, 1]
    assert isinstance(bad.taken.exception(timeout=0), OverflowError)


def test_a_store_that_fails_while_runs_are_tried_one_by_one_leaves_none_of_them_behind(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (store.ticket(report(number, {"a": "passed"})) for number in (1, 2, 3))
    accept, tried = desk.accept, []

    def accept_and_lock(session: Session, run: RunReport, *others: Any) -> tuple[IngestAnswer, bool]:
        if run == second.report:
            tried.append(run)
            raise OverflowError if len(tried) == 1 else LOCKED
        return accept(session, run, *others)

    one = store.desk()
    with monkeypatch.context() as patch:
        patch.setattr(desk, "accept", accept_and_lock)
        with pytest.raises(OperationalError):
            one.work_off(one.admit([first, second, third]))

    assert [status for status, *_ in store.jobs()] == ["succeeded", "pending", "pending"]
    work_all(one)
    assert [ticket.taken.result(timeout=0)[1] for ticket in (first, second, third)] == [True, True, True]


def test_a_run_that_can_not_be_stored_is_told_so_and_those_that_wait_go_on_waiting(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, one = store.desk(), store.desk()
    claims = other.admit([store.ticket()])
    same, good, bad = store.ticket(), *(store.ticket(report(number, {"a": "passed"})) for number in (2, 3))
    one.admit([same])
    store_jobs = places.records.store_jobs

    def store_all_but_the_bad(session: Session, tickets: Sequence[Ticket]) -> dict[str, int]:
        if bad in tickets:
            raise OverflowError
        return store_jobs(session, tickets)

    monkeypatch.setattr(places.records, "store_jobs", store_all_but_the_bad)
    work_all(one, bad, good)
    other.work_off(claims)
    work_all(one)

    assert isinstance(bad.taken.exception(timeout=0), OverflowError)
    assert [same.taken.result(timeout=0)[1], good.taken.result(timeout=0)[1]] == [False, True]
    assert [status for status, *_ in store.jobs()] == ["succeeded", "succeeded"]


def test_a_store_that_fails_while_jobs_are_stored_one_by_one_tells_those_that_are_left(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, bad, third = (store.ticket(report(number, {"a": "passed"})) for number in (1, 2, 3))
    store_jobs, tried = places.records.store_jobs, []

    def store_and_lock(session: Session, tickets: Sequence[Ticket]) -> dict[str, int]:
        if bad in tickets:
            tried.append(tickets)
            raise OverflowError if len(tried) == 1 else LOCKED
        return store_jobs(session, tickets)

    one = store.desk()
    monkeypatch.setattr(places.records, "store_jobs", store_and_lock)
    with pytest.raises(OperationalError):
        one.admit([first, bad, third])
    work_all(one)

    assert first.taken.result(timeout=0)[1]
    assert bad.taken.exception(timeout=0) is third.taken.exception(timeout=0) is LOCKED


def test_a_run_that_no_store_keeps_fails_at_once_and_can_come_again(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflow(*_arguments: object) -> None:
        raise OverflowError

    one, ticket, again = store.desk(), store.ticket(), store.ticket()
    with monkeypatch.context() as patch:
        patch.setattr(desk, "accept", overflow)
        work_all(one, ticket)
    assert isinstance(ticket.taken.exception(timeout=0), OverflowError)
    assert (store.jobs(), store.error()) == (
        [("failed", 1, None, True)],
        "a number is larger than a database keeps",
    )

    work_all(one, again)

    assert again.taken.result(timeout=0)[1]
    assert [status for status, *_ in store.jobs()] == ["failed", "succeeded"]


def test_what_nobody_foresaw_is_tried_again_and_then_told_without_its_words(
    store: JobStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(desk, "accept", lambda *_arguments: 1 / 0)
    one, ticket = store.desk(), store.ticket()

    work_all(one, ticket)

    assert isinstance(ticket.taken.exception(timeout=0), ZeroDivisionError)
    assert store.jobs() == [("failed", MOST_ATTEMPTS, None, True)]
    assert store.error() == "the sandbox failed on this run; its log says where"
    assert caplog.text.count("ZeroDivisionError") == MOST_ATTEMPTS
