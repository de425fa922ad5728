"""What becomes of a job: claimed once, ended once, and taken up again where a server left it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories import report
from job_stores import RUN, work_all
from qalita_ingest.sandbox.intake import ConflictingRunError
from qalita_ingest.sandbox.jobs import LEASE, MOST_ATTEMPTS, desk
from qalita_ingest.sandbox.jobs.ticket import Ticket
from qalita_ingest.sandbox.uploads import ABANDONED_AFTER, keep_part
from store_dump import rows_of

if TYPE_CHECKING:
    from job_stores import JobStore

STORES = ("sqlite", "postgresql")


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_AT_ONCE", 1)


class Killed(BaseException):
    """No `except Exception` sees the end of a process either."""


def killed(*_arguments: object, **_named: object) -> None:
    raise Killed


def test_a_job_is_pending_then_running_then_succeeded_and_keeps_no_payload(
    store: JobStore, one_at_a_time: None
) -> None:
    one, first, second = store.desk(), store.ticket(), store.ticket(report(2, {"a": "passed"}))

    claim = one.admit([first, second])

    assert claim
    assert store.jobs() == [("running", 1, None, False), ("pending", 0, None, False)]
    assert store.runs() == []
    one.work_off(claim)
    assert store.jobs() == [("succeeded", 1, 1, True), ("pending", 0, None, False)]
    answer, is_new = first.taken.result(timeout=0)
    assert (answer.run, answer.new_results, is_new, second.taken.done()) == (1, 2, True, False)


def test_small_runs_that_wait_are_taken_in_together(store: JobStore) -> None:
    one, tickets = store.desk(), [store.ticket(report(number, {"a": "passed"})) for number in (1, 2, 3)]

    one.work_off(one.admit(tickets))

    assert [ticket.taken.result(timeout=0)[0].run for ticket in tickets] == [1, 2, 3]
    assert store.jobs() == [("succeeded", 1, number, True) for number in (1, 2, 3)]


def test_large_runs_are_taken_in_one_by_one(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "SMALL_BYTES", 1)
    one = store.desk()

    claims = one.admit([store.ticket(), store.ticket(report(2, {"a": "passed"}))])

    assert [claim.job_id for claim in claims] == [1]


def test_a_run_that_a_server_ended_over_is_tried_again_alone(store: JobStore) -> None:
    store.desk().admit([store.ticket(), store.ticket(report(2, {"a": "passed"}))])
    following = store.desk()
    following.search(everything=True)

    claims = following.admit([])

    assert [claim.job_id for claim in claims] == [1]


def test_a_job_has_the_times_at_which_it_came_began_and_ended(store: JobStore) -> None:
    one, ticket, came = store.desk(), store.ticket(), store.now
    store.now += timedelta(seconds=1)
    claim = one.admit([ticket])
    store.now += timedelta(seconds=1)
    assert claim
    one.work_off(claim)

    times = rows_of(store.url, "select created_at, claimed_at, started_at, ended_at from jobs")

    expected = [came + timedelta(seconds=seconds) for seconds in (0, 1, 1, 2)]
    assert [str(time)[:19] for time in times[0]] == [f"{time:%Y-%m-%d %H:%M:%S}" for time in expected]
    assert ticket.taken.result(timeout=0)[0].delivered_at == came


def test_a_job_that_was_not_claimed_is_taken_in_by_the_next_server(store: JobStore, one_at_a_time: None) -> None:
    store.desk().admit([store.ticket(report(2, {"a": "passed"})), store.ticket()])
    following = store.desk()

    following.search(everything=True)
    work_all(following)

    # The first had been claimed, the second had not.
    assert store.jobs() == [("succeeded", 2, 1, True), ("succeeded", 1, 2, True)]
    assert store.runs() == [(1, 1), (2, 2)]


@pytest.mark.parametrize("last", ["accept", "forget_parts"])
def test_a_server_that_ends_within_the_transaction_leaves_nothing_of_the_run(
    store: JobStore, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    one = store.desk()
    claim = one.admit([store.ticket()])
    assert claim
    with monkeypatch.context() as patch:
        patch.setattr(desk, last, killed)
        with pytest.raises(Killed):
            one.work_off(claim)
    assert (store.runs(), store.jobs()) == ([], [("running", 1, None, False)])
    following = store.desk()

    following.search(everything=True)
    work_all(following)

    # PostgreSQL gives no number twice, whatever became of the first.
    ((run_id, results),) = store.runs()
    assert (results, store.jobs()) == (2, [("succeeded", 2, run_id, True)])


def test_the_same_run_again_after_a_crash_gets_an_answer_and_no_second_job(store: JobStore) -> None:
    store.desk().admit([store.ticket()])
    following, again = store.desk(), store.ticket()
    following.search(everything=True)

    work_all(following, again)
    work_all(following)

    answer, is_new = again.taken.result(timeout=0)
    assert (answer.run, is_new, store.jobs()) == (1, False, [("succeeded", 2, 1, True)])


def test_a_run_that_ends_the_server_each_time_is_given_up(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(desk, "accept", killed)
        store.desk().admit([store.ticket()])
        for _ in range(MOST_ATTEMPTS - 1):
            one = store.desk()
            one.search(everything=True)
            claim = one.admit([])
            assert claim
            with pytest.raises(Killed):
                one.work_off(claim)
    following = store.desk()

    following.search(everything=True)
    work_all(following)

    assert store.jobs() == [("failed", MOST_ATTEMPTS + 1, None, True)]
    assert store.error() == "the server ended 3 times while it took this run in"


def test_a_payload_that_is_none_is_given_up(store: JobStore) -> None:
    store.desk().admit([Ticket(RUN, b"no gzip", store.now)])
    following = store.desk()

    following.search(everything=True)
    work_all(following)

    assert store.jobs() == [("failed", 2, None, True)]
    assert store.error().startswith("what was kept of this run is no run report: ")


def test_who_lost_a_claim_ends_nothing_and_finds_the_answer(store: JobStore) -> None:
    one, ticket, other = store.desk(), store.ticket(), store.desk()
    claim = one.admit([ticket])
    assert claim
    other.search(everything=True)
    work_all(other)

    one.work_off(claim)
    assert not ticket.taken.done()
    work_all(one)

    assert (ticket.taken.result(timeout=0)[0].run, store.runs()) == (1, [(1, 2)])
    assert store.jobs() == [("succeeded", 2, 1, True)]


def test_a_run_that_another_server_has_is_waited_for(store: JobStore) -> None:
    other, one, ticket = store.desk(), store.desk(), store.ticket()
    claim = other.admit([store.ticket()])
    assert claim
    one.admit([ticket])
    assert not ticket.taken.done()

    other.work_off(claim)
    one.admit([])

    assert ticket.taken.result(timeout=0)[0].run == 1
    assert len(store.jobs()) == 1


def test_what_others_have_at_hand_is_left_to_them_until_its_lease_is_over(store: JobStore) -> None:
    store.desk().admit([store.ticket(), store.ticket(report(2, {"a": "passed"}))])
    one = store.desk()
    store.now += LEASE
    one.search()
    assert not one.has_jobs

    store.now += timedelta(seconds=1)
    one.search()
    work_all(one)

    assert [status for status, *_ in store.jobs()] == ["succeeded", "succeeded"]


def test_a_run_whose_rows_are_all_there_leaves_no_job(store: JobStore) -> None:
    one, again = store.desk(), store.ticket(report(1, {"a": "failed", "b": "passed"}, git_sha="abc"))

    work_all(one, store.ticket())
    work_all(one, again)

    assert again.taken.result(timeout=0)[0].outcome == "already_delivered"
    assert store.jobs() == [("succeeded", 1, 1, True)]


def test_the_same_key_twice_at_once_is_one_job_and_other_content_is_refused(store: JobStore) -> None:
    one, first, same = store.desk(), store.ticket(), store.ticket()
    other = store.ticket(report(1, {"a": "passed", "b": "passed"}))

    work_all(one, first, same, other)
    work_all(one)

    assert [first.taken.result(timeout=0)[1], same.taken.result(timeout=0)[1]] == [True, False]
    assert isinstance(other.taken.exception(timeout=0), ConflictingRunError)
    assert len(store.jobs()) == 1


def test_parts_of_runs_that_never_became_whole_go_after_a_week(store: JobStore) -> None:
    for day, key in enumerate(("1" * 64, "2" * 64)):
        with store.database.writing() as session:
            keep_part(session, key, 1, b"x", store.now + timedelta(days=day))
    store.now += ABANDONED_AFTER
    store.desk().clear_away()
    assert rows_of(store.url, "select count(*) from upload_parts") == [(2,)]

    store.now += timedelta(seconds=1)
    store.desk().clear_away()

    assert rows_of(store.url, "select idempotency_key from upload_parts") == [("2" * 64,)]
