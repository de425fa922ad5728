"""read → map → key → store → send."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from qalita_ingest.delivery import Delivery, deliver
from qalita_ingest.errors import ArtifactError, InputError, MissingPartError
from qalita_ingest.garbage import collection_paused
from qalita_ingest.mapping import DbtResults, RunLabels, Summary, define, map_dbt, secrets_in_variables, summarise
from qalita_ingest.mapping.dagster import has_last_word, map_dagster
from qalita_ingest.readers.dbt import read_arguments, read_catalog, read_manifest, read_run_results, read_sources
from qalita_ingest.run_context import secrets_in, without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qalita_ingest.contract import RunReport
    from qalita_ingest.readers.dagster import Run
    from qalita_ingest.readers.dagster.instance import DagsterInstance

__all__ = [
    "DbtFiles",
    "Delivery",
    "dagster_labels",
    "deliver",
    "prepare_dagster",
    "prepare_dagster_run",
    "prepare_dbt",
    "require_dagster",
]

# Where Dagster's pages are, for links to its runs: http://localhost:3000, or the address of a deployment.
PROJECT_TAG, ENVIRONMENT_TAG = "qalita/project", "qalita/environment"
DAGSTER_URL_VARIABLE = "QALITA_DAGSTER_URL"
COMMIT_TAGS = ("qalita/git_sha", "dagster/git_commit_hash")


@dataclass(frozen=True)
class DbtFiles:
    """The artifacts of one ingest: one manifest, and the results of one command or more."""

    manifest: Path
    results: Sequence[Path]
    sources: Path | None = None
    catalog: Path | None = None

    @classmethod
    def in_folder(
        cls,
        folder: Path | str,
        *,
        manifest: Path | None = None,
        results: Sequence[Path] = (),
        sources: Path | None = None,
        catalog: Path | None = None,
    ) -> DbtFiles:
        """Those that dbt left in its target folder; a file that is named is taken instead.

        Only the names that dbt gives: copies are of other runs. Raises `ArtifactError` where there are no results.
        """
        folder = Path(folder)
        results = results or _existing(folder / "run_results.json")
        sources = sources or next(iter(_existing(folder / "sources.json")), None)
        if not results and not sources:
            raise ArtifactError(
                f"{folder}: expected run_results.json or sources.json, found neither; run `dbt build` first, "
                "or name the folder where dbt writes with --target-path"
            )
        catalog = catalog or next(iter(_existing(folder / "catalog.json")), None)
        return cls(manifest or folder / "manifest.json", results, sources, catalog)


def _existing(path: Path) -> list[Path]:
    return [path] if path.is_file() else []


@collection_paused()
def prepare_dbt(files: DbtFiles, labels: RunLabels, *, allow_mixed: bool = False) -> tuple[RunReport, Summary]:
    """Read and map; nothing is written. Raises `InputError`.

    Values of environment variables whose names say secret are taken out of everything, as are `labels.secrets`.

    `allow_mixed`: take results whose nodes the manifest lacks, instead of raising `MixedFilesError`.
    """
    try:
        return _prepared(files, labels, allow_mixed=allow_mixed)
    except RecursionError:
        given = ", ".join(str(path) for path in (files.manifest, *files.results, files.sources, files.catalog) if path)
        raise ArtifactError(f"{given}: values are nested too deep to be read; give the files that dbt wrote") from None


def _prepared(files: DbtFiles, labels: RunLabels, *, allow_mixed: bool) -> tuple[RunReport, Summary]:
    variables = (read_arguments(path).vars for path in files.results)
    secrets = labels.secrets.union(secrets_in(os.environ), *map(secrets_in_variables, variables))
    labels = replace(labels, secrets=secrets)
    catalog = read_catalog(files.catalog) if files.catalog else None
    # A large manifest is let go of before the results are read.
    definitions = define(read_manifest(files.manifest), catalog, labels.secrets)
    results = DbtResults(
        (read_run_results(path) for path in files.results),
        read_sources(files.sources) if files.sources else None,
        catalog,
    )
    mapped = map_dbt(definitions, results, labels, allow_mixed=allow_mixed)
    return mapped.report, summarise(mapped, freshness_given=files.sources is not None)


def require_dagster() -> None:
    """Raises `MissingPartError` where Dagster is not installed."""
    if find_spec("dagster") is None:
        raise MissingPartError(
            "Dagster is not installed in this environment; `pip install 'qalita-ingest[dagster]'` installs it, "
            "or call the qalita of your Dagster project's environment"
        )


@collection_paused()
def prepare_dagster(
    instance: DagsterInstance, run_id: str, labels: RunLabels | None = None
) -> tuple[RunReport, Summary]:
    """Read and map one run of a Dagster instance; nothing is written.

    Without `labels` project and environment are those of QALITA_PROJECT and QALITA_ENV, else the name of the code
    location and `dev`. Raises `InputError` for a run that the instance does not have, or that still goes on, and
    `MissingPartError` without Dagster.
    """
    require_dagster()
    from qalita_ingest.readers.dagster.runs import read_run  # noqa: PLC0415 (Dagster is heavy, and may not be there)

    run = read_run(instance, run_id)
    return prepare_dagster_run(run, labels or dagster_labels(run))


def prepare_dagster_run(run: Run, labels: RunLabels) -> tuple[RunReport, Summary]:
    """Like `prepare_dagster`, of what was read."""
    if not has_last_word(run):
        raise InputError(f"run {run.id} of {run.job} still goes on ({run.status.lower()}); ingest it when it has ended")
    mapped = map_dagster(run, replace(labels, secrets=labels.secrets | secrets_in(os.environ)))
    return mapped.report, summarise(mapped, freshness_given=False)


def dagster_labels(run: Run, project: str | None = None, environment: str | None = None) -> RunLabels:
    """Of the run itself wherever they are part of its identity: a hook, a sensor and a shell must agree on it."""
    pages = os.environ.get(DAGSTER_URL_VARIABLE, "").rstrip("/")
    return RunLabels(
        project=project or os.environ.get("QALITA_PROJECT") or run.tags.get(PROJECT_TAG) or run.location,
        environment=environment or os.environ.get("QALITA_ENV") or run.tags.get(ENVIRONMENT_TAG) or "dev",
        git_sha=next((run.tags[tag] for tag in COMMIT_TAGS if run.tags.get(tag)), None),
        client_version=version("qalita-ingest"),
        ci_provider="Dagster" if pages else None,
        ci_url=without_secrets(f"{pages}/runs/{run.id}") if pages else None,
    )
