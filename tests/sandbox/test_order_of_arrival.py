"""In whatever order runs arrive, the store ends as the same."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import DATASET, merged, report
from sandboxes import open_sandbox
from store_dump import state_by_natural_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


FOUR_RUNS = [
    report(1, {"a": "failed", "b": "passed", "c": "warning"}, steps={DATASET: "error"}),
    report(2, {"a": "passed", "b": "failed"}, steps={DATASET: "success"}),  # c is removed
    report(3, {"a": "failed", "b": "failed", "c": "skipped"}),
    report(4, {"b": "passed", "c": "failed"}, defined=("a", "b", "c")),  # a is not selected
]


OTHER_SCOPE = "dbt:another"
RUNS_AT_ONE_TIME = [
    report(1, {"a": "failed", "b": "failed"}, invocation="b"),
    report(1, {"b": "passed"}, invocation="c"),  # a is removed, at the same moment
    report(2, {"a": "failed"}, invocation="d", defined=("a", "b"), scope=OTHER_SCOPE),
    report(2, {"b": "warning"}, invocation="e", scope=OTHER_SCOPE),  # a is removed from the scope it was last seen in
]


@pytest.mark.parametrize("runs", [FOUR_RUNS, RUNS_AT_ONE_TIME], ids=["one after the other", "at one time, two scopes"])
def test_every_order_of_four_runs_ends_in_the_same_store(
    new_store: Callable[[], Settings], runs: list[RunReport]
) -> None:
    states = []
    for order in itertools.permutations(runs):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            for run in order:
                sandbox.take(run)
            states.append(state_by_natural_keys(sandbox.url))

    assert len(states) == 24
    for state in states[1:]:
        assert state == states[0]
    stories = {(subject, kind) for _, subject, kind, *_ in states[0]["issue_events"]}
    assert ("test.opendata.a", "reopened") in stories


def test_a_late_run_enters_history_and_changes_no_newer_state(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    sandbox.take(report(3, {"a": "failed"}))
    answer = sandbox.take(report(2, {"a": "passed"}))

    assert (answer.resolved, sandbox.statuses()) == ((), {"a": "open"})
    events = sandbox.client.get("/api/v2/issues/1/events").json()
    assert [(one["kind"], one["run"]) for one in events] == [("opened", 1), ("resolved", 3), ("reopened", 2)]


def test_several_invocations_of_a_check_in_one_run_score_by_the_last(sandbox: Sandbox) -> None:
    answer = sandbox.take(merged(report(1, {"a": "failed"}), report(2, {"a": "passed"})))

    assert (answer.scores[0].value, answer.scores[0].checks) == (1.0, 1)
    assert sandbox.statuses() == {"a": "resolved"}


def test_the_order_of_lists_makes_no_other_content(sandbox: Sandbox) -> None:
    run = report(1, {"a": "passed", "b": "failed"})
    sandbox.take(run)

    turned = msgspec.structs.replace(run, checks=run.checks[::-1], results=run.results[::-1])

    assert sandbox.post(turned).status_code == 200
