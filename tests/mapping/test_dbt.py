"""From artifacts to a report: what is counted, what is a step, what belongs to one run."""

import json
from pathlib import Path
from typing import Any

import pytest

from air_artifacts import EXPOSURE, HOOK, MANIFEST, SOURCE, STAGING, TEST, UNIT, prepared, row, run_results
from qalita_ingest.errors import MixedFilesError
from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt


def test_a_warning_carries_its_rows_and_its_words_without_colours(tmp_path: Path) -> None:
    run, summary = prepared(
        tmp_path,
        run_results(row(TEST, "warn", failures=5, message="\x1b[33mGot 5\x1b[0m results", execution_time=0.25)),
    )

    (result,) = run.results
    assert (result.status, result.failures, result.message, result.seconds) == ("warning", 5, "Got 5 results", 0.25)
    assert summary.results[0].dataset == STAGING
    assert summary.results[0].column == "value"


def test_a_definition_carries_what_the_manifest_says(tmp_path: Path) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "pass")))

    checks = {check.key: check for check in run.checks}
    datasets = {dataset.key: dataset for dataset in run.datasets}
    assert (checks[TEST].severity, checks[TEST].dimension, checks[TEST].owner) == ("warn", "completeness", "data team")
    assert (checks[UNIT].dataset, checks[UNIT].kind, checks[UNIT].dimension) == (STAGING, "unit_test", "accuracy")
    assert (datasets[STAGING].depends_on, datasets[STAGING].tags) == (("seed.air.raw",), ("air",))
    assert datasets[STAGING].columns[0].description == "µg/m³"
    assert datasets[SOURCE].name == "raw.log"
    assert [source.name for source in run.sources] == ["duckdb:opendata", "duckdb"]


def test_steps_are_no_checks_and_bring_their_metrics(tmp_path: Path) -> None:
    run, summary = prepared(
        tmp_path,
        run_results(
            row(STAGING, "success", execution_time=1.5, adapter_response={"rows_affected": 7}),
            row(HOOK, "success"),
            row(EXPOSURE, "no-op"),
        ),
    )

    assert sum(summary.counts.values()) == 0
    assert summary.steps == {"model:success": 1, "operation:success": 1}
    assert {(one.key, one.value) for one in run.metrics} == {("seconds", 1.5), ("rows", 7)}
    assert summary.ignored == {EXPOSURE: "dbt executes nothing for a node of kind exposure"}


def test_several_files_are_one_run_in_the_order_of_their_times(tmp_path: Path) -> None:
    late = run_results(row(TEST, "pass"), invocation="i-2", at="2026-01-01T02:00:00Z")
    early = run_results(row(STAGING, "success"), invocation="i-1", at="2026-01-01T01:00:00Z")

    run, _ = prepared(tmp_path, late, early)

    assert [one.id for one in run.invocations] == ["i-1", "i-2"]
    assert run.context.finished_at == run.invocations[1].finished_at


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    results = run_results(row(TEST, "pass"), row(STAGING, "success"))

    run, summary = prepared(tmp_path, results, results)

    assert (len(run.results), len(run.steps), summary.counts["passed"]) == (1, 1, 1)


def test_results_of_another_project_state_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MixedFilesError, match=r"1 result\(s\) name nodes .*test\.air\.gone.*--allow-mixed"):
        prepared(tmp_path, run_results(row(TEST, "pass"), row("test.air.gone", "fail")))


def test_mixed_results_are_counted_on_request_and_retire_nothing(tmp_path: Path) -> None:
    run, summary = prepared(tmp_path, run_results(row("test.air.gone.abc", "fail")), allow_mixed=True)

    assert (summary.mixed, summary.not_in_manifest, summary.counts["failed"]) == (True, ["test.air.gone.abc"], 1)
    assert not run.definitions_complete


def test_tests_without_a_row_are_not_selected(tmp_path: Path) -> None:
    _, summary = prepared(tmp_path, run_results(row(TEST, "pass")))

    assert summary.not_selected == 1  # the unit test


def freshness(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"invocation_id": "i-9", "generated_at": "2026-01-01T09:00:00Z"}, "results": list(rows)}


def test_freshness_is_a_check_on_the_source(tmp_path: Path) -> None:
    run, summary = prepared(
        tmp_path, run_results(), sources=freshness(row(SOURCE, "Warn", max_loaded_at="2025-12-30T00:00:00Z"))
    )

    assert (run.results[0].status, run.results[0].message) == ("warning", "newest row loaded at 2025-12-30T00:00:00Z")
    assert summary.counts["not_measured"] == 0


def test_a_source_that_sources_json_lacks_is_not_fresh(tmp_path: Path) -> None:
    _, summary = prepared(tmp_path, run_results(), sources=freshness())

    assert summary.counts["not_measured"] == 1
    assert summary.counts["passed"] == 0


def test_without_sources_json_nothing_is_said_about_freshness(tmp_path: Path) -> None:
    _, summary = prepared(tmp_path, run_results(row(TEST, "pass")))

    assert "not_measured" not in summary.counts


def test_a_build_on_no_data_passes_nothing(tmp_path: Path) -> None:
    _, summary = prepared(tmp_path, run_results(row(TEST, "pass"), which="build", empty=True))

    assert (summary.counts["passed"], summary.counts["not_executed"]) == (0, 1)


def test_functions_and_macros_that_were_run_are_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function, macro = "function.air.double", "macro.air.hello"
    node = {"unique_id": function, "name": "double", "resource_type": "function"}
    monkeypatch.setitem(MANIFEST, "functions", {function: node})
    monkeypatch.setitem(MANIFEST, "macros", {macro: {"name": "hello", "macro_sql": "…"}})

    run, summary = prepared(tmp_path, run_results(row(function, "success"), row(macro, "error", message="no grant")))

    assert (summary.steps, summary.mixed) == ({"function:success": 1, "operation:error": 1}, False)
    assert [(step.unique_id, step.message) for step in summary.step_findings] == [(macro, "no grant")]
    # Its issue is not taken for one whose subject is gone.
    assert macro in run.defined_keys


def test_a_source_without_freshness_has_nothing_that_could_have_an_issue(tmp_path: Path) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "pass")))
    without = {**MANIFEST["sources"][SOURCE], "freshness": None}
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST | {"sources": {SOURCE: without}}))
    later, _ = prepare_dbt(
        DbtFiles(tmp_path / "manifest.json", [tmp_path / "run_results_0.json"]), RunLabels("p", "dev")
    )

    assert (SOURCE in run.defined_keys, SOURCE in later.defined_keys) == (True, False)


def test_the_last_outcome_comes_last_whatever_order_the_files_are_named_in(tmp_path: Path) -> None:
    newer = run_results(row(TEST, "pass"), row(STAGING, "success"), invocation="i-2", at="2026-01-01T02:00:00Z")
    older = run_results(row(TEST, "fail"), row(STAGING, "error"), invocation="i-1", at="2026-01-01T01:00:00Z")

    _, summary = prepared(tmp_path, newer, older)

    assert [result.status for result in summary.results] == ["failed", "passed"]
    assert summary.step_findings == []


def test_a_contract_that_dbt_enforces_is_a_check_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = MANIFEST["nodes"] | {STAGING: MANIFEST["nodes"][STAGING] | {"contract": {"enforced": True}}}
    monkeypatch.setitem(MANIFEST, "nodes", nodes)
    broken = "Compilation Error\n  This model has an enforced contract that failed."

    def judged(status: str, message: str | None) -> tuple[str, dict[str, int], dict[str, int]]:
        run, summary = prepared(tmp_path, run_results(row(STAGING, status, message=message)))
        (result,) = run.results
        return result.status, summary.contracts, summary.counts

    assert judged("success", None)[:2] == ("passed", {"passed": 1})
    assert judged("error", broken)[:2] == ("failed", {"failed": 1})
    assert judged("error", "Catalog Error: no such table")[:2] == ("not_executed", {"not_executed": 1})
    # One fault is one issue: the contract's, none of the model's execution.
    run, _ = prepared(tmp_path, run_results(row(STAGING, "error", message=broken)))
    assert [step.finding for step in run.steps] == [None]
    # Contracts are counted apart.
    assert sum(judged("error", broken)[2].values()) == 0


def test_the_owner_is_the_meta_s_or_else_the_group_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def owner(**more: Any) -> str | None:
        nodes = MANIFEST["nodes"] | {STAGING: MANIFEST["nodes"][STAGING] | {"config": {}} | more}
        monkeypatch.setitem(MANIFEST, "nodes", nodes)
        monkeypatch.setitem(MANIFEST, "groups", {"group.air.finance": {"owner": {"email": "finance@example.org"}}})
        run, _ = prepared(tmp_path, run_results(row(TEST, "pass")))
        return next(dataset.owner for dataset in run.datasets if dataset.key == STAGING)

    assert owner() is None
    assert owner(group="finance") == "finance@example.org"
    assert owner(group="finance", meta={"owner": {"name": "air team", "email": "air@example.org"}}) == "air team"


@pytest.mark.parametrize("which", ["show", "clone"])
def test_a_command_that_builds_no_model_passes_no_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    nodes = MANIFEST["nodes"] | {STAGING: MANIFEST["nodes"][STAGING] | {"contract": {"enforced": True}}}
    monkeypatch.setitem(MANIFEST, "nodes", nodes)
    inline = row("sql_operation.air.inline_query", "success")

    _, summary = prepared(tmp_path, run_results(row(STAGING, "success"), inline, which=which))

    assert (summary.steps, summary.contracts) == ({"model:not_executed": 1}, {"not_executed": 1})
    assert (summary.mixed, list(summary.ignored)) == (False, ["sql_operation.air.inline_query"])


def test_of_several_rows_of_one_node_the_worst_counts_and_a_note_says_so(tmp_path: Path) -> None:
    _, summary = prepared(tmp_path, run_results(row(TEST, "pass"), row(TEST, "fail"), row(TEST, "warn")))

    assert {name: number for name, number in summary.counts.items() if number} == {"failed": 1}
    assert summary.notes == ["2 row(s) repeat a node of the same file: of each node the worst outcome counts"]


@pytest.mark.parametrize(
    ("typed", "is_retry"),
    [
        ("dbt retry", True),
        ("dbt --quiet retry", True),
        ("dbt --log-level debug retry --vars {a: b}", True),
        ("dbt build -s retry_orders", False),
        ("dbt build --target retry", False),
    ],
)
def test_a_retry_is_told_by_what_was_typed(tmp_path: Path, typed: str, *, is_retry: bool) -> None:
    run, summary = prepared(tmp_path, run_results(row(TEST, "pass"), which="build", invocation_command=typed))

    assert (run.invocations[0].command == "retry", bool(summary.notes)) == (is_retry, is_retry)


def test_a_sources_json_that_lies_around_is_told_by_its_age(tmp_path: Path) -> None:
    old = {
        "metadata": {"invocation_id": "i-0", "generated_at": "2025-12-29T00:00:00Z"},
        "results": [{"unique_id": SOURCE, "status": "pass"}],
    }

    _, summary = prepared(tmp_path, run_results(row(TEST, "pass")), sources=old)

    assert summary.notes == ["sources.json is 3 day(s) older than the run: its freshness was measured on 2025-12-29"]
