"""The examples on docs/scoring.md, computed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from docs.pages import page
from qalita_ingest.contract import ResultStatus, Severity
from qalita_ingest.contract.scores import VALUES, WEIGHTS, Scored, score_run
from qalita_ingest.sandbox.scoring import FEWEST_CHANGES, LATEST_OUTCOMES, is_flaky, is_overdue

SCORING = page("docs/scoring.md")
PARTS = ["What", "Example", "Why", "How to fix"]
# `(57 + 11 × 0.5) / 70 = 89.3 %`
_SUM = re.compile(r"(\([\d.+×() ]+\) / [\d.]+) = ([\d.]+) %")

Outcomes = list[tuple[ResultStatus, Scored]]


def rules() -> dict[str, str]:
    """Title → text, of the section that holds the rules."""
    section = SCORING.prose.split("\n## The rules\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^### (.+)\n((?:(?!### ).*\n)+)", section, re.MULTILINE))


def calculated(formula: str) -> float:
    assert set(formula) <= set("0123456789.+×()/ ")
    return float(eval(formula.replace("×", "*")))  # noqa: S307 (digits and signs of our own page)


def outcomes(cell: str, severity: Severity = Severity.ERROR) -> Outcomes:
    """`passed 56 · warning 5`."""
    scored = ("validity", "d", severity)
    counts = [part.split() for part in cell.split(" · ")]
    return [(ResultStatus(status), scored) for status, number in counts for _ in range(int(number))]


def percentage(found: Outcomes) -> str:
    return f"{score_run('p', found)[0].value:.1%}".replace("%", " %")


@pytest.mark.parametrize("title", rules())
def test_a_rule_has_four_parts(title: str) -> None:
    assert [
        part.removesuffix(" a low one") for part in re.findall(r"^\*\*([^*]+)\.\*\*", rules()[title], re.MULTILINE)
    ] == PARTS


@pytest.mark.parametrize("row", SCORING.table("The score of a run"), ids=lambda row: row[0])
def test_the_scores_in_the_table_are_those_of_the_formula(row: list[str]) -> None:
    _, of_errors, of_warns, values, weights, score = row
    found = outcomes(of_errors) + outcomes(of_warns, Severity.WARN)

    assert percentage(found) == score
    for cell, computed in (
        (values, sum(WEIGHTS[scored[2]] * VALUES[status] for status, scored in found)),
        (weights, sum(WEIGHTS[scored[2]] for _, scored in found)),
    ):
        formula, _, result = cell.partition(" = ")
        assert calculated(formula) == float(result) == computed


@pytest.mark.parametrize(("formula", "result"), _SUM.findall(" ".join(SCORING.prose.split())))
def test_a_sum_on_the_page_is_right(formula: str, result: str) -> None:
    assert f"{100 * calculated(formula):.1f}" == result


def test_the_examples_of_severity_are_those_of_the_formula() -> None:
    warned = outcomes("warning 1", Severity.WARN)
    beside = outcomes("passed 1")
    scores = [beside + warned, outcomes("passed 1 · warning 1"), outcomes("passed 1 · failed 1"), warned]

    told = _SUM.findall(" ".join(rules()["Severity: checks that matter less"].split()))

    assert [f"{result} %" for _, result in told] == [percentage(one) for one in scores]


def test_the_example_of_what_is_left_out_is_that_of_the_formula() -> None:
    score = score_run("p", outcomes("passed 2 · failed 1 · skipped 3"))[0]

    text = rules()["A result that is no outcome"]
    assert f"2 passed, 1 failed, 3 skipped: (2 + 0) / {score.checks} = {100 * score.value:.1f} %" in text
    assert f"left out {score.excluded}." in text


@pytest.mark.parametrize("row", SCORING.table("A flaky check"), ids=lambda row: row[0])
def test_the_examples_of_flakiness_are_those_of_the_rule(row: list[str]) -> None:
    nights, answer = row

    assert is_flaky([ResultStatus(night) for night in nights.split(", ")]) is (answer == "yes")


def test_the_page_says_how_many_changes_within_how_many_outcomes_are_flaky() -> None:
    text = " ".join(rules()["A flaky check"].split())

    assert f"at least {FEWEST_CHANGES} times within its latest {LATEST_OUTCOMES} outcomes" in text


def test_the_example_of_a_due_date_is_that_of_the_rule() -> None:
    assert "Due on 2026-03-04" in SCORING.text
    assert [is_overdue("open", date(2026, 3, 4), datetime(2026, 3, day, tzinfo=UTC)) for day in (4, 5)] == [False, True]
