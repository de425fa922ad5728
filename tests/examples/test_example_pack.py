"""The example pack, run as a QALITA worker runs it: unpacked into a folder, its source beside, `sh run.sh`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from environments import wheelhouse
from qalita_ingest.delivery.platform_files import platform_files
from qalita_ingest.mapping import RunLabels
from qalita_ingest.pipeline import DbtFiles, prepare_dbt
from script_modules import load_script

if TYPE_CHECKING:
    from example_copies import ExampleCopy

TOP = Path(__file__).resolve().parents[2]
PACK = TOP / "example_pack" / "opendata_dbt_pack"
CLIENT = TOP / ".venv-qalita" / "bin" / "qalita"
DOCUMENTS = ("metrics.json", "recommendations.json", "schemas.json")
# Clients of 2.x take a job for failed when its stderr holds one of these.
TROUBLE = re.compile(r"error|warn|fail|exception|traceback|critical", re.IGNORECASE)


@dataclass
class Job:
    """A pack in a folder of its own, with a home of its own and no index."""

    folder: Path
    home: Path
    wheels: Path

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "QALITA_PACK_WHEELS": str(self.wheels),
            # Whatever an index would give, this run must do without.
            "PIP_INDEX_URL": "http://127.0.0.1:9",
        }
        return subprocess.run(
            ["sh", "run.sh"],
            cwd=self.folder,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def configure(self, name: str, document: Any) -> None:
        (self.folder / name).write_text(json.dumps(document), encoding="utf-8")

    def document(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())


def source_at(folder: Path) -> dict[str, Any]:
    return {"id": 1, "name": "opendata", "type": "folder", "config": {"path": str(folder)}}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The pack with its wheel, before anybody ran it."""
    top = tmp_path_factory.mktemp("pack")
    shutil.copytree(PACK, top / PACK.name, ignore=shutil.ignore_patterns("wheels"))
    variables = os.environ | {"VENV": str(Path(sys.executable).parent.parent)}
    subprocess.run([TOP / "scripts" / "build_pack.sh", top / PACK.name], env=variables, check=True, capture_output=True)
    (top / "home").mkdir()
    return Job(top / PACK.name, top / "home", wheelhouse(top / "wheels", "qalita-ingest"))


@pytest.fixture(scope="module")
def ran(packed: Job, built: ExampleCopy) -> tuple[Job, subprocess.CompletedProcess[str]]:
    packed.configure("source_conf.json", source_at(built.folder))
    return packed, packed.run()


@pytest.fixture
def job(ran: tuple[Job, Any], tmp_path: Path) -> Job:
    """A copy to change at will, which finds the environment of the first run."""
    shutil.copytree(ran[0].folder, tmp_path / "job", ignore=shutil.ignore_patterns(*DOCUMENTS))
    return Job(tmp_path / "job", ran[0].home, ran[0].wheels)


@pytest.mark.slow
def test_a_run_succeeds_offline_in_an_empty_home_and_says_nothing_on_stderr(ran: tuple[Job, Any]) -> None:
    _, done = ran

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"\d+ metrics, \d+ recommendations, \d+ schema entries\n", done.stdout)
    assert not TROUBLE.search(done.stdout)


@pytest.mark.slow
def test_its_documents_are_those_of_the_mapping(ran: tuple[Job, Any], built: ExampleCopy) -> None:
    job, _ = ran
    target = built.folder / "target"
    files = DbtFiles(target / "manifest.json", sorted(target.glob("steps/*.run_results.json")), target / "sources.json")
    report, _ = prepare_dbt(files, RunLabels("opendata_dbt", "dev"))

    for name, content in platform_files(report).as_json().items():
        assert job.document(name) == json.loads(content)
    assert {one["level"] for one in job.document("recommendations.json")} == {"warning"}


def test_a_catalog_beside_the_results_is_read_too(tmp_path: Path) -> None:
    find_files = load_script(PACK / "main.py").find_files
    target = tmp_path / "target"
    target.mkdir()
    for name in ("manifest.json", "run_results.json", "catalog.json"):
        (target / name).write_text("{}", encoding="utf-8")
    job = json.loads((PACK / "pack_conf.json").read_bytes())["job"]

    assert find_files(job, tmp_path).catalog == target / "catalog.json"
    (target / "catalog.json").unlink()
    assert find_files(job, tmp_path).catalog is None


@pytest.mark.slow
def test_a_second_run_needs_no_wheels(job: Job, tmp_path: Path) -> None:
    assert job.run(QALITA_PACK_WHEELS=str(tmp_path / "nothing")).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "document", "message"),
    [
        ("source_conf.json", source_at(Path("/nowhere")), "/nowhere/target: no file fits run_results.json"),
        ("source_conf.json", [], "source_conf.json: expected an object"),
        ("pack_conf.json", {"job": {"project": "p"}}, "job.environment: expected a text, found None"),
        (
            "pack_conf.json",
            {"job": {"project": "p", "environment": "e", "target_path": "t", "results": "run_results.json"}},
            "job.results: expected a list of file names",
        ),
    ],
)
def test_a_wrong_setting_ends_with_one_line_for_both_kinds_of_clients(
    job: Job, name: str, document: Any, message: str
) -> None:
    job.configure(name, document)

    done = job.run()

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert not any((job.folder / name).exists() for name in DOCUMENTS)


@pytest.mark.slow
def test_a_missing_source_is_said(job: Job) -> None:
    (job.folder / "source_conf.json").unlink()

    done = job.run()

    assert (done.returncode, done.stderr) == (
        2,
        "error: source_conf.json: No such file or directory; the worker puts it beside run.sh\n",
    )


@pytest.mark.slow
def test_a_broken_artifact_is_said(job: Job, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    for name in ("manifest.json", "run_results.json"):
        (tmp_path / "target" / name).write_text("{")
    job.configure("source_conf.json", source_at(tmp_path))

    done = job.run()

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"error: {tmp_path / 'target'}/")
    assert "not complete JSON" in done.stderr


@pytest.mark.slow
def test_a_library_that_cannot_be_installed_fails_the_job_and_leaves_nothing(packed: Job, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = packed.run(HOME=str(tmp_path), QALITA_PACK_WHEELS=str(tmp_path / "empty"))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "error: qalita-ingest could not be installed; offline, name a folder"
    )
    assert list(tmp_path.glob(".cache/qalita-ingest-pack/*")) == []


def test_a_pack_without_its_wheel_says_how_to_build_it(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "job", ignore=shutil.ignore_patterns("wheels"))

    done = Job(tmp_path / "job", tmp_path, tmp_path).run()

    assert done.returncode == 1
    assert done.stderr.startswith(
        "error: the pack holds no wheel of qalita-ingest: build it with scripts/build_pack.sh"
    )


@pytest.mark.slow
def test_an_old_python_is_refused(packed: Job, tmp_path: Path) -> None:
    done = packed.run(HOME=str(tmp_path), PYTHON="false")

    assert (done.returncode, done.stderr) == (
        1,
        "error: false is not Python 3.11 or newer; name one in PYTHON\n",
    )


def test_its_names_and_its_version_are_what_platforms_need() -> None:
    properties = yaml.safe_load((PACK / "properties.yaml").read_text(encoding="utf-8"))

    assert PACK.name == f"{properties['name']}_pack"
    # A hyphen becomes a blank on the platform, and the pack would not be found again.
    assert re.fullmatch(r"[a-z0-9_]+", properties["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", properties["version"])


def test_the_vendors_client_finds_the_pack_valid(tmp_path: Path) -> None:
    if not CLIENT.exists():
        pytest.skip("QALITA's own client is not installed: make setup-vendor")
    shutil.copytree(PACK, tmp_path / PACK.name)

    done = subprocess.run(
        [CLIENT, "pack", "validate", "-n", "opendata_dbt"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    # It ends with 0 also when it finds faults.
    assert "Pack [opendata_dbt] validated" in done.stdout
