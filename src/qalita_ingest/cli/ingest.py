"""`qalita ingest …`, also as `qalita-ingest …`."""

from __future__ import annotations

import functools
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.errors import QalitaIngestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qalita_ingest.contract import RunReport
    from qalita_ingest.mapping import Summary

# Everything that reads, maps or sends is imported inside the commands: `--help` answers at once.


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qalita-ingest")
def ingest() -> None:
    """Take data-quality results into QALITA: kept, scored, and turned into issues."""


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """What the user can mend is one line on stderr and an exit code, never a traceback."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except QalitaIngestError as error:
            click.echo(f"qalita ingest: {' '.join(str(error).split())}", err=True)
            sys.exit(error.exit_code)

    return guarded


def user_name() -> str:
    """A container may run under a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def not_blank(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("expected a name, found nothing", param=parameter)
    return value


_project = click.option(
    "--project",
    required=True,
    callback=not_blank,
    envvar="QALITA_PROJECT",
    help="QALITA project, e.g. opendata_dbt.",
)
_environment = click.option(
    "--env",
    "environment",
    default="dev",
    callback=not_blank,
    envvar="QALITA_ENV",
    show_default=True,
    help="Environment: each has its own history.",
)
_format = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people, json for programs.",
)
_endpoint = click.option(
    "--endpoint", help="Address of a QALITA server [default: QALITA_AGENT_ENDPOINT, else the embedded sandbox]."
)
_project_filter = click.option("--project", envvar="QALITA_PROJECT", help="Only this project.")
_environment_filter = click.option("--env", "environment", envvar="QALITA_ENV", help="Only this environment.")


@ingest.command()
@click.option("--manifest", type=click.Path(path_type=Path), required=True, help="dbt's manifest.json.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    multiple=True,
    help="dbt's run_results.json; repeat it for several commands.",
)
@click.option("--sources", type=click.Path(path_type=Path), help="dbt's sources.json, with the freshness results.")
@_project
@_environment
@click.option("--run-id", help="Name of the run [default: from dbt's invocation ids].")
@click.option("--git-sha", help="Commit of the dbt project [default: asked of git].")
@click.option("--allow-mixed", is_flag=True, help="Take results whose nodes the manifest does not hold.")
@click.option("--dry-run", is_flag=True, help="Read, count and print; keep and send nothing.")
@_format
@_endpoint
@one_line_errors
def dbt(
    *,
    manifest: Path,
    results: tuple[Path, ...],
    sources: Path | None,
    project: str,
    environment: str,
    run_id: str | None,
    git_sha: str | None,
    endpoint: str | None,
    output: str,
    allow_mixed: bool,
    dry_run: bool,
) -> None:
    """Take the artifacts of dbt: every test, freshness check and step of the given files."""
    from qalita_ingest import __version__  # noqa: PLC0415
    from qalita_ingest.git import commit_of  # noqa: PLC0415
    from qalita_ingest.mapping import RunLabels  # noqa: PLC0415
    from qalita_ingest.pipeline import DbtFiles, prepare_dbt  # noqa: PLC0415

    if not results and not sources:
        raise click.UsageError("give --results or --sources: without either there is nothing to take")
    sha, branch = commit_of(manifest.parent)
    labels = RunLabels(project, environment, run_id, git_sha or sha, branch, __version__)
    report, summary = prepare_dbt(DbtFiles(manifest, results, sources), labels, allow_mixed=allow_mixed or dry_run)
    if dry_run:
        _print_summary(summary, output)
        return
    _deliver_and_print(report, summary, endpoint, output)


def _print_summary(summary: Summary, output: str) -> None:
    from qalita_ingest.cli.report import print_summary  # noqa: PLC0415

    if output == "json":
        click.echo(summary.as_json())
    else:
        print_summary(summary)


def _deliver_and_print(report: RunReport, summary: Summary, endpoint: str | None, output: str) -> None:
    from qalita_ingest.cli.connect import connect  # noqa: PLC0415
    from qalita_ingest.cli.report import delivery_json, print_delivery  # noqa: PLC0415
    from qalita_ingest.pipeline import deliver  # noqa: PLC0415

    with connect(endpoint) as qalita:
        try:
            delivery = deliver(report, qalita.outbox, qalita.client)
        except QalitaIngestError:
            # Delivered or not, what the files say is known.
            _print_summary(summary, output)
            raise
    if output == "json":
        click.echo(delivery_json(summary, delivery))
    else:
        print_delivery(report, summary, delivery, qalita.place)


@ingest.command()
@_project_filter
@_environment_filter
@click.option(
    "--status",
    type=click.Choice(["open", "resolved", "muted", "all"]),
    default="open",
    show_default=True,
    help="Only issues of this status.",
)
@_format
@_endpoint
@one_line_errors
def issues(*, project: str | None, environment: str | None, status: str, endpoint: str | None, output: str) -> None:
    """List the issues: what somebody must act on."""
    from qalita_ingest.cli.connect import connect  # noqa: PLC0415
    from qalita_ingest.cli.report import print_issues  # noqa: PLC0415

    wanted = {"project": project, "environment": environment, "status": None if status == "all" else status}
    with connect(endpoint) as qalita:
        found = qalita.get("/api/v2/issues", {name: value for name, value in wanted.items() if value})
    if output == "json":
        click.echo(json.dumps(found, indent=2))
    else:
        print_issues(found, status)


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


_issue = click.argument("issue", type=IssueNumber())
_actor = click.option("--actor", default=user_name, help="Who asks for it [default: you].")


@ingest.command()
@_issue
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day on which it speaks again (UTC).",
)
@_actor
@_endpoint
@one_line_errors
def mute(issue: int, until: datetime, actor: str, endpoint: str | None) -> None:
    """Silence an issue until a day; it stays in the list of muted ones."""
    title = _mute(issue, f"{until:%Y-%m-%d}T00:00:00Z", actor, endpoint)
    click.echo(f"muted until {until:%Y-%m-%d}: #{issue} {title}")


@ingest.command()
@_issue
@_actor
@_endpoint
@one_line_errors
def unmute(issue: int, actor: str, endpoint: str | None) -> None:
    """Let a muted issue speak again, now."""
    click.echo(f"speaks again: #{issue} {_mute(issue, None, actor, endpoint)}")


def _mute(issue: int, until: str | None, actor: str, endpoint: str | None) -> str:
    from qalita_ingest.cli.connect import connect  # noqa: PLC0415

    with connect(endpoint) as qalita:
        return str(qalita.post(f"/api/v2/issues/{issue}/mute", {"until": until, "actor": actor})["title"])
