"""Which addresses hear of which project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from qalita_ingest.sandbox.database.model import Project, Webhook, WebhookDelivery
from qalita_ingest.sandbox.webhooks.signature import new_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

LONGEST_URL = 2048
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
# As a URL needs them around an address of IPv6.
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


def checked_url(text: str) -> str:
    """Raises `ValueError`, which never shows the address: what stands in one may let its reader in."""
    expected = "expected http:// or https:// and a host"
    if len(text) > LONGEST_URL or not _PRINTABLE.fullmatch(text):
        raise ValueError(f"{expected}, in at most {LONGEST_URL} printable ASCII characters")
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(_HOST.fullmatch(parts.hostname or ""))
        is_whole = is_whole and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ValueError(expected)
    if "@" in parts.netloc or parts.fragment:
        raise ValueError(f"{expected}, without a user, a password or a fragment")
    return text


def add_webhook(
    session: Session, project: str, url: str, *, events: Sequence[str], score_below: float | None, now: datetime
) -> Webhook | None:
    """None: there is no such project. `url` is a checked one; at least one event or a threshold is wanted."""
    project_id = session.scalar(select(Project.id).where(Project.name == project))
    if project_id is None:
        return None
    webhook = Webhook(
        project_id=project_id,
        url=url,
        secret=new_secret(),
        events=list(events),
        score_below=score_below,
        created_at=now,
    )
    session.add(webhook)
    session.flush()
    return webhook


def remove_webhook(session: Session, webhook_id: int) -> bool:
    """With its messages, also those that wait. False: there is no such webhook."""
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id))
    removed = session.scalars(delete(Webhook).where(Webhook.id == webhook_id).returning(Webhook.id))
    return bool(removed.all())
