"""What is kept of a run, once, whatever comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from factories import DATASET, merged, report
from qalita_ingest.contract import Metric, Scope
from store_dump import full_dump

if TYPE_CHECKING:
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def count(sandbox: Sandbox, table: str) -> int:
    ((number,),) = sandbox.rows(f"select count(*) from {table}")  # noqa: S608 (a table of ours)
    return int(number)


def test_a_run_is_kept_scored_and_its_failures_are_issues(sandbox: Sandbox) -> None:
    answer = sandbox.take(report(1, {"a": "passed", "b": "failed", "c": "warning", "d": "skipped"}))

    assert (answer.outcome, answer.new_results, answer.known_results) == ("accepted", 4, 0)
    project = answer.scores[0]
    assert (project.perimeter, project.key, project.value, project.checks) == ("project", "opendata_dbt", 0.5, 3)
    assert {change.title: change.severity for change in answer.opened} == {
        "[QALITA] stg_airquality: b": "high",
        "[QALITA] stg_airquality: c": "medium",
    }
    assert sandbox.statuses() == {"b": "open", "c": "open"}
    assert sandbox.issues()["b"]["owner"] == "data team"


def test_the_same_delivery_again_gets_the_first_answer_and_changes_nothing(sandbox: Sandbox) -> None:
    run = report(1, {"a": "failed"})
    first = sandbox.post(run)
    before = full_dump(sandbox.url)

    second = sandbox.post(run)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.content == first.content
    assert full_dump(sandbox.url) == before


def test_the_same_key_with_other_content_is_refused_naming_both(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    before = full_dump(sandbox.url)

    refused = sandbox.post(report(1, {"a": "passed"}))

    assert refused.status_code == 422
    assert "then " in refused.json()["detail"]
    assert "now " in refused.json()["detail"]
    assert full_dump(sandbox.url) == before


def test_the_same_files_after_a_new_commit_are_already_delivered(sandbox: Sandbox) -> None:
    first = sandbox.take(report(1, {"a": "failed"}, git_sha="abc"))
    before = full_dump(sandbox.url)

    again = sandbox.take(report(1, {"a": "failed"}, git_sha="def"))

    assert (again.outcome, again.run, again.delivered_at) == ("already_delivered", first.run, first.delivered_at)
    assert (again.new_results, again.known_results, again.opened) == (0, 1, ())
    assert full_dump(sandbox.url) == before


def test_three_files_then_one_of_them_count_once(sandbox: Sandbox) -> None:
    seed = report(1, {}, steps={DATASET: "success"}, defined=("a",))
    test = report(2, {"a": "failed"})
    sandbox.take(merged(seed, test))
    before = full_dump(sandbox.url)

    assert sandbox.take(test).outcome == "already_delivered"
    assert sandbox.take(seed).outcome == "already_delivered"
    assert full_dump(sandbox.url) == before


def test_one_file_then_three_add_only_what_is_new(sandbox: Sandbox) -> None:
    seed = report(1, {}, steps={DATASET: "success"}, defined=("a",))
    test = report(2, {"a": "failed"})
    sandbox.take(test)

    answer = sandbox.take(merged(seed, test))

    assert (answer.outcome, answer.new_results, answer.known_results) == ("accepted", 0, 1)
    assert (
        count(sandbox, "results"),
        count(sandbox, "steps"),
        count(sandbox, "metrics"),
    ) == (1, 1, 1)
    assert sandbox.issues()["a"]["occurrences"] == 1
    # Known or new, they are what this run measured.
    assert (answer.scores[0].value, answer.scores[0].checks) == (0.0, 1)


def test_a_green_dev_never_resolves_a_prod_issue(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}, environment="prod"))
    sandbox.take(report(2, {"a": "passed"}, environment="dev"))

    assert sandbox.statuses(environment="prod") == {"a": "open"}
    assert sandbox.statuses(environment="dev") == {}


def test_the_same_invocation_in_two_environments_is_two_results(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}, environment="prod"))
    sandbox.take(report(1, {"a": "failed"}, environment="dev"))

    assert count(sandbox, "results") == 2


def test_a_failed_model_opens_an_execution_issue_and_its_success_resolves_it(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {}, steps={DATASET: "error"}))
    opened = sandbox.issues()["stg_airquality"]
    sandbox.take(report(2, {}, steps={DATASET: "success"}))

    assert (opened["title"], opened["kind"], opened["severity"]) == (
        "[QALITA] stg_airquality: model execution",
        "execution",
        "high",
    )
    assert sandbox.statuses() == {"stg_airquality": "resolved"}


def test_docs_generate_unmeasures_nothing(sandbox: Sandbox) -> None:
    answer = sandbox.take(merged(report(1, {"a": "passed"}), report(2, {"a": "not_executed"})))

    assert (answer.scores[0].value, answer.scores[0].checks) == (1.0, 1)


def test_rows_of_several_runs_given_again_are_scored_as_given(sandbox: Sandbox) -> None:
    failed, passed = report(1, {"a": "failed"}), report(2, {"b": "passed"})
    sandbox.take(failed)
    sandbox.take(passed)
    both = msgspec.structs.replace(
        report(2, {"a": "failed", "b": "passed"}),
        context=msgspec.structs.replace(passed.context, run_id="both"),
        invocations=(*failed.invocations, *passed.invocations),
        results=(*failed.results, *passed.results),
    )

    answer = sandbox.take(both)

    assert (answer.outcome, answer.run, answer.scores[0].value) == ("already_delivered", 2, 0.5)


def test_sizes_of_a_catalog_that_are_known_are_not_stored_again(sandbox: Sandbox) -> None:
    size = Metric(
        key="catalog_bytes", value=10, scope=Scope(perimeter="dataset", value=DATASET), invocation="invocation-01"
    )
    first = report(1, {"a": "passed"})
    sandbox.take(msgspec.structs.replace(first, metrics=(size,)))
    more = msgspec.structs.replace(
        report(1, {"a": "passed", "b": "passed"}),
        context=msgspec.structs.replace(first.context, run_id="more"),
        metrics=(size,),
    )

    assert sandbox.take(more).new_results == 1


@pytest.mark.parametrize("part", ["sources", "datasets", "checks", "invocations", "results", "steps", "metrics"])
def test_a_report_that_holds_something_twice_is_refused(sandbox: Sandbox, part: str) -> None:
    run = report(1, {"a": "passed"}, steps={DATASET: "success"})
    doubled = msgspec.structs.replace(run, **{part: getattr(run, part) * 2})

    response = sandbox.post(doubled)

    assert response.status_code == 400
    assert "twice" in response.json()["detail"]


def test_a_run_that_is_read_again_with_other_texts_is_the_same_run(sandbox: Sandbox) -> None:
    run = report(1, {"a": "failed"})
    retold = [msgspec.structs.replace(one, description="in other words", meta={"a": 1}) for one in run.checks]
    sandbox.take(run)

    response = sandbox.post(msgspec.structs.replace(run, checks=tuple(retold)))

    assert response.status_code == 200
