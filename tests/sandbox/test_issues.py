"""What people do with issues, and that no run takes it away."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from sandboxes import open_sandbox
from store_dump import state_by_natural_keys

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from sandboxes import Sandbox

LATER = date(2999, 1, 1)


def act(sandbox: Sandbox, what: str, issue: int = 1, *, actor: str = "lead", **wish: Any) -> httpx2.Response:
    return sandbox.client.post(f"/api/v2/issues/{issue}/{what}", json={"actor": actor} | wish)


def events(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Those of people."""
    found: list[dict[str, Any]] = sandbox.client.get("/api/v2/issues/1").json()["events"]
    return [one for one in found if one["actor"] != "qalita"]


@pytest.fixture
def failing(sandbox: Sandbox) -> Sandbox:
    """A sandbox with one issue, whose clock stands still."""
    sandbox.take(report(1, {"a": "failed"}))
    sandbox.now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    return sandbox


def test_a_comment_stands_in_the_story_with_who_and_when(failing: Sandbox) -> None:
    answered = act(failing, "comment", text="  The supplier knows.\nBack on Monday.  ")

    assert (answered.status_code, answered.json()["id"]) == (200, 1)
    (told,) = events(failing)
    assert told == {
        "kind": "commented",
        "occurred_at": "2026-03-04T12:00:00Z",
        "actor": "lead",
        "run": None,
        "detail": None,
        "comment": "The supplier knows.\nBack on Monday.",
    }


def test_an_issue_is_assigned_and_taken_back(failing: Sandbox) -> None:
    assert act(failing, "assign", assignee="Ada").json()["assignee"] == "Ada"
    assert act(failing, "assign", assignee=None).json()["assignee"] is None

    assert [(one["kind"], one["detail"]) for one in events(failing)] == [("assigned", "Ada"), ("unassigned", None)]


def test_to_assign_an_issue_does_not_change_its_owner(failing: Sandbox) -> None:
    assert act(failing, "assign", assignee="Ada").json()["owner"] == "data team"


def test_an_issue_is_overdue_from_the_day_after_its_due_date(failing: Sandbox) -> None:
    assert act(failing, "due", due_on="2026-03-04").json()["due_on"] == "2026-03-04"

    assert failing.issues()["a"]["is_overdue"] is False
    failing.now += timedelta(days=1)
    assert failing.issues()["a"]["is_overdue"] is True


def test_a_due_date_is_taken_off(failing: Sandbox) -> None:
    act(failing, "due", due_on=LATER.isoformat())

    assert act(failing, "due", due_on=None).json()["due_on"] is None
    assert [(one["kind"], one["detail"]) for one in events(failing)] == [
        ("due_set", "2999-01-01"),
        ("due_removed", None),
    ]


@pytest.mark.parametrize(
    ("what", "wish", "detail"),
    [
        ("assign", {"assignee": None}, "issue 1 is assigned to nobody"),
        ("due", {"due_on": None}, "issue 1 has no due date"),
        ("due", {"due_on": "2026-03-03"}, "due_on: expected today (UTC) or a day to come, found 2026-03-03"),
        ("due", {"due_on": "tomorrow"}, "body.due_on: Input should be a valid date"),
        ("due", {}, "body.due_on: Field required"),
        ("comment", {"text": " \n "}, "body.text: String should have at least 1 character"),
        ("comment", {"text": "x" * 10_001}, "body.text: String should have at most 10000 characters"),
        ("comment", {"text": "a\0b"}, "body.text: Value error, expected text without control characters"),
        ("assign", {"assignee": "x" * 256}, "body.assignee: String should have at most 255 characters"),
        ("assign", {"assignee": "A\nB"}, "body.assignee: Value error, expected one line without control characters"),
        ("comment", {"text": "x", "actor": ""}, "body.actor: String should have at least 1 character"),
        ("mute", {"until": None, "actor": "x" * 256}, "body.actor: String should have at most 255 characters"),
    ],
)
def test_a_wish_out_of_bounds_is_refused_and_changes_nothing(
    failing: Sandbox, what: str, wish: dict[str, Any], detail: str
) -> None:
    refused = act(failing, what, **wish)

    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["detail"].startswith(detail)
    assert events(failing) == []


@pytest.mark.parametrize(
    ("what", "wish"),
    [("comment", {"text": "x"}), ("assign", {"assignee": "Ada"}), ("due", {"due_on": LATER.isoformat()})],
)
def test_an_issue_that_is_not_there_is_404(failing: Sandbox, what: str, wish: dict[str, Any]) -> None:
    missing = act(failing, what, 7, **wish)

    assert (missing.status_code, missing.json()["detail"]) == (404, "there is no issue 7")


FOUR_RUNS = [
    report(1, {"a": "failed"}),
    report(2, {"a": "passed"}),
    report(3, {"b": "passed"}, defined=("b",)),  # a is removed
    report(4, {"a": "warning"}),
]


def test_no_order_of_runs_loses_what_people_did_in_between(tmp_path: Path) -> None:
    states, stories = [], []
    for number, order in enumerate(itertools.permutations(FOUR_RUNS)):
        with open_sandbox(tmp_path / str(number)) as sandbox:
            has_acted = False
            for run in order:
                sandbox.take(run)
                if sandbox.issues() and not has_acted:
                    has_acted = act_on_all(sandbox)
                sandbox.take(run)
            states.append(state_by_natural_keys(sandbox.database))
            stories.append([(one["kind"], one["comment"]) for one in events(sandbox)])

    assert len(states) == 24
    assert [state for state in states if state != states[0]] == []
    assert stories == [[("commented", "We know."), ("assigned", None), ("due_set", None), ("muted", None)]] * 24
    ((*_, assignee, due_on, _scope, _check, _dataset),) = states[0]["issues"]
    assert (assignee, due_on) == ("Ada", "2999-01-01")


def act_on_all(sandbox: Sandbox) -> bool:
    sandbox.now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    for what, wish in (
        ("comment", {"text": "We know."}),
        ("assign", {"assignee": "Ada"}),
        ("due", {"due_on": LATER.isoformat()}),
        ("mute", {"until": f"{LATER}T00:00:00Z"}),
    ):
        assert act(sandbox, what, **wish).is_success
    return True
