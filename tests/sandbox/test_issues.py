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
    from collections.abc import Callable

    import httpx2

    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
LATER = date(2999, 1, 1)
EXPECTED_UNTIL = "until: expected a day as 2026-01-31 or a time as 2026-01-31T18:00:00Z"


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


@pytest.mark.parametrize(
    ("until", "last_moment"),
    [
        ("2026-03-04", datetime(2026, 3, 4, 23, 59, 58, tzinfo=UTC)),
        ("2026-03-05T01:00:00+01:00", datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_mutes_all_of_it_and_a_time_with_a_zone_until_then(
    failing: Sandbox, until: str, last_moment: datetime
) -> None:
    assert act(failing, "mute", until=until).status_code == 200

    failing.now = last_moment
    assert failing.statuses() == {"a": "muted"}
    failing.now += timedelta(seconds=1)
    assert failing.statuses() == {"a": "open"}


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
        ("due", {"due_on": "tomorrow"}, "due_on: expected a day as 2026-01-31"),
        ("due", {}, "due_on: missing"),
        ("comment", {"text": " \n "}, "text: expected at least 1 character"),
        ("comment", {"text": "x" * 10_001}, "text: expected at most 10000 characters"),
        ("comment", {"text": "a\0b"}, "text: expected text without control characters"),
        ("assign", {"assignee": "x" * 256}, "assignee: expected at most 255 characters"),
        ("assign", {"assignee": "A\nB"}, "assignee: expected one line without control characters"),
        ("comment", {"text": "x", "actor": ""}, "actor: expected at least 1 character"),
        ("mute", {"until": None, "actor": "x" * 256}, "actor: expected at most 255 characters"),
        ("mute", {"until": "2026-03-03"}, "until: expected today (UTC), a day or a time to come"),
        ("mute", {"until": "2026-03-05T00:00:00"}, "until: expected a time with a zone"),
        ("mute", {"until": "2026-02-30"}, "until: expected a day that the calendar has"),
        ("mute", {"until": "soon"}, EXPECTED_UNTIL),
        ("mute", {"until": 32503680000}, EXPECTED_UNTIL),
        ("mute", {"until": "32503680000"}, EXPECTED_UNTIL),
        ("mute", {"until": True}, EXPECTED_UNTIL),
        ("mute", {"until": "2026-03-05x"}, "until: expected a time as 2026-01-31T18:00:00Z"),
        ("due", {"due_on": 32503680000}, "due_on: expected a day as 2026-01-31"),
        ("due", {"due_on": "32503680000"}, "due_on: expected a day as 2026-01-31"),
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


def test_no_order_of_runs_loses_what_people_did_in_between(new_store: Callable[[], Settings]) -> None:
    states, stories = [], []
    for order in itertools.permutations(FOUR_RUNS):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            has_acted = False
            for run in order:
                sandbox.take(run)
                if sandbox.issues() and not has_acted:
                    has_acted = act_on_all(sandbox)
                sandbox.take(run)
            states.append(state_by_natural_keys(sandbox.url))
            stories.append([(one["kind"], one["comment"]) for one in events(sandbox)])

    assert len(states) == 24
    assert [state for state in states if state != states[0]] == []
    assert stories == [[("commented", "We know."), ("assigned", None), ("due_set", None), ("muted", None)]] * 24
    ((*_, assignee, due_on, _scope, _check, _dataset),) = states[0]["issues"]
    assert (assignee, str(due_on)) == ("Ada", "2999-01-01")


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
