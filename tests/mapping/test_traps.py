"""The traps of dbt's artifacts, one by one, on files that dbt wrote: what its commands leave out of them, or behind.

dbt 1.11 writes most of them here (`every_outcome.py`); others are of public repositories (`corpus`). Where a file
had to be edited, the test says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from every_outcome import JAFFLE, LABELS, Runs, written
from plain_count import count
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.contract import Check, RunReport
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")


def checks_by_name(report: RunReport) -> dict[str, Check]:
    return {check.name: check for check in report.checks}


@pytest.mark.parametrize("step", ["build", "retry", "docs", "empty", "run", "warn_error", "test"])
def test_dbt_1_11_is_counted_as_a_plain_count_does(runs: Runs, step: str) -> None:
    report, summary = runs.prepared(step)
    counted = count(runs.loaded(step, "manifest.json"), runs.loaded(step))

    assert {status: number for status, number in summary.counts.items() if number} == counted.counts
    assert (summary.steps, summary.contracts) == (counted.steps, counted.contracts)
    assert (summary.not_selected, summary.mixed) == (counted.not_selected, False)
    assert report.inconsistency() is None


def test_trap_01_a_success_row_is_no_pass(runs: Runs) -> None:
    assert {row["status"] for row in runs.loaded("docs")["results"]} == {"success"}

    report, summary = runs.prepared("docs")

    assert (summary.counts["passed"], summary.counts["not_executed"]) == (0, 8)
    assert {result.reason for result in report.results if result.check.startswith("test.")} == {
        "`dbt docs generate` executes no tests"
    }
    assert report.metrics == ()


def test_trap_01_a_success_row_is_no_pass_even_where_the_command_is_not_named(runs: Runs, tmp_path: Path) -> None:
    """Edited: a file of `docs generate` without its `args`, as tools that merge files leave it."""
    content = runs.loaded("docs")
    del content["args"]
    files = DbtFiles(runs.file("docs", "manifest.json"), [written(tmp_path / "run_results.json", content)])

    _, summary = prepare_dbt(files, LABELS)

    assert (summary.counts["passed"], summary.counts["not_executed"]) == (0, 8)
    assert "dbt wrote `success`, not `pass`" in str(summary.results[0].reason)


def test_trap_02_a_relationships_test_is_not_on_its_first_parent(runs: Runs) -> None:
    manifest = runs.loaded("build", "manifest.json")
    (first,) = [
        node["depends_on"]["nodes"][0] for node in manifest["nodes"].values() if node["name"] == "customer_known"
    ]
    assert first == "model.shop.customers"

    report, _ = runs.prepared("build")

    known = checks_by_name(report)["customer_known"]
    assert (known.dataset, known.column) == ("model.shop.orders", "customer_id")


def test_trap_02_a_test_on_a_source_is_on_the_source(runs: Runs) -> None:
    manifest = runs.loaded("build", "manifest.json")
    (node,) = [node for node in manifest["nodes"].values() if node["name"] == "raw_customer"]
    assert node.get("attached_node") is None

    report, _ = runs.prepared("build")

    known = checks_by_name(report)["raw_customer"]
    assert (known.dataset, known.column) == ("source.shop.raw.orders", "customer_id")


def test_trap_02_a_singular_test_on_two_tables_is_on_neither(runs: Runs) -> None:
    report, _ = runs.prepared("build")

    assert checks_by_name(report)["two_tables"].dataset is None


def test_trap_02_a_column_may_stand_in_the_arguments_only(runs: Runs, tmp_path: Path) -> None:
    """Edited: the tests' own `column_name` and `attached_node` are taken out, as versions before 1.5 write them."""
    manifest = runs.loaded("build", "manifest.json")
    for node in manifest["nodes"].values():
        node |= {"column_name": None, "attached_node": None}
    files = DbtFiles(written(tmp_path / "manifest.json", manifest), [runs.file("build")])

    report, _ = prepare_dbt(files, LABELS)

    found = {name: (check.dataset, check.column) for name, check in checks_by_name(report).items()}
    assert found["customer_known"] == ("model.shop.orders", "customer_id")
    assert found["id_there"] == ("model.shop.orders", "id")


def with_strangers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_strangers(one) for key, one in value.items()} | {"of_dbt_9": {"nested": [1, None]}}
    if isinstance(value, list):
        return [with_strangers(one) for one in value]
    return value


def test_trap_03_unknown_fields_and_a_newer_version_change_nothing(runs: Runs, tmp_path: Path) -> None:
    """Edited: results with a field that nobody knows in every object, and the version of a dbt to come."""
    content = with_strangers(runs.loaded("build"))
    content["metadata"] |= {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v99.json"}
    files = DbtFiles(runs.file("build", "manifest.json"), [written(tmp_path / "run_results.json", content)])

    report, _ = prepare_dbt(files, LABELS)

    assert report.results == runs.prepared("build")[0].results


def test_trap_03_dbt_1_12_is_read(corpus: Path) -> None:
    results = corpus / JAFFLE / "run_results/v6/jaffle_shop/run_results_1.12.json"
    manifest = corpus / JAFFLE / "manifest/v12/jaffle_shop/manifest_1.12.json"

    report, summary = prepare_dbt(DbtFiles(manifest, [results]), LABELS)

    assert report.context.tool_version == "1.12.0"
    assert (summary.counts["not_executed"], summary.not_selected) == (27, 3)


def test_trap_04_a_source_that_is_not_in_sources_json_is_not_fresh(runs: Runs) -> None:
    measured = [row["unique_id"] for row in runs.loaded("freshness", "sources.json")["results"]]
    assert measured == ["source.shop.raw.orders"]

    report, summary = runs.prepared("freshness", sources=True)

    assert (summary.counts["passed"], summary.counts["not_measured"]) == (1, 1)
    assert [one.check for one in report.results if one.status == "not_measured"] == ["source.shop.raw.gone"]


def test_trap_05_files_that_dbt_left_behind_are_answered_as_delivered(runs: Runs, sandbox: Sandbox) -> None:
    """The commit that dbt can't parse has another git sha, so it is another run; its rows are the old ones."""
    assert runs.file("unparsable").read_bytes() == runs.file("test").read_bytes()
    files = DbtFiles(runs.file("unparsable", "manifest.json"), [runs.file("unparsable")])
    first = sandbox.take(runs.prepared("test")[0])
    again = sandbox.take(prepare_dbt(files, replace(LABELS, git_sha="0f1e2d3c"))[0])

    assert (first.outcome, first.new_results) == ("accepted", 10)
    assert (again.outcome, again.new_results, again.delivered_at) == ("already_delivered", 0, first.delivered_at)


def test_trap_05_of_a_partly_known_run_only_the_new_rows_are_added(runs: Runs, sandbox: Sandbox) -> None:
    sandbox.take(runs.prepared("build")[0])
    answer = sandbox.take(runs.prepared("build", "test")[0])

    assert (answer.known_results, answer.new_results) == (12, 10)


def test_trap_05_other_invocation_ids_are_normal_where_all_ids_are_known(runs: Runs) -> None:
    assert runs.loaded("run", "manifest.json")["metadata"] != runs.loaded("build", "manifest.json")["metadata"]

    files = DbtFiles(runs.file("run", "manifest.json"), [runs.file("build")])

    assert not prepare_dbt(files, LABELS)[1].mixed


def test_trap_06_a_build_on_no_rows_passes_nothing(runs: Runs) -> None:
    assert [row["status"] for row in runs.loaded("empty")["results"]].count("pass") == 7

    report, summary = runs.prepared("empty")

    assert (summary.counts["passed"], summary.counts["not_executed"], summary.counts["skipped"]) == (0, 9, 1)
    assert "run with --empty: not the whole data" in {result.reason for result in report.results}
    assert report.metrics == ()


def test_trap_06_a_build_on_a_sample_passes_nothing(runs: Runs, tmp_path: Path) -> None:
    """Edited: `args` of a build as `--sample "3 days"` writes them; models here have no event time to sample by."""
    content = runs.loaded("build")
    content["args"] |= {"sample": {"start": "2026-01-01T00:00:00", "end": "2026-01-04T00:00:00"}}
    files = DbtFiles(runs.file("build", "manifest.json"), [written(tmp_path / "run_results.json", content)])

    _, summary = prepare_dbt(files, LABELS)

    assert (summary.counts["passed"], summary.counts["failed"]) == (0, 0)


def test_trap_07_a_retry_says_that_it_holds_only_what_was_tried_again(runs: Runs) -> None:
    assert runs.loaded("retry")["args"]["which"] == "build"

    report, summary = runs.prepared("retry")

    assert report.invocations[0].command == "retry"
    assert summary.notes == ["dbt retry ran only what had failed or been skipped before; the rest has no row here"]
    assert runs.prepared("build")[1].notes == []


def test_trap_07_a_project_called_retry_is_no_retry(runs: Runs, tmp_path: Path) -> None:
    """Edited: the command as it stands where a folder is called so."""
    content = runs.loaded("build")
    content["args"]["invocation_command"] = "dbt build --project-dir retry --select my retry"
    files = DbtFiles(runs.file("build", "manifest.json"), [written(tmp_path / "run_results.json", content)])

    assert prepare_dbt(files, LABELS)[1].notes == []


def test_trap_08_several_commands_are_one_run_and_none_is_lost(runs: Runs) -> None:
    report, summary = runs.prepared("run", "test")

    assert summary.steps == {"model:error": 2, "model:success": 4, "operation:success": 2}
    assert (sum(summary.counts.values()), len(report.invocations)) == (10, 2)
    assert len(report.context.run_id) == 64
