"""sarif: SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qalita_ingest.formats.characters import as_utf8
from qalita_ingest.formats.findings import findings_of

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(summary: Summary, report: RunReport, _answer: IngestAnswer | None) -> bytes:
    """Findings only; a rule is one kind and name of check, as `data_test/not_null_orders_id`."""
    findings = findings_of(summary)
    rules: dict[str, Finding] = {}
    for finding in findings:
        rules.setdefault(_rule_id(finding), finding)
    places = {rule: number for number, rule in enumerate(rules)}
    descriptions = {check.key: check.description for check in report.checks if check.description}
    run = {
        "tool": {"driver": _driver(report) | {"rules": [_rule(*one, descriptions) for one in rules.items()]}},
        # Code scanning takes what stands before the last slash as the category of the upload.
        "automationDetails": {"id": f"{report.project}/{report.environment}/{report.context.run_id}"},
        "results": [_result(finding, places) for finding in findings],
        "properties": {"counts": summary.counts, "not_selected": summary.not_selected},
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_utf8(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")


def _driver(report: RunReport) -> dict[str, str]:
    version = report.context.client_version
    return {"name": "qalita-ingest"} | ({"version": version} if version else {})


def _rule_id(finding: Finding) -> str:
    return f"{finding.kind}/{'execution' if finding.is_step else finding.name}"


def _rule(rule: str, finding: Finding, descriptions: dict[str, str]) -> dict[str, Any]:
    short = f"{finding.kind} that failed" if finding.is_step else finding.name
    return {
        "id": rule,
        "name": short,
        "shortDescription": {"text": short},
        "fullDescription": {"text": descriptions.get(finding.key, short)},
        "properties": {"tags": [tag for tag in (finding.dimension, finding.kind) if tag]},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    rule = _rule_id(finding)
    result = {
        "ruleId": rule,
        "ruleIndex": places[rule],
        "level": finding.level,
        "message": {"text": f"{finding.title}: {finding.explanation}"},
        # The first is what GitHub matches alerts by; it would otherwise hash line 1, the same for all of a file.
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint, "qalitaCheck/v1": finding.fingerprint},
        "properties": {"status": finding.status, "unique_id": finding.key},
    }
    return result | ({"locations": [_location(finding.path)]} if finding.path else {})


def _location(path: str) -> dict[str, Any]:
    # A lone surrogate has no URI.
    uri = quote(path, errors="replace")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
