"""The dbt project as assets, one partition per month, and its tests as asset checks."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from assets.dbt_project import PROJECT_FOLDER, dbt_project, manifest_path
from assets.raw_airquality import CSV_NAME, RAW, raw_airquality
from assets.run_files import RunFiles
from partitions import months, one_run_each

BUILDS, DATABASE = "dbt_builds", "opendata.duckdb"
METRICS = dg.AssetKey("airquality_metrics")
BUILD_RESULTS, TEST_RESULTS = "build.run_results.json", "test.run_results.json"
PARSED = "partial_parse.msgpack"
# They judge the models' code on rows of their own, whatever the month: once per change of the code is enough.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# dbt ends with 1 when a test failed, and with 2 when it could not run.
TESTS_FAILED = 1


class OpendataTranslator(DagsterDbtTranslator):
    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The seed of the measurements comes from the raw month."""
        spec = super().get_asset_spec(manifest, unique_id, project).replace_attributes(group_name="opendata")
        is_measurements = unique_id == f"seed.{dbt_project.name}.{Path(CSV_NAME).stem}"
        return spec.merge_attributes(deps=[raw_airquality]) if is_measurements else spec

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """With the test's own description, and not blocking: dagster-dbt's would end the step at a failed test."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=manifest["nodes"][unique_id]["description"],
            additional_deps=spec.additional_deps,
            metadata=spec.metadata,
        )


@dbt_assets(
    name="opendata_dbt",
    manifest=manifest_path(),
    dagster_dbt_translator=OpendataTranslator(),
    partitions_def=months,
    backfill_policy=one_run_each,
)
def opendata_dbt(context: dg.AssetExecutionContext, dbt: DbtCliResource, run_files: RunFiles) -> Iterator[Any]:
    """Build the month, then test it. A failed test fails no step: its asset check does, and the quality gate decides.

    `dbt build` in one go would leave out whatever is downstream of a failed test, the tests there included, and nobody
    could judge the whole. A seed or model that can't be built ends the step: then there is nothing to judge.
    """
    with month_of_its_own(context, run_files) as folder:
        variables = ["--vars", json.dumps(variables_of(folder))]
        build = ["build", "--exclude-resource-type", "test", *NO_UNIT_TESTS, *variables]
        yield from dbt.cli(build, context=context, target_path=folder / "build").stream()
        hand_on_what_was_parsed(folder)

        test = ["test", *NO_UNIT_TESTS, *variables]
        tests = dbt.cli(test, context=context, target_path=folder / "test", raise_on_error=False)
        yield from tests.stream()
        if tests.process.returncode > TESTS_FAILED and (error := tests.get_error()):
            raise error
        run_files.keep(context, BUILDS, files_of(folder))


@contextmanager
def month_of_its_own(context: dg.AssetExecutionContext, run_files: RunFiles) -> Iterator[Path]:
    """A folder for this step only: the month as a seed, a database, and a target folder for each dbt command.

    Inside the project: dbt wants a seed's path relative to it.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{context.partition_key}-", dir=dbt_project.manifest_path.parent))
    try:
        shutil.copytree(PROJECT_FOLDER / "seeds", folder / "seeds", ignore=shutil.ignore_patterns(CSV_NAME))
        raw = run_files.find(context, RAW, raw_airquality.key)
        (folder / "seeds" / CSV_NAME).write_bytes((raw / CSV_NAME).read_bytes())
        if context.is_subset:
            # What is not selected is not built again: the rest of the month comes from its last build.
            last_build = run_files.find(context, BUILDS, *context.assets_def.keys)
            (folder / DATABASE).write_bytes((last_build / DATABASE).read_bytes())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hand_on_what_was_parsed(folder: Path) -> None:
    """The variables are those of the build, so that the tests need not parse the project again."""
    parsed = folder / "build" / PARSED
    # There is none where somebody turned it off (DBT_PARTIAL_PARSE).
    if parsed.exists():
        (folder / "test").mkdir()
        shutil.copyfile(parsed, folder / "test" / PARSED)


def variables_of(folder: Path) -> dict[str, str]:
    """Variables of the command, not of the environment: other runs may share this process."""
    return {
        "opendata_duckdb": str(folder / DATABASE),
        "opendata_seed_path": str((folder / "seeds").relative_to(PROJECT_FOLDER)),
    }


def files_of(folder: Path) -> dict[str, Path]:
    return {
        DATABASE: folder / DATABASE,
        "manifest.json": folder / "test" / "manifest.json",
        BUILD_RESULTS: folder / "build" / "run_results.json",
        TEST_RESULTS: folder / "test" / "run_results.json",
    }
