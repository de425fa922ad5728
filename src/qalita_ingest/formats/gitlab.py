"""gitlab: a Code Quality report, shown in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qalita_ingest.formats.characters import as_utf8
from qalita_ingest.formats.findings import findings_of

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary

# GitLab takes nothing without a path; every dbt project has this file.
WITHOUT_A_PATH = "dbt_project.yml"


def write(summary: Summary, _report: RunReport, _answer: IngestAnswer | None) -> bytes:
    report = [_entry(finding) for finding in findings_of(summary)]
    return as_utf8(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "description": f"{finding.title}: {finding.explanation}",
        "check_name": finding.name,
        "fingerprint": finding.fingerprint,
        "severity": _severity(finding),
        "location": {"path": finding.path or WITHOUT_A_PATH, "lines": {"begin": 1}},
    }


def _severity(finding: Finding) -> str:
    if finding.level == "warning":
        return "minor"
    return "critical" if finding.is_execution else "major"
