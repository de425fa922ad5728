"""Issues after a run: one step further where the run is the newest, computed again from history where it came late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, or_, select

from qalita_ingest.contract import ResultStatus
from qalita_ingest.sandbox.database import columns_of, ids_by, insert_columns, update_columns
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
    under_its_definitions,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.intake.catalog import Catalog
    from qalita_ingest.sandbox.intake.rows import FreshRows
    from qalita_ingest.sandbox.intake.run import NewRun

Observations = dict[str, list[Observation]]
# The fields of an issue's state, in their order.
RUN_COLUMNS = tuple(one.name for one in fields(IssueState))
ACTOR = "qalita"
# SQLite takes 32,766 variables in a statement.
CHUNK = 10_000


class Known(NamedTuple):
    """An issue as it is stored. `links` are the ids of its check and its dataset."""

    id: int
    links: tuple[int | None, int | None]
    state: IssueState


@dataclass
class Followed:
    """A subject's state after the run, and the transitions to be written; `is_rewritten` where they replace the old."""

    state: IssueState
    transitions: list[Transition] = field(default_factory=list)
    is_rewritten: bool = False


def follow_issues(
    session: Session, report: RunReport, run: NewRun, catalog: Catalog, fresh: FreshRows
) -> dict[int, Transition]:
    """Writes issues and their events. Returns id of the issue → its newest transition, where this run brought it.

    Rows are stored before. What a late run did to a past state is history, and not returned.
    """
    found = _found(fresh)
    known = _issues_of(session, run.environment_id, None if fresh.is_late else found)
    observed = _observe(report, run, fresh, found | known.keys())
    lost = _without_subject(known, report)
    if fresh.is_late:
        followed = _replay_subjects(session, run, observed, set(known), lost)
    else:
        followed = _advance_subjects(run, observed, known, lost)
    ids = _write(session, run, followed, known, catalog)
    newest = {ids[subject]: after.transitions[-1] for subject, after in followed.items() if after.transitions}
    return {issue_id: transition for issue_id, transition in newest.items() if transition.run_id == run.id}


def _found(fresh: FreshRows) -> set[str]:
    results = {one.check for one in fresh.results if one.status.is_finding}
    return results | {one.key for one in fresh.steps if one.finding}


def _observe(report: RunReport, run: NewRun, fresh: FreshRows, told: Collection[str]) -> Observations:
    """Of the subjects that have an issue, or get one now: a check that always passed has no story to tell."""
    seen = {one.id: Seen(one.finished_at, one.id, run.id, report.definitions_scope) for one in report.invocations}
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
        observed[subject].append(under_its_definitions(subject, seen))


_STATE = [getattr(Issue, name) for name in RUN_COLUMNS]
_KNOWN = select(Issue.subject, Issue.id, Issue.check_id, Issue.dataset_id, *_STATE).where(
    Issue.environment_id == bindparam("environment")
)

# Only a finding changes one that is resolved; but what it is of may have got its definition by now.
_AT_STAKE = _KNOWN.where(
    or_(
        Issue.state == "open",
        and_(Issue.check_id.is_(None), Issue.dataset_id.is_(None)),
        Issue.subject.in_(bindparam("found", expanding=True)),
    )
)


def _issues_of(session: Session, environment_id: int, found: Collection[str] | None) -> dict[str, Known]:
    """All, or those that the next run may change: it `found` something in these subjects."""
    named: dict[str, Any] = {"environment": environment_id}
    if found is None:
        rows = list(session.connection().execute(_KNOWN, named))
    else:
        ordered = sorted(found)
        chunks = [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)] or [[]]
        rows = [row for some in chunks for row in session.connection().execute(_AT_STAKE, named | {"found": some})]
    return {row[0]: Known(row[1], (row[2], row[3]), IssueState(*row[4:])) for row in rows}


def _without_subject(issues: dict[str, Known], report: RunReport) -> set[str]:
    """Issues whose check or step these definitions lack; whether they may remove it is decided in the fold."""
    return issues.keys() - set(report.defined_keys) if report.definitions_complete else set()


def _advance_subjects(
    run: NewRun, observed: Observations, issues: dict[str, Known], lost: Iterable[str]
) -> dict[str, Followed]:
    followed = {}
    for subject in lost:
        observed[subject].append(removed(run.end))
    # Sorted, so that the same findings get the same numbers, whatever order dbt's threads wrote them in.
    for subject, seen_ones in sorted(observed.items()):
        before = issues.get(subject)
        state, transitions = before.state if before else None, []
        for seen in sorted(seen_ones, key=lambda one: one.order):
            state, transition = advance(state, seen)
            transitions += [transition] if transition else []
        if state:
            followed[subject] = Followed(state, transitions)
    return followed


def _replay_subjects(
    session: Session, run: NewRun, observed: Observations, with_issue: set[str], lost: set[str]
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


_DEFINING = select(Run.definition_set_id, Run.finished_at, Run.last_invocation, Run.id, Run.definitions_scope).where(
    Run.environment_id == bindparam("environment"), Run.definition_set_id.is_not(None)
)


def _removals(session: Session, run: NewRun, subjects: set[str]) -> Iterable[tuple[str, Observation]]:
    """Every run whose definitions lacked one of the subjects; whose definitions can remove it is not decided here."""
    keys: dict[int, set[str]] = {}
    rows = session.connection().execute(_DEFINING, {"environment": run.environment_id})
    for set_id, *end in map(tuple[Any, ...], rows):
        if set_id not in keys:
            keys[set_id] = set(session.get_one(DefinitionSet, set_id).keys)
        for subject in subjects - keys[set_id]:
            yield subject, removed(Seen(*end))


def _write(
    session: Session, run: NewRun, followed: dict[str, Followed], known: dict[str, Known], catalog: Catalog
) -> dict[str, int]:
    """Returns subject → id of the issue, of all."""
    # In this order, so that the same findings get the same numbers.
    opened = [subject for subject in followed if subject not in known]
    changed = [
        subject
        for subject, after in followed.items()
        if (before := known.get(subject)) and (before.state, before.links) != (after.state, catalog.links(subject))
    ]

    def columns(subjects: Sequence[str]) -> dict[str, list[Any]]:
        # What is known of it now may not have been when the issue was opened.
        links = list(map(catalog.links, subjects))
        states = columns_of([followed[subject].state for subject in subjects], RUN_COLUMNS)
        return states | {"check_id": [one for one, _ in links], "dataset_id": [one for _, one in links]}

    here = [run.environment_id] * len(opened)
    insert_columns(session, Issue, columns(opened) | {"environment_id": here, "subject": opened})
    update_columns(session, Issue, [known[subject].id for subject in changed], columns(changed))
    ids = {subject: one.id for subject, one in known.items()}
    if opened:
        ids = ids_by(session, Issue.subject, Issue.environment_id, run.environment_id)
    _write_events(session, followed, ids)
    return ids


def _write_events(session: Session, followed: dict[str, Followed], ids: dict[str, int]) -> None:
    rewritten = [ids[subject] for subject, after in followed.items() if after.is_rewritten]
    for start in range(0, len(rewritten), CHUNK):
        # What people did has no run and stays.
        those = IssueEvent.issue_id.in_(rewritten[start : start + CHUNK])
        session.execute(delete(IssueEvent).where(those, IssueEvent.run_id.is_not(None)))
    events = [(ids[subject], one) for subject, after in followed.items() for one in after.transitions]
    told = columns_of([one for _, one in events], ("run_id", "kind", "detail"))
    insert_columns(
        session,
        IssueEvent,
        told
        | {
            "issue_id": [issue_id for issue_id, _ in events],
            "occurred_at": [one.at for _, one in events],
            "actor": [ACTOR] * len(events),
        },
    )
