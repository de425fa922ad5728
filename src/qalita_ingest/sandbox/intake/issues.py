"""Issues after a run: one step further where the run is the newest, computed again from history where it came late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.database.model import Check, DefinitionSet, Invocation, Issue, IssueEvent, Result, Run, Step
from qalita_ingest.sandbox.scoring import (
    IssueState,
    Observation,
    Seen,
    Transition,
    advance,
    observe_result,
    observe_step,
    removed,
    replay,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.intake.catalog import Catalog
    from qalita_ingest.sandbox.intake.rows import FreshRows

Observations = dict[str, list[Observation]]
RUN_COLUMNS = (
    "definitions_scope",
    "kind",
    "severity",
    "state",
    "message",
    "first_seen_at",
    "last_seen_at",
    "occurrences",
    "resolved_at",
    "resolution",
)
ACTOR = "qalita"
# SQLite takes 32,766 variables in a statement.
CHUNK = 10_000


@dataclass
class Followed:
    """A subject's state after the run, and the transitions to be written; `is_rewritten` where they replace the old."""

    state: IssueState
    transitions: list[Transition] = field(default_factory=list)
    is_rewritten: bool = False


def follow_issues(
    session: Session, report: RunReport, run: Run, catalog: Catalog, fresh: FreshRows
) -> dict[str, Transition]:
    """Writes issues and their events. Returns subject → its newest transition, where this run brought it.

    Rows are stored before. What a late run did to a past state is history, and not returned.
    """
    issues = _issues_of(session, run.environment_id)
    observed = _observe(report, run, fresh, issues)
    lost = _without_subject(issues, report)
    if fresh.is_late:
        followed = _replay_subjects(session, run, observed, set(issues), lost)
    else:
        followed = _advance_subjects(run, observed, issues, lost)
    for subject in followed.keys() - issues.keys():
        issues[subject] = Issue(environment_id=run.environment_id, subject=subject)
    _write(session, {issues[subject]: after for subject, after in followed.items()}, catalog)
    newest = {subject: after.transitions[-1] for subject, after in followed.items() if after.transitions}
    return {subject: transition for subject, transition in newest.items() if transition.run_id == run.id}


def _observe(report: RunReport, run: Run, fresh: FreshRows, issues: Collection[str]) -> Observations:
    """Of the subjects that have an issue, or get one now: a check that always passed has no story to tell."""
    seen = {one.id: Seen(one.finished_at, one.id, run.id, run.definitions_scope) for one in report.invocations}
    told = {one.check for one in fresh.results if one.status.is_finding} | {
        one.key for one in fresh.steps if one.finding
    }
    told.update(issues)
    observed: Observations = defaultdict(list)
    for result in fresh.results:
        if result.check in told:
            message = result.message or result.reason
            _add(observed, result.check, observe_result(result.status, message, seen[result.invocation]))
    for step in fresh.steps:
        if step.key in told:
            _add(observed, step.key, observe_step(step.status, step.finding, step.message, seen[step.invocation]))
    return observed


def _add(observed: Observations, subject: str, seen: Observation | None) -> None:
    if seen:
        observed[subject].append(seen)


def _issues_of(session: Session, environment_id: int) -> dict[str, Issue]:
    rows = session.scalars(select(Issue).where(Issue.environment_id == environment_id))
    return {issue.subject: issue for issue in rows}


def _without_subject(issues: dict[str, Issue], report: RunReport) -> set[str]:
    """Issues whose check or step these definitions lack; whether they may remove it is decided in the fold."""
    return issues.keys() - set(report.defined_keys) if report.definitions_complete else set()


def _state(issue: Issue | None) -> IssueState | None:
    return IssueState(**{name: getattr(issue, name) for name in RUN_COLUMNS}) if issue else None


def _advance_subjects(
    run: Run, observed: Observations, issues: dict[str, Issue], lost: Iterable[str]
) -> dict[str, Followed]:
    followed = {}
    for subject in lost:
        observed[subject].append(removed(_end(run)))
    # Sorted, so that the same findings get the same numbers, whatever order dbt's threads wrote them in.
    for subject, seen_ones in sorted(observed.items()):
        state, transitions = _state(issues.get(subject)), []
        for seen in sorted(seen_ones, key=lambda one: one.order):
            state, transition = advance(state, seen)
            transitions += [transition] if transition else []
        if state:
            followed[subject] = Followed(state, transitions)
    return followed


def _replay_subjects(
    session: Session, run: Run, observed: Observations, with_issue: set[str], lost: set[str]
) -> dict[str, Followed]:
    found = {subject for subject, ones in observed.items() if any(one.outcome == "finding" for one in ones)}
    subjects = found | (with_issue & observed.keys()) | lost
    history = _history(session, run.environment_id, subjects)
    for subject, seen in _removals(session, run, subjects):
        history[subject].append(seen)
    followed = {}
    for subject in sorted(subjects):
        state, transitions = replay(history[subject])
        if state:
            followed[subject] = Followed(state, transitions, is_rewritten=True)
    return followed


def _history(session: Session, environment_id: int, subjects: Collection[str]) -> Observations:
    history: Observations = defaultdict(list)
    ordered = sorted(subjects)
    moment = (Invocation.finished_at, Invocation.key, Run.id, Run.definitions_scope)
    results = (
        select(Check.key, Result.status, Result.message, Result.reason, *moment)
        .join(Result, Result.check_id == Check.id)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .join(Run, Run.id == Result.run_id)
        .where(Invocation.environment_id == environment_id)
    )
    steps = (
        select(Step.key, Step.status, Step.finding, Step.message, *moment)
        .join(Invocation, Invocation.id == Step.invocation_id)
        .join(Run, Run.id == Step.run_id)
        .where(Invocation.environment_id == environment_id)
    )
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        for key, status, message, reason, at, invocation, run_id, scope in session.execute(
            results.where(Check.key.in_(chunk))
        ):
            _add(
                history,
                key,
                observe_result(ResultStatus(status), message or reason, Seen(at, invocation, run_id, scope)),
            )
        for key, status, finding, message, at, invocation, run_id, scope in session.execute(
            steps.where(Step.key.in_(chunk))
        ):
            _add(history, key, observe_step(status, finding, message, Seen(at, invocation, run_id, scope)))
    return history


def _end(run: Run) -> Seen:
    return Seen(run.finished_at, run.last_invocation, run.id, run.definitions_scope)


def _removals(session: Session, run: Run, subjects: set[str]) -> Iterable[tuple[str, Observation]]:
    """Every run whose definitions lacked one of the subjects; whose definitions can remove it is not decided here."""
    keys: dict[int, set[str]] = {}
    runs = session.scalars(
        select(Run).where(Run.environment_id == run.environment_id, Run.definition_set_id.is_not(None))
    )
    for one in runs:
        set_id = one.definition_set_id or 0
        if set_id not in keys:
            keys[set_id] = set(session.get_one(DefinitionSet, set_id).keys)
        for subject in subjects - keys[set_id]:
            yield subject, removed(_end(one))


def _write(session: Session, followed: dict[Issue, Followed], catalog: Catalog) -> None:
    for issue, after in followed.items():
        for name in RUN_COLUMNS:
            setattr(issue, name, getattr(after.state, name))
        # What is known of it now may not have been when the issue was opened.
        issue.check_id = catalog.checks.get(issue.subject)
        issue.dataset_id = catalog.datasets.get(issue.subject)
    # In this order, so that the same findings get the same numbers.
    session.add_all(followed)
    session.flush()
    rewritten = [issue.id for issue, after in followed.items() if after.is_rewritten]
    for start in range(0, len(rewritten), CHUNK):
        # What people did has no run and stays.
        those = IssueEvent.issue_id.in_(rewritten[start : start + CHUNK])
        session.execute(delete(IssueEvent).where(those, IssueEvent.run_id.is_not(None)))
    session.add_all(
        IssueEvent(
            issue_id=issue.id, run_id=one.run_id, kind=one.kind, occurred_at=one.at, actor=ACTOR, detail=one.detail
        )
        for issue, after in followed.items()
        for one in after.transitions
    )
