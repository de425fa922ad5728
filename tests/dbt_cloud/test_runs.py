"""Finding runs: by number, and the newest ones of a job, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

import pytest

from cloud_stand_in import CANCELLED, ERROR, QUEUED, RUNNING, SUCCESS, Run, serving_cloud
from qalita_ingest.dbt_cloud import Api, finished_run, finished_runs
from qalita_ingest.errors import InputError

ApiOf = Callable[..., Api]


def at(day: int, number: int, status: int = SUCCESS, job: int = 7) -> Run:
    return Run(number, status, job, f"2026-01-{day:02d} 02:00:00.000000+00:00")


def test_a_run_comes_with_its_steps_in_order(api_of: ApiOf) -> None:
    with serving_cloud(Run(1, ERROR, steps={"clone": {}, "build": {}})) as cloud:
        run = finished_run(api_of(cloud), 1)

    assert [(step.index, step.name) for step in run.steps] == [(1, "clone"), (2, "build")]
    assert (run.run_id, run.state) == ("dbt-cloud-1", "error")


@pytest.mark.parametrize(("status", "word"), [(RUNNING, "running"), (QUEUED, "queued"), (2, "starting")])
def test_a_run_that_goes_on_is_refused_with_its_state(api_of: ApiOf, status: int, word: str) -> None:
    with serving_cloud(Run(1, status)) as cloud, pytest.raises(InputError, match=f"run 1 is {word}"):
        finished_run(api_of(cloud), 1)


def test_a_run_that_is_not_there_is_named(api_of: ApiOf) -> None:
    with serving_cloud() as cloud, pytest.raises(InputError, match="run 99: there is no such run in account 4711"):
        finished_run(api_of(cloud), 99)


def test_failed_and_cancelled_runs_of_the_job_are_found_newest_first(api_of: ApiOf) -> None:
    runs = [at(1, 11), at(2, 12, ERROR), at(3, 13, CANCELLED), at(4, 14, job=8), Run(15, RUNNING, finished_at=None)]
    with serving_cloud(*runs) as cloud:
        assert [run.id for run in finished_runs(api_of(cloud), 7)] == [13, 12, 11]


def test_every_page_is_read(api_of: ApiOf) -> None:
    with serving_cloud(*(at(day, day) for day in range(1, 29)), largest_page=5) as cloud:
        assert [run.id for run in finished_runs(api_of(cloud), 7)] == list(range(28, 0, -1))


def test_no_page_is_asked_for_that_is_not_needed(api_of: ApiOf) -> None:
    with serving_cloud(*(at(day, day) for day in range(1, 29)), largest_page=5) as cloud:
        assert [run.id for run in islice(finished_runs(api_of(cloud), 7), 3)] == [28, 27, 26]
        assert len(cloud.server.calls) == 1


def test_a_run_that_ends_between_two_pages_hides_no_other_and_doubles_none(api_of: ApiOf) -> None:
    with serving_cloud(*(at(day, day) for day in range(1, 9)), largest_page=4) as cloud:
        found = finished_runs(api_of(cloud), 7)
        first = [run.id for run in islice(found, 4)]
        cloud.runs[99] = at(20, 99)

        assert first + [run.id for run in found] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_runs_since_a_day_are_those_that_finished_on_it_or_later(api_of: ApiOf) -> None:
    with serving_cloud(*(at(day, day) for day in range(1, 9)), largest_page=2) as cloud:
        found = finished_runs(api_of(cloud), 7, since=datetime(2026, 1, 6, tzinfo=UTC))

        assert [run.id for run in found] == [8, 7, 6]


def test_a_server_that_ignores_the_filter_gives_no_unfinished_run(api_of: ApiOf) -> None:
    with serving_cloud() as cloud:
        page = b'{"data": [{"id": 1, "status": 3}, {"id": 2, "status": 20}]}'
        cloud.answers_before = [(200, page), (200, b'{"data": []}')]

        assert [run.id for run in finished_runs(api_of(cloud), 7)] == [2]
