"""markdown: for GitHub's job summary ($GITHUB_STEP_SUMMARY) and comments on merge requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qalita_ingest.formats.characters import as_utf8, first_line
from qalita_ingest.formats.findings import findings_of
from qalita_ingest.formats.words import (
    explanations,
    project_score,
    run_in_words,
    score_in_words,
    status_in_words,
    steps_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qalita_ingest.contract import IngestAnswer, RunReport, RunScore
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary

MOST_ROWS = 50
LONGEST_MESSAGE = 300
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What Markdown gives a meaning to, wherever it stands; underscores inside a word have none.
_MARKS = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])(?<!_)_+|_+(?![^\W_])(?!_)")
_ICONS = {"error": "❌", "warning": "⚠️"}


def write(summary: Summary, report: RunReport, answer: IngestAnswer | None) -> bytes:
    findings = findings_of(summary)
    parts = [
        f"## {_icon(summary, findings)} QALITA: {text(report.project)}, {text(report.environment)}",
        text(run_in_words(report)) + (f", run {answer.run}" if answer else ""),
        _counts(summary),
        *_facts(summary),
        *(_scores(answer) if answer else []),
        *_findings(findings),
        *(_issues(answer) if answer and answer.open_issues is not None else []),
        *_notes(summary),
    ]
    return as_utf8("\n\n".join(parts) + "\n")


def text(value: object, longest: int = LONGEST_MESSAGE) -> str:
    """Any text as Markdown that shows just that, on one line."""
    return _MARKS.sub(_escaped, first_line(str(value), longest)).translate(_HTML)


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\{mark}" for mark in found[0])


def _icon(summary: Summary, findings: Sequence[Finding]) -> str:
    if findings:
        return _ICONS["error" if any(one.level == "error" for one in findings) else "warning"]
    return "✅" if summary.counts.get("passed") else "➖"


def _table(header: Iterable[str], alignment: str, rows: Iterable[Iterable[str]]) -> str:
    """`alignment`: l or r for each column. The cells are Markdown."""
    marks = ["---" if side == "l" else "--:" for side in alignment]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, marks, *rows])


def _counts(summary: Summary) -> str:
    statuses = [status_in_words(status).capitalize() for status in summary.counts]
    return _table(statuses, "r" * len(statuses), [[str(number) for number in summary.counts.values()]])


def _facts(summary: Summary) -> list[str]:
    lines = (("Contracts", summary.contracts), ("Steps", summary.steps))
    return [f"**{word}**: {text(steps_in_words(numbers))}" for word, numbers in lines if numbers]


def _scores(answer: IngestAnswer) -> list[str]:
    whole = project_score(answer)
    if whole is None:
        return ["**Score**: none, nothing was measured"]
    dimensions = [one for one in answer.scores if one.perimeter == "dimension"]
    rows = [*(_score(one.key, one) for one in dimensions), _score("all", whole, "**")]
    header = ("Dimension", "Score", "Checks", "Left out")
    # Without any that was left out, that column says nothing.
    width = len(header) if whole.excluded else len(header) - 1
    return ["### Score by dimension", _table(header[:width], "lrrr"[:width], [row[:width] for row in rows])]


def _score(name: str, score: RunScore, marks: str = "") -> list[str]:
    cells = (text(name), score_in_words(score.value), str(score.checks), str(score.excluded))
    return [f"{marks}{cell}{marks}" for cell in cells]


def _findings(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    rows = [
        [
            f"{_ICONS[one.level]} {text(one.status)}",
            text(one.title),
            text(one.dimension or ""),
            "" if one.failures is None else str(one.failures),
            text(one.explanation),
        ]
        for one in findings[:MOST_ROWS]
    ]
    table = _table(("Finding", "Dataset: check", "Dimension", "Rows", "Message"), "lllrl", rows)
    return ["### Findings", table, *_more(len(findings))]


def _more(number: int) -> list[str]:
    return [f"… and {number - MOST_ROWS} more"] if number > MOST_ROWS else []


def _issues(answer: IngestAnswer) -> list[str]:
    changes = [
        # The number without a hash mark: GitHub and GitLab would link an issue of their own.
        [word, str(change.id), text(change.title), change.severity]
        for word, found in (("opened", answer.opened), ("reopened", answer.reopened), ("resolved", answer.resolved))
        for change in found
    ]
    parts = ["### Issues", f"{answer.open_issues} open after this run"]
    if answer.outcome == "already_delivered":
        parts.append(
            f"This run was delivered before, on {answer.delivered_at:%Y-%m-%d %H:%M:%S} UTC; what it changed then:"
        )
    if changes:
        parts.append(_table(("Change", "Number", "Issue", "Severity"), "lrll", changes[:MOST_ROWS]))
    return [*parts, *_more(len(changes))]


def _notes(summary: Summary) -> list[str]:
    lines = explanations(summary)
    return ["### Notes", "\n".join(f"- {text(line)}" for line in lines)] if lines else []
