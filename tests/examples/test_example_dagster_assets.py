"""example_dagster's assets, checks and quality gate, with real dbt, in a copy.

Two runs build a month at once: a good one in a process of its own, and the bad batch of another month in this one.
"""

import csv
import importlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import stamina

from airquality_workspaces import REPORT, AirqualityWorkspace, evaluation, materialized, metadata_of
from example_copies import EXAMPLE, ExampleCopy
from qalita_ingest.connection import connect
from script_modules import load_script

BAD, GOOD, EMPTY, CUT_OFF = "2016-09-01", "2016-10-01", "2016-05-01", "2017-06-01"
TIMEOUT_SECONDS = 600
CSV = EXAMPLE / "seeds" / "opendata_airquality.csv"
# The discard port: nobody listens.
NOBODY = "http://127.0.0.1:9"
# dbt tests of a source that no model reads; dagster-dbt logs their results as observations.
OF_THE_LOAD_LOG = {"load_has_an_id", "load_is_logged_once", "load_is_not_empty", "load_has_a_time"}


@pytest.fixture(scope="module")
def told() -> list[warnings.WarningMessage]:
    """What Python warned of while the definitions were loaded."""
    return []


@pytest.fixture(scope="module")
def workspace(
    tmp_path_factory: pytest.TempPathFactory, built: ExampleCopy, told: list[warnings.WarningMessage]
) -> Iterator[AirqualityWorkspace]:
    workspace = AirqualityWorkspace(tmp_path_factory.mktemp("workspace"), built)
    own = {path.stem for path in workspace.dagster.iterdir() if path.is_dir() or path.suffix == ".py"}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] in own]:
            patch.delitem(sys.modules, name)
        for name in set(os.environ) - set(workspace.environment):
            patch.delenv(name)
        for name, value in workspace.environment.items():
            patch.setenv(name, value)
        patch.syspath_prepend(str(workspace.dagster))
        with warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            workspace.modules = {name: importlib.import_module(name) for name in ("assets", "checks", "schedules")}
            dg.Definitions.validate_loadable(workspace.definitions())
        told += recorded
        yield workspace
        for name in [name for name in sys.modules if name.partition(".")[0] in own]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def bad_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bad batch of `make demo`."""
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for plant in load_script(EXAMPLE.parent / "scripts" / "demo.py").FAULTS:
        rows = plant(rows)
    return write_csv(tmp_path_factory.mktemp("bad") / CSV.name, list(rows[0]), rows)


@pytest.fixture(scope="module")
def both_months(workspace: AirqualityWorkspace, bad_csv: Path) -> tuple[int, Any]:
    """Exit status of the good month's process, and the run of the bad batch; they ran at once."""
    with workspace.running(GOOD) as process:
        bad = workspace.run("airquality_job", BAD, bad_csv)
        return process.wait(TIMEOUT_SECONDS), bad


@pytest.fixture(scope="module")
def good_month(both_months: tuple[int, Any]) -> int:
    return both_months[0]


@pytest.fixture(scope="module")
def bad_run(both_months: tuple[int, Any]) -> Any:
    return both_months[1]


@contextmanager
def nobody_answers() -> Iterator[None]:
    """As QALITA, which is asked once only: to try again takes seconds."""
    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=1, cap=True):
        patch.setenv("QALITA_AGENT_ENDPOINT", NOBODY)
        yield


def write_csv(path: Path, columns: list[str], rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- definitions


def test_every_dbt_test_of_a_seed_or_model_is_an_asset_check(workspace: AirqualityWorkspace) -> None:
    manifest = json.loads(importlib.import_module("assets.dbt_project").manifest_path().read_text(encoding="utf-8"))
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    checks = {key.name for key in workspace.definitions().resolve_asset_graph().asset_check_keys}

    assert tests - checks == OF_THE_LOAD_LOG


def test_no_dbt_test_blocks_for_the_gate_decides(workspace: AirqualityWorkspace) -> None:
    graph = workspace.definitions().resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get(key).blocking}

    assert blocking == {"columns_are_the_seeds", "month_has_rows", "quality_gate"}


def test_nothing_that_is_loaded_warns_of_itself(
    workspace: AirqualityWorkspace, told: list[warnings.WarningMessage]
) -> None:
    # dagster-dbt imports sqlglotrs, whoever uses dagster-dbt.
    messages = [str(one.message) for one in told if "sqlglotrs" not in str(one.message)]

    words = ("beta", "preview", "deprecated", "superseded", "BackfillPolicies")
    assert [message for message in messages if any(word in message for word in words)] == []


def test_the_schedule_waits_for_somebody_to_start_it(workspace: AirqualityWorkspace) -> None:
    schedule = workspace.definitions().resolve_schedule_def("airquality_schedule")

    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.cron_schedule == "0 6 2 * *"


# --- two months at once


def test_a_good_month_reaches_its_report_while_a_bad_one_is_stopped_beside_it(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any]
) -> None:
    exit_status, bad = both_months

    assert (exit_status, bad.success) == (0, False), workspace.output_of(GOOD).read_text(encoding="utf-8")[-3000:]
    assert workspace.instance.get_materialized_partitions(REPORT) == {GOOD}


@pytest.mark.parametrize(("month", "rows"), [(BAD, 2360), (GOOD, 2232)])
def test_each_run_has_a_database_of_its_own_with_its_month_only(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any], month: str, rows: int
) -> None:
    database = workspace.kept("dbt_builds", month)[0] / "opendata.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        counted = "select count(*), min(left(date_utc, 7)), max(left(date_utc, 7)) from opendata_airquality"

        assert connection.execute(counted).fetchone() == (rows, month[:7], month[:7])


def test_each_dbt_command_has_a_target_folder_of_its_own(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any]
) -> None:
    builds = [workspace.kept("dbt_builds", month)[0] for month in (BAD, GOOD)]
    results = [path for build in builds for path in sorted(build.glob("*.run_results.json"))]
    ids = {json.loads(path.read_text(encoding="utf-8"))["metadata"]["invocation_id"] for path in results}

    assert len(results) == len(ids) == 4


def test_a_run_leaves_nothing_in_the_dbt_project_but_the_manifest(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any]
) -> None:
    left = {path.name for path in (workspace.dbt / "target" / "dagster").iterdir()}

    assert left == {"manifest.json"}
    assert {path.name for path in (workspace.dbt / "target").iterdir()} == {"dagster"}
    assert not (workspace.dbt / "opendata.duckdb").exists()


def test_the_report_holds_the_metrics_of_its_month(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any]
) -> None:
    report = workspace.kept("reports", GOOD)[0]
    table = duckdb.read_parquet(str(report / "airquality_report.parquet"))
    rows = table.project("parameter, measurement_count").order("parameter").fetchall()

    assert rows == [("no", 744), ("no2", 744), ("pm10", 744)]


def test_each_month_is_one_run_in_qalita_with_dbts_build_and_tests(
    workspace: AirqualityWorkspace, both_months: tuple[int, Any]
) -> None:
    with connect() as qalita:
        runs = qalita.get("/api/v2/runs", {"project": "opendata_dbt"})["items"]
        details = [qalita.get(f"/api/v2/runs/{one['id']}", {}) for one in runs]

    first_two = details[-2:]
    assert [len(one["invocations"]) for one in first_two] == [2, 2]


# --- the gate


def test_the_bad_batch_is_built_and_stopped_in_front_of_the_report(bad_run: Any) -> None:
    gate = evaluation(bad_run, "quality_gate")

    assert not bad_run.success
    assert (gate.passed, gate.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "[QALITA] stg_airquality: value_is_not_negative" in gate.description
    assert "airquality_metrics" in materialized(bad_run)
    assert "airquality_report" not in materialized(bad_run)


def test_a_failed_dbt_test_is_recorded_and_fails_no_step(bad_run: Any) -> None:
    failed = {one.check_name for one in bad_run.get_asset_check_evaluations() if not one.passed}

    assert "value_is_not_negative" in failed
    assert {event.step_key for event in bad_run.get_step_failure_events()} == {"airquality_metrics_quality_gate"}


def test_the_gate_shows_qalitas_run_score_and_issues(workspace: AirqualityWorkspace, bad_run: Any) -> None:
    shown = metadata_of(evaluation(bad_run, "quality_gate"))
    (issue,) = workspace.high_issues()
    with connect() as qalita:
        run = qalita.get(f"/api/v2/runs/{shown['qalita/dbt_run']}", {})

    assert shown["qalita/score"] == round(run["score"] * 100, 1)
    assert shown["qalita/judged_by"] == "QALITA"
    assert shown["qalita/high_findings"] == 1
    assert shown["qalita/issues"] == f"- #{issue['id']} {issue['title']}"


def test_a_good_month_does_not_free_the_bad_one(workspace: AirqualityWorkspace, bad_run: Any) -> None:
    good = workspace.run("gate", GOOD)
    bad = workspace.run("gate", BAD)

    assert materialized(good) == {"airquality_report"}
    assert materialized(bad) == set()


def test_a_month_goes_on_once_somebody_muted_its_issue(workspace: AirqualityWorkspace, bad_run: Any) -> None:
    (issue,) = workspace.high_issues()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    workspace.qalita("mute", str(issue["id"]), "--until", tomorrow.strftime("%Y-%m-%d"))
    try:
        run = workspace.run("gate", BAD)
    finally:
        workspace.qalita("unmute", str(issue["id"]))

    assert evaluation(run, "quality_gate").passed
    assert materialized(run) == {"airquality_report"}


def test_a_score_below_the_minimum_stops_a_month_without_an_issue(
    workspace: AirqualityWorkspace, good_month: int
) -> None:
    run = workspace.run("gate", GOOD, minimum_score=0.999)

    assert "below 0.999" in evaluation(run, "quality_gate").description
    assert materialized(run) == set()


def test_without_qalita_the_runs_own_results_are_judged_and_kept(
    workspace: AirqualityWorkspace, good_month: int
) -> None:
    asked = metadata_of(evaluation(workspace.run("gate", GOOD), "quality_gate"))

    with nobody_answers():
        run = workspace.run("gate", GOOD)

    shown = metadata_of(evaluation(run, "quality_gate"))
    assert materialized(run) == {"airquality_report"}
    assert shown["qalita/score"] == asked["qalita/score"]
    assert shown["qalita/judged_by"] == "the run's own results"
    assert NOBODY in shown["qalita/trouble"]
    assert list((workspace.store / "outbox" / "127.0.0.1_9").glob("*"))


def test_without_qalita_the_bad_batch_is_stopped_all_the_same(workspace: AirqualityWorkspace, bad_run: Any) -> None:
    with nobody_answers():
        run = workspace.run("gate", BAD)

    assert "value_is_not_negative" in evaluation(run, "quality_gate").description
    assert materialized(run) == set()


def test_a_gate_that_needs_qalita_stops_without_it(workspace: AirqualityWorkspace, good_month: int) -> None:
    with nobody_answers():
        run = workspace.run("gate", GOOD, stops_without_qalita=True)

    assert "QALITA could not be asked" in evaluation(run, "quality_gate").description
    assert materialized(run) == set()


def test_settings_that_contradict_each_other_fail_the_gate_in_one_line(
    workspace: AirqualityWorkspace, good_month: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", NOBODY)
    monkeypatch.setenv("QALITA_WORKER_ENDPOINT", "http://127.0.0.1:10")

    (failure,) = workspace.run("gate", GOOD).get_step_failure_events()

    assert "QALITA_AGENT_ENDPOINT and QALITA_WORKER_ENDPOINT differ" in failure.event_specific_data.error.message


def test_a_report_of_a_month_that_was_never_built_says_what_to_do(workspace: AirqualityWorkspace) -> None:
    (failure,) = workspace.run("gate", EMPTY).get_step_failure_events()

    assert "materialize it first" in failure.event_specific_data.error.message


# --- a part of the graph


def test_metrics_alone_are_built_on_what_the_last_build_of_the_month_left(
    workspace: AirqualityWorkspace, good_month: int
) -> None:
    run = workspace.run("metrics", GOOD)
    database = workspace.kept("dbt_builds", GOOD)[-1] / "opendata.duckdb"

    assert run.success
    assert materialized(run) == {"airquality_metrics"}
    assert database.parent.name == run.run_id
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select sum(measurement_count) from airquality_metrics").fetchone() == (2232,)


# --- the raw month


def test_an_empty_month_never_reaches_dbt(workspace: AirqualityWorkspace) -> None:
    run = workspace.run("airquality_job", EMPTY)

    assert not evaluation(run, "month_has_rows").passed
    assert materialized(run) == {"raw_airquality"}


def test_a_month_with_reordered_columns_never_reaches_dbt(workspace: AirqualityWorkspace, tmp_path: Path) -> None:
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    reordered = write_csv(tmp_path / "reordered.csv", sorted(rows[0]), rows)

    run = workspace.run("airquality_job", CUT_OFF, reordered)

    assert not evaluation(run, "columns_are_the_seeds").passed
    assert materialized(run) == {"raw_airquality"}


def test_a_month_that_was_cut_off_warns(workspace: AirqualityWorkspace) -> None:
    run = workspace.run("raw", CUT_OFF)
    check = evaluation(run, "reaches_the_end_of_the_month")

    assert run.success
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert metadata_of(check)["newest_measurement"] == "2017-06-10 23:00"


# --- the manifest


def test_the_manifest_is_made_again_when_a_file_of_the_project_is_newer(
    workspace: AirqualityWorkspace, built: ExampleCopy
) -> None:
    # As in a project that dbt has parsed before: only what changed is parsed again.
    shutil.copy(built.folder / "target" / "partial_parse.msgpack", workspace.dbt / "target")
    project = importlib.import_module("assets.dbt_project")
    made, again = (project.manifest_path().stat().st_mtime_ns for _ in range(2))
    os.utime(workspace.dbt / "models" / "marts" / "airquality_metrics.sql")

    assert made == again < project.manifest_path().stat().st_mtime_ns
