"""An issue's life: opened by a finding, resolved by a pass or when its check is removed, reopened by the next finding.

The state is a fold over the observations of one subject in the order of their times, so it can always be computed
again from history: that is what a run that arrives late does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Literal, NamedTuple

from qalita_ingest.contract import ResultStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

SEVERITIES: dict[ResultStatus, Literal["high", "medium"]] = {
    ResultStatus.WARNING: "medium",
    ResultStatus.FAILED: "high",
    ResultStatus.ERROR: "high",
}


class Seen(NamedTuple):
    """When, in which invocation, in which run, and under whose definitions."""

    at: datetime
    invocation: str
    run_id: int
    scope: str


@dataclass(frozen=True)
class Observation:
    """What one run says about one subject. `invocation` settles the order of equal times.

    `scope` names whose definitions they are: only those that a subject was last seen in can remove it.
    """

    outcome: Literal["finding", "passing", "removed"]
    at: datetime
    invocation: str
    run_id: int
    scope: str
    severity: Literal["high", "medium"] = "high"
    kind: Literal["quality", "execution"] = "quality"
    message: str | None = None

    @property
    def order(self) -> tuple[datetime, str, bool]:
        """A run's definitions speak after its results."""
        return self.at, self.invocation, self.outcome == "removed"


@dataclass(frozen=True)
class IssueState:
    """The columns of an issue that runs decide."""

    definitions_scope: str
    kind: str
    severity: str
    state: Literal["open", "resolved"]
    message: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    occurrences: int
    resolved_at: datetime | None = None
    resolution: str | None = None


@dataclass(frozen=True)
class Transition:
    kind: Literal["opened", "reopened", "resolved"]
    at: datetime
    run_id: int
    detail: str | None


def observe_result(status: ResultStatus, message: str | None, seen: Seen) -> Observation | None:
    """None where there was no outcome: such a result leaves an issue as it is."""
    if status is ResultStatus.PASSED:
        return Observation("passing", *seen)
    if status not in SEVERITIES:
        return None
    kind: Literal["quality", "execution"] = "execution" if status is ResultStatus.ERROR else "quality"
    return Observation("finding", *seen, SEVERITIES[status], kind, message)


def observe_step(status: str, finding: str | None, message: str | None, seen: Seen) -> Observation | None:
    if finding:
        severity: Literal["high", "medium"] = "high" if finding == "high" else "medium"
        return Observation("finding", *seen, severity, "execution", message)
    return Observation("passing", *seen) if status == "success" else None


def removed(seen: Seen) -> Observation:
    """The run's definitions no longer hold the subject."""
    return Observation("removed", *seen)


def under_its_definitions(subject: str, seen: Observation) -> Observation:
    """What Dagster saw of a test of dbt: `test.shop.…` is of the project `shop`, and its manifest may remove it."""
    kind, _, rest = subject.partition(".")
    if kind not in {"test", "unit_test"} or not seen.scope.startswith("dagster:"):
        return seen
    return replace(seen, scope=f"dbt:{rest.partition('.')[0]}")


def advance(issue: IssueState | None, seen: Observation) -> tuple[IssueState | None, Transition | None]:
    if seen.outcome == "finding":
        return _found(issue, seen)
    if issue is None or issue.state == "resolved":
        return issue, None
    if seen.outcome == "removed" and seen.scope != issue.definitions_scope:
        return issue, None
    resolution = "passed" if seen.outcome == "passing" else "check removed"
    resolved = replace(
        issue, definitions_scope=seen.scope, state="resolved", resolved_at=seen.at, resolution=resolution
    )
    return resolved, Transition("resolved", seen.at, seen.run_id, resolution)


def _found(issue: IssueState | None, seen: Observation) -> tuple[IssueState, Transition | None]:
    if issue is None:
        opened = IssueState(seen.scope, seen.kind, seen.severity, "open", seen.message, seen.at, seen.at, 1)
        return opened, Transition("opened", seen.at, seen.run_id, seen.severity)
    again = replace(
        issue,
        definitions_scope=seen.scope,
        kind=seen.kind,
        severity=seen.severity,
        state="open",
        message=seen.message,
        last_seen_at=seen.at,
        occurrences=issue.occurrences + 1,
        resolved_at=None,
        resolution=None,
    )
    if issue.state == "open":
        return again, None
    return again, Transition("reopened", seen.at, seen.run_id, seen.severity)


def replay(observations: Iterable[Observation]) -> tuple[IssueState | None, list[Transition]]:
    """The whole life again, whatever order the observations come in."""
    issue: IssueState | None = None
    transitions = []
    for seen in sorted(observations, key=lambda one: one.order):
        issue, transition = advance(issue, seen)
        if transition:
            transitions.append(transition)
    return issue, transitions


def issue_status(state: str, muted_until: datetime | None, now: datetime) -> Literal["open", "resolved", "muted"]:
    if state == "resolved":
        return "resolved"
    return "muted" if muted_until and muted_until > now else "open"


def end_of_silence(day: date) -> datetime:
    """Whoever mutes until Friday means all of it: its last second, in UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def is_overdue(status: str, due_on: date | None, now: datetime) -> bool:
    """From the day after `due_on` on, in UTC, as long as the issue is open: a muted one waits with consent."""
    return status == "open" and due_on is not None and now.astimezone(UTC).date() > due_on


def issue_title(subject: str | None, check: str) -> str:
    """`subject` is the dataset's name, or the project's for a check on several datasets."""
    return f"[QALITA] {subject}: {check}"
