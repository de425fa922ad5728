"""What a summary must say, counted again with json and Counter alone.

Written by hand from the status table of the documentation, and shares no line with the mapping: it must not share its
mistakes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Commands under which dbt writes every node as `success`: none is tested, and no model is built from its SQL.
EXECUTES_NOTHING = {"compile", "generate", "docs", "list", "ls", "parse", "show", "clone"}
NEVER_RUN = {"skipped": "skipped", "no-op": "skipped", "noop": "skipped", "reused": "skipped"}
TEST = {
    "pass": "passed",
    "warn": "warning",
    "fail": "failed",
    "error": "error",
    "runtime error": "error",
    "success": "not_executed",
}
FRESHNESS = {"pass": "passed", "warn": "warning", "error": "failed", "runtime error": "error"}
STEP = {
    "success": "success",
    "pass": "success",
    "warn": "success",
    "partial success": "error",
    "error": "error",
    "fail": "error",
    "runtime error": "error",
}
# A macro has a row where `dbt run-operation` ran it.
STEP_KINDS = {"model", "seed", "snapshot", "function", "operation", "macro"}
GROUPS = ["nodes", "functions", "sources", "unit_tests", "exposures", "saved_queries", "metrics", "semantic_models"]


@dataclass
class Count:
    counts: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    contracts: Counter[str] = field(default_factory=Counter)
    not_in_manifest: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)
    # unique_id of every check with a row → its status
    checks: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    not_selected: int = 0


def count(manifest: Json, results: Json | None, sources: Json | None = None) -> Count:
    found = Count()
    kinds = _kinds(manifest)
    if results is not None:
        _count_results(found, manifest, kinds, results)
    if sources is not None:
        _count_freshness(found, manifest, kinds, sources)
    tests = {key for key in manifest["nodes"] if key.startswith("test.")} | set(manifest.get("unit_tests") or ())
    found.not_selected = len(tests - found.checks.keys())
    return found


def _kinds(manifest: Json) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for group in GROUPS:
        for key, node in (manifest.get(group) or {}).items():
            said = key.split(".")[0]
            kinds[key] = said if said == "test" else (node or {}).get("resource_type") or said
    kinds |= dict.fromkeys(manifest.get("macros") or (), "macro")
    return kinds | dict.fromkeys(manifest.get("unit_tests") or (), "unit_test")


def unique_id_of(row: Json) -> str:
    return row.get("unique_id") or (row.get("node") or {}).get("unique_id") or ""


def _count_results(found: Count, manifest: Json, kinds: dict[str, str], results: Json) -> None:
    args = results.get("args") or {}
    rows: dict[str, Json] = {}
    for row in results["results"]:
        other = rows.get(unique_id_of(row))
        if other is None or _rank(row) > _rank(other):
            rows[unique_id_of(row)] = row
    found.rows = len(rows)
    for key, row in rows.items():
        if key not in kinds:
            found.not_in_manifest.add(key)
        kind = kinds.get(key, key.split(".")[0])
        if kind in {"test", "unit_test"}:
            found.checks[key] = test_status(row, args)
            found.counts[found.checks[key]] += 1
        elif kind in STEP_KINDS:
            status = step_status(row, args)
            found.steps[f"{'operation' if kind == 'macro' else kind}:{status}"] += 1
            if _has_contract(manifest["nodes"].get(key) or {}):
                found.contracts[_contract_status(status, row)] += 1
        else:
            found.ignored.add(key)


def _rank(row: Json) -> int:
    """Of several rows of one node in a file, the worst counts."""
    word = _word(row, "pass")
    if word is None or word in NEVER_RUN:
        return 0
    return {"pass": 1, "success": 1, "warn": 2, "partial success": 2, "fail": 3}.get(word, 4)


def test_status(row: Json, args: Json) -> str:
    word = _word(row, "pass")
    if word in NEVER_RUN:
        return "skipped"
    if word is None or args.get("empty") or args.get("sample"):
        return "not_executed"
    if args.get("which") in EXECUTES_NOTHING and word in TEST and "error" not in word:
        return "not_executed"
    return TEST.get(word, "error")


def step_status(row: Json, args: Json) -> str:
    word = _word(row, "success")
    if word in NEVER_RUN:
        return "skipped"
    if word is None or (word == "success" and args.get("which") in EXECUTES_NOTHING):
        return "not_executed"
    return STEP.get(word, "error")


def _word(row: Json, good: str) -> str | None:
    """None: dbt said nothing. `node` is of dbt before 0.19, where keys of the row say what `status` says since."""
    status = row["status"]
    word = str(status).strip().lower()
    if not row.get("node"):
        return None if status is None else word
    for key in ("skip", "error", "fail", "warn"):
        if row.get(key):
            return "skipped" if key == "skip" else key
    if status is None:
        return None
    if isinstance(status, int):
        return "fail" if status and good == "pass" else good
    # SQL text, like `SELECT 100`, is what the database answered to a model.
    return word if word in TEST or word in STEP or word in NEVER_RUN or good == "pass" else good


def _has_contract(node: Json) -> bool:
    if node.get("resource_type") != "model":
        return False
    written = (node.get("contract"), (node.get("config") or {}).get("contract"))
    return any((contract or {}).get("enforced") for contract in written)


def _contract_status(step: str, row: Json) -> str:
    if step == "success":
        return "passed"
    text = str(row.get("message") or row.get("error") or "").lower()
    return "failed" if step == "error" and "enforced contract that failed" in text else "not_executed"


def _count_freshness(found: Count, manifest: Json, kinds: dict[str, str], sources: Json) -> None:
    rows = sources.get("results")
    if rows is None:
        # Before dbt 0.19: unique_id → row.
        rows = [{"unique_id": key, "status": row["state"]} for key, row in sources["sources"].items()]
    for row in rows:
        word = row["status"].strip().lower()
        found.checks[row["unique_id"]] = NEVER_RUN.get(word) or FRESHNESS.get(word, "error")
        if row["unique_id"] not in kinds:
            found.not_in_manifest.add(row["unique_id"])
    measured = {row["unique_id"] for row in rows}
    found.rows += len(measured)
    found.counts += Counter(found.checks[key] for key in measured)
    for key, source in (manifest.get("sources") or {}).items():
        if key not in measured and has_freshness(source):
            found.checks[key] = "not_measured"
            found.counts["not_measured"] += 1


def has_freshness(source: Json) -> bool:
    windows = source.get("freshness") or (source.get("config") or {}).get("freshness") or {}
    written = [windows.get("warn_after") or {}, windows.get("error_after") or {}]
    return any(window.get("count") is not None for window in written)


def dataset_of(test: Json, manifest: Json) -> str | None:
    """Of a data test: dbt's own word, else the table that its `model` argument names, else the only table it reads."""
    if test.get("attached_node"):
        return str(test["attached_node"])
    parents = [key for key in test["depends_on"]["nodes"] if not key.startswith(("macro.", "test."))]
    kwargs = (test.get("test_metadata") or {}).get("kwargs") or {}
    wanted = re.search(r"(ref|source)\(([^)]*)\)", str(kwargs.get("model")))
    if wanted:
        names = [name.strip(" '\"") for name in wanted[2].split(",")]
        fields = ("source_name", "name") if wanted[1] == "source" else ("package_name", "name")
        known = {**manifest["nodes"], **(manifest.get("sources") or {})}
        for parent in parents:
            node = known.get(parent, {})
            if [node.get(name) for name in fields][-len(names) :] == names:
                return parent
    return parents[0] if len(set(parents)) == 1 else None
