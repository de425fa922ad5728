"""One report → one run in the store, or the answer that it is already there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.contract import (
    IngestAnswer,
    IssueChange,
    are_comparable,
    body_digest,
    idempotency_key,
    score_report,
    sha256_of,
)
from qalita_ingest.garbage import collection_paused
from qalita_ingest.sandbox.database.model import DefinitionSet, Environment, Project, Run
from qalita_ingest.sandbox.intake.catalog import Catalog
from qalita_ingest.sandbox.intake.issues import follow_issues
from qalita_ingest.sandbox.intake.job import done_job
from qalita_ingest.sandbox.intake.rows import FreshRows, store_invocations, store_rows, store_scores
from qalita_ingest.sandbox.issues import count_open_issues, find_issues
from qalita_ingest.sandbox.uploads import forget_parts
from qalita_ingest.sandbox.webhooks import record_changes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.database import Database
    from qalita_ingest.sandbox.scoring import Transition


class ConflictingRunError(Exception):
    """The idempotency key is known, and came with other content."""


def take_in(database: Database, report: RunReport, received_at: datetime) -> tuple[IngestAnswer, bool]:
    """`accept` and the job of the run, in a transaction of their own."""
    key = idempotency_key(report)
    with database.writing() as session:
        answer, is_new = accept(session, report, received_at)
        if is_new:
            session.add(done_job(report, key, answer.run, received_at))
        # Also of a run that came whole in the end.
        forget_parts(session, key)
    return answer, is_new


@collection_paused()
def accept(session: Session, report: RunReport, received_at: datetime) -> tuple[IngestAnswer, bool]:
    """The answer, and whether anything was new. Raises `ConflictingRunError`.

    Rows that are known by check and invocation are not stored again.
    """
    key, digest = idempotency_key(report), body_digest(report)
    if first := _run_of(session, key):
        return _same_answer(first, digest), False
    environment = _environment(session, report)
    fresh = FreshRows.of(session, report, environment.id)
    if fresh.are_all_known:
        return _already_delivered(session, report, fresh), False
    run = _store_run(session, report, environment.id, received_at, key=key, digest=digest)
    catalog = Catalog.of(session, environment.project_id)
    catalog.store(session, report)
    store_invocations(session, report, environment.id, fresh)
    store_rows(session, run.id, fresh, catalog)
    answer = IngestAnswer(
        outcome="accepted",
        run=run.id,
        delivered_at=received_at,
        new_results=len(fresh.results),
        known_results=fresh.known_results,
        scores=store_scores(session, run.id, report),
        **_changes(session, environment, follow_issues(session, report, run, catalog, fresh), received_at),
        open_issues=count_open_issues(session, environment.id, received_at),
    )
    run.answer = msgspec.to_builtins(answer)
    run.counts = dict(sorted(Counter(one.status.value for one in fresh.results).items()))
    record_changes(session, report, answer)
    return answer, True


def answer_again(session: Session, report: RunReport) -> IngestAnswer | None:
    """The first answer to a run that is there; None where it is not. Raises `ConflictingRunError`."""
    first = _run_of(session, idempotency_key(report))
    return _same_answer(first, body_digest(report)) if first else None


def _run_of(session: Session, key: str) -> Run | None:
    return session.scalar(select(Run).where(Run.idempotency_key == key))


def _same_answer(first: Run, digest: str) -> IngestAnswer:
    # A digest of an older version of this library says nothing about the content: the key alone decides then.
    if first.body_digest != digest and are_comparable(first.body_digest, digest):
        raise ConflictingRunError(
            f"this run was delivered before with other content (then {first.body_digest[:14]}, now {digest[:14]}); "
            f"run dbt again for a new run, or name it with --run-id"
        )
    return msgspec.convert(first.answer, IngestAnswer)


def _already_delivered(session: Session, report: RunReport, fresh: FreshRows) -> IngestAnswer:
    """Under the name of the latest run that brought any of these rows, with the score of these rows.

    They may have come in several runs: the score of one of them would be that of other checks.
    """
    holder = session.get_one(Run, max(fresh.known_runs))
    return msgspec.structs.replace(
        msgspec.convert(holder.answer, IngestAnswer),
        outcome="already_delivered",
        new_results=0,
        known_results=fresh.known_results,
        scores=score_report(report),
        opened=(),
        reopened=(),
        resolved=(),
    )


def _changes(
    session: Session, environment: Environment, transitions: dict[str, Transition], now: datetime
) -> dict[str, tuple[IssueChange, ...]]:
    """A muted issue is not among them: until its day it raises nothing."""
    found = find_issues(session, now=now, environment_id=environment.id, subjects=transitions.keys())
    return {
        kind: tuple(
            IssueChange(id=one.id, title=one.title, severity=one.severity, dataset=one.dataset)
            for one in found
            if transitions[one.subject].kind == kind and one.status != "muted"
        )
        for kind in ("opened", "reopened", "resolved")
    }


def _environment(session: Session, report: RunReport) -> Environment:
    project = session.scalar(select(Project).where(Project.name == report.project))
    if project is None:
        session.add(project := Project(name=report.project))
        session.flush()
    environment = session.scalar(
        select(Environment).where(Environment.project_id == project.id, Environment.name == report.environment)
    )
    if environment is None:
        session.add(environment := Environment(project_id=project.id, name=report.environment))
        session.flush()
    return environment


def _store_run(
    session: Session, report: RunReport, environment_id: int, received_at: datetime, *, key: str, digest: str
) -> Run:
    run = Run(
        environment_id=environment_id,
        definition_set_id=_definition_set(session, report) if report.definitions_complete else None,
        definitions_scope=report.definitions_scope,
        last_invocation=report.order[1],
        kind=report.kind,
        received_at=received_at,
        idempotency_key=key,
        body_digest=digest,
        answer={},
        **msgspec.structs.asdict(report.context),
    )
    session.add(run)
    session.flush()
    return run


def _definition_set(session: Session, report: RunReport) -> int:
    keys = report.defined_keys
    digest = sha256_of(keys)
    known = session.scalar(select(DefinitionSet.id).where(DefinitionSet.digest == digest))
    if known is not None:
        return known
    session.add(added := DefinitionSet(digest=digest, keys=keys))
    session.flush()
    return added.id
