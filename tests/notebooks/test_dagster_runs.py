"""Definitions of a folder, and runs of their job: real ones, of one small asset."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from qalita_walkthrough.dagster_runs import launch, load_definitions
from qalita_walkthrough.plain_errors import WalkthroughError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOB = "month"
DEFINITIONS = """
import dagster as dg

from beside import WORD


class Source(dg.Config):
    csv_path: str = "the seed"


@dg.asset(partitions_def=dg.MonthlyPartitionsDefinition(start_date="2016-01-01"))
def raw_airquality(context, config: Source):
    print("a line, as dbt prints hundreds")
    if config.csv_path.endswith("bad.csv"):
        raise ValueError("a bad month")
    return dg.MaterializeResult(metadata={"month": context.partition_key, "csv": config.csv_path, "word": WORD})


defs = dg.Definitions(assets=[raw_airquality], jobs=[dg.define_asset_job("month", selection="raw_airquality")])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all runs: its databases take their time to be made."""
    made = tmp_path_factory.mktemp("home")
    (made / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return made


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An example of Dagster."""
    example = tmp_path / "example"
    example.mkdir()
    (example / "definitions.py").write_text(DEFINITIONS)
    (example / "beside.py").write_text('WORD = "first"\n')
    monkeypatch.chdir(example)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    # A file of the same size, written within the same second, would be taken for the one that was compiled.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield example
    for name in ("definitions", "beside"):
        sys.modules.pop(name, None)


def made(run: dg.ExecuteInProcessResult) -> dict[str, object]:
    """Metadata of the asset."""
    (event,) = run.asset_materializations_for_node("raw_airquality")
    return {name: one.value for name, one in event.metadata.items()}


def test_a_folder_without_definitions_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WalkthroughError, match=f"^there is no definitions.py in {tmp_path.name}/$"):
        load_definitions()


def test_a_month_of_the_seed_runs_and_is_remembered_in_the_home(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = launch(load_definitions(), JOB, "2016-09")
    assert run.success
    assert made(run) == {"month": "2016-09-01", "csv": "the seed", "word": "first"}
    assert "as dbt prints" not in "".join(capsys.readouterr())
    with dg.DagsterInstance.get() as instance:
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.SUCCESS


def test_a_file_of_the_learner_is_read_in_place_of_the_seed(folder: Path) -> None:
    assert made(launch(load_definitions(), JOB, "2016-10", csv="../mine.csv"))["csv"] == str(folder.parent / "mine.csv")


def test_a_failed_run_is_a_result_and_no_error(folder: Path) -> None:
    run = launch(load_definitions(), JOB, "2016-09", csv="../bad.csv")
    assert not run.success
    assert run.get_asset_materialization_events() == []


def test_definitions_are_read_anew_with_the_modules_beside_them(folder: Path) -> None:
    load_definitions()
    (folder / "beside.py").write_text('WORD = "second"\n')
    load_definitions()
    assert sys.modules["beside"].WORD == "second"
    assert str(folder) not in sys.path
