"""Hooks and sensors against real Dagster instances and the embedded sandbox."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

import dagster_jobs
from dagster_jobs import new_instance, run_assets, run_job
from qalita_ingest import prepare_dagster, report_check_evaluations, report_dagster_run, report_ended_runs
from qalita_ingest.contract import body_digest
from qalita_ingest.errors import KeptInOutboxError, SettingsError
from server_process import free_port
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("QALITA_PROJECT", "shop")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with new_instance(tmp_path / "home") as opened:
        yield opened


def _runs(tmp_path: Path) -> list[tuple[Any, ...]]:
    store = tmp_path / "store" / "qalita.db"
    return rows_of(store, "select run_id, kind, job_id from runs order by id") if store.exists() else []


def _waiting(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "store" / "outbox").glob("*/*/*.json.gz"))


def test_hook_sensor_and_command_bring_one_run(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    cursor, _ = report_ended_runs(instance, None)
    run_id = run_job(dagster_jobs.mapped_job, instance)
    assert _runs(tmp_path) == [(run_id, "dagster", "mapped_job")]

    _, reported = report_ended_runs(instance, cursor)
    command = [
        str(Path(sys.executable).parent / "qalita"),
        "ingest",
        "dagster",
        "--run",
        run_id,
        "--dagster-home",
        str(tmp_path / "home"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, [one.run_id for one in reported]) == (0, [run_id]), done.stderr
    assert _runs(tmp_path) == [(run_id, "dagster", "mapped_job")]
    assert _waiting(tmp_path) == []


@pytest.mark.parametrize("job", ["mapped_job", "failing_job", "branching_job", "nightly"])
def test_a_hook_sends_what_is_read_after_the_end(job: str, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    is_of_assets = job == "nightly"
    definitions = dagster_jobs.asset_definitions
    defined = definitions.resolve_job_def(job) if is_of_assets else getattr(dagster_jobs, job)
    run_id = run_job(defined, instance)
    later = body_digest(prepare_dagster(instance, run_id)[0])
    stored = rows_of(tmp_path / "store" / "qalita.db", "select run_id, body_digest from runs")
    assert stored == [(run_id, later)]


@pytest.mark.slow
def test_steps_that_end_last_in_processes_of_their_own_bring_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fail` and `aside` run at one time, under the multiprocess executor."""
    # Where the processes look for the module of the job.
    monkeypatch.chdir(Path(__file__).parent)
    with new_instance(tmp_path / "home") as instance:
        job = dg.reconstructable(dagster_jobs.failing_job)
        with dg.execute_job(job, instance=instance, raise_on_error=False) as result:
            run_id = result.run_id
        assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]
        assert _runs(tmp_path) == [(run_id, "dagster", "failing_job")]
        steps = rows_of(tmp_path / "store" / "qalita.db", "select name, status, finding from steps order by name")
    assert ("failing_job.fail", "error", "high") in steps
    assert ("failing_job.never", "skipped", None) in steps


def test_an_unreachable_server_fails_no_run_and_loses_none(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    result = dagster_jobs.mapped_job.execute_in_process(instance=instance)
    assert result.success
    assert len(_waiting(tmp_path)) == 1


def test_a_report_says_why_it_was_not_delivered(instance: dg.DagsterInstance) -> None:
    run_id = run_assets(instance)
    reported = report_dagster_run(instance, run_id, endpoint=f"http://127.0.0.1:{free_port()}")
    assert isinstance(reported.error, KeptInOutboxError)
    assert reported.is_safe


def test_a_sensor_looks_again_at_a_run_that_nothing_could_keep(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, _ = report_ended_runs(instance, None)
    run_id = run_assets(instance)
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", "no address")
    cursor, reported = report_ended_runs(instance, begun)
    assert (cursor, reported) == (begun, [])

    monkeypatch.delenv("QALITA_AGENT_ENDPOINT")
    cursor, reported = report_ended_runs(instance, cursor)
    assert [one.run_id for one in reported] == [run_id]
    assert report_ended_runs(instance, cursor) == (cursor, [])


def test_a_sensor_leaves_out_what_ended_before_its_first_tick(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_assets(instance)
    cursor, reported = report_ended_runs(instance, None)
    assert reported == []
    assert report_ended_runs(instance, cursor)[1] == []


def test_a_sensor_leaves_out_the_runs_of_other_code_locations(instance: dg.DagsterInstance) -> None:
    cursor, _ = report_ended_runs(instance, None)
    run_assets(instance)
    assert report_ended_runs(instance, cursor, location="elsewhere.py")[1] == []


def test_the_check_sensor_takes_runs_with_checks_and_evaluations_from_outside(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    cursor, _ = report_check_evaluations(instance, None)
    run_job(dagster_jobs.branching_job, instance)  # it has no checks
    checked = run_assets(instance)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(asset_key=dg.AssetKey("orders"), check_name="counted", passed=False)
    )
    cursor, reported = report_check_evaluations(instance, cursor)

    assert reported[0].run_id == checked
    assert [one.run_id.startswith("check-evaluation-") for one in reported] == [False, True]
    store = tmp_path / "store" / "qalita.db"
    assert rows_of(
        store,
        "select c.key, t.status from results t join checks c on c.id = t.check_id "
        "join runs r on r.id = t.run_id where r.run_id like 'check%'",
    ) == [("orders:counted", "failed")]
    # What was noted beside the checks is no news.
    assert report_check_evaluations(instance, cursor)[1] == []


def test_assets_and_checks_say_which_run_of_qalita_they_are_in(instance: dg.DagsterInstance) -> None:
    run_id = run_assets(instance)
    report_dagster_run(instance, run_id)
    noted = instance.fetch_observations(dg.AssetKey("orders"), limit=5).records
    metadata = noted[0].asset_observation.metadata  # type: ignore[union-attr]
    assert metadata["qalita/run"].value == "run 1 of shop"
    assert metadata["qalita/score"].value == pytest.approx(83.3)
    key = dg.AssetCheckKey(dg.AssetKey("revenue"), "adds_up")
    last = instance.get_latest_asset_check_evaluation_record(key)
    shown = last.event.dagster_event.event_specific_data  # type: ignore[union-attr]
    assert (shown.passed, shown.description) == (False, "3 do not")
    assert {"failed_rows", "qalita/run"} <= shown.metadata.keys()


def test_the_note_on_an_asset_is_of_the_partition_that_was_made(instance: dg.DagsterInstance) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2026-09", "2026-10"]))
    def monthly() -> None: ...

    made = dg.materialize([monthly], instance=instance, partition_key="2026-09")
    report_dagster_run(instance, made.run_id)

    noted = instance.fetch_observations(monthly.key, limit=5).records
    assert [record.partition_key for record in noted] == ["2026-09"]


def test_a_run_says_in_its_tags_where_it_belongs_unless_the_environment_does(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.op
    def nothing() -> None: ...

    @dg.job(tags={"qalita/project": "of the tag", "qalita/environment": "prod"})
    def tagged() -> None:
        nothing()

    run_id = tagged.execute_in_process(instance=instance).run_id
    said = prepare_dagster(instance, run_id)[0]
    monkeypatch.delenv("QALITA_PROJECT")
    unsaid = prepare_dagster(instance, run_id)[0]

    assert (said.project, said.environment) == ("shop", "prod")
    assert (unsaid.project, unsaid.environment) == ("of the tag", "prod")


def test_a_run_is_noted_once_however_often_it_is_delivered(instance: dg.DagsterInstance) -> None:
    run_id = run_assets(instance)
    for _ in range(2):
        assert report_dagster_run(instance, run_id).error is None
    assert len(instance.fetch_observations(dg.AssetKey("orders"), limit=5).records) == 1


def test_a_run_that_waited_in_the_outbox_is_noted_by_the_tick_that_delivers_it(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor, _ = report_ended_runs(instance, None)
    run_id = run_assets(instance)
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    cursor, reported = report_ended_runs(instance, cursor)
    assert [one.is_waiting for one in reported] == [True]
    cursor, reported = report_ended_runs(instance, cursor)
    assert reported == []

    monkeypatch.delenv("QALITA_AGENT_ENDPOINT")
    cursor, reported = report_ended_runs(instance, cursor)

    assert [(one.run_id, one.error) for one in reported] == [(run_id, None)]
    assert instance.get_run_by_id(run_id).tags["qalita/run"] == "run 1 of shop"  # type: ignore[union-attr]
    assert report_ended_runs(instance, cursor)[1] == []


def test_settings_that_contradict_each_other_fail_no_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = run_assets(instance)
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("QALITA_API_URL", "http://127.0.0.1:2")
    reported = report_dagster_run(instance, run_id)
    assert isinstance(reported.error, SettingsError)
    assert not reported.is_safe
