"""github: annotations, as workflow commands that GitHub Actions reads from the output of a step.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.formats.characters import as_utf8
from qalita_ingest.formats.findings import findings_of
from qalita_ingest.formats.words import counts_in_words, project_score, score_in_words

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary

# GitHub shows no more of one type for one step, and drops the others without a word.
MOST_OF_A_TYPE = 10


def write(summary: Summary, report: RunReport, answer: IngestAnswer | None) -> bytes:
    """Errors, warnings, and one notice that sums up and says how many are not shown."""
    findings = findings_of(summary)
    shown = [
        *[one for one in findings if one.level == "error"][:MOST_OF_A_TYPE],
        *[one for one in findings if one.level == "warning"][:MOST_OF_A_TYPE],
    ]
    notice = _command(
        "notice",
        {"title": f"QALITA {report.project}, {report.environment}"},
        _sum(summary, answer, len(findings) - len(shown)),
    )
    return as_utf8("".join(f"{line}\n" for line in [*map(_annotation, shown), notice]))


def _annotation(finding: Finding) -> str:
    place = {"file": finding.path, "line": "1"} if finding.path else {}
    return _command(finding.level, place | {"title": f"{finding.title} ({finding.status})"}, finding.explanation)


def _sum(summary: Summary, answer: IngestAnswer | None, not_shown: int) -> str:
    parts = [counts_in_words(summary)]
    if answer:
        if score := project_score(answer):
            parts.append(f"score {score_in_words(score.value)}")
        if answer.open_issues is not None:
            parts.append(f"{answer.open_issues} issue(s) open")
    if not_shown:
        parts.append(f"{not_shown} more finding(s) not shown here: GitHub shows {MOST_OF_A_TYPE} of a type for a step")
    return "; ".join(parts)


def _command(word: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{word} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
