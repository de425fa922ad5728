"""`qalita ingest dagster`: runs of a Dagster instance into QALITA."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.cli.ending import WORST_FIRST, Ending, Prepared, finish, note
from qalita_ingest.cli.options import (
    dry_run_option,
    endpoint_option,
    environment_option,
    fail_on_option,
    one_line_errors,
    print_error,
    run_format_option,
    via_option,
)
from qalita_ingest.cli.sections import SectionedCommand, options_of
from qalita_ingest.errors import QalitaIngestError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.cli.gate import Condition
    from qalita_ingest.connection import Via
    from qalita_ingest.readers.dagster.instance import DagsterInstance

# Everything that reads, maps or sends is imported inside the functions: `--help` answers at once.

_instance, _run = options_of("Dagster's runs"), options_of("Which run")

ENDS = """\
\b
Exit codes:
  0  taken in, or there already
  2  bad input or settings; nothing was kept or sent
  3  QALITA can't be reached: the run is kept and goes with the next ingest
  4  QALITA refused the run: it is parked, with the reason
  5  the run was taken in, and --fail-on is reached
Of several, the first of 2, 4, 3, 5.

\b
Examples:
  qalita ingest dagster --run 5f0c6d0e-54a4-4a1c-9f6b-0d5a0c6f2f1e
  qalita ingest dagster --since 2026-11-22 --job nightly --env prod
"""


@dataclass(frozen=True)
class Typed:
    """The options as they were typed."""

    runs: tuple[str, ...]
    since: datetime | None
    job: str | None
    dagster_home: Path | None
    project: str | None
    environment: str
    output: str
    fail_on: tuple[Condition, ...]
    dry_run: bool
    endpoint: str | None
    via: Via | None

    @property
    def ending(self) -> Ending:
        return Ending(self.output, self.endpoint, self.dry_run, self.fail_on, self.via)

    def check(self) -> None:
        """Raises `SettingsError` for what can't be."""
        if bool(self.runs) == bool(self.since):
            raise SettingsError("say which runs: --run with an id (repeatable), or --since with a time; not both")
        if self.job and not self.since:
            raise SettingsError("--job chooses among the runs of --since; a run named by its id needs none")
        self.ending.check()


class Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            given = datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(
                f"{value!r}: expected a day or a time in ISO 8601, such as 2026-11-22 or 2026-11-22T06:00", param, ctx
            )
        return given if given.tzinfo else given.replace(tzinfo=UTC)


@click.command(cls=SectionedCommand, epilog=ENDS)
@_instance("--run", "runs", multiple=True, metavar="RUN_ID", help="Id of a Dagster run; repeat it for several.")
@_instance("--since", type=Moment(), help="All runs that ended since this time (UTC, if it names no zone).")
@_instance("--job", help="With --since: only runs of this job.")
@_instance(
    "--dagster-home",
    type=click.Path(path_type=Path),
    help="Folder of the Dagster instance [default: DAGSTER_HOME].",
)
@_run("--project", envvar="QALITA_PROJECT", help="QALITA project [default: the name of the code location].")
@environment_option
@run_format_option
@fail_on_option
@dry_run_option
@endpoint_option
@via_option
@one_line_errors
def dagster(**options: Any) -> None:
    """Take runs of a Dagster instance: asset checks, steps, and the numbers in metadata."""
    from qalita_ingest.pipeline import require_dagster  # noqa: PLC0415

    typed = Typed(**options)
    typed.check()
    require_dagster()
    from qalita_ingest.readers.dagster.instance import open_instance  # noqa: PLC0415

    with open_instance(typed.dagster_home, os.environ) as instance:
        _take_all(instance, typed)


def _take_all(instance: DagsterInstance, typed: Typed) -> None:
    """One after the other; one that can't be taken holds up none of the others."""
    errors: list[QalitaIngestError] = []
    for run_id in _wanted(instance, typed):
        try:
            finish(_prepared(instance, run_id, typed), typed.ending)
        except QalitaIngestError as error:
            errors.append(error)
    errors.sort(key=lambda one: WORST_FIRST.index(one.exit_code))
    for one in errors[1:]:
        print_error(one)
    if errors:
        raise errors[0]


def _wanted(instance: DagsterInstance, typed: Typed) -> Iterable[str]:
    from qalita_ingest.readers.dagster.runs import runs_ended_since, runs_going_on  # noqa: PLC0415

    if typed.since is None:
        return dict.fromkeys(typed.runs)
    if going_on := runs_going_on(instance, typed.job):
        note(f"{len(going_on)} run(s) still go on and are left out: {', '.join(going_on[:3])}")
    found = list(runs_ended_since(instance, typed.since, typed.job))
    if not found:
        of_job = f" of {typed.job}" if typed.job else ""
        note(f"no run{of_job} ended since {typed.since:%Y-%m-%d %H:%M} {typed.since.tzname()}: nothing to take in")
    return found


def _prepared(instance: DagsterInstance, run_id: str, typed: Typed) -> Prepared:
    from qalita_ingest.pipeline import dagster_labels, prepare_dagster_run  # noqa: PLC0415
    from qalita_ingest.readers.dagster.runs import read_run  # noqa: PLC0415

    run = read_run(instance, run_id)
    return Prepared(*prepare_dagster_run(run, dagster_labels(run, typed.project, typed.environment)))
