"""What the commands share: options, and one line for each error."""

from __future__ import annotations

import functools
import getpass
import sys
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.errors import QalitaIngestError

if TYPE_CHECKING:
    from collections.abc import Callable


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


project_option = click.option(
    "--project",
    required=True,
    callback=not_blank,
    envvar="QALITA_PROJECT",
    help="QALITA project, e.g. opendata_dbt.",
)
environment_option = click.option(
    "--env",
    "environment",
    default="dev",
    callback=not_blank,
    envvar="QALITA_ENV",
    show_default=True,
    help="Environment: each has its own history.",
)
format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people, json for programs.",
)
endpoint_option = click.option(
    "--endpoint", help="Address of a QALITA server [default: QALITA_AGENT_ENDPOINT, else the embedded sandbox]."
)
project_filter = click.option("--project", envvar="QALITA_PROJECT", help="Only this project.")
environment_filter = click.option("--env", "environment", envvar="QALITA_ENV", help="Only this environment.")
