import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from factories import MIDNIGHT
from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.scoring import (
    Observation,
    Seen,
    is_overdue,
    issue_status,
    issue_title,
    observe_result,
    observe_step,
    removed,
    replay,
)


def at(hour: int) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def moment(hour: int, scope: str = "dbt:air") -> Seen:
    return Seen(at(hour), f"i{hour}", hour, scope)


def seen(hour: int, status: str) -> Observation:
    observation = observe_result(ResultStatus(status), status, moment(hour))
    assert observation
    return observation


def story(*observations: Observation) -> list[tuple[str, int]]:
    return [(one.kind, one.run_id) for one in replay(observations)[1]]


def test_a_failure_opens_a_pass_resolves_the_next_failure_reopens() -> None:
    assert story(seen(1, "failed"), seen(2, "passed"), seen(3, "failed")) == [
        ("opened", 1),
        ("resolved", 2),
        ("reopened", 3),
    ]


def test_a_pass_alone_opens_nothing() -> None:
    assert replay([seen(1, "passed")]) == (None, [])


def test_a_lasting_failure_is_one_issue_seen_again() -> None:
    issue, transitions = replay([seen(1, "failed"), seen(2, "failed"), seen(3, "warning")])

    assert issue
    assert (len(transitions), issue.occurrences, issue.first_seen_at, issue.last_seen_at) == (1, 3, at(1), at(3))
    assert (issue.severity, issue.message) == ("medium", "warning")


@pytest.mark.parametrize(
    ("status", "severity", "kind"),
    [("warning", "medium", "quality"), ("failed", "high", "quality"), ("error", "high", "execution")],
)
def test_severity_and_kind_follow_the_status(status: str, severity: str, kind: str) -> None:
    issue, _ = replay([seen(1, status)])

    assert issue
    assert (issue.severity, issue.kind) == (severity, kind)


@pytest.mark.parametrize("status", ["skipped", "not_executed", "not_measured"])
def test_without_an_outcome_an_issue_stays_as_it_is(status: str) -> None:
    assert observe_result(ResultStatus(status), None, moment(2)) is None


def test_a_removed_check_resolves_with_that_reason() -> None:
    issue, transitions = replay([seen(1, "failed"), removed(moment(2))])

    assert issue
    assert (issue.state, issue.resolution) == ("resolved", "check removed")
    assert transitions[-1].detail == "check removed"


def test_only_the_definitions_that_a_check_was_last_seen_in_can_remove_it() -> None:
    assert story(seen(1, "failed"), removed(moment(2, "dbt:another"))) == [("opened", 1)]


def test_definitions_speak_after_the_results_of_the_same_moment() -> None:
    assert story(removed(moment(1)), seen(1, "failed")) == [("opened", 1), ("resolved", 1)]


def test_order_of_arrival_makes_no_difference() -> None:
    life = [seen(1, "failed"), seen(2, "passed"), removed(moment(3)), seen(4, "warning"), seen(5, "passed")]

    assert len({repr(replay(order)) for order in itertools.permutations(life)}) == 1


@pytest.mark.parametrize(
    ("status", "finding", "expected"),
    [
        ("error", "high", ("finding", "high")),
        ("success", "medium", ("finding", "medium")),
        ("success", None, ("passing", "high")),
    ],
)
def test_a_step_opens_an_execution_issue_or_resolves_it(
    status: str, finding: str | None, expected: tuple[str, str]
) -> None:
    observation = observe_step(status, finding, None, moment(1))

    assert observation
    assert (observation.outcome, observation.severity) == expected


@pytest.mark.parametrize("status", ["skipped", "not_executed"])
def test_a_step_that_did_not_run_says_nothing(status: str) -> None:
    assert observe_step(status, None, None, moment(1)) is None


def test_mute_ends_by_itself() -> None:
    assert issue_status("open", at(5), now=at(4)) == "muted"
    assert issue_status("open", at(5), now=at(5)) == "open"
    assert issue_status("resolved", at(5), now=at(4)) == "resolved"


@pytest.mark.parametrize(
    ("status", "now", "overdue"),
    [
        ("open", datetime(2026, 3, 4, 23, 59, tzinfo=UTC), False),
        ("open", datetime(2026, 3, 5, tzinfo=UTC), True),
        ("open", datetime(2026, 3, 5, 1, tzinfo=timezone(timedelta(hours=2))), False),
        ("muted", datetime(2026, 3, 9, tzinfo=UTC), False),
        ("resolved", datetime(2026, 3, 9, tzinfo=UTC), False),
    ],
)
def test_an_open_issue_is_overdue_from_the_day_after_its_due_date(status: str, now: datetime, overdue: bool) -> None:  # noqa: FBT001
    assert is_overdue(status, date(2026, 3, 4), now) is overdue


def test_an_issue_without_a_due_date_is_never_overdue() -> None:
    assert not is_overdue("open", None, at(100_000))


def test_title() -> None:
    assert issue_title("stg_airquality", "not_null") == "[QALITA] stg_airquality: not_null"
