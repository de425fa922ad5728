"""`qalita ingest issues`, `issue`, and what people do with one: `comment`, `assign`, `due`, `mute`, `unmute`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.cli.options import (
    endpoint_option,
    environment_filter,
    format_option,
    one_line_errors,
    project_filter,
    user_name,
)

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@project_filter
@environment_filter
@click.option(
    "--status",
    type=click.Choice(["open", "resolved", "muted", "all"]),
    default="open",
    show_default=True,
    help="Only issues of this status.",
)
@format_option
@endpoint_option
@one_line_errors
def issues(*, project: str | None, environment: str | None, status: str, endpoint: str | None, output: str) -> None:
    """List the issues: what somebody must act on."""
    from qalita_ingest.cli.issue_report import print_issues, print_no_issues  # noqa: PLC0415
    from qalita_ingest.connection import connect  # noqa: PLC0415

    asked = {"project": project, "environment": environment, "status": None if status == "all" else status}
    wanted = {name: value for name, value in asked.items() if value}
    with connect(endpoint, makes_store=False) as qalita:
        found = qalita.get("/api/v2/issues", wanted)
    if output == "json":
        click.echo(json.dumps(found, indent=2))
    elif found:
        print_issues(found, endpoint)
    else:
        print_no_issues(wanted, qalita.place)


class IssueNumber(click.ParamType[int]):
    """`2`, or `#2` as the lists print it."""

    name = "issue"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        digits = str(value).removeprefix("#")
        return (
            int(digits)
            if digits.isdecimal()
            else self.fail(f"expected a number like 2 or #2, found {value!r}", parameter, context)
        )


DAY = click.DateTime(["%Y-%m-%d"])
_issue = click.argument("issue", type=IssueNumber())
_actor = click.option("--actor", default=user_name, help="Who asks for it [default: you].")


@click.command()
@_issue
@format_option
@endpoint_option
@one_line_errors
def issue(*, issue: int, endpoint: str | None, output: str) -> None:
    """Show one issue: what was found, some failing rows where they were taken, and its story."""
    from qalita_ingest.cli.issue_report import print_issue  # noqa: PLC0415
    from qalita_ingest.connection import connect  # noqa: PLC0415

    with connect(endpoint, makes_store=False) as qalita:
        found = qalita.get(f"/api/v2/issues/{issue}", {})
    if output == "json":
        click.echo(json.dumps(found, indent=2))
    else:
        print_issue(found)


@click.command()
@_issue
@click.argument("text")
@_actor
@endpoint_option
@one_line_errors
def comment(issue: int, text: str, actor: str, endpoint: str | None) -> None:
    """Add a comment to an issue's story."""
    click.echo(f"commented: #{issue} {_act(issue, 'comment', {'text': text}, actor, endpoint)}")


@click.command()
@_issue
@click.argument("name", required=False)
@click.option("--nobody", is_flag=True, help="Take it back from whoever has it.")
@_actor
@endpoint_option
@one_line_errors
def assign(*, issue: int, name: str | None, nobody: bool, actor: str, endpoint: str | None) -> None:
    """Say who takes care of an issue."""
    if nobody is (name is not None):
        raise click.UsageError("give the name of who takes care of it, or --nobody")
    title = _act(issue, "assign", {"assignee": name}, actor, endpoint)
    click.echo(f"assigned to {name or 'nobody'}: #{issue} {title}")


@click.command()
@_issue
@click.argument("day", required=False, type=DAY, metavar="[YYYY-MM-DD]")
@click.option("--none", "is_open_ended", is_flag=True, help="Take the date off.")
@_actor
@endpoint_option
@one_line_errors
def due(*, issue: int, day: datetime | None, is_open_ended: bool, actor: str, endpoint: str | None) -> None:
    """Say by which day (UTC) an issue is to be mended; after it, it is overdue."""
    if is_open_ended is (day is not None):
        raise click.UsageError("give the last day in time as YYYY-MM-DD, or --none")
    due_on = f"{day:%Y-%m-%d}" if day else None
    title = _act(issue, "due", {"due_on": due_on}, actor, endpoint)
    click.echo(f"{f'due on {due_on}' if due_on else 'due on no day'}: #{issue} {title}")


@click.command()
@_issue
@click.option(
    "--until",
    required=True,
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Last day of the silence, all of it (UTC).",
)
@_actor
@endpoint_option
@one_line_errors
def mute(issue: int, until: datetime, actor: str, endpoint: str | None) -> None:
    """Silence an issue until the end of a day; it stays in the list of muted ones."""
    title = _act(issue, "mute", {"until": f"{until:%Y-%m-%d}"}, actor, endpoint)
    click.echo(f"muted until the end of {until:%Y-%m-%d}: #{issue} {title}")


@click.command()
@_issue
@_actor
@endpoint_option
@one_line_errors
def unmute(issue: int, actor: str, endpoint: str | None) -> None:
    """Let a muted issue speak again, now."""
    click.echo(f"speaks again: #{issue} {_act(issue, 'mute', {'until': None}, actor, endpoint)}")


def _act(issue: int, what: str, wish: dict[str, str | None], actor: str, endpoint: str | None) -> str:
    """The title of the issue that was changed."""
    from qalita_ingest.connection import connect  # noqa: PLC0415

    with connect(endpoint, makes_store=False) as qalita:
        return str(qalita.post(f"/api/v2/issues/{issue}/{what}", wish | {"actor": actor})["title"])
