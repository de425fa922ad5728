"""On real artifacts of 13 public repositories: the counts are those that json and Counter alone give."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt

LABELS = RunLabels("corpus", "dev")
EXECUTES_NOTHING = {"generate", "compile"}
OF_TESTS = {"pass": "passed", "warn": "warning", "fail": "failed", "error": "error", "skipped": "skipped"}
OF_FRESHNESS = {"pass": "passed", "warn": "warning", "error": "failed", "runtime error": "error"}


def pairs(corpus: Path) -> list[tuple[Path, Path]]:
    with (corpus / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    kinds = {"run_results", "sources"}
    return [
        (corpus / row["paired_manifest"], corpus / row["path"])
        for row in rows
        if row["kind"] in kinds and row["paired_manifest"]
    ]


def plain_count(path: Path) -> Counter[str]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    if "/sources/" in content["metadata"]["dbt_schema_version"]:
        return Counter(OF_FRESHNESS[row["status"].lower()] for row in content["results"])
    rows = [row for row in content["results"] if row["unique_id"].split(".")[0] in {"test", "unit_test"}]
    if content.get("args", {}).get("which") in EXECUTES_NOTHING:
        return Counter("not_executed" for _ in rows)
    return Counter(OF_TESTS.get(row["status"], "not_executed") for row in rows)


def test_counts_equal_a_plain_count_on_every_pair(corpus: Path) -> None:
    found = pairs(corpus)
    assert len(found) > 30
    for manifest, results in found:
        is_sources = "sources" in results.name
        files = DbtFiles(manifest, [] if is_sources else [results], results if is_sources else None)
        _, summary = prepare_dbt(files, LABELS, allow_mixed=True)

        counted = Counter({status: number for status, number in summary.counts.items() if number})
        counted.pop("not_measured", None)
        assert counted == plain_count(results), results


def test_mixed_is_what_the_ids_say(corpus: Path) -> None:
    for manifest, results in pairs(corpus):
        if "sources" in results.name:
            continue
        content = json.loads(manifest.read_bytes())
        known = {key for kind in ("nodes", "sources", "unit_tests", "exposures") for key in content.get(kind, {})}
        missing = {row["unique_id"] for row in json.loads(results.read_bytes())["results"]} - known

        _, summary = prepare_dbt(DbtFiles(manifest, [results]), LABELS, allow_mixed=True)

        assert set(summary.not_in_manifest) == missing, results
        assert summary.mixed == bool(missing)
