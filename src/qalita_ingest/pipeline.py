"""read → map → key → store → send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qalita_ingest.delivery import Delivery, deliver
from qalita_ingest.garbage import collection_paused
from qalita_ingest.mapping import DbtResults, RunLabels, Summary, define, map_dbt, secrets_in_variables, summarise
from qalita_ingest.readers.dbt import read_arguments, read_catalog, read_manifest, read_run_results, read_sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qalita_ingest.contract import RunReport

__all__ = ["DbtFiles", "Delivery", "deliver", "prepare_dbt"]


@dataclass(frozen=True)
class DbtFiles:
    """The artifacts of one ingest: one manifest, and the results of one command or more."""

    manifest: Path
    results: Sequence[Path]
    sources: Path | None = None
    catalog: Path | None = None


@collection_paused()
def prepare_dbt(files: DbtFiles, labels: RunLabels, *, allow_mixed: bool = False) -> tuple[RunReport, Summary]:
    """Read and map; nothing is written. Raises `InputError`."""
    variables = (read_arguments(path).vars for path in files.results)
    labels = replace(labels, secrets=labels.secrets.union(*map(secrets_in_variables, variables)))
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
