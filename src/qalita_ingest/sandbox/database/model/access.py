"""Who may call, and whom the sandbox calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, LongText, Name, Word


class Token(Base):
    """A token that was given out, without the token itself: its `jti`, whose it is, and until when it is good."""

    __tablename__ = "tokens"
    id: Mapped[Id]
    jti: Mapped[Name] = mapped_column(unique=True)
    subject: Mapped[Name]
    role: Mapped[Word]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Webhook(Base):
    """An address that hears of a project.

    `events` are words such as `issue.opened`. `score_below`, 0–1: below it `score.below` is told; None: never.
    `secret` signs what is sent, so it is kept as it is. `disabled_at` is when the receiver said that it is gone.
    """

    __tablename__ = "webhooks"
    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    url: Mapped[LongText]
    secret: Mapped[Name]
    events: Mapped[list[Any]]
    score_below: Mapped[float | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One message to one address; `message_id` is the same in all attempts.

    `status` is pending, delivered or failed. A pending one is due at `next_attempt_at`; while somebody sends it, that
    is when others may. `attempts` counts those that have ended, `last_status` is the receiver's last HTTP status.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index(None, "status", "next_attempt_at"),)
    id: Mapped[Id]
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"), index=True)
    message_id: Mapped[Name] = mapped_column(unique=True)
    event: Mapped[Word]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[Word]
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_status: Mapped[int | None]
    last_error: Mapped[LongText | None]
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
