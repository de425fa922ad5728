"""The messages that somebody is to get, in the transaction of what they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sqlalchemy import bindparam, select

from qalita_ingest.sandbox.database import insert_columns
from qalita_ingest.sandbox.database.model import Project, Run, Score, Webhook, WebhookDelivery
from qalita_ingest.sandbox.webhooks.messages import Message, Place, issue_messages, ping_message, score_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import IngestAnswer, RunReport


def record_changes(session: Session, report: RunReport, answer: IngestAnswer) -> None:
    """One message for each change of the run and each webhook of its project that wants it.

    `answer` is that to a report that was taken in just now; its run and scores are in the store.
    """
    if not (webhooks := _webhooks_of(session, report.project)):
        return
    place = Place(report.project, report.environment, answer.run, report.context.finished_at)
    of_issues = list(issue_messages(answer, place))
    told: list[tuple[int, Message]] = []
    for webhook in webhooks:
        told += [(webhook.id, one) for one in of_issues if one.type in webhook.events]
        told += [(webhook.id, one) for one in _fall(session, webhook, report, answer, place)]
    _store(session, told, answer.delivered_at)


# Made once, and asked past the ORM where there is none: it is asked for each run that comes.
_OF_PROJECT = (
    select(Webhook.id)
    .join(Project, Project.id == Webhook.project_id)
    .where(Project.name == bindparam("project"), Webhook.disabled_at.is_(None))
)


def _webhooks_of(session: Session, project: str) -> Sequence[Webhook]:
    ids = session.connection().execute(_OF_PROJECT, {"project": project}).scalars().all()
    return session.scalars(select(Webhook).where(Webhook.id.in_(ids)).order_by(Webhook.id)).all() if ids else ()


def record_ping(session: Session, webhook_id: int, project: str, now: datetime) -> str:
    """The id of the message."""
    (message_id,) = _store(session, [(webhook_id, ping_message(project, now))], now)
    return message_id


def _store(session: Session, told: Sequence[tuple[int, Message]], now: datetime) -> list[str]:
    """Webhook and message, each; returns the ids of the messages. A first run may open thousands of issues."""
    message_ids = [f"msg_{uuid4().hex}" for _ in told]
    columns: dict[str, Sequence[Any]] = {
        "webhook_id": [webhook_id for webhook_id, _ in told],
        "message_id": message_ids,
        "event": [message.type for _, message in told],
        "body": [message.body for _, message in told],
        "status": ["pending"] * len(told),
        "created_at": [now] * len(told),
        "next_attempt_at": [now] * len(told),
    }
    insert_columns(session, WebhookDelivery, columns)
    return message_ids


def _fall(
    session: Session, webhook: Webhook, report: RunReport, answer: IngestAnswer, place: Place
) -> Iterator[Message]:
    """One message where the score was not below before this run, and no newer run is there."""
    score = next((one.value for one in answer.scores if one.perimeter == "project"), None)
    threshold = webhook.score_below
    if score is None or threshold is None or score >= threshold:
        return
    newest = _newest_other(session, answer.run)
    if newest is None:
        yield score_message(place, score=score, threshold=threshold, previous=None)
    elif newest.order < (place.finished_at, report.order[1]) and newest.score >= threshold:
        yield score_message(place, score=score, threshold=threshold, previous=newest.score)


class _Other(NamedTuple):
    order: tuple[datetime, str]
    score: float


def _newest_other(session: Session, run_id: int) -> _Other | None:
    """Of all other runs of the run's environment that have a score."""
    environment = select(Run.environment_id).where(Run.id == run_id).scalar_subquery()
    query = (
        select(Run.finished_at, Run.last_invocation, Score.value)
        .join(Score, (Score.run_id == Run.id) & (Score.perimeter == "project"))
        .where(Run.environment_id == environment, Run.id != run_id)
        .order_by(Run.finished_at.desc(), Run.last_invocation.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return _Other((row[0], row[1]), row[2]) if row else None
