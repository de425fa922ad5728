"""Issues in a terminal and in a CI log."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.text import Text

from qalita_ingest.cli.terminal import (
    SEVERITY_STYLES,
    console_of_stdout,
    facts_table,
    moment_in_words,
    rows_table,
    this_command,
)

if TYPE_CHECKING:
    from rich.console import Console

# In less, a table of eight columns folds every cell.
NARROWEST_TABLE = 110


def print_issues(issues: list[dict[str, Any]], endpoint: str | None) -> None:
    """`endpoint` is what was typed as `--endpoint`."""
    console = console_of_stdout()
    if console.width < NARROWEST_TABLE:
        _print_in_two_lines(console, issues)
    else:
        _print_table(console, issues)
    place = f" --endpoint {shlex.quote(endpoint)}" if endpoint else ""
    console.print(Text(f"{this_command()} ingest issue NUMBER{place} tells more of one", "dim"), soft_wrap=True)


def _print_table(console: Console, issues: list[dict[str, Any]]) -> None:
    table = rows_table()
    for heading in ("#", "Severity", "Status", "Project, environment", "Issue", "Seen", "Since", "Owner"):
        table.add_column(heading, overflow="fold")
    for issue in issues:
        table.add_row(
            str(issue["id"]),
            _severity(issue),
            _status(issue),
            Text(f"{issue['project']}, {issue['environment']}"),
            Text(issue["title"]),
            f"{issue['occurrences']} ×",
            issue["first_seen_at"][:10],
            issue["owner"] or "",
        )
    console.print(table)


def _print_in_two_lines(console: Console, issues: list[dict[str, Any]]) -> None:
    width = max(len(str(issue["id"])) for issue in issues) + 1
    for issue in issues:
        number = f"#{issue['id']}".ljust(width)
        seen = f"seen {issue['occurrences']} ×, since {issue['first_seen_at'][:10]}"
        first = Text.assemble((number, "bold"), "  ", _severity(issue), f"  {_status(issue)}  {seen}")
        console.print(first, soft_wrap=True)
        console.print(Text(f"{' ' * width}  {issue['title']}"), soft_wrap=True)


def _status(issue: dict[str, Any]) -> str:
    overdue = ", overdue" if issue.get("is_overdue") else ""
    return f"{issue['status']}{overdue}"


def _severity(issue: dict[str, Any]) -> Text:
    return Text(f"{issue['severity']:6}", SEVERITY_STYLES[issue["severity"]])


def print_no_issues(wanted: dict[str, str], place: str) -> None:
    """`wanted` is what was asked for: status, project, environment."""
    asked = ", ".join(f"{word} {wanted[word]}" for word in ("project", "environment") if word in wanted)
    status = f"{wanted['status']} " if "status" in wanted else ""
    console = console_of_stdout()
    console.print(f"no {status}issues{f' of {asked}' if asked else ''} in {place}", soft_wrap=True)


def print_issue(issue: dict[str, Any]) -> None:
    console, evidence = console_of_stdout(), issue["evidence"] or {}
    console.print(Text.assemble((f"#{issue['id']} ", "bold"), issue["title"]), soft_wrap=True)
    facts = facts_table()
    for word, text in _facts_of(issue, evidence):
        facts.add_row(word, Text(text))
    console.print(facts)
    story = facts_table()
    for event in issue["events"]:
        story.add_row(moment_in_words(event["occurred_at"]), Text(_told(event)))
    console.print()
    console.print(story)
    if evidence.get("sample"):
        _print_sample(console, evidence)


def _facts_of(issue: dict[str, Any], evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """An older server does not say all of it."""
    found = {
        "Status": f"{_status(issue)}, {issue['severity']}, {issue['kind']}",
        "Meaning": issue.get("description"),
        "Where": f"project {issue['project']}, environment {issue['environment']}",
        "Column": issue.get("column"),
        "Dimension": issue.get("dimension"),
        "Owner": issue["owner"] or "nobody: name one in the dataset's meta (owner), or in its dbt group",
        "Assigned": issue.get("assignee"),
        "Due": issue.get("due_on"),
        "Seen": f"{issue['occurrences']} ×, last {issue['last_seen_at'][:10]}",
        "Found": issue["message"] or "no message",
        "Rows": _rows_in_words(evidence),
    }
    return [(word, text) for word, text in found.items() if text]


def _rows_in_words(evidence: dict[str, Any]) -> str | None:
    if evidence.get("failures") is None:
        return None
    return f"{evidence['failures']}" + (f", kept by dbt in {evidence['relation']}" if evidence["relation"] else "")


def _told(event: dict[str, Any]) -> str:
    run = f", run {event['run']}" if event["run"] else ""
    detail = event["detail"]
    text = _end_in_words(detail) if event["kind"] == "muted" and detail else event.get("comment") or detail
    return f"{event['kind'].replace('_', ' ')}{f': {text}' if text else ''} (by {event['actor']}{run})"


def _end_in_words(until: str) -> str:
    moment = moment_in_words(until)
    day, _, end = moment.partition(" ")
    return f"until the end of {day}" if end == "23:59:59 UTC" else f"until {moment}"


def _print_sample(console: Console, evidence: dict[str, Any]) -> None:
    sample, table = evidence["sample"], rows_table()
    for column in sample["columns"]:
        table.add_column(Text(column), overflow="fold")
    for row in sample["rows"]:
        table.add_row(*(Text("∅", "dim") if cell is None else Text(cell) for cell in row))
    console.print()
    if evidence.get("sampled_run"):
        day = f", {evidence['sampled_at'][:10]}" if evidence.get("sampled_at") else ""
        console.print(Text(f"Rows of run {evidence['sampled_run']}{day}", "bold"))
    console.print(table)
    if masked := sample.get("masked"):
        console.print(Text(f"not read: {', '.join(masked)}", "dim"))
