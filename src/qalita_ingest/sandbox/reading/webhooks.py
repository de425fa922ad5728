"""Webhooks and their messages; never the secret."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import Project, Webhook, WebhookDelivery
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """One message: pending, delivered or failed. `id` is what its receiver sees as `webhook-id`.

    `attempts` counts those that have ended; `last_status` is what the receiver answered last (None: nothing), and
    `last_error` why that was no delivery.
    """

    id: str
    event: str
    status: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """`events` of issues; `score_below` (0-1) is the threshold of `score.below`, None where that is not told.

    `disabled_at`: since then the receiver is gone (it answered 410), and nothing is sent.
    """

    id: int
    project: str
    url: str
    events: tuple[str, ...]
    score_below: float | None
    created_at: datetime
    disabled_at: datetime | None
    last_delivery: DeliveryView | None


class WebhookSummary(msgspec.Struct, frozen=True, kw_only=True):
    """For whoever may read: of the address its host only, since the rest of it often lets its holder in."""

    id: int
    receiver: str
    events: tuple[str, ...]
    score_below: float | None
    disabled_at: datetime | None
    last_delivery: DeliveryView | None


def list_webhooks(session: Session, *, project: str | None = None, window: Window = FIRST) -> Page[WebhookView]:
    """In the order of their numbers. Raises `CursorError`."""
    query = select(Webhook, Project.name).join(Project, Project.id == Webhook.project_id)
    if project is not None:
        query = query.where(Project.name == project)
    return read_page(session, query, Order((Webhook.id,), (int,)), window, lambda rows: _views(session, rows))


def find_webhook(session: Session, webhook_id: int) -> WebhookView | None:
    """None: there is no such webhook."""
    query = select(Webhook, Project.name).join(Project, Project.id == Webhook.project_id)
    rows = session.execute(query.where(Webhook.id == webhook_id)).all()
    return _views(session, rows)[0] if rows else None


def summaries_of_webhooks(session: Session, project: str) -> tuple[WebhookSummary, ...]:
    """Of the first page of them."""
    shown = list_webhooks(session, project=project).items
    return tuple(
        WebhookSummary(
            id=one.id,
            receiver=urlsplit(one.url).netloc,
            events=one.events,
            score_below=one.score_below,
            disabled_at=one.disabled_at,
            last_delivery=one.last_delivery,
        )
        for one in shown
    )


def list_deliveries(session: Session, webhook_id: int, window: Window = FIRST) -> Page[DeliveryView]:
    """Newest first. Raises `CursorError`."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    order = Order((WebhookDelivery.id,), (int,), is_descending=True)
    return read_page(session, query, order, window, lambda rows: [_delivery(row.WebhookDelivery) for row in rows])


def find_delivery(session: Session, message_id: str) -> DeliveryView:
    found = session.scalars(select(WebhookDelivery).where(WebhookDelivery.message_id == message_id)).one()
    return _delivery(found)


def _views(session: Session, rows: Sequence[Record]) -> list[WebhookView]:
    last = _last_deliveries(session, [row.Webhook.id for row in rows])
    return [_view(row.Webhook, row.name, last.get(row.Webhook.id)) for row in rows]


def _view(webhook: Webhook, project: str, last: DeliveryView | None) -> WebhookView:
    fields = fields_of_entity(WebhookView, webhook) | {"events": tuple(webhook.events)}
    return WebhookView(project=project, last_delivery=last, **fields)


def _last_deliveries(session: Session, webhook_ids: Iterable[int]) -> dict[int, DeliveryView]:
    newest = (
        select(func.max(WebhookDelivery.id))
        .where(WebhookDelivery.webhook_id.in_(webhook_ids))
        .group_by(WebhookDelivery.webhook_id)
    )
    rows = session.scalars(select(WebhookDelivery).where(WebhookDelivery.id.in_(newest)))
    return {one.webhook_id: _delivery(one) for one in rows}


def _delivery(delivery: WebhookDelivery) -> DeliveryView:
    return DeliveryView(**fields_of_entity(DeliveryView, delivery) | {"id": delivery.message_id})
