"""What the steps of a run left behind, into a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qalita_ingest.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from qalita_ingest.dbt_cloud.api import Api
    from qalita_ingest.dbt_cloud.runs import CloudRun, RunStep

RUN_RESULTS = "run_results.json"
SOURCES = "sources.json"
MANIFEST = "manifest.json"
CATALOG = "catalog.json"


@dataclass
class StepArtifacts:
    """Files of one run. `without_results`: steps such as a git clone, which leave none."""

    manifest: Path
    results: list[Path] = field(default_factory=list)
    sources: Path | None = None
    catalog: Path | None = None
    without_results: list[RunStep] = field(default_factory=list)


def fetch_artifacts(api: Api, run: CloudRun, folder: Path) -> StepArtifacts | None:
    """The results of every step; the newest manifest, sources and catalog. None where no step left results.

    Without `step` the API answers with the last step's files only, and its list of artifacts is the last step's too:
    so each step is asked for each file. Raises `InputError`.
    """
    results: list[Path] = []
    without_results: list[RunStep] = []
    for step in run.steps:
        if found := _fetch(api, run, step, RUN_RESULTS, folder):
            results.append(found)
        else:
            without_results.append(step)
    newest_first = run.steps[::-1]
    sources = _first(api, run, newest_first, SOURCES, folder)
    if not results and not sources:
        return None
    manifest = _first(api, run, newest_first, MANIFEST, folder)
    if manifest is None:
        raise InputError(
            f"dbt Cloud run {run.id} ({run.state}): no step left a {MANIFEST}; its results mean nothing alone"
        )
    catalog = _first(api, run, newest_first, CATALOG, folder)
    return StepArtifacts(manifest, results, sources, catalog, without_results)


def _first(api: Api, run: CloudRun, steps: Iterable[RunStep], name: str, folder: Path) -> Path | None:
    return next((found for step in steps if (found := _fetch(api, run, step, name, folder))), None)


def _fetch(api: Api, run: CloudRun, step: RunStep, name: str, folder: Path) -> Path | None:
    target = folder / f"run {run.id}" / f"step {step.index}" / name
    is_there = api.download(f"runs/{run.id}/artifacts/{name}", {"step": str(step.index)}, target)
    return target if is_there else None
