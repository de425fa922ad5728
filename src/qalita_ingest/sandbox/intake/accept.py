"""One report → one run in the store, or the answer that it is already there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from qalita_ingest.contract import (
    IngestAnswer,
    IssueChange,
    are_comparable,
    body_digest,
    idempotency_key,
)
from qalita_ingest.garbage import collection_paused
from qalita_ingest.sandbox.database.model import Run
from qalita_ingest.sandbox.intake.catalog import Catalog
from qalita_ingest.sandbox.intake.issues import follow_issues
from qalita_ingest.sandbox.intake.job import store_done_job
from qalita_ingest.sandbox.intake.rows import FreshRows, store_invocations, store_rows
from qalita_ingest.sandbox.intake.run import NewRun, Place
from qalita_ingest.sandbox.intake.scores import scores_of, store_scores
from qalita_ingest.sandbox.issues import count_open_issues, titled_issues
from qalita_ingest.sandbox.uploads import forget_parts
from qalita_ingest.sandbox.webhooks import record_changes

if TYPE_CHECKING:
    from collections.abc import Collection
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
        answer, is_new = accept(session, report, received_at, kept_runs(session, [key]).get(key))
        if is_new:
            store_done_job(session, report, key, answer.run, received_at)
        # Also of a run that came whole in the end.
        forget_parts(session, [key])
    return answer, is_new


@collection_paused()
def accept(
    session: Session, report: RunReport, received_at: datetime, kept: KeptRun | None
) -> tuple[IngestAnswer, bool]:
    """The answer, and whether anything was new. Raises `ConflictingRunError`.

    `kept` is what `kept_runs` finds of its key. Rows that are known by check and invocation are not stored again.
    """
    if kept:
        return answer_again(report, kept), False
    place = Place.of(session, report)
    fresh = FreshRows.of(session, report, place.environment_id)
    if fresh.are_all_known:
        return _already_delivered(session, report, place, fresh), False
    run = NewRun.stored(session, report, place, received_at)
    catalog = Catalog.of(session, place.project_id)
    catalog.store(session, report)
    store_invocations(session, report, place.environment_id, fresh)
    store_rows(session, run.id, fresh, catalog)
    transitions = follow_issues(session, report, run, catalog, fresh)
    scores = scores_of(session, place.project_id, report)
    store_scores(session, run.id, scores)
    answer = IngestAnswer(
        outcome="accepted",
        run=run.id,
        delivered_at=received_at,
        new_results=len(fresh.results),
        known_results=fresh.known_results,
        scores=scores,
        **_changes(session, transitions, received_at),
        open_issues=count_open_issues(session, place.environment_id, received_at),
    )
    run.complete(session, answer, Counter(one.status.value for one in fresh.results))
    record_changes(session, report, answer)
    return answer, True


class KeptRun(NamedTuple):
    """What is kept of a run that came before."""

    body_digest: str
    answer: dict[str, Any]


_KEPT = select(Run.idempotency_key, Run.body_digest, Run.answer).where(
    Run.idempotency_key.in_(bindparam("keys", expanding=True))
)


def kept_runs(session: Session, keys: Collection[str]) -> dict[str, KeptRun]:
    """By their idempotency keys, those of these that are there."""
    rows = session.connection().execute(_KEPT, {"keys": keys})
    return {row.idempotency_key: KeptRun(row.body_digest, row.answer) for row in rows}


def answer_again(report: RunReport, kept: KeptRun) -> IngestAnswer:
    """The answer to the first delivery. Raises `ConflictingRunError` where that had other content."""
    digest = body_digest(report)
    # A digest of an older version of this library says nothing about the content: the key alone decides then.
    if kept.body_digest != digest and are_comparable(kept.body_digest, digest):
        raise ConflictingRunError(
            f"this run was delivered before with other content (then {kept.body_digest[:14]}, now {digest[:14]}); "
            f"run dbt again for a new run, or name it with --run-id"
        )
    return msgspec.convert(kept.answer, IngestAnswer)


def _already_delivered(session: Session, report: RunReport, place: Place, fresh: FreshRows) -> IngestAnswer:
    """Under the name of the latest run that brought any of these rows, with the score of these rows.

    They may have come in several runs: the score of one of them would be that of other checks.
    """
    holder = session.get_one(Run, max(fresh.known_runs))
    return msgspec.structs.replace(
        msgspec.convert(holder.answer, IngestAnswer),
        outcome="already_delivered",
        new_results=0,
        known_results=fresh.known_results,
        scores=scores_of(session, place.project_id, report),
        opened=(),
        reopened=(),
        resolved=(),
    )


def _changes(session: Session, transitions: dict[int, Transition], now: datetime) -> dict[str, tuple[IssueChange, ...]]:
    """A muted issue is not among them: until its day it raises nothing."""
    found = titled_issues(session, transitions, now)
    return {
        kind: tuple(
            IssueChange(id=one.id, title=one.title, severity=one.severity, dataset=one.dataset)
            for one in found
            if transitions[one.id].kind == kind and one.status != "muted"
        )
        for kind in ("opened", "reopened", "resolved")
    }
