"""Webhooks: which programs are told of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from qalita_ingest.sandbox.reading import (
    DeliveryView,
    Page,
    WebhookView,
    find_delivery,
    find_webhook,
    list_deliveries,
    list_webhooks,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers, problems
from qalita_ingest.sandbox.routers.v2.parameters import WindowOf
from qalita_ingest.sandbox.webhooks import (
    ISSUE_EVENTS,
    IssueEvent,
    add_webhook,
    checked_url,
    record_ping,
    remove_webhook,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class WebhookWithSecret(WebhookView, frozen=True, kw_only=True):
    """`secret` signs what is sent (`whsec_` and base64). It is shown this once."""

    secret: str


class NewWebhook(BaseModel):
    """`events` are those of issues, all of them unless said. `score_below` (0-1): also tell when the score falls below.

    `url` is http or https, without a user or a password.
    """

    model_config = ConfigDict(extra="forbid")

    project: str
    url: Annotated[str, AfterValidator(checked_url)]
    events: list[IssueEvent] = Field(list(ISSUE_EVENTS), max_length=len(ISSUE_EVENTS))
    score_below: float | None = Field(None, gt=0, le=1)

    @model_validator(mode="after")
    def tells_something(self) -> NewWebhook:
        if not self.events and self.score_below is None:
            raise ValueError("expected an event, or score_below: nothing would ever be told")
        return self


@router.get("", responses=answers(Page[WebhookView], 400))
def read_webhooks(
    database: DatabaseOf,
    window: WindowOf,
    project: Annotated[str | None, Query(description="The project's name.")] = None,
) -> Response:
    """Webhooks with their last message, without their secrets."""
    with database.reading() as session:
        return json_response(list_webhooks(session, project=project, window=window))


@router.post("", status_code=201, responses=answers(WebhookWithSecret, 400, successes=(201,)))
def create_webhook(wish: NewWebhook, database: DatabaseOf, now: NowOf) -> Response:
    """Tell an address of a project, from its next run on. Only this answer shows the secret that signs."""
    with database.writing() as session:
        added = add_webhook(
            session,
            wish.project,
            wish.url,
            events=sorted(set(wish.events)),
            score_below=wish.score_below,
            now=now,
        )
        if added is None:
            raise HTTPException(422, "project: there is no such project; it comes with its first run")
        view = WebhookWithSecret(secret=added.secret, **msgspec.structs.asdict(_known(session, added.id)))
        return json_response(view, 201)


@router.delete("/{webhook_id}", status_code=204, responses=problems(404))
def delete_webhook(webhook_id: IdOf, database: DatabaseOf) -> Response:
    """Tell it nothing more; its messages go with it, also those that wait."""
    with database.writing() as session:
        if not remove_webhook(session, webhook_id):
            raise _unknown(webhook_id)
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries", responses=answers(Page[DeliveryView], 400, 404))
def read_deliveries(webhook_id: IdOf, database: DatabaseOf, window: WindowOf) -> Response:
    """Its messages of the last 30 days, newest first, and what became of each."""
    with database.reading() as session:
        _known(session, webhook_id)
        return json_response(list_deliveries(session, webhook_id, window))


@router.post("/{webhook_id}/test", status_code=202, responses=answers(DeliveryView, 404, 409, successes=(202,)))
def test_webhook(webhook_id: IdOf, database: DatabaseOf, now: NowOf) -> Response:
    """Send a message of type `ping`; what becomes of it stands among the deliveries."""
    with database.writing() as session:
        webhook = _known(session, webhook_id)
        if webhook.disabled_at is not None:
            raise HTTPException(409, "its receiver said that it is gone (HTTP 410); delete this webhook, add another")
        return json_response(find_delivery(session, record_ping(session, webhook.id, webhook.project, now)), 202)


def _known(session: Session, webhook_id: int) -> WebhookView:
    found = find_webhook(session, webhook_id)
    if found is None:
        raise _unknown(webhook_id)
    return found


def _unknown(webhook_id: int) -> HTTPException:
    return HTTPException(404, f"there is no webhook {webhook_id}")
