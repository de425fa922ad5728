"""From artifacts to a report, where values are absent, of another kind, or of another version of dbt."""

import json
from pathlib import Path

import pytest

from air_artifacts import MANIFEST, STAGING, TEST, prepared, row, run_results
from qalita_ingest.errors import ArtifactError
from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt


@pytest.mark.parametrize(
    ("failures", "expected"),
    [(3, 3), ("3", 3), (None, None), ("many", None), ("²", None), (-1, None), (2**64, None), ("9" * 5000, None)],
)
def test_old_versions_write_failures_as_text(tmp_path: Path, failures: object, expected: int | None) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "fail", failures=failures)))

    assert run.results[0].failures == expected


@pytest.mark.parametrize("unknown", [-1, True, "7", 2**64, None])
def test_rows_affected_that_are_no_number_of_rows_are_unknown(tmp_path: Path, unknown: object) -> None:
    run, _ = prepared(tmp_path, run_results(row(STAGING, "success", adapter_response={"rows_affected": unknown})))

    assert run.metrics == ()


def test_nine_digits_of_a_second_are_read(tmp_path: Path) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "pass"), at="2026-01-01T01:00:00.123456789Z"))

    assert run.context.finished_at.microsecond == 123456


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactError,
        match=r"run_results_0.json: field metadata.generated_at: expected a time \(ISO 8601\), found 'yesterday'",
    ):
        prepared(tmp_path, run_results(row(TEST, "pass"), at="yesterday"))


NULLS = ["columns", "depends_on", "config", "meta", "tags", "description", "test_metadata", "attached_node"]


def test_fields_that_are_null_are_as_good_as_absent(tmp_path: Path) -> None:
    nodes = {key: node | dict.fromkeys(NULLS) for key, node in MANIFEST["nodes"].items()}
    empty = dict.fromkeys(["unit_tests", "exposures", "sources", "metadata", "macros", "functions"])
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes} | empty))
    results = run_results(row(TEST, "pass", timing=None, adapter_response=None, failures=None, message=5)) | {
        "args": None
    }
    (tmp_path / "run_results.json").write_text(json.dumps(results))

    _, summary = prepare_dbt(
        DbtFiles(tmp_path / "manifest.json", [tmp_path / "run_results.json"]), RunLabels("p", "dev")
    )

    assert summary.counts["passed"] == 1


@pytest.mark.parametrize("depth", [600, 900, 100_000])
def test_values_nested_too_deep_are_refused_in_one_line(tmp_path: Path, depth: int) -> None:
    (tmp_path / "run_results.json").write_text(json.dumps(run_results(row(TEST, "pass"))))
    nested = "[" * depth + "]" * depth
    node = f'{{"name": "stg", "resource_type": "model", "meta": {{"key": {nested}}}}}'
    (tmp_path / "manifest.json").write_text(f'{{"nodes": {{"{STAGING}": {node}}}}}')

    with pytest.raises(
        ArtifactError, match=r"^\S+manifest\.json[^\n]*: values are nested too deep to be read; [^\n]+$"
    ):
        prepare_dbt(
            DbtFiles(tmp_path / "manifest.json", [tmp_path / "run_results.json"]),
            RunLabels("p", "dev"),
            allow_mixed=True,
        )


def test_a_node_that_says_no_kind_has_that_of_its_unique_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MANIFEST["nodes"], TEST, MANIFEST["nodes"][TEST] | {"resource_type": ""})
    monkeypatch.setitem(MANIFEST["nodes"], STAGING, MANIFEST["nodes"][STAGING] | {"resource_type": ""})

    _, summary = prepared(tmp_path, run_results(row(TEST, "pass"), row(STAGING, "success")))

    assert (summary.counts["passed"], summary.steps, summary.ignored) == (1, {"model:success": 1}, {})


def test_a_test_under_the_key_of_another_kind_is_still_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "odd.air.not_null_stg_value"
    monkeypatch.setitem(MANIFEST["nodes"], odd, MANIFEST["nodes"][TEST] | {"unique_id": odd})

    run, summary = prepared(tmp_path, run_results(row(odd, "fail")))

    assert (summary.counts["failed"], run.inconsistency()) == (1, None)


def test_infinity_in_a_manifest_is_read(tmp_path: Path) -> None:
    nodes = {
        key: node | {"meta": {"limit": float("inf"), "other": float("nan")}} for key, node in MANIFEST["nodes"].items()
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "run_results.json").write_text(json.dumps(run_results(row(TEST, "pass"))))

    files = DbtFiles(tmp_path / "manifest.json", [tmp_path / "run_results.json"])

    assert prepare_dbt(files, RunLabels("p", "dev"))[1].counts["passed"] == 1
