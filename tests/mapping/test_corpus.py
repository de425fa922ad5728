"""On real artifacts of 13 public repositories: what is said is what a count with json and Counter alone gives."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plain_count import Count, count, dataset_of, unique_id_of
from qalita_ingest.contract import RunReport, decode_report, encode
from qalita_ingest.errors import MixedFilesError
from qalita_ingest.mapping import RunLabels, Summary
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

LABELS = RunLabels("corpus", "dev")
JAFFLE = "yu-iskw__dbt-artifacts-parser/tests/resources/manifest/v12/jaffle_shop/manifest_1.12.json"


@dataclass(frozen=True)
class Pair:
    manifest: Path
    results: Path

    @property
    def is_freshness(self) -> bool:
        return "sources" in self.results.name

    @property
    def files(self) -> DbtFiles:
        if self.is_freshness:
            return DbtFiles(self.manifest, [], self.results)
        return DbtFiles(self.manifest, [self.results])

    def prepared(self) -> tuple[RunReport, Summary]:
        return prepare_dbt(self.files, LABELS, allow_mixed=True)

    def counted(self) -> Count:
        manifest, results = loaded(self.manifest), loaded(self.results)
        return count(manifest, None, results) if self.is_freshness else count(manifest, results)


@cache
def loaded(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def index(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "INDEX.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="module")
def pairs(corpus: Path) -> list[Pair]:
    """Every file of results with its manifest; those without one with the manifest of a jaffle shop."""
    found = [row for row in index(corpus) if row["kind"] in {"run_results", "sources"}]
    assert len(found) > 45
    return [Pair(corpus / (row["paired_manifest"] or JAFFLE), corpus / row["path"]) for row in found]


def test_every_number_of_the_summary_is_that_of_a_plain_count(pairs: list[Pair]) -> None:
    for pair in pairs:
        _, summary = pair.prepared()
        counted = pair.counted()

        assert +Counter(summary.counts) == counted.counts, pair
        assert summary.steps == counted.steps, pair
        assert summary.contracts == counted.contracts, pair
        assert summary.not_selected == counted.not_selected, pair
        assert set(summary.ignored) == counted.ignored, pair
        assert set(summary.not_in_manifest) == counted.not_in_manifest, pair
        assert summary.mixed == bool(counted.not_in_manifest), pair


def test_every_row_is_counted_or_explained(pairs: list[Pair]) -> None:
    for pair in pairs:
        _, summary = pair.prepared()

        measured = {status: number for status, number in summary.counts.items() if status != "not_measured"}
        explained = sum(measured.values()) + sum(summary.steps.values()) + len(summary.ignored)
        assert explained == pair.counted().rows, pair
        assert all(summary.ignored.values()), pair


def test_each_check_with_an_outcome_is_listed_once_under_its_status(pairs: list[Pair]) -> None:
    for pair in pairs:
        _, summary = pair.prepared()

        listed = [(result.unique_id, result.status.value) for result in summary.results]
        assert len(dict(listed)) == len(listed), pair
        assert dict(listed) == pair.counted().checks, pair
        assert all(result.reason for result in summary.results if not result.status.is_outcome), pair


def test_every_data_test_is_on_the_dataset_that_a_second_reading_finds(corpus: Path, pairs: list[Pair]) -> None:
    manifests = [corpus / row["path"] for row in index(corpus) if row["kind"] == "manifest"]
    assert len(manifests) > 30
    for manifest in manifests:
        content = loaded(manifest)
        expected = {
            key: dataset_of(node, content) for key, node in content["nodes"].items() if node["resource_type"] == "test"
        }

        report, _ = Pair(manifest, pairs[0].results).prepared()

        found = {check.key: check.dataset for check in report.checks if check.kind == "data_test"}
        assert {key: found[key] for key in expected} == expected, manifest


def test_each_report_survives_the_wire_and_refers_only_to_what_it_holds(pairs: list[Pair]) -> None:
    for pair in pairs:
        report, _ = pair.prepared()

        assert decode_report(encode(report)) == report, pair
        assert report.inconsistency() is None, pair


def test_results_that_their_manifest_does_not_know_are_refused(pairs: list[Pair]) -> None:
    strangers = [pair for pair in pairs if pair.counted().not_in_manifest]
    assert strangers
    for pair in strangers:
        with pytest.raises(MixedFilesError, match="results and manifest do not belong together") as caught:
            prepare_dbt(pair.files, LABELS)
        assert "\n" not in str(caught.value)


# test (as its unique_id begins, after `test.<package>.`) → the table under test, read by a person in the YAML's words
MULTI_PARENTS = {
    "InfuseAI__piperider/tests/mock_dbt_data/dbt-list-altered-manifest.json": {
        "relationships_orders_customer_id__customer_id__ref_customers_": "model.jaffle_shop.orders",
    },
    "OpenLineage__OpenLineage/integration/common/tests/dbt/large/target/manifest.json": {
        "relationships_orders_customer_id__customer_id__ref_customers_": "model.jaffle_shop.orders",
    },
    "calogica__dbt-expectations/docs/manifest.json": {
        "dbt_expectations_expect_column_distinct_count_to_equal_other_table_timeseries_data_date_day__ref_": (
            "model.dbt_expectations_integration_tests.timeseries_data"
        ),
        "dbt_expectations_expect_column_distinct_count_to_equal_other_table_timeseries_data_date_day__date_day_": (
            "model.dbt_expectations_integration_tests.timeseries_data"
        ),
        "dbt_expectations_expect_table_aggregation_to_equal_other_table_timeseries_data_extended_count_": (
            "model.dbt_expectations_integration_tests.timeseries_data_extended"
        ),
        "dbt_expectations_expect_table_row_count_to_equal_other_table_times_factor_data_test_factored_ref_data_test"
        "___2.297ec8375e": "model.dbt_expectations_integration_tests.data_test_factored",
        "dbt_expectations_expect_table_row_count_to_equal_other_table_times_factor_data_test_factored_ref_data_test"
        "___2__date_col.": "model.dbt_expectations_integration_tests.data_test_factored",
        "dbt_expectations_expect_table_row_count_to_equal_other_table_times_factor_data_test_factored_ref_data_test"
        "___2__date_col__idx.": "model.dbt_expectations_integration_tests.data_test_factored",
    },
    "yu-iskw__dbt-artifacts-loader/tests/resources/v2/jaffle_shop/manifest@0903618395.json": {
        "relationships_fct_orders_customer_id__customer_id__ref_dim_customers_": "model.jaffle_shop.fct_orders",
    },
    "yu-iskw__dbt-artifacts-loader/tests/resources/v4/jaffle_shop/manifest@39184394a7.json": {
        "relationships_orders_customer_id__customer_id__ref_customers_": "model.jaffle_shop.orders",
    },
    JAFFLE: {
        "relationships_stg_order_items_order_id__order_id__ref_stg_orders_": "model.jaffle_shop.stg_order_items",
        "relationships_orders_customer_id__customer_id__ref_stg_customers_": "model.jaffle_shop.orders",
        "relationships_order_items_order_id__order_id__ref_orders_": "model.jaffle_shop.order_items",
    },
    "yu-iskw__dbt-artifacts-parser/tests/resources/v6/jaffle_shop/manifest@7f7081c1f7.json": {
        "relationships_orders_customer_id__customer_id__ref_customers_": "model.jaffle_shop.orders",
    },
}


@pytest.mark.parametrize("manifest", MULTI_PARENTS, ids=lambda path: path.partition("/")[0])
def test_a_test_on_two_tables_is_on_the_one_that_declares_it(pairs: list[Pair], corpus: Path, manifest: str) -> None:
    report, _ = Pair(corpus / manifest, pairs[0].results).prepared()

    for name, dataset in MULTI_PARENTS[manifest].items():
        found = [check.dataset for check in report.checks if check.key.split(".", 2)[-1].startswith(name)]
        assert found == [dataset], name


OLD = "dbt-labs__dbt-docs/data/"


@pytest.mark.parametrize(
    ("name", "counts", "steps"),
    [
        ("run_results@8958fef842.json", {"not_executed": 21}, {"model:not_executed": 9, "seed:not_executed": 3}),
        ("run_results@e274be9a72.json", {"not_executed": 20}, {"model:not_executed": 8, "seed:not_executed": 3}),
        ("run_results@e42a97762f.json", {}, {"model:success": 8}),
    ],
)
def test_files_from_before_dbt_0_19_are_read(
    corpus: Path, name: str, counts: dict[str, int], steps: dict[str, int]
) -> None:
    report, summary = Pair(corpus / JAFFLE, corpus / OLD / name).prepared()

    assert +Counter(summary.counts) == counts
    assert summary.steps == steps
    assert report.invocations[0].id.startswith("file-")


@pytest.mark.parametrize(
    ("said", "status", "failures"),
    [
        ({"status": 0}, "passed", 0),
        ({"status": 3, "fail": True}, "failed", 3),
        ({"status": 3, "warn": True}, "warning", 3),
        ({"status": 3}, "failed", 3),
        ({"status": "ERROR", "error": "Database Error"}, "error", None),
        ({"status": "ERROR"}, "error", None),
        ({"skip": True}, "skipped", None),
        ({}, "not_executed", None),
        ({"status": "SELECT 1"}, "error", None),
        ({"status": "fail"}, "failed", None),
    ],
)
def test_before_dbt_0_19_keys_of_the_row_say_what_happened(
    corpus: Path, tmp_path: Path, said: dict[str, Any], status: str, failures: int | None
) -> None:
    """A real file whose rows (all null) are given what dbt 0.18 writes when it runs tests."""
    content = json.loads((corpus / OLD / "run_results@8958fef842.json").read_bytes())
    content["results"] = [row | said for row in content["results"] if unique_id_of(row).startswith("test.")]
    (tmp_path / "run_results.json").write_text(json.dumps(content))
    pair = Pair(corpus / JAFFLE, tmp_path / "run_results.json")

    report, summary = pair.prepared()

    assert +Counter(summary.counts) == {status: 21}
    assert {result.failures for result in report.results} == {failures}
    assert pair.counted().counts == {status: 21}


COMMAND = [Path(sys.executable).parent / "qalita-ingest", "dbt", "--dry-run", "--format", "json"]


def test_the_command_prints_the_summary_and_nothing_else(pairs: list[Pair], tmp_path: Path) -> None:
    chosen = [pair for pair in pairs if not pair.is_freshness][::15] + [pair for pair in pairs if pair.is_freshness][:1]
    for pair in chosen:
        flag = "--sources" if pair.is_freshness else "--results"
        done = subprocess.run(
            [*COMMAND, "--project", "corpus", "--env", "dev", "--manifest", pair.manifest, flag, pair.results],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            timeout=60,
        )

        assert done.returncode == 0, done.stderr
        printed = json.loads(done.stdout)
        assert +Counter(printed["counts"]) == pair.counted().counts, pair
        assert printed["mixed"] == bool(pair.counted().not_in_manifest), pair
