"""`qalita ingest dbt`: dbt's artifacts into QALITA, those that lie there or those that a command leaves."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qalita_ingest.cli.artifacts import Named, files_left
from qalita_ingest.cli.ending import Ending, Prepared, finish, note
from qalita_ingest.cli.failing_rows import with_failing_rows
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
from qalita_ingest.cli.sections import WrappingCommand, options_of
from qalita_ingest.errors import QalitaIngestError, SettingsError

if TYPE_CHECKING:
    from qalita_ingest.cli.gate import Condition
    from qalita_ingest.connection import Via
    from qalita_ingest.contract import RunReport
    from qalita_ingest.dbt_command import Before
    from qalita_ingest.mapping import RunLabels
    from qalita_ingest.pipeline import DbtFiles
    from qalita_ingest.samples import SampleRequest

# Everything that reads, maps or sends is imported inside the functions: `--help` answers at once.

_file, _run, _sample = options_of("dbt's files"), options_of("Which run"), options_of("Failing rows (off by default)")
_path = click.Path(path_type=Path)

ENDS = """\
\b
Exit codes:
  0  taken in, or there already
  2  bad input or settings; nothing was kept or sent
  3  QALITA can't be reached: the run is kept and goes with the next ingest
  4  QALITA refused the run: it is parked, with the reason
  5  the run was taken in, and --fail-on is reached
Of several, the first of 2, 4, 3, 5. With a command after --: its exit code, unless it is 0
(127: no such command).

\b
Examples:
  qalita ingest dbt --project shop                     what lies in target/
  qalita ingest dbt --project shop -- dbt build        run dbt, also take what it leaves when it fails
  qalita ingest dbt --project shop --fail-on error -- uv run dbt build --select orders+
"""


@dataclass(frozen=True)
class Typed:
    """The options as they were typed."""

    manifest: Path | None
    results: tuple[Path, ...]
    sources: Path | None
    catalog: Path | None
    target_path: Path | None
    project: str
    environment: str
    run_id: str | None
    job_id: str | None
    git_sha: str | None
    git_branch: str | None
    allow_mixed: bool
    sample_failures: int
    sample_columns: tuple[str, ...]
    sample_exclude: tuple[str, ...]
    profiles_dir: Path | None
    target: str | None
    output: str
    fail_on: tuple[Condition, ...]
    dry_run: bool
    endpoint: str | None
    via: Via | None
    command: tuple[str, ...]

    @property
    def named(self) -> Named:
        return Named(self.manifest, self.results, self.sources, self.catalog)

    @property
    def ending(self) -> Ending:
        return Ending(self.output, self.endpoint, self.dry_run, self.fail_on, self.via)


@click.command(cls=WrappingCommand, epilog=ENDS)
@_file("--target-path", type=_path, help="Folder with the files that dbt writes [default: where dbt would, target/].")
@_file("--manifest", type=_path, help="dbt's manifest.json; named files are taken instead of those of a folder.")
@_file("--results", type=_path, multiple=True, help="dbt's run_results.json; repeat it for several commands.")
@_file("--sources", type=_path, help="dbt's sources.json, with the freshness results.")
@_file("--catalog", type=_path, help="dbt's catalog.json, with types and statistics of the columns.")
@_file("--allow-mixed", is_flag=True, help="Take results whose nodes the manifest does not hold.")
@project_option
@environment_option
@_run("--run-id", help="Name of the run [default: from dbt's invocation ids].")
@_run("--job-id", help="Name of the job that made the run [default: the CI's].")
@_run("--git-sha", help="Commit of the dbt project [default: the CI's, else asked of git].")
@_run("--git-branch", help="Branch of the dbt project [default: the CI's, else asked of git].")
@_sample(
    "--sample-failures",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Take up to N failing rows of each test that has store_failures on, through dbt's own connection.",
)
@_sample("--sample-columns", multiple=True, metavar="PATTERN", help="Only these columns, e.g. 'order_*'; repeatable.")
@_sample("--sample-exclude", multiple=True, metavar="PATTERN", help="Never these columns; repeatable.")
@_sample("--profiles-dir", type=_path, help="Folder of dbt's profiles.yml [default: as dbt finds it].")
@_sample("--target", help="Target of the dbt profile [default: the one of the run].")
@run_format_option
@fail_on_option
@dry_run_option
@endpoint_option
@via_option
@one_line_errors
def dbt(**options: Any) -> None:
    """Take what dbt left: every test, freshness check and step; with a command after `--`, run it first."""
    typed = Typed(**options)
    typed.ending.check()
    if typed.command:
        sys.exit(_run_and_take(typed))
    files = _files(typed)
    _take(typed, files, files.manifest.parent)


def _files(typed: Typed) -> DbtFiles:
    from qalita_ingest.dbt_command import target_folder  # noqa: PLC0415

    if typed.named and typed.target_path is None:
        return typed.named.files()
    here = Path.cwd()
    folder = target_folder((), typed.target_path, os.environ, here)
    # As people write it, where that is the same.
    return typed.named.files_or_those_in(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def _run_and_take(typed: Typed) -> int:
    """Run the command, take what it left, and end as it ended; where it ended well, our own errors count."""
    from qalita_ingest.dbt_command import COMMAND_NOT_FOUND, Before, run, target_folder  # noqa: PLC0415

    if typed.named:
        raise SettingsError("with a command after --, its own files are taken: leave --manifest and the like out")
    before = Before.of(target_folder(typed.command, typed.target_path, os.environ, Path.cwd()))
    try:
        finished = run(typed.command, is_stdout_ours=typed.output != "text")
    except OSError as error:
        note(f"{typed.command[0]}: can't be run: {error.strerror}; write it after -- as you would type it")
        return COMMAND_NOT_FOUND
    if finished.is_abandoned:
        note("stopped twice: nothing is taken in")
        return finished.exit_code
    try:
        if not _take_what_was_left(typed, before):
            ended = f"ended with exit code {finished.exit_code} before it wrote" if finished.exit_code else "wrote no"
            note(f"nothing to take in: the command {ended} results to {before.folder} (elsewhere? give --target-path)")
    except QalitaIngestError as error:
        print_error(error)
        return finished.exit_code or error.exit_code
    return finished.exit_code


def _take_what_was_left(typed: Typed, before: Before) -> bool:
    from qalita_ingest.dbt_command import project_folder  # noqa: PLC0415

    left = before.left()
    if not left.results and not left.sources:
        for line in left.not_taken:
            note(line)
        return False
    _take(typed, files_left(left), project_folder(typed.command, os.environ, Path.cwd()))
    return True


def _take(typed: Typed, files: DbtFiles, project_dir: Path) -> None:
    """`project_dir` is asked for its commit."""
    from qalita_ingest.pipeline import prepare_dbt  # noqa: PLC0415
    from qalita_ingest.run_context import with_adapter_version  # noqa: PLC0415

    labels = _labels(typed, project_dir)
    run = Prepared(*prepare_dbt(files, labels, allow_mixed=typed.allow_mixed or typed.dry_run))
    run.report = with_adapter_version(run.report)
    if typed.sample_failures:
        run.report = with_failing_rows(run.report, files, _sampling(typed, files, run.report), labels.secrets)
    finish(run, typed.ending)


def _sampling(typed: Typed, files: DbtFiles, report: RunReport) -> SampleRequest:
    """Through the connection of the run: what the command says, where there is one."""
    from qalita_ingest.dbt_command import option_of, project_folder  # noqa: PLC0415
    from qalita_ingest.samples import SampleRequest  # noqa: PLC0415

    profiles_dir = option_of(typed.command, "--profiles-dir")
    return SampleRequest(
        rows=typed.sample_failures,
        manifest=files.manifest,
        project_dir=project_folder(typed.command, os.environ, Path.cwd()),
        profiles_dir=typed.profiles_dir or (Path(profiles_dir) if profiles_dir else None),
        profile=option_of(typed.command, "--profile"),
        target=typed.target or option_of(typed.command, "--target", "-t") or report.context.target,
        include=typed.sample_columns,
        exclude=typed.sample_exclude,
    )


def _labels(typed: Typed, project_dir: Path) -> RunLabels:
    from qalita_ingest import __version__  # noqa: PLC0415
    from qalita_ingest.dbt_command import variables_of  # noqa: PLC0415
    from qalita_ingest.git import commit_of  # noqa: PLC0415
    from qalita_ingest.mapping import RunLabels, secrets_in_variables  # noqa: PLC0415
    from qalita_ingest.run_context import RunEnvironment, run_environment, secrets_in  # noqa: PLC0415

    flags = RunEnvironment(git_sha=typed.git_sha, git_branch=typed.git_branch, job_id=typed.job_id)
    where = run_environment(os.environ, flags, lambda: commit_of(project_dir), _content)
    return RunLabels(
        project=typed.project,
        environment=typed.environment,
        run_id=typed.run_id,
        client_version=__version__,
        target=typed.target,
        secrets=secrets_in(os.environ) | secrets_in_variables(variables_of(typed.command)),
        **asdict(where),
    )


def _content(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None
