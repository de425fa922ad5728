"""Runs are read from real instances, and counted against a plain count over their event log."""

from __future__ import annotations

import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import dagster_jobs
from dagster_jobs import new_instance, run_assets, run_job
from qalita_ingest.errors import InputError
from qalita_ingest.readers.dagster import Column
from qalita_ingest.readers.dagster.runs import read_run, runs_ended_since

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dagster as dg


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with new_instance(tmp_path_factory.mktemp("dagster") / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def run_of_assets(instance: dg.DagsterInstance) -> str:
    return run_assets(instance)


@pytest.fixture(scope="module")
def run_of_ops(instance: dg.DagsterInstance) -> str:
    return run_job(dagster_jobs.mapped_job, instance)


def _count(instance: dg.DagsterInstance, run_id: str) -> Counter[str]:
    events = (entry.dagster_event for entry in instance.all_logs(run_id))
    return Counter(event.event_type_value for event in events if event)


def test_every_event_of_the_log_is_taken_once(
    instance: dg.DagsterInstance, run_of_assets: str, run_of_ops: str
) -> None:
    for run_id in (run_of_assets, run_of_ops):
        counted, run = _count(instance, run_id), read_run(instance, run_id)
        assert len(run.evaluations) == counted["ASSET_CHECK_EVALUATION"]
        assert len(run.planned_checks) == counted["ASSET_CHECK_EVALUATION_PLANNED"]
        assert len(run.asset_events) == counted["ASSET_MATERIALIZATION"] + counted["ASSET_OBSERVATION"]
        statuses = Counter(one.status for one in run.steps.values())
        assert statuses["success"] == counted["STEP_SUCCESS"]
        assert statuses["failure"] == counted["STEP_FAILURE"]
        assert sum(one.attempts - 1 for one in run.steps.values()) == counted["STEP_UP_FOR_RETRY"]


def test_reading_uses_nothing_that_dagster_gives_up(instance: dg.DagsterInstance, run_of_assets: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_run(instance, run_of_assets)


def test_numbers_texts_and_columns_of_a_materialization_are_kept(
    instance: dg.DagsterInstance, run_of_assets: str
) -> None:
    orders = next(one for one in read_run(instance, run_of_assets).asset_events if one.asset == "orders")
    assert {"dagster/row_count": 5, "ratio": 0.5, "note": "text"}.items() <= orders.metadata.items()
    assert orders.columns == (Column(name="id", type="int", description="the key"),)


def test_an_asset_names_what_it_was_made_from(instance: dg.DagsterInstance, run_of_assets: str) -> None:
    revenue = next(one for one in read_run(instance, run_of_assets).asset_events if one.asset == "revenue")
    assert revenue.upstream == ("orders",)


def test_a_failed_step_repeats_the_words_of_its_cause(instance: dg.DagsterInstance, run_of_assets: str) -> None:
    assert "no connection" in (read_run(instance, run_of_assets).steps["revenue_is_broken"].message or "")


def test_an_unknown_run_is_refused_with_what_to_do(instance: dg.DagsterInstance) -> None:
    with pytest.raises(InputError, match=r"nope: this Dagster instance has no such run; `dagster run list`"):
        read_run(instance, "nope")


def test_only_runs_that_ended_since_are_listed_the_oldest_first(
    instance: dg.DagsterInstance, run_of_assets: str, run_of_ops: str
) -> None:
    now = datetime.now(UTC)
    assert list(runs_ended_since(instance, now - timedelta(hours=1))) == [run_of_assets, run_of_ops]
    assert list(runs_ended_since(instance, now - timedelta(hours=1), "mapped_job")) == [run_of_ops]
    assert list(runs_ended_since(instance, now + timedelta(hours=1))) == []
