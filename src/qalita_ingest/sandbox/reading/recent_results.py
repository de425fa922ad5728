"""The last results of several checks in an environment, at a price that does not grow with the history behind them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, cast, func, select

from qalita_ingest.contract import ResultStatus
from qalita_ingest.contract.scores import VALUES
from qalita_ingest.sandbox.database.model import Check, Invocation, Result
from qalita_ingest.sandbox.scoring.flakiness import LATEST_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

RECENT = LATEST_OUTCOMES


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
) -> dict[int, tuple[RecentResult, ...]]:
    """Check → its last results, newest first; a check without any is not among them."""
    query = (
        select(Result.check_id, Result.run_id, Invocation.finished_at, Result.status, Result.failures, Result.seconds)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .where(Result.id.in_(_newest_ids(session, environment_id, check_ids, count)))
        .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
    )
    found: dict[int, list[RecentResult]] = defaultdict(list)
    for check_id, run, at, status, failures, seconds in session.execute(query):
        found[check_id].append(RecentResult(run=run, finished_at=at, status=status, failures=failures, seconds=seconds))
    return {check_id: tuple(results) for check_id, results in found.items()}


def _newest_ids(session: Session, environment_id: int, check_ids: Collection[int], count: int) -> Iterable[int]:
    """Walks the invocations from the newest on and stops at `count` results of a check.

    The numbers come as one text for each check: neither database takes a limit per group of a plain join.
    """
    newest = (
        select(Result.id.label("id"))
        .join(Invocation, Invocation.id == Result.invocation_id)
        .where(Result.check_id == Check.id, Invocation.environment_id == environment_id)
        .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
        .limit(count)
        .correlate(Check)
        .subquery()
    )
    joined = select(func.aggregate_strings(cast(newest.c.id, String), ",")).correlate(Check).scalar_subquery()
    texts: Iterable[str | None] = session.scalars(select(joined).select_from(Check).where(Check.id.in_(check_ids)))
    return [int(number) for text in texts if text for number in text.split(",")]
