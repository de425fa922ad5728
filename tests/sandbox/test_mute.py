"""An issue that is silent until a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from factories import report

if TYPE_CHECKING:
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def mute(sandbox: Sandbox, issue: int, **until: Any) -> Any:
    moment = sandbox.now + timedelta(**until)
    return sandbox.client.post(f"/api/v2/issues/{issue}/mute", json={"until": moment.isoformat(), "actor": "lead"})


def test_a_muted_issue_is_not_counted_as_open_and_speaks_again_after_its_end(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    mute(sandbox, 1, days=2)

    assert sandbox.statuses() == {"a": "muted"}
    assert sandbox.take(report(2, {"a": "failed"})).open_issues == 0
    sandbox.now += timedelta(days=3)
    assert sandbox.statuses() == {"a": "open"}


def test_a_muted_issue_that_reopens_is_not_announced(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    sandbox.take(report(2, {"a": "passed"}))
    mute(sandbox, 1, days=2)

    assert sandbox.take(report(3, {"a": "failed"})).reopened == ()


def test_events_keep_who_and_when_also_after_a_late_run(sandbox: Sandbox) -> None:
    sandbox.take(report(3, {"a": "failed"}))
    mute(sandbox, 1, days=2)
    sandbox.take(report(1, {"a": "failed"}))

    events = sandbox.client.get("/api/v2/issues/1/events").json()
    assert [(one["kind"], one["actor"]) for one in events] == [("opened", "qalita"), ("muted", "lead")]


def test_the_end_must_lie_ahead(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))

    refused = mute(sandbox, 1, days=-1)

    assert (refused.status_code, refused.json()["status"]) == (422, 422)


def test_an_unknown_issue_is_not_found(sandbox: Sandbox) -> None:
    missing = mute(sandbox, 7, days=1)

    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
