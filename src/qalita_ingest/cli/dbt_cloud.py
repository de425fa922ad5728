"""`qalita ingest dbt-cloud`: runs of dbt Cloud into QALITA."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.ending import WORST_FIRST, Ending, Prepared, finish, note
from qalita_ingest.cli.options import (
    dry_run_option,
    endpoint_option,
    environment_option,
    fail_on_option,
    one_line_errors,
    print_error,
    project_option,
    run_format_option,
    via_option,
)
from qalita_ingest.cli.sections import SectionedCommand, options_of
from qalita_ingest.errors import ArtifactError, InputError, QalitaIngestError, SettingsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qalita_ingest.cli.gate import Condition
    from qalita_ingest.connection import Via
    from qalita_ingest.contract import RunReport
    from qalita_ingest.dbt_cloud import Api, CloudRun, StepArtifacts
    from qalita_ingest.mapping import Summary


_cloud = options_of("dbt Cloud")


@dataclass(frozen=True)
class Wanted:
    """Runs by number, or those of a job: its newest one, its newest `limit`, those that ended since a day."""

    runs: tuple[int, ...]
    job: int | None
    limit: int | None
    since: datetime | None

    def check(self) -> None:
        if bool(self.runs) == bool(self.job):
            raise click.UsageError("which runs? Give --run or --job")
        if self.runs and (self.limit or self.since):
            raise click.UsageError("--limit and --since choose among the runs of --job; with --run leave them out")

    def numbers(self, api: Api) -> list[int]:
        """The oldest first, as they happened. Raises `InputError`."""
        from qalita_ingest.dbt_cloud import finished_runs  # noqa: PLC0415 (not before it is needed: --help)

        if self.job is None:
            return list(dict.fromkeys(self.runs))
        since = self.since.replace(tzinfo=UTC) if self.since else None
        most = self.limit or (None if since else 1)
        found = [run.id for run in islice(finished_runs(api, self.job, since=since), most)]
        if not found:
            when = f" since {since:%Y-%m-%d}" if since else ""
            raise InputError(f"dbt Cloud job {self.job}: no run has ended{when}; check --job, or wait for one")
        return found[::-1]


@dataclass(frozen=True)
class Place:
    """Where the runs belong in QALITA."""

    project: str
    environment: str
    allow_mixed: bool


@click.command("dbt-cloud", cls=SectionedCommand)
@_cloud("--host", help="Access URL of the account, e.g. ab123.us1.dbt.com [default: DBT_CLOUD_HOST].")
@_cloud("--account", help="Number of the account [default: DBT_CLOUD_ACCOUNT_ID].")
@_cloud(
    "--run",
    "runs",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    multiple=True,
    help="Number of a run; repeat it for several.",
)
@_cloud("--job", type=click.IntRange(min=1), metavar="NUMBER", help="Number of a job: take its newest finished run.")
@_cloud("--limit", type=click.IntRange(min=1), metavar="N", help="With --job: at most this many of its newest runs.")
@_cloud(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="With --job: all its runs that ended on this day (UTC) or later.",
)
@_cloud("--allow-mixed", is_flag=True, help="Take results whose nodes the manifest does not hold.")
@project_option
@environment_option
@run_format_option
@fail_on_option
@dry_run_option
@endpoint_option
@via_option
@one_line_errors
def dbt_cloud(
    *,
    host: str | None,
    account: str | None,
    runs: tuple[int, ...],
    job: int | None,
    limit: int | None,
    since: datetime | None,
    project: str,
    environment: str,
    allow_mixed: bool,
    dry_run: bool,
    output: str,
    endpoint: str | None,
    via: Via | None,
    fail_on: tuple[Condition, ...],
) -> None:
    """Take runs of dbt Cloud: the results of every step, of failed and cancelled runs too.

    The token comes from DBT_CLOUD_API_TOKEN; there is no option for it, because process lists show options.
    """
    from qalita_ingest.dbt_cloud import find_access, open_api  # noqa: PLC0415 (not before it is needed: --help)

    wanted = Wanted(runs, job, limit, since)
    wanted.check()
    ending = Ending(output, endpoint, dry_run, fail_on, via)
    ending.check()
    place = Place(project, environment, allow_mixed or dry_run)
    with open_api(find_access(host, account, os.environ)) as api:
        numbers = wanted.numbers(api)
        if len(numbers) > 1 and output != "text":
            raise click.UsageError(f"--format {output} is one document for one run; these are {len(numbers)} runs")
        # Runs of a list may be old or broken: they are no reason to end with an error each time the list is taken.
        is_list = bool(limit or since)
        _each(numbers, lambda number: _take(api, number, place, ending, is_named=not is_list))


def _each(numbers: Sequence[int], take: Callable[[int], None]) -> None:
    """One run after the other: what goes wrong with one keeps no other back."""
    errors: list[QalitaIngestError] = []
    for number in numbers:
        try:
            take(number)
        except (SettingsError, StoreError):
            raise
        except QalitaIngestError as error:
            if len(numbers) == 1:
                raise
            print_error(error)
            errors.append(error)
    if errors:
        worst = min(errors, key=lambda error: WORST_FIRST.index(error.exit_code))
        raise type(worst)(f"{len(errors)} of {len(numbers)} runs did not go well; the lines above say why")


def _take(api: Api, number: int, place: Place, ending: Ending, *, is_named: bool) -> None:
    from qalita_ingest.dbt_cloud import fetch_artifacts, finished_run  # noqa: PLC0415 (not before it is needed: --help)

    run = finished_run(api, number)
    with tempfile.TemporaryDirectory(prefix="dbt-cloud-") as name:
        artifacts = fetch_artifacts(api, run, Path(name))
        if artifacts is None:
            _say_that_nothing_is_left(run, is_named=is_named)
            return
        note(_what_is_taken(run, artifacts))
        prepared = Prepared(*_prepared(run, artifacts, place, name))
    finish(prepared, ending)


def _say_that_nothing_is_left(run: CloudRun, *, is_named: bool) -> None:
    names = "; ".join(step.name for step in run.steps) or "it had no steps"
    message = (
        f"dbt Cloud run {run.id} ({run.state}): no step left results ({names}); "
        "it ended before dbt ran a node, or its artifacts have expired"
    )
    if is_named:
        raise InputError(message)
    note(message)


def _what_is_taken(run: CloudRun, artifacts: StepArtifacts) -> str:
    passed_over = ", ".join(f"{step.index} {step.name}" for step in artifacts.without_results)
    rest = f"; steps without results, passed over: {passed_over}" if passed_over else ""
    why = "; it was cancelled, so what its finished steps left is taken" if run.is_cancelled else ""
    taken = f"results of {len(artifacts.results)} step(s){' and freshness' if artifacts.sources else ''}"
    return f"dbt Cloud run {run.id} ({run.state}): {taken}{rest}{why}"


def _prepared(run: CloudRun, artifacts: StepArtifacts, place: Place, folder: str) -> tuple[RunReport, Summary]:
    from qalita_ingest import __version__  # noqa: PLC0415 (not before it is needed: --help)
    from qalita_ingest.mapping import RunLabels  # noqa: PLC0415
    from qalita_ingest.pipeline import DbtFiles, prepare_dbt  # noqa: PLC0415
    from qalita_ingest.run_context import secrets_in  # noqa: PLC0415

    labels = RunLabels(
        project=place.project,
        environment=place.environment,
        run_id=run.run_id,
        git_sha=run.git_sha,
        git_branch=run.git_branch,
        client_version=__version__,
        job_id=str(run.id),
        ci_provider="dbt Cloud",
        ci_url=run.href,
        secrets=secrets_in(os.environ),
    )
    files = DbtFiles(artifacts.manifest, artifacts.results, artifacts.sources, artifacts.catalog)
    try:
        return prepare_dbt(files, labels, allow_mixed=place.allow_mixed)
    except ArtifactError as error:
        # The folder is gone when this is read; run and step are what a reader can look up.
        raise ArtifactError(str(error).replace(f"{folder}{os.sep}", "dbt Cloud ")) from None
