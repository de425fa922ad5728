"""From artifacts to a report. The artifacts are as dbt 1.11 writes them, cut down to what each test is about."""

import json
from pathlib import Path
from typing import Any

import pytest

from qalita_ingest.contract import RunReport
from qalita_ingest.errors import ArtifactError, MixedFilesError
from qalita_ingest.mapping import RunLabels, Summary, secrets_in_variables
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

STAGING, TEST, UNIT, SOURCE = (
    "model.air.stg",
    "test.air.not_null_stg_value",
    "unit_test.air.stg.units",
    "source.air.raw.log",
)
HOOK, EXPOSURE = "operation.air.air-on-run-end-0", "exposure.air.report"
MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "air", "adapter_type": "duckdb"},
    "nodes": {
        STAGING: {
            "unique_id": STAGING,
            "name": "stg",
            "resource_type": "model",
            "database": "opendata",
            "schema": "main",
            "relation_name": '"opendata"."main"."stg"',
            "tags": ["air"],
            "config": {"meta": {"owner": "data team"}},
            "columns": {"value": {"name": "value", "data_type": "double", "description": "µg/m³"}},
            "depends_on": {"nodes": ["seed.air.raw", "macro.air.x"]},
        },
        TEST: {
            "unique_id": TEST,
            "name": "not_null_stg_value",
            "resource_type": "test",
            "attached_node": STAGING,
            "test_metadata": {"name": "not_null", "kwargs": {"column_name": "value"}},
            "config": {"severity": "WARN"},
        },
        HOOK: {"unique_id": HOOK, "name": "air-on-run-end-0", "resource_type": "operation"},
    },
    "sources": {
        SOURCE: {
            "unique_id": SOURCE,
            "name": "log",
            "source_name": "raw",
            "resource_type": "source",
            "freshness": {"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": None}},
        }
    },
    "unit_tests": {UNIT: {"unique_id": UNIT, "name": "units", "model": "stg", "depends_on": {"nodes": [STAGING]}}},
    "exposures": {EXPOSURE: {}},
}


def run_results(
    *rows: dict[str, Any], invocation: str = "i-1", at: str = "2026-01-01T01:00:00Z", **args: Any
) -> dict[str, Any]:
    return {
        "metadata": {"invocation_id": invocation, "generated_at": at, "dbt_version": "1.11.16"},
        "args": args,
        "results": list(rows),
    }


def row(unique_id: str, status: str, **more: Any) -> dict[str, Any]:
    return {"unique_id": unique_id, "status": status} | more


def prepared(folder: Path, *results: dict[str, Any], sources: Any = None, **options: bool) -> tuple[RunReport, Summary]:
    def write(name: str, content: Any) -> Path:
        (folder / name).write_text(json.dumps(content))
        return folder / name

    files = DbtFiles(
        write("manifest.json", MANIFEST),
        [write(f"run_results_{number}.json", content) for number, content in enumerate(results)],
        write("sources.json", sources) if sources else None,
    )
    return prepare_dbt(files, RunLabels("opendata_dbt", "dev"), **options)


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


@pytest.mark.parametrize(
    ("failures", "expected"),
    [(3, 3), ("3", 3), (None, None), ("many", None), ("²", None), (-1, None), (2**64, None), ("9" * 5000, None)],
)
def test_old_versions_write_failures_as_text(tmp_path: Path, failures: object, expected: int | None) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "fail", failures=failures)))

    assert run.results[0].failures == expected


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


@pytest.mark.parametrize("unknown", [-1, True, "7", 2**64, None])
def test_rows_affected_that_are_no_number_of_rows_are_unknown(tmp_path: Path, unknown: object) -> None:
    run, _ = prepared(tmp_path, run_results(row(STAGING, "success", adapter_response={"rows_affected": unknown})))

    assert run.metrics == ()


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


def test_nine_digits_of_a_second_are_read(tmp_path: Path) -> None:
    run, _ = prepared(tmp_path, run_results(row(TEST, "pass"), at="2026-01-01T01:00:00.123456789Z"))

    assert run.context.finished_at.microsecond == 123456


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactError,
        match=r"run_results_0.json: field metadata.generated_at: expected a time \(ISO 8601\), found 'yesterday'",
    ):
        prepared(tmp_path, run_results(row(TEST, "pass"), at="yesterday"))


def test_arguments_of_dbt_never_reach_the_report(tmp_path: Path) -> None:
    secret = "hunter2-in-vars"
    run, summary = prepared(
        tmp_path,
        run_results(
            row(TEST, "pass"),
            which="test",
            vars={"token": secret},
            profiles_dir=f"/home/{secret}",
            invocation_command=secret,
        ),
    )

    assert secret not in repr(run)
    assert secret.encode() not in summary.as_json()


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


def test_a_password_in_an_error_message_is_struck_out(tmp_path: Path) -> None:
    message = 'could not connect to "postgresql://svc:hunter2@db/prod"'
    run, summary = prepared(
        tmp_path, run_results(row(STAGING, "error", message=message), row(TEST, "error", message=message))
    )

    assert run.steps[0].message == run.results[0].message == 'could not connect to "postgresql://***@db/prod"'
    assert b"hunter2" not in summary.as_json()


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


def test_variables_that_are_names_of_tables_leave_the_names_alone(tmp_path: Path) -> None:
    run, _ = prepared(
        tmp_path,
        run_results(row(TEST, "fail", message="stg is late"), vars={"table": "not_null_stg_value", "x": "stg"}),
    )

    assert run.results[0].check == TEST
    assert run.results[0].message == "stg is late"


def test_two_secrets_in_two_keys_leave_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = "test.air.is_Winter2024", "test.air.is_Summer2024"
    nodes = {key: MANIFEST["nodes"][TEST] | {"unique_id": key, "name": key.split(".")[-1]} for key in (first, second)}
    monkeypatch.setitem(MANIFEST, "nodes", MANIFEST["nodes"] | nodes)
    hidden = {"db_pass": "Winter2024", "old_pwd": "Summer2024"}

    run, summary = prepared(tmp_path, run_results(row(first, "pass"), row(second, "fail"), vars=hidden))

    assert len({result.check for result in run.results}) == 2
    assert not any(secret in str(run) + str(summary) for secret in hidden.values())


def test_an_unknown_id_that_holds_a_secret_is_not_printed(tmp_path: Path) -> None:
    gone = row("test.air.is_tk9f8e7d6c5b4a.abc", "pass")

    _, summary = prepared(tmp_path, run_results(gone, vars={"api_token": "tk9f8e7d6c5b4a"}), allow_mixed=True)

    assert summary.mixed
    assert b"tk9f8e7d6c5b4a" not in summary.as_json()


def test_a_sources_json_that_lies_around_is_told_by_its_age(tmp_path: Path) -> None:
    old = {
        "metadata": {"invocation_id": "i-0", "generated_at": "2025-12-29T00:00:00Z"},
        "results": [{"unique_id": SOURCE, "status": "pass"}],
    }

    _, summary = prepared(tmp_path, run_results(row(TEST, "pass")), sources=old)

    assert summary.notes == ["sources.json is 3 day(s) older than the run: its freshness was measured on 2025-12-29"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"link": "postgres://etl:pa@ss9xyz@db/shop"}, {"pa@ss9xyz"}),
        ("{db_password: 'correct horse, battery', day: 2026-01-01}", {"correct horse, battery"}),
        ({"author": "orders_team", "authority": "main_office", "path": "a/b/c/d"}, set()),
        ({"table": "orders_2024_eu", "at": "20260101T000000Z", "schema": "ci_pr_123_ab"}, set()),
        ({"nested": {"db": {"pwd": "hunter2x8y"}}}, {"hunter2x8y"}),
        ({"anything": "Zk3f9QmX72LpWv"}, {"Zk3f9QmX72LpWv"}),
    ],
)
def test_which_variables_hold_secrets(variables: object, expected: set[str]) -> None:
    assert secrets_in_variables(variables) == expected
