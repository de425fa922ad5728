"""The messages that somebody is to get, in the transaction of what they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sqlalchemy import insert, select

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
    messages = []
    for webhook in webhooks:
        wanted = [one for one in of_issues if one.type in webhook.events]
        wanted += _fall(session, webhook, report, answer, place)
        messages += [_row(webhook.id, one, answer.delivered_at) for one in wanted]
    if messages:
        session.execute(insert(WebhookDelivery), messages)


def _webhooks_of(session: Session, project: str) -> Sequence[Webhook]:
    query = select(Webhook).join(Project, Project.id == Webhook.project_id).where(Project.name == project)
    return session.scalars(query.where(Webhook.disabled_at.is_(None)).order_by(Webhook.id)).all()


def record_ping(session: Session, webhook_id: int, project: str, now: datetime) -> str:
    """The id of the message."""
    row = _row(webhook_id, ping_message(project, now), now)
    session.execute(insert(WebhookDelivery), [row])
    message_id: str = row["message_id"]
    return message_id


def _row(webhook_id: int, message: Message, now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": webhook_id,
        "message_id": f"msg_{uuid4().hex}",
        "event": message.type,
        "body": message.body,
        "status": "pending",
        "created_at": now,
        "next_attempt_at": now,
    }


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
