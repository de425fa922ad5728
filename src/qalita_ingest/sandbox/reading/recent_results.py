"""The last results of several checks in an environment, at a price that does not grow with the history behind them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, cast, func, select

from qalita_ingest.contract import OUTCOMES, ResultStatus
from qalita_ingest.contract.scores import VALUES
from qalita_ingest.sandbox.database.model import Check, Invocation, Result
from qalita_ingest.sandbox.scoring.flakiness import LATEST_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Records

    # Check → its results, newest first; a check without any is not among them.
    ResultsOfChecks = Mapping[int, tuple["RecentResult", ...]]

RECENT = LATEST_OUTCOMES
# So far back an outcome is looked for: a check that is skipped night after night has a price too.
LOOKED_AT = 100


class RecentResult(msgspec.Struct, frozen=True, kw_only=True):
    """`finished_at` is the end of the invocation that it was measured in; `run` is the run that brought it."""

    run: int
    finished_at: datetime
    status: str
    failures: int | None
    seconds: float | None


def score_of(status: str) -> float | None:
    """What a status counts for, 0–1; None where there was no outcome."""
    return VALUES.get(ResultStatus(status))


def recent_results(
    session: Session, environment_id: int, check_ids: Collection[int], count: int = RECENT
) -> ResultsOfChecks:
    """The last `count` of each, whether they are outcomes or not."""
    return _read(session, _newest_ids(session, _walked(environment_id).limit(count), check_ids))


def latest_outcomes(session: Session, environment_id: int, recent: ResultsOfChecks) -> ResultsOfChecks:
    """The last `RECENT` outcomes of each, where there are so many among its last `LOOKED_AT` results.

    `recent` are its last results. Only those of them that are no outcomes make it look further back.
    """
    short = [check_id for check_id, results in recent.items() if len(results) == RECENT and not _are_outcomes(results)]
    if not short:
        return recent
    walked = _walked(environment_id).limit(LOOKED_AT).subquery()
    outcomes = (
        select(walked.c.id)
        .where(walked.c.status.in_(OUTCOMES))
        .order_by(walked.c.finished_at.desc(), walked.c.key.desc())
        .limit(RECENT)
        .correlate(Check)
    )
    return {**recent, **_read(session, _newest_ids(session, outcomes, short))}


def _are_outcomes(results: Iterable[RecentResult]) -> bool:
    return all(one.status in OUTCOMES for one in results)


def _read(session: Session, result_ids: Iterable[int]) -> ResultsOfChecks:
    query = (
        select(Result.check_id, Result.run_id, Invocation.finished_at, Result.status, Result.failures, Result.seconds)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .where(Result.id.in_(result_ids))
        .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
    )
    found: dict[int, list[RecentResult]] = defaultdict(list)
    for check_id, run, at, status, failures, seconds in session.execute(query):
        found[check_id].append(RecentResult(run=run, finished_at=at, status=status, failures=failures, seconds=seconds))
    return {check_id: tuple(results) for check_id, results in found.items()}


def _walked(environment_id: int) -> Records:
    """Results of one check, walked from the newest invocation on: it stops where the caller's limit is reached."""
    return (
        select(Result.id, Result.status, Invocation.finished_at, Invocation.key)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .where(Result.check_id == Check.id, Invocation.environment_id == environment_id)
        .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
        .correlate(Check)
    )


def _newest_ids(session: Session, of_one_check: Records, check_ids: Collection[int]) -> Iterable[int]:
    """The numbers come as one text for each check: neither database takes a limit per group of a plain join."""
    newest = of_one_check.subquery()
    joined = select(func.aggregate_strings(cast(newest.c.id, String), ",")).correlate(Check).scalar_subquery()
    texts: Iterable[str | None] = session.scalars(select(joined).select_from(Check).where(Check.id.in_(check_ids)))
    return [int(number) for text in texts if text for number in text.split(",")]
