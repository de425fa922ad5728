"""Checks and datasets are as the newest manifest defines them; the same again are not written again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec

from factories import report
from sandboxes import open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def named(run: RunReport, name: str) -> RunReport:
    """With that name of its one check."""
    return msgspec.structs.replace(run, checks=(msgspec.structs.replace(run.checks[0], name=name),))


def test_a_check_removed_from_the_manifest_resolves_its_issue(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed", "b": "passed"}))

    answer = sandbox.take(report(2, {"b": "passed"}))

    assert [change.title for change in answer.resolved] == ["[QALITA] stg_airquality: a"]
    assert sandbox.issues()["a"]["resolution"] == "check removed"


def test_a_check_that_is_only_not_selected_keeps_its_issue(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed", "b": "passed"}))
    sandbox.take(report(2, {"b": "passed"}, defined=("a", "b")))

    assert sandbox.statuses() == {"a": "open"}


def test_a_check_with_a_result_that_the_definitions_lack_is_opened_and_resolved(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    sandbox.take(report(2, {"a": "failed"}, defined=("b",)))

    issue = sandbox.issues()["a"]
    assert (issue["status"], issue["resolution"], issue["occurrences"]) == ("resolved", "check removed", 2)


def test_a_mixed_manifest_retires_nothing(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    sandbox.take(report(2, {"b": "passed"}, complete=False))

    assert sandbox.statuses() == {"a": "open"}


def test_definitions_that_may_be_of_another_state_overwrite_none(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    guessed = report(2, {"a": "failed"}, complete=False)
    bare = msgspec.structs.replace(guessed.checks[0], dataset=None, owner=None)
    sandbox.take(msgspec.structs.replace(guessed, checks=(bare,)))

    issue = sandbox.issues()["a"]
    assert (issue["title"], issue["owner"]) == ("[QALITA] stg_airquality: a", "data team")


def test_an_older_definition_does_not_overwrite_a_newer_one(sandbox: Sandbox) -> None:
    newer, older = report(2, {"a": "passed"}), report(1, {"a": "passed"})
    renamed = msgspec.structs.replace(newer, checks=(msgspec.structs.replace(newer.checks[0], name="renamed"),))
    sandbox.take(renamed)
    sandbox.take(older)

    assert sandbox.rows("select name from checks") == [("renamed",)]


def test_what_a_mixed_run_only_names_gives_way_to_a_definition_in_either_order(
    new_store: Callable[[], Settings],
) -> None:
    complete = report(1, {"a": "passed"})
    bare = msgspec.structs.replace(complete.checks[0], dataset=None, owner=None)
    mixed = msgspec.structs.replace(report(2, {"a": "passed"}, complete=False), checks=(bare,))
    owners = set()
    for runs in itertools.permutations([complete, mixed]):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            for run in runs:
                sandbox.take(run)
            owners |= set(sandbox.rows("select owner, defined_at from checks"))

    assert len(owners) == 1
    assert owners.pop()[0] == "data team"


def definitions(sandbox: Sandbox) -> list[tuple[Any, ...]]:
    rows = "select name, defined_by from {}"
    return [*sandbox.rows(rows.format("checks")), *sandbox.rows(rows.format("datasets"))]


def test_the_same_definitions_get_the_name_of_the_newest_run(sandbox: Sandbox) -> None:
    for hour in (1, 2, 3):
        sandbox.take(report(hour, {"a": "passed"}))

    assert definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]


def test_a_late_run_between_two_that_defined_the_same_changes_nothing(sandbox: Sandbox) -> None:
    for hour in (1, 3):
        sandbox.take(report(hour, {"a": "passed"}))
    sandbox.take(named(report(2, {"a": "passed"}), "renamed"))

    assert definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]


def test_what_another_scope_defined_meanwhile_is_defined_again(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "passed"}))
    sandbox.take(named(report(2, {"a": "passed"}, scope="dbt:other"), "of the other"))
    sandbox.take(report(3, {"a": "passed"}))

    assert definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]


def test_no_order_of_arrival_makes_a_difference(new_store: Callable[[], Settings]) -> None:
    runs = [
        report(1, {"a": "passed"}),
        named(report(2, {"a": "passed"}), "renamed"),
        report(3, {"a": "passed"}, scope="dbt:other"),
        report(4, {"a": "passed"}),
        report(5, {"a": "passed"}),
    ]
    found = []
    for order in (runs, runs[::-1], [runs[4], runs[0], runs[1], runs[3], runs[2]], [*runs[2:], *runs[:2]]):
        settings = new_store()
        with open_sandbox(settings.store, settings.url) as sandbox:
            for run in order:
                sandbox.take(run)
            found.append(definitions(sandbox))

    assert found == [[("a", "invocation-05"), ("stg_airquality", "invocation-05")]] * 4
