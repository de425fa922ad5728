"""A run as metrics, recommendations and schemas, in the shapes that QALITA documents for its packs."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from factories import DATASET, check, report, step
from qalita_ingest.contract import Column, Dataset, RunReport, RunScore, Severity
from qalita_ingest.delivery.platform_files import platform_files

PROJECT = {"perimeter": "project", "value": "opendata_dbt"}
IN_DATASET = {"perimeter": "dataset", "value": DATASET, "parent_scope": PROJECT}


def metrics(run: RunReport, key: str) -> list[tuple[Any, Any]]:
    return [(one["value"], one["scope"]) for one in platform_files(run).metrics if one["key"] == key]


def with_message(run: RunReport, message: str) -> RunReport:
    results = tuple(msgspec.structs.replace(one, message=message) for one in run.results)
    return msgspec.structs.replace(run, results=results)


def test_the_score_is_a_fraction_as_text_for_project_dimension_and_dataset() -> None:
    found = metrics(report(1, {"a": "passed", "b": "passed", "c": "failed"}), "score")

    assert found == [
        ("0.6667", PROJECT),
        ("0.6667", {"perimeter": "dimension", "value": "validity", "parent_scope": PROJECT}),
        ("0.6667", IN_DATASET),
    ]


def test_the_score_is_weighted_by_severity_as_the_sandbox_weighs_it() -> None:
    run = report(1, {"a": "passed", "b": "warning"})
    lenient = tuple(
        msgspec.structs.replace(one, severity=Severity.WARN) if one.name == "b" else one for one in run.checks
    )

    assert metrics(msgspec.structs.replace(run, checks=lenient), "score")[0] == ("0.8333", PROJECT)


def test_scores_that_a_server_computed_are_taken_as_they_are() -> None:
    given = [RunScore(perimeter="project", key="opendata_dbt", value=0.25, checks=4)]

    found = [one for one in platform_files(report(1, {"a": "passed"}), given).metrics if one["key"] == "score"]

    assert found == [{"key": "score", "value": "0.25", "scope": PROJECT}]


def test_every_status_is_counted_also_with_zero() -> None:
    run = report(1, {"a": "passed", "b": "failed", "c": "failed", "d": "skipped"})

    counts = {one["key"]: one["value"] for one in platform_files(run).metrics if one["key"].startswith("checks_")}

    assert counts == {
        "checks_passed": 1,
        "checks_warning": 0,
        "checks_failed": 2,
        "checks_error": 0,
        "checks_skipped": 1,
        "checks_not_executed": 0,
        "checks_not_measured": 0,
    }


def test_failing_rows_are_told_per_check_inside_its_dataset() -> None:
    found = metrics(report(1, {"a": "failed", "b": "not_executed"}), "failures")

    assert found == [(1, {"perimeter": "check", "value": "test.opendata.a", "parent_scope": IN_DATASET})]


def test_rows_are_a_number_and_seconds_a_text() -> None:
    run = report(1, {}, steps={DATASET: "success"})
    seconds = msgspec.structs.replace(run.metrics[0], key="seconds", value=2.0)
    run = msgspec.structs.replace(run, metrics=(*run.metrics, seconds))

    assert metrics(run, "rows") == [(10, IN_DATASET)]
    assert metrics(run, "seconds") == [("2.0", IN_DATASET)]


@pytest.mark.parametrize(
    ("status", "level", "kind", "content"),
    [
        ("warning", "warning", "validity", "stg_airquality: a warns (1 row): Got 1 result"),
        ("failed", "high", "validity", "stg_airquality: a failed (1 row): Got 1 result"),
        ("error", "high", "execution", "stg_airquality: a could not be run: Got 1 result"),
    ],
)
def test_a_finding_is_one_recommendation(status: str, level: str, kind: str, content: str) -> None:
    run = with_message(report(1, {"a": status, "b": "passed", "c": "skipped"}), "Got 1\n  result")

    expected = {"content": content, "type": kind, "scope": IN_DATASET, "level": level}
    assert [one for one in platform_files(run).recommendations if ": a " in one["content"]] == [expected]


def test_what_passed_or_was_not_run_is_no_recommendation() -> None:
    run = report(1, {"a": "passed", "b": "skipped", "c": "not_executed", "d": "not_measured"})

    assert platform_files(run).recommendations == []


def test_a_finding_on_a_column_is_about_the_column() -> None:
    run = report(1, {"a": "failed"})
    run = msgspec.structs.replace(run, checks=(msgspec.structs.replace(check("a"), column="value"),))

    scope = platform_files(run).recommendations[0]["scope"]

    assert scope == {"perimeter": "column", "value": "value", "parent_scope": IN_DATASET}


def test_a_finding_on_several_datasets_is_about_the_project() -> None:
    run = report(1, {"a": "failed"})
    run = msgspec.structs.replace(run, checks=(check("a", dataset=None),))

    found = platform_files(run).recommendations[0]

    assert (found["scope"], found["content"]) == (PROJECT, "opendata_dbt: a failed (1 row)")


def test_a_failed_step_is_a_recommendation_unless_it_was_repeated_with_success() -> None:
    failed = report(1, {}, steps={DATASET: "error"})
    repeated = msgspec.structs.replace(
        failed,
        invocations=(*failed.invocations, *report(2, {}).invocations),
        steps=(step(DATASET, "success", "invocation-02"), *failed.steps),
    )

    assert platform_files(failed).recommendations == [
        {
            "content": "stg_airquality: the model ended with error",
            "type": "execution",
            "scope": IN_DATASET,
            "level": "high",
        }
    ]
    assert platform_files(repeated).recommendations == []


def test_a_long_message_is_cut_and_stays_one_line() -> None:
    run = with_message(report(1, {"a": "error"}), "no such column\n" * 200)

    content = platform_files(run).recommendations[0]["content"]

    assert (len(content), content[-1], "\n" in content) == (500, "…", False)


def test_schemas_list_datasets_and_their_columns_with_types_where_known() -> None:
    columns = (Column(name="city", type="VARCHAR"), Column(name="value"))
    dataset = Dataset(key=DATASET, name="stg_airquality", kind="model", source="duckdb:opendata", columns=columns)
    run = msgspec.structs.replace(report(1, {}), datasets=(dataset,))

    city, value = ({"perimeter": "column", "value": one, "parent_scope": IN_DATASET} for one in ("city", "value"))
    assert platform_files(run).schemas == [
        {"key": "dataset", "value": "stg_airquality", "scope": IN_DATASET},
        {"key": "column", "value": "city", "scope": city},
        {"key": "type", "value": "VARCHAR", "scope": city},
        {"key": "column", "value": "value", "scope": value},
    ]


def test_documents_are_json_lists_in_the_order_of_their_upload() -> None:
    documents = platform_files(report(1, {"a": "failed"})).as_json()

    assert list(documents) == ["recommendations.json", "schemas.json", "metrics.json"]
    assert all(isinstance(json.loads(content), list) for content in documents.values())
