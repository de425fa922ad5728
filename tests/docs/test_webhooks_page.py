"""What docs/webhooks.md shows is what a receiver gets, and its code verifies it."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from docs.pages import page
from factories import report
from qalita_ingest.sandbox.webhooks.messages import ISSUE_EVENTS, PING, SCORE_BELOW
from qalita_ingest.sandbox.webhooks.signature import new_secret, signed_headers
from sandboxes import open_sandbox
from webhook_receivers import add_webhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = page("docs/webhooks.md")
BODY = b'{"type":"ping"}'


@pytest.fixture
def is_genuine() -> Callable[..., bool]:
    """The function on the page."""
    (code,) = [code for language, code in PAGE.blocks if language == "python"]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (the page is ours)
    verify: Callable[..., bool] = names["is_genuine"]
    return verify


def headers(secret: str, age_seconds: float = 0) -> dict[str, str]:
    return signed_headers(secret, "msg_1", datetime.fromtimestamp(time.time() - age_seconds, UTC), BODY)


def test_the_code_on_the_page_takes_what_is_signed_with_the_secret(is_genuine: Callable[..., bool]) -> None:
    secret = new_secret()

    assert is_genuine(secret, headers(secret), BODY)


def test_the_code_on_the_page_refuses_what_is_not(is_genuine: Callable[..., bool]) -> None:
    secret = new_secret()

    assert not is_genuine(new_secret(), headers(secret), BODY)
    assert not is_genuine(secret, headers(secret), BODY + b" ")
    assert not is_genuine(secret, headers(secret) | {"webhook-id": "msg_2"}, BODY)
    assert not is_genuine(secret, headers(secret, age_seconds=600), BODY)


def test_the_messages_on_the_page_are_those_of_a_run(tmp_path: Path) -> None:
    shown = [json.loads(code) for language, code in PAGE.blocks if language == "json"]

    with open_sandbox(tmp_path) as sandbox:
        sandbox.client.app.state.webhooks.stop()
        sandbox.take(report(1, {"a": "passed"}))
        add_webhook(sandbox, score_below=0.9)
        sandbox.take(report(2, {"a": "failed"}))
        bodies = [body for (body,) in sandbox.rows("select body from webhook_deliveries order by id")]

    assert [msgspec.json.decode(body) for body in bodies] == shown


def test_the_table_lists_every_type_of_message() -> None:
    listed = [re.sub("`", "", row[0]) for row in PAGE.table("What is sent")]
    assert listed == [*ISSUE_EVENTS, SCORE_BELOW, PING]
