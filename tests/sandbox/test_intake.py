"""What is kept of a run, once, whatever comes again and in whatever order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from factories import DATASET, report
from qalita_ingest.contract import Metric, Scope
from sandboxes import open_sandbox
from store_dump import full_dump, state_by_natural_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def merged(*runs: RunReport) -> RunReport:
    """What ingest makes of several results files."""
    last = runs[-1]
    return msgspec.structs.replace(
        last,
        context=msgspec.structs.replace(last.context, run_id="merged"),
        invocations=tuple(itertools.chain.from_iterable(run.invocations for run in runs)),
        results=tuple(itertools.chain.from_iterable(run.results for run in runs)),
        steps=tuple(itertools.chain.from_iterable(run.steps for run in runs)),
        metrics=tuple(itertools.chain.from_iterable(run.metrics for run in runs)),
        checks=tuple({one.key: one for run in runs for one in run.checks}.values()),
        defined_keys=tuple(sorted({key for run in runs for key in run.defined_keys})),
    )


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


def test_the_order_of_lists_makes_no_other_content(sandbox: Sandbox) -> None:
    run = report(1, {"a": "passed", "b": "failed"})
    sandbox.take(run)

    turned = msgspec.structs.replace(run, checks=run.checks[::-1], results=run.results[::-1])

    assert sandbox.post(turned).status_code == 200


def test_docs_generate_unmeasures_nothing(sandbox: Sandbox) -> None:
    answer = sandbox.take(merged(report(1, {"a": "passed"}), report(2, {"a": "not_executed"})))

    assert (answer.scores[0].value, answer.scores[0].checks) == (1.0, 1)


def test_definitions_that_may_be_of_another_state_overwrite_none(sandbox: Sandbox) -> None:
    sandbox.take(report(1, {"a": "failed"}))
    guessed = report(2, {"a": "failed"}, complete=False)
    bare = msgspec.structs.replace(guessed.checks[0], dataset=None, owner=None)
    sandbox.take(msgspec.structs.replace(guessed, checks=(bare,)))

    issue = sandbox.issues()["a"]
    assert (issue["title"], issue["owner"]) == ("[QALITA] stg_airquality: a", "data team")


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


def test_an_older_definition_does_not_overwrite_a_newer_one(sandbox: Sandbox) -> None:
    newer, older = report(2, {"a": "passed"}), report(1, {"a": "passed"})
    renamed = msgspec.structs.replace(newer, checks=(msgspec.structs.replace(newer.checks[0], name="renamed"),))
    sandbox.take(renamed)
    sandbox.take(older)

    assert sandbox.rows("select name from checks") == [("renamed",)]


def named(run: RunReport, name: str) -> RunReport:
    """With that name of its one check."""
    return msgspec.structs.replace(run, checks=(msgspec.structs.replace(run.checks[0], name=name),))


class TestDefinitions:
    """The same again are not written again, and are still those of the newest run."""

    def definitions(self, sandbox: Sandbox) -> list[tuple[Any, ...]]:
        rows = "select name, defined_by from {}"
        return [*sandbox.rows(rows.format("checks")), *sandbox.rows(rows.format("datasets"))]

    def test_the_same_definitions_get_the_name_of_the_newest_run(self, sandbox: Sandbox) -> None:
        for hour in (1, 2, 3):
            sandbox.take(report(hour, {"a": "passed"}))

        assert self.definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]

    def test_a_late_run_between_two_that_defined_the_same_changes_nothing(self, sandbox: Sandbox) -> None:
        for hour in (1, 3):
            sandbox.take(report(hour, {"a": "passed"}))
        sandbox.take(named(report(2, {"a": "passed"}), "renamed"))

        assert self.definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]

    def test_what_another_scope_defined_meanwhile_is_defined_again(self, sandbox: Sandbox) -> None:
        sandbox.take(report(1, {"a": "passed"}))
        sandbox.take(named(report(2, {"a": "passed"}, scope="dbt:other"), "of the other"))
        sandbox.take(report(3, {"a": "passed"}))

        assert self.definitions(sandbox) == [("a", "invocation-03"), ("stg_airquality", "invocation-03")]

    def test_no_order_of_arrival_makes_a_difference(self, new_store: Callable[[], Settings]) -> None:
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
                found.append(self.definitions(sandbox))

        assert found == [[("a", "invocation-05"), ("stg_airquality", "invocation-05")]] * 4


class TestMute:
    def mute(self, sandbox: Sandbox, issue: int, **until: Any) -> Any:
        moment = sandbox.now + timedelta(**until)
        return sandbox.client.post(f"/api/v2/issues/{issue}/mute", json={"until": moment.isoformat(), "actor": "lead"})

    def test_a_muted_issue_is_not_counted_as_open_and_speaks_again_after_its_end(self, sandbox: Sandbox) -> None:
        sandbox.take(report(1, {"a": "failed"}))
        self.mute(sandbox, 1, days=2)

        assert sandbox.statuses() == {"a": "muted"}
        assert sandbox.take(report(2, {"a": "failed"})).open_issues == 0
        sandbox.now += timedelta(days=3)
        assert sandbox.statuses() == {"a": "open"}

    def test_a_muted_issue_that_reopens_is_not_announced(self, sandbox: Sandbox) -> None:
        sandbox.take(report(1, {"a": "failed"}))
        sandbox.take(report(2, {"a": "passed"}))
        self.mute(sandbox, 1, days=2)

        assert sandbox.take(report(3, {"a": "failed"})).reopened == ()

    def test_events_keep_who_and_when_also_after_a_late_run(self, sandbox: Sandbox) -> None:
        sandbox.take(report(3, {"a": "failed"}))
        self.mute(sandbox, 1, days=2)
        sandbox.take(report(1, {"a": "failed"}))

        events = sandbox.client.get("/api/v2/issues/1/events").json()
        assert [(one["kind"], one["actor"]) for one in events] == [("opened", "qalita"), ("muted", "lead")]

    def test_the_end_must_lie_ahead(self, sandbox: Sandbox) -> None:
        sandbox.take(report(1, {"a": "failed"}))

        refused = self.mute(sandbox, 1, days=-1)

        assert (refused.status_code, refused.json()["status"]) == (422, 422)

    def test_an_unknown_issue_is_not_found(self, sandbox: Sandbox) -> None:
        missing = self.mute(sandbox, 7, days=1)

        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


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
