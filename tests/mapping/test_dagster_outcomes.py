"""What a Dagster run becomes in QALITA: from records alone, but for one real run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qalita_ingest.contract import Dimension, ResultStatus, RunReport, Severity, body_digest
from qalita_ingest.mapping import RunLabels
from qalita_ingest.mapping.dagster import map_dagster
from qalita_ingest.readers.dagster import AssetEvent, Evaluation, PlannedCheck, PlannedStep, Run, StepOutcome

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LABELS = RunLabels(project="shop", environment="dev")
DBT = {"unique_id": "test.shop.unique_id.1a", "invocation_id": "i-1", "status": "warn", "Execution Duration": 0.5}


def _evaluation(name: str = "unique_id", *, passed: bool = True, **fields: Any) -> Evaluation:
    given: dict[str, Any] = {"asset": "orders", "severity": "ERROR", "at": NOON, "step": "checks"}
    return Evaluation(name=name, passed=passed, **given | fields)


def _run(**fields: Any) -> Run:
    given: dict[str, Any] = {"id": "r-1", "job": "nightly", "status": "SUCCESS", "location": "definitions.py"}
    given |= {"dagster_version": "1.13.27", "started_at": NOON, "ended_at": NOON + timedelta(minutes=5)}
    return Run(**given | fields)


def _report(**fields: Any) -> RunReport:
    report = map_dagster(_run(**fields), LABELS).report
    assert report.inconsistency() is None
    return report


def _ended(key: str, status: Any = "success", **fields: Any) -> dict[str, StepOutcome]:
    return {key: StepOutcome(key=key, status=status, at=NOON + timedelta(minutes=1), **fields)}


@pytest.mark.parametrize(
    ("passed", "severity", "status"),
    [
        (True, "ERROR", ResultStatus.PASSED),
        (True, "WARN", ResultStatus.PASSED),
        (False, "WARN", ResultStatus.WARNING),
        (False, "ERROR", ResultStatus.FAILED),
    ],
)
def test_outcome_and_severity_of_a_check_decide_its_status(
    *, passed: bool, severity: str, status: ResultStatus
) -> None:
    report = _report(evaluations=(_evaluation(passed=passed, severity=severity),))
    assert [(one.check, one.invocation, one.status) for one in report.results] == [("orders:unique_id", "r-1", status)]
    assert report.checks[0].severity is Severity(severity.lower())


def test_a_check_that_was_planned_and_never_evaluated_says_why() -> None:
    planned = PlannedCheck(asset="orders", name="unique_id", step="checks")
    report = _report(planned_checks=(planned,), steps=_ended("checks", "failure"), status="FAILURE")
    (result,) = report.results
    assert (result.status, result.reason) == (
        ResultStatus.NOT_EXECUTED,
        "its step failed before the check was evaluated",
    )


def test_of_the_partitions_of_a_backfill_the_worst_counts() -> None:
    days = [
        _evaluation(passed=day != "2026-11-02", partition=day) for day in ("2026-11-01", "2026-11-02", "2026-11-03")
    ]
    mapped = map_dagster(_run(evaluations=tuple(days)), LABELS)
    (result,) = mapped.report.results
    assert (result.status, result.message) == (ResultStatus.FAILED, "partition 2026-11-02: did not pass")
    assert mapped.notes == ["2 evaluation(s) repeat a check of this run, as partitions do: of each the worst counts"]


def test_the_last_attempt_of_a_step_overrules_what_it_said_before() -> None:
    attempts = (_evaluation(passed=False, attempt=1), _evaluation(passed=True, attempt=2))
    assert [one.status for one in _report(evaluations=attempts).results] == [ResultStatus.PASSED]


@pytest.mark.parametrize(
    ("name", "metadata", "dimension"),
    [
        ("not_null_orders_id", {}, Dimension.COMPLETENESS),
        ("source_not_null_orders_id", {}, Dimension.COMPLETENESS),
        ("dbt_utils_accepted_range_orders_amount", {}, Dimension.VALIDITY),
        ("freshness_check", {}, Dimension.TIMELINESS),
        ("column_schema_change", {}, Dimension.SCHEMA),
        ("adds_up", {}, Dimension.REASONABILITY),
        ("adds_up", {"dimension": "Accuracy"}, Dimension.ACCURACY),
        ("not_null_orders_id", {"qalita/dimension": "validity"}, Dimension.VALIDITY),
        ("unique_id", {"dimension": "beauty"}, Dimension.UNIQUENESS),
    ],
)
def test_the_dimension_is_declared_or_follows_from_the_name(
    name: str, metadata: dict[str, Any], dimension: Dimension
) -> None:
    assert _report(evaluations=(_evaluation(name, metadata=metadata),)).checks[0].dimension is dimension


def test_numbers_in_metadata_are_metrics_of_their_check_and_their_asset() -> None:
    made = AssetEvent(
        asset="orders", kind="materialization", at=NOON, metadata={"dagster/row_count": 7, "note": "x", "ok": True}
    )
    report = _report(evaluations=(_evaluation(metadata={"share": 0.25}),), asset_events=(made,))
    found = {(one.key, one.scope.perimeter, one.scope.value): one.value for one in report.metrics}
    assert found == {("rows", "dataset", "orders"): 7.0, ("share", "check", "orders:unique_id"): 0.25}


def test_each_partition_of_an_asset_has_numbers_of_its_own() -> None:
    made = [
        AssetEvent(asset="orders", kind="materialization", at=NOON, partition=day, metadata={"dagster/row_count": rows})
        for day, rows in (("01", 1), ("02", 2))
    ]
    assert {one.key: one.value for one in _report(asset_events=tuple(made)).metrics} == {"rows[01]": 1, "rows[02]": 2}


def test_a_dbt_test_is_a_result_of_dbts_check_in_dbts_invocation() -> None:
    report = _report(evaluations=(_evaluation(passed=False, severity="WARN", metadata=DBT),))
    (result,) = report.results
    assert (result.check, result.invocation, result.status) == ("test.shop.unique_id.1a", "i-1", ResultStatus.WARNING)
    assert (result.tool_status, result.seconds) == ("warn", 0.5)
    assert {one.id for one in report.invocations} == {"i-1", "r-1"}
    assert report.metrics == ()


def test_a_dbt_test_that_dagster_only_observed_counts_once_though_it_is_told_for_each_table() -> None:
    seen = [AssetEvent(asset=one, kind="observation", at=NOON, metadata=DBT) for one in ("orders", "customers")]
    assert [one.check for one in _report(asset_events=tuple(seen)).results] == ["test.shop.unique_id.1a"]


def test_dbt_tests_without_an_evaluation_are_left_to_dbts_own_files() -> None:
    plan = (PlannedStep(key="dbt", kind="asset", is_dbt=True),)
    planned = (PlannedCheck(asset="orders", name="unique_id", step="dbt"),)
    mapped = map_dagster(_run(plan=plan, planned_checks=planned, steps=_ended("dbt", "failure")), LABELS)
    assert mapped.report.results == ()
    assert mapped.notes == ["1 dbt test(s) had no evaluation: `qalita ingest dbt` tells of them"]


def test_a_failed_step_is_an_issue_and_a_passed_one_resolves_it() -> None:
    plan = (PlannedStep(key="load", kind="asset"),)
    failed = _report(plan=plan, steps=_ended("load", "failure", message="no table"), status="FAILURE")
    passed = _report(plan=plan, steps=_ended("load"))
    outcomes = [{one.key: (one.status, one.finding) for one in report.steps} for report in (failed, passed)]
    assert outcomes == [
        {"dagster.step.load": ("error", "high"), "dagster.job.nightly": ("error", None)},
        {"dagster.step.load": ("success", None), "dagster.job.nightly": ("success", None)},
    ]


def test_a_blocking_check_is_told_by_its_check_and_not_by_its_step_as_well() -> None:
    plan = (PlannedStep(key="checks", kind="asset_check"),)
    steps = _ended("checks", "failure", error_class="DagsterAssetCheckFailedError")
    report = _report(plan=plan, steps=steps, evaluations=(_evaluation(passed=False),), status="FAILURE")
    assert [one.finding for one in report.steps] == [None, None]


def test_a_step_that_the_end_of_its_process_cut_short_is_an_issue() -> None:
    plan = (PlannedStep(key="load", kind="op"),)
    report = _report(plan=plan, steps=_ended("load", "started"), status="FAILURE")
    assert [(one.name, one.finding) for one in report.steps] == [("nightly.load", "high"), ("nightly", None)]


def test_a_run_that_somebody_stopped_is_no_issue() -> None:
    plan = (PlannedStep(key="load", kind="op"), PlannedStep(key="store", kind="op"))
    report = _report(plan=plan, steps=_ended("load", "started"), status="CANCELED")
    assert [(one.status, one.finding) for one in report.steps] == [
        ("not_executed", None),
        ("skipped", None),
        ("not_executed", None),
    ]


@pytest.mark.parametrize("status", ["CANCELING", "CANCELED"])
def test_a_run_that_was_stopped_amid_its_last_step_is_the_same_before_and_after_its_end(status: str) -> None:
    plan = (PlannedStep(key="load", kind="op"),)
    steps = _ended("load", "failure", error_class="DagsterExecutionInterruptedError")
    report = _report(plan=plan, steps=steps, status=status)
    assert [(one.status, one.tool_status, one.finding) for one in report.steps] == [
        ("not_executed", "canceled", None),
        ("not_executed", "canceled", None),
    ]


@pytest.mark.parametrize("status", ["STARTED", "FAILURE"])
def test_a_step_that_was_interrupted_though_nobody_stopped_the_run_is_an_issue(status: str) -> None:
    plan = (PlannedStep(key="load", kind="op"),)
    steps = _ended("load", "failure", error_class="DagsterExecutionInterruptedError")
    report = _report(plan=plan, steps=steps, status=status)
    assert [(one.status, one.finding) for one in report.steps] == [("error", "high"), ("error", None)]


def test_a_run_that_failed_before_any_step_is_an_issue_of_its_job() -> None:
    report = _report(plan=(PlannedStep(key="load", kind="op"),), status="FAILURE")
    assert [(one.key, one.finding) for one in report.steps] == [
        ("dagster.op.nightly.load", None),
        ("dagster.job.nightly", "high"),
    ]


def test_a_second_before_its_end_a_run_is_what_it_is_afterwards() -> None:
    plan = (PlannedStep(key="load", kind="op"),)
    before = _report(plan=plan, steps=_ended("load"), status="STARTED", ended_at=None)
    after = _report(plan=plan, steps=_ended("load"))
    assert body_digest(before) == body_digest(after)
    assert before.context.finished_at == after.context.finished_at
