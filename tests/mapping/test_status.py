"""The status table, row by row (docs/scoring.md prints the same)."""

import pytest

from qalita_ingest.mapping.status import Conditions, freshness_outcome, step_outcome
from qalita_ingest.mapping.status import test_outcome as outcome_of_test

RUN = Conditions("test")


@pytest.mark.parametrize(
    ("dbt", "qalita"),
    [
        ("pass", "passed"),
        ("warn", "warning"),
        ("fail", "failed"),
        ("error", "error"),
        ("runtime error", "error"),
        ("skipped", "skipped"),
        ("no-op", "skipped"),
        ("NoOp", "skipped"),
        ("reused", "skipped"),
        ("success", "not_executed"),
        ("PASS", "passed"),
    ],
)
def test_status_of_a_test(dbt: str, qalita: str) -> None:
    assert outcome_of_test(dbt, RUN)[0] == qalita


@pytest.mark.parametrize("command", ["compile", "generate", "docs", "list"])
@pytest.mark.parametrize("status", ["success", "pass", "fail"])
def test_commands_that_execute_nothing_measure_nothing(command: str, status: str) -> None:
    assert outcome_of_test(status, Conditions(command))[0] == "not_executed"


@pytest.mark.parametrize("unknown", ["exploded", "runtime error", "error"])
def test_an_error_and_an_unknown_word_are_errors_under_any_command(unknown: str) -> None:
    assert outcome_of_test(unknown, Conditions("compile"))[0] == "error"


def test_docs_generate_says_why() -> None:
    assert outcome_of_test("success", Conditions("generate")) == (
        "not_executed",
        "`dbt docs generate` executes no tests",
    )


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        (Conditions("build", is_empty=True), "run with --empty: not the whole data"),
        (Conditions("build", is_sample=True), "run with --sample: not the whole data"),
    ],
)
def test_a_pass_on_no_data_is_no_pass(conditions: Conditions, reason: str) -> None:
    assert outcome_of_test("pass", conditions) == ("not_executed", reason)


@pytest.mark.parametrize(
    ("dbt", "qalita"),
    [
        ("pass", "passed"),
        ("Pass", "passed"),
        ("warn", "warning"),
        ("error", "failed"),
        ("Error", "failed"),
        ("runtime error", "error"),
    ],
)
def test_status_of_freshness(dbt: str, qalita: str) -> None:
    assert freshness_outcome(dbt)[0] == qalita


@pytest.mark.parametrize("unknown", ["exploded", "", "SELECT 100"])
def test_an_unknown_status_is_an_error_and_kept_verbatim(unknown: str) -> None:
    status, reason = outcome_of_test(unknown, RUN)

    assert status == "error"
    assert repr(unknown) in (reason or "")


@pytest.mark.parametrize(
    ("dbt", "conditions", "expected"),
    [
        ("success", RUN, ("success", None)),
        ("error", RUN, ("error", "high")),
        ("partial success", RUN, ("error", "medium")),
        ("warn", RUN, ("success", "medium")),
        ("skipped", RUN, ("skipped", None)),
        ("no-op", RUN, ("skipped", None)),
        ("exploded", RUN, ("error", "high")),
        ("fail", RUN, ("error", "high")),
        ("reused", RUN, ("skipped", None)),
        ("Success", RUN, ("success", None)),
        ("success", Conditions("generate"), ("not_executed", None)),
        ("error", Conditions("compile"), ("error", "high")),
    ],
)
def test_status_of_a_step(dbt: str, conditions: Conditions, expected: tuple[str, str | None]) -> None:
    assert step_outcome(dbt, conditions) == expected
