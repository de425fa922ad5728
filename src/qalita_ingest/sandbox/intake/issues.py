"""Issues after a run: one step further where the run is the newest, computed again from history where it came late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.database.model import Check, DefinitionSet, Invocation, Issue, IssueEvent, Result, Run, Step
from qalita_ingest.sandbox.scoring import (
    IssueState,
    Observation,
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

    state: IssueState | None
    transitions: list[Transition] = field(default_factory=list)
    is_rewritten: bool = False


def follow_issues(
    session: Session, report: RunReport, run: Run, catalog: Catalog, fresh: FreshRows
) -> dict[str, Transition]:
    """Writes issues and their events. Returns subject → its newest transition, where this run brought it.

    Rows are stored before. What a late run did to a past state is history, and not returned.
    """
    observed = _observe(report, run, fresh)
    issues = _issues_of(session, run.environment_id)
    lost = _without_subject(issues, report)
    if fresh.is_late:
        followed = _replay_subjects(session, run, observed, issues, lost)
    else:
        followed = _advance_subjects(run, observed, issues, lost)
    for subject, after in followed.items():
        if after.state:
            issue = issues.get(subject) or _new_issue(run, catalog, subject)
            _write(session, issue, after.state, after)
    newest = {subject: after.transitions[-1] for subject, after in followed.items() if after.transitions}
    return {subject: transition for subject, transition in newest.items() if transition.run_id == run.id}


def _observe(report: RunReport, run: Run, fresh: FreshRows) -> Observations:
    finished_at = {one.id: one.finished_at for one in report.invocations}
    observed: Observations = defaultdict(list)
    for result in fresh.results:
        at = finished_at[result.invocation]
        seen = observe_result(
            result.status, at=at, invocation=result.invocation, run_id=run.id, message=result.message or result.reason
        )
        _add(observed, result.check, seen)
    for step in fresh.steps:
        at = finished_at[step.invocation]
        seen = observe_step(
            step.status, step.finding, at=at, invocation=step.invocation, run_id=run.id, message=step.message
        )
        _add(observed, step.key, seen)
    return observed


def _add(observed: Observations, subject: str, seen: Observation | None) -> None:
    if seen:
        observed[subject].append(seen)


def _issues_of(session: Session, environment_id: int) -> dict[str, Issue]:
    rows = session.scalars(select(Issue).where(Issue.environment_id == environment_id))
    return {issue.subject: issue for issue in rows}


def _without_subject(issues: dict[str, Issue], report: RunReport) -> set[str]:
    """Issues of this scope whose check or step is no longer defined."""
    if not report.definitions_complete:
        return set()
    in_scope = {subject for subject, issue in issues.items() if issue.definitions_scope == report.definitions_scope}
    return in_scope.difference(report.defined_keys)


def _state(issue: Issue | None) -> IssueState | None:
    return IssueState(**{name: getattr(issue, name) for name in RUN_COLUMNS}) if issue else None


def _advance_subjects(
    run: Run, observed: Observations, issues: dict[str, Issue], lost: Iterable[str]
) -> dict[str, Followed]:
    followed = {}
    gone = {subject: [removed(run.finished_at, run.id)] for subject in lost}
    # Sorted, so that the same findings get the same numbers, whatever order dbt's threads wrote them in.
    for subject, seen_ones in sorted((observed | gone).items()):
        after = Followed(_state(issues.get(subject)))
        for seen in sorted(seen_ones, key=lambda one: one.order):
            after.state, transition = advance(after.state, seen)
            after.transitions += [transition] if transition else []
        if after.state:
            followed[subject] = after
    return followed


def _replay_subjects(
    session: Session, run: Run, observed: Observations, issues: dict[str, Issue], lost: set[str]
) -> dict[str, Followed]:
    found = {subject for subject, ones in observed.items() if any(one.outcome == "finding" for one in ones)}
    subjects = found | (issues.keys() & observed.keys()) | lost
    history = _history(session, run.environment_id, subjects)
    for subject, seen in _removals(session, run, subjects, issues):
        history[subject].append(seen)
    followed = {}
    for subject in sorted(subjects):
        state, transitions = replay(history[subject])
        followed[subject] = Followed(state, transitions, is_rewritten=True)
    return followed


def _history(session: Session, environment_id: int, subjects: Collection[str]) -> Observations:
    history: Observations = defaultdict(list)
    ordered = sorted(subjects)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        for key, status, message, reason, run_id, at, invocation in session.execute(
            select(
                Check.key,
                Result.status,
                Result.message,
                Result.reason,
                Result.run_id,
                Invocation.finished_at,
                Invocation.key,
            )
            .join(Result, Result.check_id == Check.id)
            .join(Invocation, Invocation.id == Result.invocation_id)
            .where(Invocation.environment_id == environment_id, Check.key.in_(chunk))
        ):
            seen = observe_result(
                ResultStatus(status), at=at, invocation=invocation, run_id=run_id, message=message or reason
            )
            _add(history, key, seen)
        for key, status, finding, message, run_id, at, invocation in session.execute(
            select(
                Step.key, Step.status, Step.finding, Step.message, Step.run_id, Invocation.finished_at, Invocation.key
            )
            .join(Invocation, Invocation.id == Step.invocation_id)
            .where(Invocation.environment_id == environment_id, Step.key.in_(chunk))
        ):
            _add(
                history,
                key,
                observe_step(status, finding, at=at, invocation=invocation, run_id=run_id, message=message),
            )
    return history


def _removals(
    session: Session, run: Run, subjects: set[str], issues: dict[str, Issue]
) -> Iterable[tuple[str, Observation]]:
    """Every run whose definitions lacked one of the subjects, in the subject's own scope."""
    keys: dict[int, set[str]] = {}
    runs = session.execute(
        select(Run.id, Run.finished_at, Run.definitions_scope, Run.definition_set_id).where(
            Run.environment_id == run.environment_id, Run.definition_set_id.is_not(None)
        )
    )
    for run_id, finished_at, scope, set_id in runs:
        if set_id is None:
            continue
        if set_id not in keys:
            keys[set_id] = set(session.get_one(DefinitionSet, set_id).keys)
        for subject in subjects - keys[set_id]:
            issue = issues.get(subject)
            if scope == (issue.definitions_scope if issue else run.definitions_scope):
                yield subject, removed(finished_at, run_id)


def _new_issue(run: Run, catalog: Catalog, subject: str) -> Issue:
    return Issue(
        environment_id=run.environment_id,
        subject=subject,
        definitions_scope=run.definitions_scope,
        check_id=catalog.checks.ids.get(subject),
        dataset_id=catalog.datasets.ids.get(subject),
    )


def _write(session: Session, issue: Issue, state: IssueState, after: Followed) -> None:
    for name, value in asdict(state).items():
        setattr(issue, name, value)
    session.add(issue)
    session.flush()
    if after.is_rewritten:
        # What people did has no run and stays.
        session.execute(delete(IssueEvent).where(IssueEvent.issue_id == issue.id, IssueEvent.run_id.is_not(None)))
    session.add_all(
        IssueEvent(
            issue_id=issue.id, run_id=one.run_id, kind=one.kind, occurred_at=one.at, actor=ACTOR, detail=one.detail
        )
        for one in after.transitions
    )
