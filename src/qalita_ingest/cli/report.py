"""What a run looks like in a terminal and in a CI log."""

from __future__ import annotations

import shlex
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text

from qalita_ingest.cli.terminal import SEVERITY_STYLES, console_of_stdout, facts_table, headed, rows_table, this_command
from qalita_ingest.formats.characters import first_line
from qalita_ingest.formats.findings import findings_of
from qalita_ingest.formats.words import explanations, run_in_words, status_in_words, steps_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from qalita_ingest.contract import IssueChange, RunReport
    from qalita_ingest.formats.findings import Finding
    from qalita_ingest.mapping import Summary
    from qalita_ingest.pipeline import Delivery

MOST_FINDINGS = 30
LONGEST_MESSAGE = 200
WIDTH_OF_MESSAGES = 100
BAR_CELLS = 20
STYLES = {"passed": "green", "warning": "yellow", "failed": "red", "error": "red"}
LEVEL_STYLES = {"error": "red", "warning": "yellow"}


def print_summary(summary: Summary) -> None:
    facts = facts_table()
    _add_counts(facts, summary)
    console = console_of_stdout()
    console.print(facts)
    _print_findings(console, summary)


def print_delivery(
    report: RunReport, summary: Summary, delivery: Delivery, place: str, *, endpoint: str | None = None
) -> None:
    """`place` is the store's file or the server's address, `endpoint` what was typed as `--endpoint`."""
    console, answer = console_of_stdout(), delivery.answer
    console.print()
    facts = facts_table()
    facts.add_row("QALITA", f"project {report.project}, environment {report.environment}, run {answer.run}")
    facts.add_row("Run", run_in_words(report))
    if answer.outcome == "already_delivered":
        facts.add_row("", Text(_already(delivery, report), "yellow"))
    _add_counts(facts, summary)
    console.print(facts)
    _print_findings(console, summary)
    _print_scores(console, delivery)
    issues = _issues_command(report, endpoint)
    _print_issue_changes(console, delivery, issues)
    _print_outbox(console, delivery)
    console.print(headed("Server" if "://" in place else "Store", place), soft_wrap=True)
    if delivery.answer.open_issues:
        console.print(headed("Next", issues), soft_wrap=True)


def _already(delivery: Delivery, report: RunReport) -> str:
    # A run of Dagster has its own id: nothing else can be given for it.
    advice = " If you expected new results, dbt may have failed before it wrote new files." * (report.kind == "dbt")
    return (
        f"already delivered on {delivery.answer.delivered_at:%Y-%m-%d %H:%M:%S} UTC as part of run "
        f"{delivery.answer.run}, whose score is below; nothing is counted twice.{advice}"
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
    table = rows_table()
    table.add_column("Finding")
    table.add_column("Dataset: check", overflow="fold")
    table.add_column("Rows", justify="right")
    shown = findings[:MOST_FINDINGS]
    width = max(WIDTH_OF_MESSAGES, *(len(one.title) for one in shown))
    for finding in shown:
        rows = "" if finding.failures is None else str(finding.failures)
        table.add_row(Text(finding.status, LEVEL_STYLES[finding.level]), _explained(finding, width), rows)
    console.print()
    console.print(table)
    if len(findings) > MOST_FINDINGS:
        console.print(f"… and {len(findings) - MOST_FINDINGS} more; --format json lists them all")


def _explained(finding: Finding, width: int) -> Text:
    """Where rows were counted, the message says only that. A log is as wide as it gets: a message must not be."""
    if finding.failures is not None or not finding.message:
        return Text(finding.title)
    message = first_line(finding.message, LONGEST_MESSAGE)
    return Text.assemble(finding.title, "\n", ("\n".join(wrap(message, width)), "dim"))


def _print_scores(console: Console, delivery: Delivery) -> None:
    shown = [score for score in delivery.answer.scores if score.perimeter != "dataset"]
    if not shown:
        return
    table = rows_table()
    table.add_column(f"Score by dimension, run {delivery.answer.run}")
    table.add_column("", no_wrap=True)
    table.add_column("%", justify="right")
    table.add_column("Checks", justify="right")
    # Why they have no outcome stands above, beside the counts.
    tells_excluded = any(score.excluded for score in shown)
    if tells_excluded:
        table.add_column("Left out", justify="right")
    for score in [*shown[1:], shown[0]]:
        style = "bold" if score.perimeter == "project" else ""
        name = "all" if score.perimeter == "project" else score.key
        cells = [name, _bar(score.value), f"{score.value * 100:.1f}", str(score.checks)]
        table.add_row(*cells, *([str(score.excluded)] if tells_excluded else []), style=style)
    console.print()
    console.print(table)


def _bar(value: float) -> str:
    filled = round(value * BAR_CELLS)
    return "█" * filled + "░" * (BAR_CELLS - filled)


def _issues_command(report: RunReport, endpoint: str | None) -> str:
    wanted = ["--project", report.project, "--env", report.environment]
    return f"{this_command()} ingest issues {shlex.join([*wanted, *(['--endpoint', endpoint] if endpoint else [])])}"


def _print_issue_changes(console: Console, delivery: Delivery, issues: str) -> None:
    answer = delivery.answer
    console.print()
    if answer.open_issues is None:
        return
    if answer.outcome == "accepted":
        for word, changes in (("opened", answer.opened), ("reopened", answer.reopened), ("resolved", answer.resolved)):
            _print_changes(console, word, changes, issues)
    console.print(headed("Issues", f"{answer.open_issues} open after run {answer.run}"))


def _print_changes(console: Console, word: str, changes: Sequence[IssueChange], issues: str) -> None:
    for change in changes[:MOST_FINDINGS]:
        style = "green" if word == "resolved" else SEVERITY_STYLES[change.severity]
        told = Text.assemble((f"{word:9}", style), f" #{change.id} {change.title} ({change.severity})")
        console.print(told, soft_wrap=True)
    if len(changes) > MOST_FINDINGS:
        listing = f"{issues} --status resolved" if word == "resolved" else issues
        console.print(f"… and {len(changes) - MOST_FINDINGS} more {word}; `{listing}` lists them", soft_wrap=True)


def _print_outbox(console: Console, delivery: Delivery) -> None:
    if delivery.flushed:
        console.print(headed("Outbox", f"{delivery.flushed} run(s) kept from earlier went along"))
    for reason in delivery.left:
        console.print(Text(f"Outbox  an earlier run did not go along: {reason}", "yellow"))
