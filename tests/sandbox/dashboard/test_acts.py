"""What people do with an issue on its page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from guarded_sandboxes import bearer, open_guarded
from qalita_ingest.contract import encode, idempotency_key
from qalita_ingest.sandbox.access import Role
from qalita_ingest.sandbox.database import dialects
from sandbox_pages import HTML
from sandboxes import write_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
FAILED = report(1, {"unit_is_known": "failed"})


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.take(FAILED)
    return sandbox


def send(sandbox: Sandbox, act: str, **fields: str) -> Any:
    """As a browser does, which sends a form also where all its fields are empty."""
    return sandbox.client.post(f"/issues/1/{act}", data=fields, headers=HTML, follow_redirects=False)


def issue(sandbox: Sandbox) -> dict[str, Any]:
    shown: dict[str, Any] = sandbox.client.get("/issues/1.json").json()
    return shown


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("comment", {"text": "We asked the supplier."}),
        ("assign", {"assignee": "Ada"}),
        ("due", {"due_on": "2026-03-01"}),
        ("mute", {"until": "2026-03-01"}),
    ],
)
def test_an_act_leads_back_to_the_page_which_tells_of_it(sandbox: Sandbox, act: str, fields: dict[str, str]) -> None:
    response = send(sandbox, act, **fields)
    assert (response.status_code, response.headers["location"]) == (303, "/issues/1")
    event = issue(sandbox)["events"][-1]
    assert event["actor"] == "local"
    assert event["occurred_at"] == sandbox.now.isoformat().replace("+00:00", "Z")
    assert next(iter(fields.values())) in sandbox.client.get("/issues/1", headers=HTML).text


def test_a_comment_is_told_as_it_was_typed(sandbox: Sandbox) -> None:
    send(sandbox, "comment", text="  <b>first</b>\nsecond  ")
    assert issue(sandbox)["events"][-1]["comment"] == "<b>first</b>\nsecond"
    assert "&lt;b&gt;first&lt;/b&gt;\nsecond" in sandbox.client.get("/issues/1", headers=HTML).text


def test_an_issue_is_muted_until_the_end_of_the_day_and_unmuted_by_hand(sandbox: Sandbox) -> None:
    day = sandbox.now.date().isoformat()
    send(sandbox, "mute", until=day)
    assert issue(sandbox)["issue"]["status"] == "muted"
    assert issue(sandbox)["issue"]["muted_until"] == f"{day}T23:59:59Z"
    assert send(sandbox, "unmute").status_code == 303
    assert issue(sandbox)["issue"]["status"] == "open"


def test_an_empty_field_takes_assignee_and_date_off(sandbox: Sandbox) -> None:
    send(sandbox, "assign", assignee="Ada")
    send(sandbox, "due", due_on="2026-03-01")
    send(sandbox, "assign", assignee="  ")
    send(sandbox, "due", due_on="")
    assert (issue(sandbox)["issue"]["assignee"], issue(sandbox)["issue"]["due_on"]) == (None, None)


@pytest.mark.parametrize(
    ("act", "fields", "told"),
    [
        ("mute", {"until": "2020-01-01"}, "Expected today (UTC) or a later day, found 2020-01-01"),
        ("mute", {"until": ""}, "Expected a day as 2026-01-31, found nothing"),
        ("mute", {"until": "soon"}, "Expected a day as 2026-01-31, found &#39;soon&#39;"),
        ("due", {"due_on": "2026-02-30"}, "Expected a day as 2026-01-31"),
        ("due", {"due_on": "2020-01-01"}, "Expected today (UTC) or a later day, found 2020-01-01"),
        ("comment", {"text": " "}, "Expected a comment, found nothing"),
        ("comment", {"text": "x" * 10_001}, "Expected at most 10000 characters, found 10001"),
        ("comment", {"text": "a\0b"}, "Expected text without control characters"),
        ("assign", {"assignee": "x" * 256}, "Expected at most 255 characters"),
        ("assign", {"assignee": "A\nB"}, "Expected one line without control characters"),
    ],
)
def test_what_makes_no_sense_is_told_beside_the_field_and_changes_nothing(
    sandbox: Sandbox, act: str, fields: dict[str, str], told: str
) -> None:
    response = send(sandbox, act, **fields)
    assert response.status_code == 422
    (field,) = fields
    assert re.search(rf'name="{field}"[^>]* aria-describedby="wrong-{field}"', response.text)
    assert re.search(rf'role="alert" id="wrong-{field}">{re.escape(told)}', response.text)
    assert len(issue(sandbox)["events"]) == 1


@pytest.mark.parametrize(
    ("act", "field"), [("comment", "text"), ("assign", "assignee"), ("due", "due_on"), ("mute", "until")]
)
def test_a_form_without_its_field_is_refused_and_changes_nothing(sandbox: Sandbox, act: str, field: str) -> None:
    send(sandbox, "assign", assignee="Ada")
    send(sandbox, "due", due_on="2026-03-01")
    before = issue(sandbox)

    response = sandbox.client.post(f"/issues/1/{act}", data={"another": "x"})

    assert (response.status_code, response.json()["detail"]) == (422, f"{field}: missing")
    assert issue(sandbox) == before


def test_what_was_typed_is_still_there_after_an_error(sandbox: Sandbox) -> None:
    long, name = "We <asked>. " * 1000, "x" * 256
    assert f">\n{html.escape(long)}</textarea>" in send(sandbox, "comment", text=long).text
    assert f'value="{name}"' in send(sandbox, "assign", assignee=name).text
    assert 'value="2020-01-01"' in send(sandbox, "due", due_on="2020-01-01").text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is opened after this waits for no other writer."""
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_MILLISECONDS", 50)


def test_what_was_typed_is_still_there_while_the_store_is_busy(impatient: None, sandbox: Sandbox) -> None:
    with write_lock(sandbox.url):
        response = send(sandbox, "comment", text="We asked the supplier.")
    assert response.status_code == 503
    assert ">\nWe asked the supplier.</textarea>" in response.text


def test_a_program_is_told_in_one_line(sandbox: Sandbox) -> None:
    response = sandbox.client.post("/issues/1/comment", data={"text": " "})
    assert (response.status_code, response.json()["detail"]) == (422, "text: expected a comment, found nothing")


def test_a_role_that_only_reads_sees_no_form_that_it_may_not_send(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    with open_guarded(settings.store, settings.url, is_token_required=True) as guarded:
        tokens = {role: bearer(guarded.token(role)) for role in Role}
        sent = tokens[Role.DATAENGINEER] | {"Idempotency-Key": idempotency_key(FAILED)}
        guarded.client.post("/api/v2/ingest/runs", content=encode(FAILED), headers=sent).raise_for_status()
        pages = {role: guarded.client.get("/issues/1", headers=HTML | tokens[role]).text for role in Role}
    forms = {role: re.findall(r'action="/issues/1/(\w+)"', page) for role, page in pages.items()}
    everything = ["comment", "assign", "due", "mute"]
    assert forms == {Role.VIEWER: [], Role.DATAENGINEER: everything, Role.ADMIN: everything}
    assert "Your token is of role viewer, which reads." in pages[Role.VIEWER]


@pytest.mark.parametrize("act", ["comment", "assign", "due", "mute", "unmute"])
def test_no_act_on_an_issue_that_is_not_there(sandbox: Sandbox, act: str) -> None:
    fields = {"text": "x", "assignee": "x", "due_on": "2026-03-01", "until": "2026-03-01"}
    response = sandbox.client.post(f"/issues/9/{act}", data=fields, headers=HTML)
    assert response.status_code == 404
    assert "there is no issue 9" in response.text


def test_the_story_names_the_owner_of_the_token(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    with open_guarded(settings.store, settings.url, is_token_required=True) as guarded:
        engineer, viewer = bearer(guarded.token(Role.DATAENGINEER)), bearer(guarded.token(Role.VIEWER))
        sent = engineer | {"Idempotency-Key": idempotency_key(FAILED)}
        assert guarded.client.post("/api/v2/ingest/runs", content=encode(FAILED), headers=sent).is_success
        assert guarded.client.post("/issues/1/comment", data={"text": "x"}, headers=viewer).status_code == 403
        assert guarded.client.post("/issues/1/comment", data={"text": "x"}, headers=engineer).status_code == 303
        events = guarded.client.get("/issues/1.json", headers=viewer).json()["events"]
        assert [event["actor"] for event in events] == ["qalita", "somebody"]
