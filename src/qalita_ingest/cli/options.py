"""What the commands share: options, and one line for each error."""

from __future__ import annotations

import functools
import getpass
import sys
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.cli.ending import note
from qalita_ingest.cli.gate import FailOn
from qalita_ingest.cli.sections import options_of
from qalita_ingest.errors import QalitaIngestError, SettingsError
from qalita_ingest.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """What the user can mend is one line on stderr and an exit code, never a traceback."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            _refuse_unwritable_text(click.get_current_context())
            command(*arguments, **options)
        except QalitaIngestError as error:
            print_error(error)
            sys.exit(error.exit_code)

    return guarded


def _refuse_unwritable_text(context: click.Context) -> None:
    """Python keeps bytes that are no UTF-8 as lone surrogates, which no report can hold. Paths may have them."""
    for option in context.command.params:
        value = context.params.get(option.name or "")
        texts = [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, str)]
        if any(one != one.encode(errors="replace").decode() for one in texts):
            raise SettingsError(f"{option.opts[0]}: expected text in UTF-8")


def print_error(error: QalitaIngestError) -> None:
    note(str(error))


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


_run_option, _end_option = options_of("Which run"), options_of("What becomes of it")

project_option = _run_option(
    "--project",
    required=True,
    callback=not_blank,
    envvar="QALITA_PROJECT",
    help="QALITA project, e.g. opendata_dbt.",
)
environment_option = _run_option(
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
run_format_option = _end_option(
    "--format",
    "output",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What goes to stdout, alone.",
)
fail_on_option = _end_option(
    "--fail-on",
    type=FailOn(),
    multiple=True,
    help="End with exit code 5 when a check or a step failed (error), warned (warning), when the score is lower than "
    "score<0.95, or when an issue was opened (new); repeat it for several.",
)
dry_run_option = _end_option("--dry-run", is_flag=True, help="Read, count and print; keep and send nothing.")
endpoint_option = _end_option(
    "--endpoint", help="Address of a QALITA server [default: QALITA_AGENT_ENDPOINT, else the embedded sandbox]."
)
via_option = _end_option(
    "--via",
    type=click.Choice(["v2", "upload", "embedded"]),
    help="Way into QALITA [default: v2 where there is an endpoint, else embedded].",
)
project_filter = click.option("--project", envvar="QALITA_PROJECT", help="Only this project.")
environment_filter = click.option("--env", "environment", envvar="QALITA_ENV", help="Only this environment.")
