"""The page of a project shows who is told of it, and no more of an address than everybody may know."""

from __future__ import annotations

import pytest

from factories import report
from qalita_ingest.sandbox.webhooks.deliveries import Outcome, claim_next, settle
from sandboxes import Sandbox
from webhook_receivers import add_webhook

STORES = ("sqlite", "postgresql")
PAGE = "/projects/opendata_dbt"


@pytest.fixture
def ready(sandbox: Sandbox) -> Sandbox:
    sandbox.client.app.state.webhooks.stop()
    sandbox.take(report(1, {"a": "passed"}))
    return sandbox


def fail_once(sandbox: Sandbox, outcome: Outcome) -> None:
    sandbox.take(report(2, {"a": "failed"}))
    with sandbox.client.app.state.database.writing() as session:
        claim = claim_next(session, 1, sandbox.now)
        assert claim
        settle(session, claim, outcome, sandbox.now)


def test_the_page_shows_each_receiver_and_its_last_message(ready: Sandbox) -> None:
    add_webhook(ready, "https://hooks.example.org/planted?key=planted", score_below=0.9, events=["issue.opened"])
    fail_once(ready, Outcome(503, "HTTP 503"))
    ready.client.post("/api/v2/webhooks/1/test")

    page = ready.client.get(PAGE).text

    assert "hooks.example.org" in page
    assert "issue.opened, score below 90.0 %" in page
    assert "ping" in page


def test_neither_secret_nor_path_of_an_address_is_on_the_page_or_in_its_twin(ready: Sandbox) -> None:
    secret = add_webhook(ready, "https://hooks.example.org/planted?key=planted")["secret"]

    for path in (PAGE, f"{PAGE}.json"):
        text = ready.client.get(path).text
        assert "hooks.example.org" in text
        assert secret not in text
        assert "planted" not in text


def test_a_failure_is_shown_with_its_reason(ready: Sandbox) -> None:
    add_webhook(ready)
    fail_once(ready, Outcome(503, "HTTP 503"))

    assert "HTTP 503" in ready.client.get(PAGE).text


def test_a_webhook_whose_receiver_is_gone_is_shown_as_disabled(ready: Sandbox) -> None:
    add_webhook(ready)
    fail_once(ready, Outcome(410, "HTTP 410"))

    assert "disabled: the receiver is gone" in ready.client.get(PAGE).text


def test_a_project_without_webhooks_says_nothing_of_them(ready: Sandbox) -> None:
    assert "Webhooks" not in ready.client.get(PAGE).text
