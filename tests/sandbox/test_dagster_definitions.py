"""What the store takes on the word of Dagster, and what only on that of a dbt manifest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

from qalita_ingest.contract import (
    Check,
    Dataset,
    Dimension,
    Invocation,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    Severity,
    Source,
)
from sandboxes import open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEST, MODEL = "test.shop.unique_id.1a", "model.shop.orders"


def _report(
    kind: Any, hour: int, check: Check, status: ResultStatus | None, dataset: Dataset | None = None
) -> RunReport:
    invocation, at = f"{kind}-{hour}", NOON + timedelta(hours=hour)
    result = Result(check=check.key, invocation=invocation, status=status or ResultStatus.PASSED, tool_status=None)
    return RunReport(
        kind=kind,
        project="shop",
        environment="dev",
        context=RunContext(run_id=invocation, started_at=at, finished_at=at),
        definitions_scope=f"{kind}:shop",
        definitions_complete=kind == "dbt",
        sources=(Source(name="s", type=kind),),
        datasets=(dataset,) if dataset else (),
        checks=(check,) if status else (),
        invocations=(Invocation(id=invocation, command=None, finished_at=at),),
        results=(result,) if status else (),
        defined_keys=(check.key,) if status and kind == "dbt" else (),
    )


def _native(severity: Severity, dimension: Dimension) -> Check:
    return Check(key="orders:adds_up", name="adds_up", kind="asset_check", dimension=dimension, severity=severity)


def test_the_newest_run_of_dagster_defines_its_own_checks_in_any_order(new_store: Callable[[], Settings]) -> None:
    first = _report("dagster", 1, _native(Severity.ERROR, Dimension.REASONABILITY), ResultStatus.PASSED)
    second = _report("dagster", 2, _native(Severity.WARN, Dimension.ACCURACY), ResultStatus.PASSED)
    for order in permutations([first, second]):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            for report in order:
                sandbox.take(report)
            assert sandbox.rows("select severity, dimension from checks") == [("warn", "accuracy")]


def test_dagster_never_changes_what_a_manifest_defined(new_store: Callable[[], Settings]) -> None:
    """Neither what came before nor what comes later."""
    described = Dataset(key=MODEL, name="orders", kind="model", source="s", owner="the shop")
    known = Check(key=TEST, name="unique_id", kind="data_test", dimension=Dimension.VALIDITY, severity=Severity.WARN)
    guessed = Check(key=TEST, name="unique_id", kind="data_test", dimension=Dimension.UNIQUENESS)
    of_dbt = _report("dbt", 1, known, ResultStatus.PASSED, described)
    bare = Dataset(key=MODEL, name="orders", kind="model", source="s")
    of_dagster = _report("dagster", 2, guessed, ResultStatus.PASSED, bare)
    for order in permutations([of_dbt, of_dagster]):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            for report in order:
                sandbox.take(report)
            assert sandbox.rows("select severity, dimension from checks") == [("warn", "validity")]
            assert sandbox.rows("select owner from datasets") == [("the shop",)]


def test_a_run_of_dagster_is_scored_by_what_the_manifest_said_of_its_tests(sandbox: Sandbox) -> None:
    known = Check(key=TEST, name="unique_id", kind="data_test", dimension=Dimension.VALIDITY, severity=Severity.WARN)
    guessed = Check(key=TEST, name="unique_id", kind="data_test", dimension=Dimension.REASONABILITY)
    sandbox.take(_report("dbt", 1, known, ResultStatus.PASSED))
    answer = sandbox.take(_report("dagster", 2, guessed, ResultStatus.WARNING))

    assert [(one.perimeter, one.key, one.value) for one in answer.scores] == [
        ("project", "shop", 0.5),
        ("dimension", "validity", 0.5),
    ]


def test_a_test_that_dagster_saw_fail_is_removed_by_the_manifest_of_its_project(sandbox: Sandbox) -> None:
    check = Check(key=TEST, name="unique_id", kind="data_test", dimension=Dimension.UNIQUENESS)
    sandbox.take(_report("dagster", 1, check, ResultStatus.FAILED))
    sandbox.take(_report("dbt", 2, check, None))
    assert sandbox.rows("select state, resolution from issues") == [("resolved", "check removed")]


def test_an_asset_check_that_failed_is_removed_by_no_manifest(sandbox: Sandbox) -> None:
    check = _native(Severity.ERROR, Dimension.ACCURACY)
    sandbox.take(_report("dagster", 1, check, ResultStatus.FAILED))
    sandbox.take(_report("dbt", 2, check, None))
    assert sandbox.rows("select state from issues") == [("open",)]
