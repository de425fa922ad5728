"""Which messages a run leaves to be sent, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from factories import MIDNIGHT, report
from qalita_ingest.sandbox.intake import accept
from sandboxes import Sandbox
from webhook_receivers import NOWHERE, add_webhook, deliveries

STORES = ("sqlite", "postgresql")
ALL_GOOD = {"a": "passed", "b": "passed"}
HALF_GOOD = {"a": "failed", "b": "passed"}


@pytest.fixture
def silent(sandbox: Sandbox) -> Sandbox:
    """With a run of its project, and a sender that is stopped: what is recorded stays."""
    sandbox.client.app.state.webhooks.stop()
    sandbox.take(report(1, ALL_GOOD))
    return sandbox


def recorded(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(bytes(body)) for (body,) in sandbox.rows("select body from webhook_deliveries order by id")]


def events(sandbox: Sandbox, webhook: int = 1) -> list[str]:
    return [one["event"] for one in deliveries(sandbox, webhook)]


def test_an_issue_is_told_of_when_it_opens_resolves_and_reopens(silent: Sandbox) -> None:
    add_webhook(silent)
    for hour, statuses in enumerate((HALF_GOOD, HALF_GOOD, ALL_GOOD, HALF_GOOD), 2):
        silent.take(report(hour, statuses))

    opened, resolved, reopened = recorded(silent)

    assert [one["type"] for one in (opened, resolved, reopened)] == [
        "issue.opened",
        "issue.resolved",
        "issue.reopened",
    ]
    assert opened["timestamp"] == "2026-01-01T02:00:00Z"
    assert opened["data"] == {
        "project": "opendata_dbt",
        "environment": "dev",
        "run": 2,
        "issue": {
            "id": 1,
            "title": "[QALITA] stg_airquality: a",
            "severity": "high",
            "dataset": "model.opendata.stg_airquality",
        },
    }
    assert {one["status"] for one in deliveries(silent)} == {"pending"}


def test_only_the_events_that_are_wanted_are_told(silent: Sandbox) -> None:
    add_webhook(silent, events=["issue.resolved"])
    add_webhook(silent, events=[], score_below=1)
    for hour, statuses in enumerate((HALF_GOOD, ALL_GOOD), 2):
        silent.take(report(hour, statuses))

    assert events(silent, 1) == ["issue.resolved"]
    assert events(silent, 2) == ["score.below"]


def test_each_webhook_of_a_project_gets_its_own_message(silent: Sandbox) -> None:
    for path in ("one", "two"):
        add_webhook(silent, f"{NOWHERE}/{path}")
    silent.take(report(2, HALF_GOOD))

    assert len({one["id"] for number in (1, 2) for one in deliveries(silent, number)}) == 2


def test_other_projects_are_not_told_of(silent: Sandbox) -> None:
    add_webhook(silent, score_below=1)
    silent.take(report(2, HALF_GOOD, project="another"))

    assert recorded(silent) == []


def test_a_muted_issue_that_comes_back_is_not_told_of(silent: Sandbox) -> None:
    add_webhook(silent)
    silent.take(report(2, HALF_GOOD))
    until = (silent.now + timedelta(days=1)).isoformat()
    assert silent.client.post("/api/v2/issues/1/mute", json={"until": until, "actor": "Ada"}).is_success

    silent.take(report(3, ALL_GOOD))
    silent.take(report(4, HALF_GOOD))

    assert events(silent) == ["issue.opened", "issue.resolved"]


def test_a_run_that_is_sent_again_tells_nothing_again(silent: Sandbox) -> None:
    add_webhook(silent, score_below=0.9)
    silent.take(report(2, HALF_GOOD))
    silent.take(report(2, HALF_GOOD))

    assert events(silent) == ["issue.opened", "score.below"]


def test_a_run_that_is_not_kept_leaves_no_message(silent: Sandbox) -> None:
    add_webhook(silent)

    def take_and_fail() -> None:
        with silent.client.app.state.database.writing() as session:
            accept(session, report(2, HALF_GOOD), silent.now, None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        take_and_fail()

    assert recorded(silent) == []
    silent.take(report(2, HALF_GOOD))
    assert events(silent) == ["issue.opened"]


def scored(hour: int, good: int, **facts: Any) -> Any:
    """A run with a score of `good` tenths."""
    return report(hour, {f"c{number}": "passed" if number < good else "failed" for number in range(10)}, **facts)


def falls(sandbox: Sandbox) -> list[tuple[float, float | None]]:
    """Score and the score before, of each message."""
    return [(one["data"]["score"], one["data"]["previous_score"]) for one in recorded(sandbox)]


@pytest.fixture
def watched(sandbox: Sandbox) -> Sandbox:
    """A sandbox that tells of a score below 0.8; the first run is at midnight, with a score of 1."""
    sandbox.client.app.state.webhooks.stop()
    sandbox.take(scored(0, 10))
    add_webhook(sandbox, events=[], score_below=0.8)
    return sandbox


def test_a_score_is_told_of_where_it_falls_below_and_not_while_it_stays_there(watched: Sandbox) -> None:
    for hour, good in enumerate((9, 8, 7, 5, 6, 8, 7), 1):
        watched.take(scored(hour, good))

    assert falls(watched) == [(0.7, 0.8), (0.7, 0.8)]
    assert recorded(watched)[0]["data"]["threshold"] == 0.8


def test_the_first_run_of_an_environment_is_told_of_when_it_is_below(watched: Sandbox) -> None:
    watched.take(scored(1, 3, environment="prod"))

    assert falls(watched) == [(0.3, None)]


def test_a_run_that_arrives_late_tells_of_no_fall(watched: Sandbox) -> None:
    watched.take(scored(3, 9))
    watched.take(scored(2, 3))

    assert falls(watched) == []


def test_a_run_without_a_score_is_passed_over(watched: Sandbox) -> None:
    watched.take(scored(1, 5))
    watched.take(report(2, {"c0": "skipped"}))
    watched.take(scored(3, 4))

    assert falls(watched) == [(0.5, 1.0)]
    assert recorded(watched)[0]["timestamp"] == f"{MIDNIGHT + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
