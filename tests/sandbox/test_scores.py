import pytest

from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.scoring import ScoredResult, score_run


def scored(*statuses: str, dimension: str = "validity", dataset: str | None = "d") -> list[ScoredResult]:
    return [ScoredResult(ResultStatus(status), dimension, dataset) for status in statuses]


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
