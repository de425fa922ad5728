"""read → map → key → store → send."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qalita_ingest.delivery import Delivery, deliver
from qalita_ingest.errors import ArtifactError
from qalita_ingest.garbage import collection_paused
from qalita_ingest.mapping import DbtResults, RunLabels, Summary, define, map_dbt, secrets_in_variables, summarise
from qalita_ingest.readers.dbt import read_arguments, read_catalog, read_manifest, read_run_results, read_sources
from qalita_ingest.run_context import secrets_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qalita_ingest.contract import RunReport

__all__ = ["DbtFiles", "Delivery", "deliver", "prepare_dbt"]


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
