"""`--fail-on`: what is typed, and when it is reached."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from factories import answer, change, failed_model, score, summary, summary_result
from qalita_ingest.cli.gate import Condition, FailOn, reached, refuse_in_dry_run, unexecuted, unjudged
from qalita_ingest.contract import IngestAnswer
from qalita_ingest.errors import GateReachedError, SettingsError
from qalita_ingest.mapping import Summary

NOTHING = summary(summary_result("a", "passed"))


def typed(*texts: str) -> list[Condition]:
    return [FailOn().convert(text, None, None) for text in texts]


def reasons(text: str, found: Summary = NOTHING, delivered: IngestAnswer | None = None) -> list[str]:
    return reached(typed(text), found, delivered)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("score<0.95", "0.95"),
        ("score<.95", "0.95"),
        ("Score < 95%", "0.95"),
        ("score<99.9 %", "0.999"),
        ("score<1", "1"),
        ("score<0", "0"),
        ("score<100%", "1"),
    ],
)
def test_a_score_is_typed_as_a_share_or_a_percentage(text: str, least: str) -> None:
    (condition,) = typed(text)

    assert (condition.kind, str(condition.least)) == ("score", least)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score<95", "write 0.95 or 95%"),
        ("score<80", "write 0.8 or 80%"),
        ("score<950", "write 0.95 or 95%"),
        ("score<101%", "write 0.95 or 95%"),
        ("score<", "expected error, warning, score<N"),
        ("score<-1", "expected error, warning, score<N"),
        ("score<nan", "expected error, warning, score<N"),
        ("score>0.5", "expected error, warning, score<N"),
        ("score<0,95", "expected error, warning, score<N"),
        ("failed", "expected error, warning, score<N"),
        ("", "expected error, warning, score<N"),
    ],
)
def test_what_is_no_condition_is_refused_with_what_to_write(text: str, expected: str) -> None:
    with pytest.raises(click.BadParameter, match=expected):
        typed(text)


@pytest.mark.parametrize("status", ["failed", "error"])
def test_error_is_reached_by_a_check_that_failed_or_could_not_run(status: str) -> None:
    found = summary(summary_result("a", status), summary_result("b", "failed"), summary_result("c", "passed"))

    assert reasons("error", found) == [f"--fail-on error: stg_airquality: a ({status}) and 1 more"]


def test_error_is_reached_by_a_model_that_could_not_be_built() -> None:
    assert reasons("error", summary(step_findings=[failed_model("m")])) == ["--fail-on error: model m (error)"]


def test_error_is_reached_by_a_contract_that_was_broken() -> None:
    contract = summary_result("contract", "failed", kind="contract")

    assert reasons("error", summary(contract_results=[contract]))


@pytest.mark.parametrize(
    "found",
    [
        summary(summary_result("a", "warning")),
        summary(step_findings=[failed_model("m", "medium")]),
    ],
)
def test_a_warning_reaches_warning_and_not_error(found: Summary) -> None:
    assert reasons("error", found) == []
    assert len(reasons("warning", found)) == 1


def test_warning_is_reached_by_an_error_too() -> None:
    assert reasons("warning", summary(summary_result("a", "error")))


@pytest.mark.parametrize("status", ["passed", "skipped", "not_executed", "not_measured"])
def test_what_is_no_finding_reaches_nothing(status: str) -> None:
    assert reasons("warning", summary(summary_result("a", status))) == []


@pytest.mark.parametrize("status", ["skipped", "not_executed"])
def test_a_failure_is_not_hidden_by_a_later_row_without_outcome(status: str) -> None:
    assert reasons("error", summary(summary_result("a", "failed"), summary_result("a", status)))


def test_a_check_that_ran_again_counts_with_its_last_outcome() -> None:
    assert reasons("warning", summary(summary_result("a", "failed"), summary_result("a", "passed"))) == []


@pytest.mark.parametrize(
    ("text", "value", "is_reached"),
    [
        ("score<0.95", 0.9499999, True),
        ("score<0.95", 0.95, False),
        ("score<95%", 19 / 20, False),
        ("score<57%", 57 / 100, False),
        ("score<99.9%", 0.999, False),
        ("score<1", 1.0, False),
        ("score<0", 0.0, False),
    ],
)
def test_a_score_is_reached_below_it_and_not_at_it(text: str, value: float, is_reached: bool) -> None:  # noqa: FBT001
    assert bool(reasons(text, NOTHING, answer(scores=(score(value),)))) is is_reached


def test_a_score_just_below_does_not_read_as_if_it_were_equal() -> None:
    told = reasons("score<95%", NOTHING, answer(scores=(score(0.9499999),)))

    assert told == ["--fail-on score<95%: the score is 94.99 %, below 95 %"]


def test_the_score_is_that_of_the_project() -> None:
    low = score(0.1, "dimension", "validity")

    assert reasons("score<0.95", NOTHING, answer(scores=(low, score(0.99)))) == []


def test_without_a_score_it_is_not_reached_and_said() -> None:
    conditions = typed("score<0.95", "error")

    assert reached(conditions, NOTHING, answer()) == []
    assert unjudged(conditions, answer()) == ["--fail-on score<0.95: the run has no score, nothing was measured"]
    assert unjudged(conditions, answer(scores=(score(1.0),))) == []
    assert unjudged(conditions, None) == []


def test_new_is_not_reached_and_said_where_issues_are_not_told() -> None:
    untold = answer(scores=(score(1.0),), open_issues=None)

    assert reasons("new", delivered=untold) == []
    assert unjudged(typed("new", "score<0.5", "new"), untold) == [
        "--fail-on new: not judged: issues are the platform's own here, and it does not tell of them"
    ]


@pytest.mark.parametrize("word", ["opened", "reopened"])
def test_new_is_reached_by_an_issue_that_the_run_opened_or_reopened(word: str) -> None:
    delivered = answer(**{word: (change(1, "a"), change(2, "b"))})

    assert reasons("new", NOTHING, delivered) == ["--fail-on new: [QALITA] stg_airquality: a and 1 more"]


def test_new_is_not_reached_by_issues_that_were_open_before_or_got_resolved() -> None:
    delivered = answer(resolved=(change(1, "a"),), open_issues=3)

    assert reasons("new", summary(summary_result("a", "failed")), delivered) == []


def test_a_run_delivered_again_gets_the_same_verdict() -> None:
    assert reasons("new", NOTHING, answer(outcome="already_delivered", opened=(change(1, "a"),)))


def test_each_condition_that_is_reached_is_told_once() -> None:
    found = summary(summary_result("a", "failed"))
    conditions = typed("error", "warning", "error", "score<0.5")

    assert len(reached(conditions, found, answer(scores=(score(0.1),)))) == 3


def test_a_dry_run_judges_only_what_the_files_say() -> None:
    found = summary(summary_result("a", "failed"))

    refuse_in_dry_run(typed("error", "warning"))
    assert len(reached(typed("error", "warning"), found, None)) == 2
    for text in ("new", "score<0.9"):
        with pytest.raises(SettingsError, match="needs QALITA's answer"):
            refuse_in_dry_run(typed("error", text))


def test_it_works_as_an_option() -> None:
    @click.command()
    @click.option("--fail-on", type=FailOn(), multiple=True)
    def command(fail_on: tuple[Condition, ...]) -> None:
        click.echo([one.text for one in fail_on])

    runner = CliRunner()
    assert runner.invoke(command, ["--fail-on", "error", "--fail-on", "score<0.9"]).output == "['error', 'score<0.9']\n"
    assert runner.invoke(command, ["--fail-on", "score<95"]).exit_code == 2
    assert "[error|warning|score<N|new]" in runner.invoke(command, ["--help"]).output


def test_the_error_ends_with_5() -> None:
    assert GateReachedError.exit_code == 5


NOT_EXECUTED = summary_result("a", "not_executed", reason="run with --empty: not the whole data")
OVERWRITTEN = "no test was executed: the results are of {}, which overwrote those of your build; ingest before you {}"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("generate", OVERWRITTEN.format("`dbt docs generate`", "generate documentation")),
        ("compile", OVERWRITTEN.format("`dbt compile`", "run `dbt compile`")),
        ("build", "no test was executed: run with --empty: not the whole data"),
        (None, "no test was executed: run with --empty: not the whole data"),
    ],
)
def test_results_without_an_executed_test_are_told(command: str | None, text: str) -> None:
    assert unexecuted(summary(NOT_EXECUTED), [command]) == [text]


@pytest.mark.parametrize(
    "found",
    [
        summary(),
        summary(NOT_EXECUTED, summary_result("b", "passed")),
        summary(NOT_EXECUTED, summary_result("b", "skipped")),
        summary(summary_result("s", "not_executed", kind="freshness")),
    ],
)
def test_nothing_is_told_where_a_test_was_executed_or_none_was_there(found: Summary) -> None:
    assert unexecuted(found, ["generate"]) == []
