"""The traps of dbt's artifacts, one by one, on files that dbt wrote.

dbt 1.11 writes most of them here (`every_outcome.py`); others are of public repositories (`corpus`). Where a file
had to be edited, the test says so.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from every_outcome import PLANTED_TOKEN, Runs, run_every_command
from plain_count import count
from qalita_ingest.contract import Check, Result, RunReport, encode
from qalita_ingest.mapping import RunLabels, Summary
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from sandboxes import open_sandbox

LABELS = RunLabels("shop", "dev")
FUSION = "godatadriven__dbt-bouncer/tests/fixtures/dbt_20/target/run_results@5698fd12d7.json"
JAFFLE = "yu-iskw__dbt-artifacts-parser/tests/resources/"
KEPT = "model.shop.kept"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return run_every_command(tmp_path_factory.mktemp("shop"))


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def results_by_name(report: RunReport) -> dict[str, Result]:
    names = {check.key: check.name for check in report.checks}
    return {names[result.check]: result for result in report.results}


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


def test_trap_05_files_that_dbt_left_behind_are_answered_as_delivered(runs: Runs, tmp_path: Path) -> None:
    """The commit that dbt can't parse has another git sha, so it is another run; its rows are the old ones."""
    assert runs.file("unparsable").read_bytes() == runs.file("test").read_bytes()
    files = DbtFiles(runs.file("unparsable", "manifest.json"), [runs.file("unparsable")])
    with open_sandbox(tmp_path) as sandbox:
        first = sandbox.take(runs.prepared("test")[0])
        again = sandbox.take(prepare_dbt(files, replace(LABELS, git_sha="0f1e2d3c"))[0])

        assert (first.outcome, first.new_results) == ("accepted", 10)
        assert (again.outcome, again.new_results, again.delivered_at) == ("already_delivered", 0, first.delivered_at)


def test_trap_05_of_a_partly_known_run_only_the_new_rows_are_added(runs: Runs, tmp_path: Path) -> None:
    with open_sandbox(tmp_path) as sandbox:
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


def test_trap_09_fusion_writes_nine_digits_of_a_second_and_few_arguments(corpus: Path) -> None:
    manifest = corpus / JAFFLE / "manifest/v12/jaffle_shop/manifest_1.12.json"

    report, summary = prepare_dbt(DbtFiles(manifest, [corpus / FUSION]), LABELS)

    assert report.context.finished_at.isoformat() == "2026-08-07T08:54:19.553880+00:00"
    assert report.context.tool_version == "2.0.0-alpha.5"
    assert (sum(summary.counts.values()), summary.not_selected) == (0, 30)


def as_fusion(content: dict[str, Any]) -> dict[str, Any]:
    """Edited: as Fusion writes the same: other versions, capitals, fractions, and keys without a value left out."""
    kind = content["metadata"]["dbt_schema_version"].split("/")[-2]
    metadata = content["metadata"] | {"dbt_schema_version": f"https://schemas.getdbt.com/dbt/{kind}/v20.json"}
    return without_nulls(content | {"metadata": metadata})


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def test_trap_09_fusion_leaves_out_what_is_null_and_numbers_its_manifest_20(runs: Runs, tmp_path: Path) -> None:
    manifest = written(tmp_path / "manifest.json", as_fusion(runs.loaded("build", "manifest.json")))
    results = as_fusion(runs.loaded("build"))
    results["args"] = {"command": "build", "which": "build"}
    results["metadata"]["generated_at"] = "2026-08-07T08:54:19.553880740Z"

    report, _ = prepare_dbt(DbtFiles(manifest, [written(tmp_path / "run_results.json", results)]), LABELS)

    expected, _ = runs.prepared("build")
    assert report.results == expected.results
    assert report.checks == expected.checks


@pytest.mark.parametrize(
    ("written_as", "status"), [("Pass", "passed"), ("Warn", "warning"), ("Error", "failed"), ("Runtime Error", "error")]
)
def test_trap_09_fusion_writes_freshness_in_capitals(runs: Runs, tmp_path: Path, written_as: str, status: str) -> None:
    """Edited: the status of the one source."""
    content = runs.loaded("freshness", "sources.json")
    content["results"][0]["status"] = written_as
    sources = written(tmp_path / "sources.json", content)

    _, summary = prepare_dbt(DbtFiles(runs.file("freshness", "manifest.json"), [], sources), LABELS)

    assert {result.unique_id: result.status for result in summary.results} == {
        "source.shop.raw.orders": status,
        "source.shop.raw.gone": "not_measured",
    }


def test_trap_10_a_warning_that_warn_error_turned_is_a_failure(runs: Runs) -> None:
    report, summary = runs.prepared("warn_error")

    (check,) = [check for check in report.checks if check.name == "id_unique"]
    assert (summary.counts["failed"], summary.counts["warning"], check.severity) == (1, 0, "warn")
    assert runs.prepared("test")[1].counts["warning"] == 1


def test_trap_10_skipped_rows_without_a_time_and_errors_without_a_number_are_read(runs: Runs) -> None:
    (skipped,) = [row for row in runs.loaded("build")["results"] if "broken_there" in row["unique_id"]]
    assert (skipped["status"], skipped["timing"]) == ("skipped", [])

    results = results_by_name(runs.prepared("build")[0])

    assert results["broken_there"].status == "skipped"
    assert (results["unreadable"].status, results["unreadable"].failures) == ("error", None)


def test_trap_10_colours_of_a_terminal_are_taken_out_of_messages(runs: Runs) -> None:
    assert "\\u001b[" in runs.file("build").read_text(encoding="utf-8")

    report, summary = runs.prepared("build")

    assert "actual differs from expected" in str(results_by_name(report)["wrong"].message)
    assert b"\\u001b" not in encode(report) + summary.as_json()


def test_trap_10_failures_that_are_text_are_left_out(corpus: Path) -> None:
    folder = corpus / "OpenLineage__OpenLineage/integration/common/tests/dbt"
    results = folder / "no_test_metadata/target/run_results.json"
    row = next(row for row in json.loads(results.read_bytes())["results"] if row["failures"] == "Test failure")

    report, _ = prepare_dbt(DbtFiles(folder / "large/target/manifest.json", [results]), LABELS, allow_mixed=True)

    (result,) = [result for result in report.results if result.check == row["unique_id"]]
    assert (result.status, result.failures) == ("failed", None)


def test_trap_11_a_token_in_vars_reaches_no_report(runs: Runs) -> None:
    content = runs.loaded("test")
    assert content["args"]["vars"] == {"api_token": PLANTED_TOKEN}
    assert PLANTED_TOKEN in content["args"]["invocation_command"]
    assert [row["status"] for row in content["results"] if PLANTED_TOKEN in str(row["message"])] == ["error"]

    report, summary = runs.prepared("test")

    assert PLANTED_TOKEN.encode() not in encode(report) + summary.as_json()


def test_trap_11_folders_of_the_machine_reach_no_report(runs: Runs) -> None:
    assert str(runs.folder) in runs.file("build").read_text(encoding="utf-8")

    report, summary = runs.prepared("build")

    assert str(runs.folder).encode() not in encode(report) + summary.as_json()


def test_trap_12_the_table_of_failing_rows_is_named(runs: Runs) -> None:
    report, _ = runs.prepared("build")

    assert results_by_name(report)["customer_known"].relation == '"shop"."main_dbt_test__audit"."customer_known"'


def test_trap_13_a_test_with_other_arguments_is_another_check(runs: Runs, tmp_path: Path) -> None:
    """The old check's issue is resolved because the check is gone, not because it passed."""
    build, later = (
        runs.prepared("build")[0],
        DbtFiles(runs.file("other_values", "manifest.json"), [runs.file("warn_error")]),
    )
    (old,) = [check.key for check in build.checks if "accepted_values" in check.name]
    report, _ = prepare_dbt(later, LABELS)
    (new,) = [check.key for check in report.checks if "accepted_values" in check.name]
    assert old != new

    with open_sandbox(tmp_path) as sandbox:
        sandbox.take(build)
        sandbox.take(report)

        found = {issue["subject"]: issue for issue in sandbox.client.get("/api/v2/issues").json()}
        assert (found[old]["status"], found[old]["resolution"]) == ("resolved", "check removed")
        assert new not in found


def test_trap_13_two_tests_may_share_a_name(runs: Runs, tmp_path: Path) -> None:
    """Edited: one test is given the name of another, as two packages do."""
    manifest = runs.loaded("build", "manifest.json")
    for node in manifest["nodes"].values():
        if node["name"] == "id_unique":
            node["name"] = "id_there"
    files = DbtFiles(written(tmp_path / "manifest.json", manifest), [runs.file("build")])

    _, summary = prepare_dbt(files, LABELS)

    assert [one.status for one in summary.results if one.name == "id_there"] == ["passed", "warning"]


def test_trap_14_skipped_is_no_failure_and_warn_is_neither_pass_nor_failure(runs: Runs) -> None:
    _, summary = runs.prepared("build")

    assert summary.counts == {
        "passed": 3,
        "warning": 1,
        "failed": 4,
        "error": 1,
        "skipped": 1,
        "not_executed": 0,
    }


def test_trap_14_a_skipped_check_leaves_its_issue_as_it_is(runs: Runs, tmp_path: Path) -> None:
    """`broken_there` errors under `dbt test`, and is skipped when its model fails in a build that ends later."""
    (later := runs.loaded("build"))["metadata"] |= {"invocation_id": "later", "generated_at": "2099-01-01T00:00:00Z"}
    files = DbtFiles(runs.file("build", "manifest.json"), [written(tmp_path / "run_results.json", later)])
    with open_sandbox(tmp_path) as sandbox:
        sandbox.take(runs.prepared("test")[0])
        sandbox.take(prepare_dbt(files, LABELS)[0])

        (status,) = [issue["status"] for issue in sandbox.issues().values() if "broken_there" in issue["title"]]
        assert status == "open"


# Every value of every kind of node, and what the status table says of it. Kinds: the real node that plays it.
KINDS = {
    "model": KEPT,
    "seed": "seed.shop.kept",
    "snapshot": "snapshot.shop.kept",
    "function": "function.shop.kept",
    "operation": "operation.shop.shop-on-run-end-0",
}
STEPS = [
    *((kind, "success", "success", None) for kind in KINDS),
    *((kind, "error", "error", "high") for kind in KINDS),
    *((kind, "skipped", "skipped", None) for kind in KINDS),
    ("model", "partial success", "error", "medium"),
    ("function", "partial success", "error", "medium"),
    ("model", "reused", "skipped", None),
    ("model", "warn", "success", "medium"),
    ("model", "exploded", "error", "high"),
]


def mapped_row(runs: Runs, folder: Path, key: str, status: str, which: str = "build") -> tuple[RunReport, Summary]:
    """Edited: the manifest knows the node under a key of another kind, and one row says the status."""
    manifest, content = runs.loaded("build", "manifest.json"), runs.loaded("build")
    kind, _, name = key.split(".", maxsplit=2)
    group = {"function": "functions", "exposure": "exposures", "saved_query": "saved_queries", "macro": "macros"}
    if kind not in {"test", "unit_test", "operation"}:
        node = manifest["nodes"][KEPT] | {"resource_type": kind, "name": name, "unique_id": key}
        manifest[group.get(kind, "nodes")][key] = node
    content["args"]["which"] = which
    content["results"] = [content["results"][0] | {"unique_id": key, "status": status}]
    files = DbtFiles(written(folder / "manifest.json", manifest), [written(folder / "run_results.json", content)])
    return prepare_dbt(files, LABELS)


@pytest.mark.parametrize("row", STEPS, ids=str)
def test_a_step_ends_as_the_table_says(runs: Runs, tmp_path: Path, row: tuple[str, str, str, str | None]) -> None:
    kind, status, expected, finding = row

    report, summary = mapped_row(runs, tmp_path, KINDS[kind], status)

    assert summary.steps == {f"{kind}:{expected}": 1}
    assert (report.steps[0].finding, report.steps[0].tool_status) == (finding, status)
    assert sum(summary.counts.values()) == 0


CHECKS = [
    ("pass", "build", "passed"),
    ("fail", "build", "failed"),
    ("warn", "build", "warning"),
    ("error", "build", "error"),
    ("skipped", "build", "skipped"),
    ("no-op", "build", "skipped"),
    ("reused", "build", "skipped"),
    ("success", "generate", "not_executed"),
    ("success", "compile", "not_executed"),
    ("success", "test", "not_executed"),
    ("exploded", "build", "error"),
    ("exploded", "compile", "error"),
]


@pytest.mark.parametrize("kind", ["data test", "unit test"])
@pytest.mark.parametrize("row", CHECKS, ids=str)
def test_a_check_ends_as_the_table_says(runs: Runs, tmp_path: Path, kind: str, row: tuple[str, str, str]) -> None:
    status, which, expected = row
    keys = {row["unique_id"] for row in runs.loaded("build")["results"]}
    wanted = "unit_test.shop.customers.right" if kind == "unit test" else "test.shop.id_there"
    (key,) = [key for key in keys if key.startswith(wanted)]

    _, summary = mapped_row(runs, tmp_path, key, status, which)

    assert [(one.status, one.dbt_status) for one in summary.results] == [(expected, status)]
    assert {name: number for name, number in summary.counts.items() if number} == {expected: 1}


@pytest.mark.parametrize("key", ["exposure.shop.report", "saved_query.shop.report"])
@pytest.mark.parametrize("status", ["no-op", "skipped", "success"])
def test_what_dbt_does_not_execute_is_ignored_and_says_why(runs: Runs, tmp_path: Path, key: str, status: str) -> None:
    _, summary = mapped_row(runs, tmp_path, key, status)

    assert summary.ignored == {key: f"dbt executes nothing for a node of kind {key.partition('.')[0]}"}
    assert (sum(summary.counts.values()), summary.steps, summary.mixed) == (0, {}, False)


def test_a_contract_fails_where_dbt_says_so_and_passes_where_the_model_is_built(runs: Runs) -> None:
    report, summary = runs.prepared("build")

    assert summary.contracts == {"failed": 1, "passed": 1}
    (failed,) = [one for one in summary.contract_results if one.status == "failed"]
    assert (failed.dataset, failed.dimension) == ("model.shop.priced", "schema")
    assert "model.shop.priced.contract" in {check.key for check in report.checks}
