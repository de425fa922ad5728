"""`qalita ingest …`, also as `qalita-ingest …`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path

import click

from qalita_ingest.cli.dagster import dagster
from qalita_ingest.cli.dbt import dbt
from qalita_ingest.cli.dbt_cloud import dbt_cloud
from qalita_ingest.cli.doctor import doctor
from qalita_ingest.cli.issues import assign, comment, due, issue, issues, mute, unmute
from qalita_ingest.cli.options import print_error
from qalita_ingest.cli.outbox import flush, status
from qalita_ingest.errors import SettingsError
from qalita_ingest.garbage import collection_paused


def print_what_can_be_printed() -> None:
    """A question mark for each character that the terminal's or the log's encoding lacks. stderr has a way of its own.

    Call it before anything is written.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qalita-ingest")
@click.pass_context
def ingest(context: click.Context) -> None:
    """Take data-quality results into QALITA: kept, scored, and turned into issues."""
    print_what_can_be_printed()
    _check_folder()
    context.with_resource(collection_paused())


def _check_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        print_error(SettingsError("the folder that this shell is in was removed: go to another, and try again"))
        sys.exit(SettingsError.exit_code)


for command in (dbt, dbt_cloud, dagster, issues, issue, comment, assign, due, mute, unmute, flush, status, doctor):
    ingest.add_command(command)
