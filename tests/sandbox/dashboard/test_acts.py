"""What people do with an issue on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from guarded_sandboxes import bearer, open_guarded
from qalita_ingest.contract import encode, idempotency_key
from qalita_ingest.sandbox.access import Role
from sandbox_pages import HTML
from sandboxes import Sandbox, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILED = report(1, {"unit_is_known": "failed"})


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path / "store") as opened:
        opened.take(FAILED)
        yield opened


def send(sandbox: Sandbox, act: str, **fields: str) -> Any:
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
    send(sandbox, "mute", until="")
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
        ("mute", {"until": "2020-01-01"}, "until: expected today or a later day, found 2020-01-01"),
        ("mute", {"until": "soon"}, "until: expected a day as 2026-01-31, found &#39;soon&#39;"),
        ("due", {"due_on": "2026-02-30"}, "due_on: expected a day as 2026-01-31"),
        ("comment", {"text": " "}, "text: expected a comment, found nothing"),
        ("comment", {"text": "x" * 10_001}, "text: expected at most 10000 characters, found 10001"),
        ("assign", {"assignee": "x" * 256}, "assignee: expected at most 255 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    sandbox: Sandbox, act: str, fields: dict[str, str], told: str
) -> None:
    response = send(sandbox, act, **fields)
    assert response.status_code == 422
    assert told in response.text
    assert len(issue(sandbox)["events"]) == 1


@pytest.mark.parametrize("act", ["comment", "assign", "due", "mute"])
def test_no_act_on_an_issue_that_is_not_there(sandbox: Sandbox, act: str) -> None:
    fields = {"text": "x", "assignee": "x", "due_on": "2026-03-01", "until": "2026-03-01"}
    response = sandbox.client.post(f"/issues/9/{act}", data=fields, headers=HTML)
    assert response.status_code == 404
    assert "there is no issue 9" in response.text


def test_the_story_names_the_owner_of_the_token(tmp_path: Path) -> None:
    with open_guarded(tmp_path / "store", is_token_required=True) as guarded:
        engineer, viewer = bearer(guarded.token(Role.DATAENGINEER)), bearer(guarded.token(Role.VIEWER))
        sent = engineer | {"Idempotency-Key": idempotency_key(FAILED)}
        assert guarded.client.post("/api/v2/ingest/runs", content=encode(FAILED), headers=sent).is_success
        assert guarded.client.post("/issues/1/comment", data={"text": "x"}, headers=viewer).status_code == 403
        assert guarded.client.post("/issues/1/comment", data={"text": "x"}, headers=engineer).status_code == 303
        events = guarded.client.get("/issues/1.json", headers=viewer).json()["events"]
        assert [event["actor"] for event in events] == ["qalita", "somebody"]
