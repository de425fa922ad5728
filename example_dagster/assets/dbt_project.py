"""The dbt project beside this folder, and the manifest that says what is in it."""

import os
import shutil
import sys
import tempfile
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from dagster_dbt import DbtCliResource, DbtProject
from packaging.version import Version

PROJECT_FOLDER = Path(__file__).resolve().parents[2] / "example_dbt"
# A folder of our own: what people run by hand in the project, and take into QALITA, stays theirs.
dbt_project = DbtProject(PROJECT_FOLDER, target_path=Path("target") / "dagster")


class DbtBesidePython(DbtCliResource):
    """The dbt of this environment, whose version is known.

    dagster-dbt would run `dbt --version` for it, once in each run: seconds, and a question to the package index. Where
    a later dagster-dbt finds the version in another way, this is not asked.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


def dbt_resource() -> DbtCliResource:
    """The dbt beside this Python, whether or not its environment is on PATH; without one, that of PATH."""
    beside = Path(sys.executable).with_name("dbt")
    if beside.exists():
        return DbtBesidePython(project_dir=str(PROJECT_FOLDER), dbt_executable=str(beside))
    return DbtCliResource(project_dir=dbt_project, dbt_executable="dbt")


def manifest_path() -> Path:
    """The project's manifest, made by `dbt parse` where there is none or a file of the project is newer.

    Raises dagster-dbt's error with dbt's own words when the project can't be parsed.
    """
    if not _is_current(dbt_project.manifest_path):
        _parse(dbt_project.manifest_path)
    return dbt_project.manifest_path


def _is_current(manifest: Path) -> bool:
    if not manifest.exists():
        return False
    made_at = manifest.stat().st_mtime
    sources = (PROJECT_FOLDER / name for name in ("dbt_project.yml", "models", "macros", "tests"))
    files = (path for source in sources for path in (source.rglob("*") if source.is_dir() else [source]))
    return all(path.stat().st_mtime <= made_at for path in files)


def _parse(manifest: Path) -> None:
    """Into a folder of its own first: several processes may load the definitions at once, and none may read half."""
    manifest.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="parse-", dir=manifest.parent))
    try:
        dbt_resource().cli(["parse", "--quiet"], target_path=folder).wait()
        os.utime(folder / manifest.name)
        (folder / manifest.name).replace(manifest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
