from datetime import timedelta

import msgspec
import pytest

from factories import MIDNIGHT, report
from qalita_ingest.contract import Invocation, ResultStatus, RunReport
from qalita_ingest.contract.scores import Scored, latest_results, score_report, score_run


def scored(*statuses: str, dimension: str = "validity", dataset: str | None = "d") -> list[tuple[ResultStatus, Scored]]:
    return [(ResultStatus(status), Scored(dimension, dataset)) for status in statuses]


@pytest.mark.parametrize(
    ("statuses", "score", "checks"),
    [
        (["passed"], 1.0, 1),
        (["failed"], 0.0, 1),
        (["error"], 0.0, 1),
        (["warning"], 0.5, 1),
        (["passed", "passed", "warning", "failed"], 0.625, 4),
        (["passed", "skipped", "not_executed", "not_measured"], 1.0, 1),
    ],
)
def test_score_of_a_project(statuses: list[str], score: float, checks: int) -> None:
    project = score_run("p", scored(*statuses))[0]

    assert (project.perimeter, project.key, project.value, project.checks) == ("project", "p", score, checks)


def test_nothing_measured_has_no_score() -> None:
    assert score_run("p", scored("skipped", "not_executed", "not_measured")) == ()


def test_dimensions_and_datasets_have_their_own() -> None:
    results = [
        *scored("passed", dimension="uniqueness", dataset="a"),
        *scored("failed", dimension="validity", dataset=None),
    ]

    found = [(one.perimeter, one.key, one.value) for one in score_run("p", results)]

    assert found == [
        ("project", "p", 0.5),
        ("dimension", "uniqueness", 1.0),
        ("dimension", "validity", 0.0),
        ("dataset", "a", 1.0),
    ]


def two_invocations(first: str, second: str) -> RunReport:
    """One check in two invocations, an hour apart; the later one stands first in the file."""
    early, late = report(1, {"a": first}), report(2, {"a": second})
    return msgspec.structs.replace(
        late, invocations=(*late.invocations, *early.invocations), results=(*late.results, *early.results)
    )


def test_of_two_outcomes_of_a_check_the_later_one_counts() -> None:
    merged = two_invocations("failed", "passed")

    assert latest_results(merged)["test.opendata.a"].status == "passed"
    assert score_report(merged)[0].value == 1.0


def test_an_invocation_that_measured_nothing_does_not_hide_an_outcome() -> None:
    merged = two_invocations("failed", "not_executed")

    assert latest_results(merged)["test.opendata.a"].status == "failed"
    assert score_report(merged)[0].value == 0.0


def test_invocations_of_one_moment_are_ordered_by_their_ids() -> None:
    merged = two_invocations("failed", "passed")
    at_once = tuple(
        Invocation(id=one.id, command="test", finished_at=MIDNIGHT + timedelta(hours=1)) for one in merged.invocations
    )

    assert score_report(msgspec.structs.replace(merged, invocations=at_once))[0].value == 1.0
