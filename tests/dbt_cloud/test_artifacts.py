"""Each step's artifacts, into a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_stand_in import CANCELLED, ERROR, PREPARING, Run, serving_cloud
from qalita_ingest.dbt_cloud import Api, StepArtifacts, fetch_artifacts, finished_run
from qalita_ingest.errors import InputError

ApiOf = Callable[..., Api]


def fetched(api_of: ApiOf, folder: Path, run: Run) -> StepArtifacts:
    with serving_cloud(run) as cloud:
        api = api_of(cloud)
        found = fetch_artifacts(api, finished_run(api, run.id), folder)
    assert found is not None
    return found


def test_the_results_of_every_step_are_fetched_not_only_the_last_ones(api_of: ApiOf, tmp_path: Path) -> None:
    steps = {
        "run": {"run_results.json": b"of run", "manifest.json": b"older"},
        "test": {"run_results.json": b"of test", "manifest.json": b"newer"},
        "docs": {"run_results.json": b"of docs", "manifest.json": b"newest", "catalog.json": b"catalog"},
    }

    found = fetched(api_of, tmp_path, Run(1, ERROR, steps=steps))

    assert [path.read_bytes() for path in found.results] == [b"of run", b"of test", b"of docs"]
    assert found.manifest.read_bytes() == b"newest"
    assert found.catalog is not None
    assert found.catalog.read_bytes() == b"catalog"


def test_a_step_without_artifacts_is_passed_over_and_named(api_of: ApiOf, tmp_path: Path) -> None:
    build = {"run_results.json": b"of build", "manifest.json": b"{}"}

    found = fetched(api_of, tmp_path, Run(1, steps={name: {} for name in PREPARING} | {"build": build, "after": {}}))

    assert [path.read_bytes() for path in found.results] == [b"of build"]
    assert [step.name for step in found.without_results] == [*PREPARING, "after"]
    assert found.sources is None


def test_the_newest_step_without_a_manifest_does_not_hide_an_older_one(api_of: ApiOf, tmp_path: Path) -> None:
    steps = {"build": {"run_results.json": b"r", "manifest.json": b"of build"}, "broken": {"run_results.json": b"s"}}

    assert fetched(api_of, tmp_path, Run(1, ERROR, steps=steps)).manifest.read_bytes() == b"of build"


def test_a_freshness_step_gives_its_sources_and_no_results(api_of: ApiOf, tmp_path: Path) -> None:
    steps = {"dbt source freshness": {"sources.json": b"fresh", "manifest.json": b"{}"}}

    found = fetched(api_of, tmp_path, Run(1, steps=steps))

    assert found.sources is not None
    assert found.sources.read_bytes() == b"fresh"
    assert found.results == []


def test_a_cancelled_run_gives_what_its_finished_steps_left(api_of: ApiOf, tmp_path: Path) -> None:
    steps = {"run": {"run_results.json": b"of run", "manifest.json": b"{}"}, "test": {}}

    assert len(fetched(api_of, tmp_path, Run(1, CANCELLED, steps=steps)).results) == 1


def test_a_run_without_any_results_gives_none(api_of: ApiOf, tmp_path: Path) -> None:
    with serving_cloud(Run(1, ERROR, steps={PREPARING[0]: {}})) as cloud:
        api = api_of(cloud)

        assert fetch_artifacts(api, finished_run(api, 1), tmp_path) is None


def test_results_without_a_manifest_are_one_line(api_of: ApiOf, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no step left a manifest\.json"):
        fetched(api_of, tmp_path, Run(1, ERROR, steps={"build": {"run_results.json": b"{}"}}))
