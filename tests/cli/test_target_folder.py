"""Where a wrapped dbt writes, and which of the files there it has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from qalita_ingest.dbt_command import Before, option_of, target_folder, variables_of
from qalita_ingest.errors import SettingsError


@pytest.mark.parametrize(
    ("command", "environ", "expected"),
    [
        ("dbt build", {}, "target"),
        ("dbt build --target-path out", {}, "out"),
        ("dbt --target-path=out build", {"DBT_TARGET_PATH": "other"}, "out"),
        ("dbt --target-path first build --target-path last", {}, "last"),
        ("uv run dbt build --target-path out", {}, "out"),
        ("dbt build", {"DBT_TARGET_PATH": "out"}, "out"),
        ("dbt build", {"DBT_ENGINE_TARGET_PATH": "out", "DBT_TARGET_PATH": "other"}, "out"),
        ("dbt build --project-dir sub", {}, "sub/target"),
        ("dbt build --project-dir sub --target-path out", {}, "sub/out"),
        ("dbt build", {"DBT_PROJECT_DIR": "sub"}, "sub/target"),
        ("dbt build --target-path /out", {}, "/out"),
    ],
)
def test_the_target_folder_is_the_one_that_dbt_chooses(
    tmp_path: Path, command: str, environ: dict[str, str], expected: str
) -> None:
    assert target_folder(command.split(), None, environ, tmp_path) == tmp_path / expected


def test_our_own_option_wins_over_variables_and_not_over_the_command(tmp_path: Path) -> None:
    environ = {"DBT_TARGET_PATH": "variable"}

    assert target_folder(["make"], Path("ours"), environ, tmp_path) == tmp_path / "ours"
    assert target_folder(["dbt", "--target-path", "its"], Path("ours"), environ, tmp_path) == tmp_path / "its"


@pytest.mark.parametrize("written", ["target-path: out", 'target-path: "out" # ours', "name: x\ntarget-path : 'out'"])
def test_the_project_file_names_the_target_folder_also_from_below(tmp_path: Path, written: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(written)
    (tmp_path / "models").mkdir()

    assert target_folder(["dbt", "build"], None, {}, tmp_path / "models") == tmp_path / "out"


def test_a_template_for_the_target_folder_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("target-path: \"{{ env_var('OUT') }}\"")

    with pytest.raises(SettingsError, match="target-path is a template"):
        target_folder(["dbt", "build"], None, {}, tmp_path)
    assert target_folder(["dbt", "build"], Path("out"), {}, tmp_path) == tmp_path / "out"


def test_only_files_whose_content_changed_were_written(tmp_path: Path) -> None:
    for name in ("run_results.json", "sources.json"):
        (tmp_path / name).write_text("1")
    before = Before.of(tmp_path)
    (tmp_path / "run_results.json").write_text("2")
    (tmp_path / "sources.json").touch()

    left = before.left()

    assert (left.results, left.sources) == (tmp_path / "run_results.json", None)
    assert [line.split(" is not")[0] for line in left.not_taken] == [str(tmp_path / "sources.json")]


def test_the_last_of_an_option_counts() -> None:
    assert option_of(["dbt", "--target", "dev", "-t", "prod"], "--target", "-t") == "prod"
    assert option_of(["dbt", "--target"], "--target") is None


def test_variables_are_read_as_json_and_else_left_as_they_are() -> None:
    assert variables_of(["dbt", "build", "--vars", '{"api_token": "a, b"}']) == {"api_token": "a, b"}
    assert variables_of(["dbt", "build", "--vars={api_token: planted}"]) == "{api_token: planted}"
    assert variables_of(["dbt", "build"]) is None
