"""The status tables of the documentation, row by row: what a node's status comes to, for each kind of node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from every_outcome import LABELS, Runs, written
from qalita_ingest.contract import RunReport
from qalita_ingest.mapping import Summary
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

if TYPE_CHECKING:
    from pathlib import Path

KEPT = "model.shop.kept"
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
