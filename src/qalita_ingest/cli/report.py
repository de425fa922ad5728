"""What a run looks like in a terminal and in a CI log."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qalita_ingest.formats.characters import first_line
from qalita_ingest.formats.findings import findings_of
from qalita_ingest.formats.words import explanations, run_in_words, status_in_words, steps_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qalita_ingest.contract import IssueChange, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary
    from qalita_ingest.pipeline import Delivery

WIDTH_OF_LOGS = 130
MOST_FINDINGS = 30
LONGEST_MESSAGE = 200
BAR_CELLS = 20
STYLES = {"passed": "green", "warning": "yellow", "failed": "red", "error": "red"}
LEVEL_STYLES = {"error": "red", "warning": "yellow"}
SEVERITY_STYLES = {"high": "red", "medium": "yellow"}


def _console() -> Console:
    """A log has no width of its own; rich would assume 80 and break titles."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDTH_OF_LOGS)


def _facts() -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def print_summary(summary: Summary) -> None:
    facts = _facts()
    _add_counts(facts, summary)
    console = _console()
    console.print(facts)
    _print_findings(console, summary)


def print_delivery(report: RunReport, summary: Summary, delivery: Delivery, place: str) -> None:
    console, answer = _console(), delivery.answer
    console.print()
    facts = _facts()
    facts.add_row("QALITA", f"project {report.project}, environment {report.environment}, run {answer.run}")
    facts.add_row("Run", run_in_words(report))
    if answer.outcome == "already_delivered":
        facts.add_row("", Text(_already(delivery), "yellow"))
    _add_counts(facts, summary)
    console.print(facts)
    _print_findings(console, summary)
    _print_scores(console, delivery)
    _print_issue_changes(console, delivery)
    _print_end(console, report, delivery, place)


def _already(delivery: Delivery) -> str:
    return (
        f"already delivered on {delivery.answer.delivered_at:%Y-%m-%d %H:%M:%S} UTC as part of run "
        f"{delivery.answer.run}, whose score is below; nothing is counted twice. "
        "If you expected new results, dbt may have failed before it wrote new files."
    )


def _add_counts(facts: Table, summary: Summary) -> None:
    counts = Text(" · ").join(
        Text(f"{status_in_words(status)} {number}", STYLES.get(status, "") if number else "dim")
        for status, number in summary.counts.items()
    )
    facts.add_row("Checks", counts)
    for line in explanations(summary):
        facts.add_row("", Text(line, "dim"))
    if summary.contracts:
        facts.add_row("Contracts", steps_in_words(summary.contracts))
    if summary.steps:
        facts.add_row("Steps", steps_in_words(summary.steps))


def _print_findings(console: Console, summary: Summary) -> None:
    findings = findings_of(summary)
    if not findings:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Finding")
    table.add_column("Dataset: check", overflow="fold")
    table.add_column("Rows", justify="right")
    for finding in findings[:MOST_FINDINGS]:
        rows = "" if finding.failures is None else str(finding.failures)
        table.add_row(Text(finding.status, LEVEL_STYLES[finding.level]), _explained(finding), rows)
    console.print()
    console.print(table)
    if len(findings) > MOST_FINDINGS:
        console.print(f"… and {len(findings) - MOST_FINDINGS} more; --format json lists them all")


def _explained(finding: Finding) -> Text:
    """Where rows were counted, the message says only that."""
    if finding.failures is not None or not finding.message:
        return Text(finding.title)
    return Text.assemble(finding.title, "\n", (first_line(finding.message, LONGEST_MESSAGE), "dim"))


def _print_scores(console: Console, delivery: Delivery) -> None:
    shown = [score for score in delivery.answer.scores if score.perimeter != "dataset"]
    if not shown:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"Score by dimension, run {delivery.answer.run}")
    table.add_column("", no_wrap=True)
    table.add_column("%", justify="right")
    table.add_column("Checks", justify="right")
    for score in [*shown[1:], shown[0]]:
        style = "bold" if score.perimeter == "project" else ""
        name = "all" if score.perimeter == "project" else score.key
        table.add_row(name, _bar(score.value), f"{score.value * 100:.1f}", str(score.checks), style=style)
    console.print()
    console.print(table)


def _bar(value: float) -> str:
    filled = round(value * BAR_CELLS)
    return "█" * filled + "░" * (BAR_CELLS - filled)


def _print_issue_changes(console: Console, delivery: Delivery) -> None:
    answer = delivery.answer
    console.print()
    if answer.outcome == "accepted":
        for word, changes in (("opened", answer.opened), ("reopened", answer.reopened), ("resolved", answer.resolved)):
            _print_changes(console, word, changes)
    console.print(_headed("Issues", f"{answer.open_issues} open after run {answer.run}"))


def _print_changes(console: Console, word: str, changes: Sequence[IssueChange]) -> None:
    for change in changes[:MOST_FINDINGS]:
        style = "green" if word == "resolved" else SEVERITY_STYLES[change.severity]
        told = Text.assemble((f"{word:9}", style), f" #{change.id} {change.title} ({change.severity})")
        console.print(told, soft_wrap=True)
    if len(changes) > MOST_FINDINGS:
        console.print(f"… and {len(changes) - MOST_FINDINGS} more {word}; `{_command()} ingest issues` lists them")


def _print_end(console: Console, report: RunReport, delivery: Delivery, place: str) -> None:
    if delivery.flushed:
        console.print(_headed("Outbox", f"{delivery.flushed} run(s) kept from earlier went along"))
    for reason in delivery.left:
        console.print(Text(f"Outbox  an earlier run did not go along: {reason}", "yellow"))
    console.print(_headed("Store", place), soft_wrap=True)
    if delivery.answer.open_issues:
        wanted = shlex.join(["--project", report.project, "--env", report.environment])
        console.print(_headed("Next", f"{_command()} ingest issues {wanted}"), soft_wrap=True)


def _headed(word: str, text: str) -> Text:
    return Text.assemble((f"{word:8}", "bold"), text)


def _command() -> str:
    """How the reader starts us: by name, or by path from an environment that he has not activated."""
    is_environment = sys.prefix != sys.base_prefix
    if not is_environment or os.environ.get("VIRTUAL_ENV") == sys.prefix:
        return "qalita"
    return shlex.quote(str(Path(sys.prefix) / "bin" / "qalita"))


def print_issues(issues: list[dict[str, Any]], status: str) -> None:
    console = _console()
    if not issues:
        console.print("no issues" if status == "all" else f"no {status} issues")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("#", "Severity", "Status", "Project, environment", "Issue", "Seen", "Since", "Owner"):
        table.add_column(heading, overflow="fold")
    for issue in issues:
        table.add_row(
            str(issue["id"]),
            Text(issue["severity"], SEVERITY_STYLES[issue["severity"]]),
            issue["status"],
            Text(f"{issue['project']}, {issue['environment']}"),
            Text(issue["title"]),
            f"{issue['occurrences']} ×",
            issue["first_seen_at"][:10],
            issue["owner"] or "",
        )
    console.print(table)
    console.print(Text(f"{_command()} ingest issue NUMBER tells more of one", "dim"), soft_wrap=True)


def print_issue(issue: dict[str, Any]) -> None:
    console, evidence = _console(), issue["evidence"] or {}
    console.print(Text.assemble((f"#{issue['id']} ", "bold"), issue["title"]), soft_wrap=True)
    facts = _facts()
    facts.add_row("Status", f"{issue['status']}, {issue['severity']}, {issue['kind']}")
    facts.add_row("Where", Text(f"project {issue['project']}, environment {issue['environment']}"))
    facts.add_row("Owner", Text(issue["owner"] or "nobody: name one in the dataset's meta (owner)"))
    facts.add_row("Found", Text(issue["message"] or "no message"))
    if evidence.get("failures") is not None:
        where = f", kept by dbt in {evidence['relation']}" if evidence["relation"] else ""
        facts.add_row("Rows", Text(f"{evidence['failures']}{where}"))
    for event in issue["events"]:
        run = f", run {event['run']}" if event["run"] else ""
        detail = f": {event['detail']}" if event["detail"] else ""
        facts.add_row(event["occurred_at"][:10], Text(f"{event['kind']}{detail} (by {event['actor']}{run})"))
    console.print(facts)
    if evidence.get("sample"):
        _print_sample(console, evidence["sample"])


def _print_sample(console: Console, sample: dict[str, Any]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in sample["columns"]:
        table.add_column(Text(column), overflow="fold")
    for row in sample["rows"]:
        table.add_row(*(Text("∅", "dim") if cell is None else Text(cell) for cell in row))
    console.print()
    console.print(table)
    if masked := sample.get("masked"):
        console.print(Text(f"not read: {', '.join(masked)}", "dim"))
