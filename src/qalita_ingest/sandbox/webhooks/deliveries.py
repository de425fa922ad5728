"""Messages on their way: which are due, who has one in hand, what came of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from qalita_ingest.sandbox.database.model import Webhook, WebhookDelivery

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=5)
GROWTH = 6
LONGEST_WAIT = timedelta(hours=10)
# Many that failed at once shall not come back at once.
JITTER = 0.1
# Longer than an exchange may last: after it, whoever had the message in hand is gone.
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
_NO_OBJECTS = {"synchronize_session": False}


@dataclass(frozen=True)
class Claim:
    """One message in hand. `attempts` have ended before this one."""

    delivery_id: int
    webhook_id: int
    message_id: str
    body: bytes = field(repr=False)
    attempts: int
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What the receiver answered, or why nothing came; `asked_wait` is what it asks to wait, in seconds."""

    status: int | None = None
    error: str | None = None
    asked_wait: float | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def due_webhooks(session: Session, now: datetime) -> list[int]:
    """Ids of those that have a message due, the longest waiting first."""
    query = (
        select(WebhookDelivery.webhook_id)
        .where(WebhookDelivery.status == "pending", WebhookDelivery.next_attempt_at <= now)
        .group_by(WebhookDelivery.webhook_id)
        .order_by(func.min(WebhookDelivery.next_attempt_at))
    )
    return list(session.scalars(query))


def claim_next(session: Session, webhook_id: int, now: datetime) -> Claim | None:
    """The oldest message that is due. Nobody else gets it until the lease is over."""
    columns = (WebhookDelivery.message_id, WebhookDelivery.body, WebhookDelivery.attempts, Webhook.url, Webhook.secret)
    query = (
        select(WebhookDelivery.id, WebhookDelivery.webhook_id, *columns)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.status == "pending",
            WebhookDelivery.next_attempt_at <= now,
        )
        .order_by(WebhookDelivery.id)
        .limit(1)
    )
    if (row := session.execute(query).first()) is None:
        return None
    claim = Claim(*row)
    _update(session, claim, next_attempt_at=now + LEASE)
    return claim


def settle(session: Session, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Nothing comes of it where the webhook was removed meanwhile."""
    attempts = claim.attempts + 1
    ended: dict[str, Any] = {"attempts": attempts, "last_status": outcome.status, "last_error": outcome.error}
    if outcome.is_delivered:
        _update(session, claim, status="delivered", delivered_at=now, next_attempt_at=None, **ended)
    elif outcome.status == HTTPStatus.GONE:
        _update(session, claim, status="failed", next_attempt_at=None, **ended)
        _disable(session, claim.webhook_id, now)
    elif attempts >= MOST_ATTEMPTS:
        _update(session, claim, status="failed", next_attempt_at=None, **ended)
    else:
        _update(session, claim, next_attempt_at=now + wait_after(attempts, outcome.asked_wait), **ended)


def wait_after(attempts: int, asked_seconds: float | None = None) -> timedelta:
    """5 s after the first, six times as long after each, at most ten hours: eight attempts in about 22 hours.

    A receiver may ask for more, up to the longest.
    """
    seconds = FIRST_WAIT.total_seconds() * GROWTH ** (attempts - 1)
    seconds *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nothing is to be kept secret by it)
    return min(timedelta(seconds=max(seconds, min(asked_seconds or 0.0, LONGEST_WAIT.total_seconds()))), LONGEST_WAIT)


def forget_old(session: Session, now: datetime) -> None:
    """Messages that ended long ago; those that wait stay."""
    is_old = WebhookDelivery.created_at < now - KEPT
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.status != "pending", is_old))


def _update(session: Session, claim: Claim, **values: Any) -> None:
    is_ours = (WebhookDelivery.id == claim.delivery_id, WebhookDelivery.status == "pending")
    session.execute(update(WebhookDelivery).where(*is_ours).values(values), execution_options=_NO_OBJECTS)


def _disable(session: Session, webhook_id: int, now: datetime) -> None:
    session.execute(update(Webhook).where(Webhook.id == webhook_id).values(disabled_at=now))
    waiting = (WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == "pending")
    values = {"status": "failed", "next_attempt_at": None, "last_error": "the receiver is gone (HTTP 410)"}
    session.execute(update(WebhookDelivery).where(*waiting).values(values), execution_options=_NO_OBJECTS)
