"""`qalita ingest dbt`: dbt's artifacts into QALITA."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qalita_ingest.cli.options import (
    endpoint_option,
    environment_option,
    format_option,
    one_line_errors,
    project_option,
)
from qalita_ingest.errors import QalitaIngestError

if TYPE_CHECKING:
    from qalita_ingest.contract import RunReport
    from qalita_ingest.mapping import Summary

# Everything that reads, maps or sends is imported inside the commands: `--help` answers at once.


@click.command()
@click.option("--manifest", type=click.Path(path_type=Path), required=True, help="dbt's manifest.json.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    multiple=True,
    help="dbt's run_results.json; repeat it for several commands.",
)
@click.option("--sources", type=click.Path(path_type=Path), help="dbt's sources.json, with the freshness results.")
@project_option
@environment_option
@click.option("--run-id", help="Name of the run [default: from dbt's invocation ids].")
@click.option("--git-sha", help="Commit of the dbt project [default: asked of git].")
@click.option("--allow-mixed", is_flag=True, help="Take results whose nodes the manifest does not hold.")
@click.option("--dry-run", is_flag=True, help="Read, count and print; keep and send nothing.")
@format_option
@endpoint_option
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
