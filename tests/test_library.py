"""The three lines of docs/library.md, as a program would run them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import qalita_ingest
from qalita_ingest import DbtFiles, RunLabels, prepare_dbt, send
from qalita_ingest.sandbox.settings import Settings
from script_modules import load_script

STORES = ("sqlite", "postgresql")
TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "library.md"
generate_project = load_script(TOP / "scripts" / "generate_project.py")


@pytest.fixture
def folder(tmp_path: Path, named_store: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    generate_project.write_project(tmp_path / "target", models=2, tests=20)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_code_of_the_page_runs_as_it_stands(folder: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))

    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)

    counts, score, opened = done.stdout.splitlines()
    assert counts.startswith("{'passed': 19")
    assert score == "0.95"
    assert opened == "['[QALITA] model_00000: not_null_model_00000_column_0_0']"


def test_sending_the_same_run_again_changes_nothing(folder: Path) -> None:
    report, _ = prepare_dbt(DbtFiles.in_folder("target"), RunLabels(project="shop", environment="dev"))

    outcomes = [send(report).answer.outcome for _ in range(2)]

    assert outcomes == ["accepted", "already_delivered"]


def test_the_page_names_what_the_library_exports() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))

    assert named == set(qalita_ingest.__all__) - {"__version__", "QalitaIngestError", "InputError", "GateReachedError"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, qalita_ingest; print([one for one in ('msgspec', 'httpx2', 'fastapi') if one in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
