"""The traps in the rows of dbt's artifacts, one by one, on files that dbt wrote: words, numbers, secrets, names.

As in `test_traps.py`: where a file had to be edited, the test says so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from every_outcome import JAFFLE, LABELS, PLANTED_TOKEN, Runs, written
from qalita_ingest.contract import Result, RunReport, encode
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

if TYPE_CHECKING:
    from pathlib import Path

    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
FUSION = "godatadriven__dbt-bouncer/tests/fixtures/dbt_20/target/run_results@5698fd12d7.json"


def results_by_name(report: RunReport) -> dict[str, Result]:
    names = {check.key: check.name for check in report.checks}
    return {names[result.check]: result for result in report.results}


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


def test_trap_13_a_test_with_other_arguments_is_another_check(runs: Runs, sandbox: Sandbox, tmp_path: Path) -> None:
    """The old check's issue is resolved because the check is gone, not because it passed."""
    build, later = (
        runs.prepared("build")[0],
        DbtFiles(runs.file("other_values", "manifest.json"), [runs.file("warn_error")]),
    )
    (old,) = [check.key for check in build.checks if "accepted_values" in check.name]
    report, _ = prepare_dbt(later, LABELS)
    (new,) = [check.key for check in report.checks if "accepted_values" in check.name]
    assert old != new

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


def test_trap_14_a_skipped_check_leaves_its_issue_as_it_is(runs: Runs, sandbox: Sandbox, tmp_path: Path) -> None:
    """`broken_there` errors under `dbt test`, and is skipped when its model fails in a build that ends later."""
    (later := runs.loaded("build"))["metadata"] |= {"invocation_id": "later", "generated_at": "2099-01-01T00:00:00Z"}
    files = DbtFiles(runs.file("build", "manifest.json"), [written(tmp_path / "run_results.json", later)])
    sandbox.take(runs.prepared("test")[0])
    sandbox.take(prepare_dbt(files, LABELS)[0])

    (status,) = [issue["status"] for issue in sandbox.issues().values() if "broken_there" in issue["title"]]
    assert status == "open"


def test_a_contract_fails_where_dbt_says_so_and_passes_where_the_model_is_built(runs: Runs) -> None:
    report, summary = runs.prepared("build")

    assert summary.contracts == {"failed": 1, "passed": 1}
    (failed,) = [one for one in summary.contract_results if one.status == "failed"]
    assert (failed.dataset, failed.dimension) == ("model.shop.priced", "schema")
    assert "model.shop.priced.contract" in {check.key for check in report.checks}
