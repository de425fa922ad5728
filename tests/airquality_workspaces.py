"""Copies of the two examples with a Dagster instance and a QALITA store, and months run in them with real dbt."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import dagster as dg

from example_copies import EXAMPLE, PRODUCED, plain_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example_copies import ExampleCopy

METRICS, REPORT = dg.AssetKey("airquality_metrics"), dg.AssetKey("airquality_report")

# A run as a backfill launches it: one month, in a process of its own.
ONE_RUN = """
import sys
sys.path.insert(0, sys.argv[1])
import dagster as dg
from assets import RunFiles, all_assets, dbt_resource
from checks import QualityGate, all_checks
from schedules import airquality_job

resources = {"dbt": dbt_resource(), "run_files": RunFiles(), "gate": QualityGate()}
defs = dg.Definitions(assets=all_assets, asset_checks=all_checks, jobs=[airquality_job], resources=resources)
job = defs.resolve_job_def("airquality_job")
done = job.execute_in_process(partition_key=sys.argv[2], instance=dg.DagsterInstance.get(), raise_on_error=False)
sys.exit(not done.success)
"""


class AirqualityWorkspace:
    """`modules`: assets, checks and schedules, once they were imported from the copy."""

    def __init__(self, folder: Path, built: ExampleCopy) -> None:
        """The manifest is that of the built example: parsing takes its time."""
        self.dbt, self.dagster = folder / "example_dbt", folder / "example_dagster"
        self.home, self.store = folder / "home", folder / "store"
        self.modules: dict[str, ModuleType] = {}
        shutil.copytree(EXAMPLE, self.dbt, ignore=PRODUCED)
        shutil.copytree(EXAMPLE.parent / "example_dagster", self.dagster, ignore=PRODUCED)
        manifest = self.dbt / "target" / "dagster" / "manifest.json"
        manifest.parent.mkdir(parents=True)
        shutil.copyfile(built.folder / "target" / "manifest.json", manifest)
        self.home.mkdir()
        (self.home / "dagster.yaml").touch()
        (self.dagster / "one_run.py").write_text(ONE_RUN, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        own = {"DAGSTER_HOME": str(self.home), "QALITA_STORE": str(self.store), "DAGSTER_DISABLE_TELEMETRY": "1"}
        return {**plain_environment(), **own}

    @cached_property
    def instance(self) -> dg.DagsterInstance:
        """Opened once: Dagster compares its databases with all its migrations each time."""
        return dg.DagsterInstance.get()

    def definitions(self, **gate: Any) -> dg.Definitions:
        assets, checks, schedules = (self.modules[name] for name in ("assets", "checks", "schedules"))
        return dg.Definitions(
            assets=assets.all_assets,
            asset_checks=checks.all_checks,
            jobs=[schedules.airquality_job, GATE_JOB, METRICS_JOB, RAW_JOB],
            schedules=[schedules.airquality_schedule],
            resources={
                "dbt": assets.dbt_resource(),
                "run_files": assets.RunFiles(),
                "gate": checks.QualityGate(**gate),
            },
        )

    def run(self, job: str, month: str, csv_path: Path | None = None, **gate: Any) -> Any:
        config = {"ops": {"raw_airquality": {"config": {"csv_path": str(csv_path)}}}} if csv_path else None
        return (
            self.definitions(**gate)
            .resolve_job_def(job)
            .execute_in_process(partition_key=month, instance=self.instance, raise_on_error=False, run_config=config)
        )

    @contextmanager
    def running(self, month: str) -> Iterator[subprocess.Popen[bytes]]:
        """The month in a process of its own, beside the block."""
        command = [sys.executable, str(self.dagster / "one_run.py"), str(self.dagster), month]
        # Dagster stamps an instance's new databases twice if two processes make them at once, and opens them no more.
        self.instance.dispose()
        del self.instance
        with self.output_of(month).open("w") as output:
            process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)

    def output_of(self, month: str) -> Path:
        return self.home / f"{month}.txt"

    def qalita(self, *arguments: str) -> str:
        command = [Path(sys.executable).with_name("qalita-ingest"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout

    def high_issues(self) -> list[dict[str, Any]]:
        found = json.loads(self.qalita("issues", "--status", "all", "--format", "json"))
        return [one for one in found if one["severity"] == "high"]

    def kept(self, folder: str, month: str) -> list[Path]:
        """What each run kept of the month, the oldest first."""
        found = self.home / "storage" / "airquality" / folder / month
        return sorted(found.iterdir(), key=lambda path: path.stat().st_mtime) if found.is_dir() else []


_gate = dg.AssetSelection.checks(dg.AssetCheckKey(METRICS, "quality_gate"))
# The gate and what is behind it, on what the last run of the month built; the raw month; the metrics alone.
GATE_JOB = dg.define_asset_job("gate", selection=_gate | dg.AssetSelection.assets(REPORT))
RAW_JOB = dg.define_asset_job("raw", selection=dg.AssetSelection.assets("raw_airquality"))
METRICS_JOB = dg.define_asset_job("metrics", selection=dg.AssetSelection.assets(METRICS))


def materialized(run: Any) -> set[str]:
    return {event.asset_key.to_user_string() for event in run.get_asset_materialization_events()}


def evaluation(run: Any, check: str) -> Any:
    (found,) = [one for one in run.get_asset_check_evaluations() if one.check_name == check]
    return found


def metadata_of(evaluation: Any) -> dict[str, Any]:
    return {key: value.value for key, value in evaluation.metadata.items()}
