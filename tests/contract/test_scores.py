from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import MIDNIGHT, report
from qalita_ingest.contract import Invocation, ResultStatus, RunReport, Severity
from qalita_ingest.contract.scores import VALUES, Scored, latest_results, score_report, score_run

if TYPE_CHECKING:
    from random import Random


def scored(
    *statuses: str, dimension: str = "validity", dataset: str | None = "d", severity: str = "error"
) -> list[tuple[ResultStatus, Scored]]:
    return [(ResultStatus(status), (dimension, dataset, Severity(severity))) for status in statuses]


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


@pytest.mark.parametrize(
    ("of_errors", "of_warns", "score"),
    [
        # (1 + 0.5 × 0.5) / 1.5: a check of severity warn costs a quarter of a failure when it warns …
        (["passed"], ["warning"], 1.25 / 1.5),
        # … one of severity error that warns twice that, …
        (["warning"], ["passed"], 1 / 1.5),
        # … and a failure all of its weight.
        (["failed"], ["passed"], 0.5 / 1.5),
        (["passed"], ["error"], 1 / 1.5),
        (["passed", "passed", "failed"], ["passed", "warning"], 2.75 / 4),
    ],
)
def test_a_check_of_severity_warn_weighs_half(of_errors: list[str], of_warns: list[str], score: float) -> None:
    found = score_run("p", [*scored(*of_errors), *scored(*of_warns, severity="warn")])

    assert {one.value for one in found} == {score}
    assert {one.checks for one in found} == {len(of_errors) + len(of_warns)}


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("status", VALUES)
def test_a_check_alone_scores_its_value_whatever_its_weight(status: ResultStatus, severity: str) -> None:
    assert score_run("p", scored(status, severity=severity))[0].value == VALUES[status]


def test_severity_comes_from_the_definition_of_the_check() -> None:
    run = report(1, {"a": "passed", "b": "warning"})
    lenient = tuple(
        msgspec.structs.replace(one, severity=Severity.WARN) if one.name == "b" else one for one in run.checks
    )

    assert score_report(run)[0].value == 0.75
    assert score_report(msgspec.structs.replace(run, checks=lenient))[0].value == 1.25 / 1.5


def test_what_is_left_out_is_counted_beside_each_score() -> None:
    found = score_run(
        "p",
        [
            *scored("passed", "skipped", "not_measured", dimension="timeliness", dataset="a"),
            *scored("failed", "not_executed", dataset="b"),
            *scored("skipped", dimension="accuracy", dataset="c"),
        ],
    )

    assert {one.key: (one.checks, one.excluded) for one in found} == {
        "p": (2, 4),
        "timeliness": (1, 2),
        "validity": (1, 1),
        "a": (1, 2),
        "b": (1, 1),
    }


OUTCOMES = st.tuples(st.sampled_from(ResultStatus), st.tuples(st.just("d"), st.none(), st.sampled_from(Severity)))


@given(st.lists(OUTCOMES, min_size=1), st.randoms(use_true_random=False))
def test_a_score_is_a_share_and_no_order_of_checks_changes_it(
    outcomes: list[tuple[ResultStatus, Scored]], chance: Random
) -> None:
    turned = chance.sample(outcomes, len(outcomes))

    assert score_run("p", turned) == score_run("p", outcomes)
    assert all(0 <= one.value <= 1 for one in score_run("p", outcomes))


@given(st.lists(OUTCOMES, min_size=1), st.data())
def test_a_better_outcome_of_one_check_never_lowers_the_score(
    outcomes: list[tuple[ResultStatus, Scored]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(outcomes) - 1))
    status, scored_as = outcomes[place]
    better = data.draw(st.sampled_from([one for one in VALUES if VALUES[one] >= VALUES.get(status, 2.0)] or [status]))

    before = score_run("p", outcomes)
    after = score_run("p", [*outcomes[:place], (better, scored_as), *outcomes[place + 1 :]])

    assert [one.value for one in after] >= [one.value for one in before]


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
