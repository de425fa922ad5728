"""Numbers of a run in words, the same in every format that people read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qalita_ingest.contract import IngestAnswer, RunReport, RunScore
    from qalita_ingest.mapping import Summary

MOST_KEYS = 3


def counts_in_words(summary: Summary) -> str:
    return " · ".join(f"{status_in_words(status)} {number}" for status, number in summary.counts.items())


def status_in_words(status: str) -> str:
    return status.replace("_", " ")


def steps_in_words(numbers: dict[str, int]) -> str:
    """`model:success` → `model success`; for contracts, the status alone."""
    return " · ".join(f"{status_in_words(key).replace(':', ' ')} {number}" for key, number in numbers.items())


def score_in_words(share: float) -> str:
    return f"{share * 100:.1f} %"


def project_score(answer: IngestAnswer) -> RunScore | None:
    """None where nothing was measured."""
    return next((one for one in answer.scores if one.perimeter == "project"), None)


def run_in_words(report: RunReport) -> str:
    context = report.context
    adapter = f"({context.adapter})" if context.adapter else None
    tool = " ".join(filter(None, [context.tool, context.tool_version, adapter]))
    commit = f"commit {context.git_sha[:10]}" if context.git_sha else None
    return ", ".join(filter(None, [tool, commit, f"finished {context.finished_at:%Y-%m-%d %H:%M:%S} UTC"]))


def explanations(summary: Summary) -> list[str]:
    """Why something has no outcome or is not counted: one line each."""
    lines = []
    if summary.not_selected:
        lines.append(f"{summary.not_selected} more in the manifest had no result: not selected in this run")
    if repeated := len(summary.results) - len({result.unique_id for result in summary.results}):
        lines.append(f"{repeated} of these are of checks that ran more than once; the score takes the last outcome")
    lines.extend(f"{number} × {reason}" for reason, number in _reasons(summary).items())
    if summary.mixed:
        lines.append(_mixed(summary.not_in_manifest))
    lines.extend(f"{number} row(s) ignored: {reason}" for reason, number in _ignored(summary).items())
    return [*lines, *summary.notes]


def _mixed(keys: list[str]) -> str:
    named = ", ".join(keys[:MOST_KEYS]) + (", …" if len(keys) > MOST_KEYS else "")
    return f"{len(keys)} result(s) are not in this manifest, so nothing was retired: {named}"


def _reasons(summary: Summary) -> dict[str, int]:
    return dict(Counter(result.reason for result in summary.results if result.reason).most_common())


def _ignored(summary: Summary) -> dict[str, int]:
    return dict(Counter(summary.ignored.values()).most_common())
