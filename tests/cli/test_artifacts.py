"""Which files of dbt are taken, and what is said of those that can't be."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from small_ingests import ingested, typed
from smallest_artifacts import METADATA, RESULTS, TEST

if TYPE_CHECKING:
    from pathlib import Path


def test_a_dry_run_counts_and_writes_nothing(folder: Path) -> None:
    before = sorted(folder.rglob("*"))

    result = ingested("--dry-run", "--format", "json")

    assert json.loads(result.stdout)["counts"]["failed"] == 1
    assert "failed 1" in ingested("--dry-run").output
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("manifest.json", None, "manifest.json: no such file"),
        ("manifest.json", '{"nodes": {', "manifest.json: not complete JSON"),
        ("manifest.json", '{"name": "a-package"}', "manifest.json: field nodes: expected"),
        ("run_results.json", None, "run_results.json: no such file"),
        ("run_results.json", json.dumps(RESULTS)[:-20], "run_results.json: not complete JSON"),
        ("run_results.json", '[{"some": "export"}]', "run_results.json: field the file: expected `object`"),
        ("run_results.json", json.dumps(RESULTS).replace(TEST, "test.air.gone"), "do not belong together"),
    ],
)
def test_bad_artifacts_are_one_line_exit_2_and_nothing_written(
    folder: Path, name: str, content: str | None, expected: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    before = sorted(folder.rglob("*"))

    result = ingested()

    assert result.exit_code == 2
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert expected in result.stderr
    assert sorted(folder.rglob("*")) == before


def test_a_dry_run_on_files_that_do_not_belong_together_says_so(folder: Path) -> None:
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace(TEST, "test.air.gone"))

    content = json.loads(ingested("--dry-run", "--format", "json").stdout)

    assert (content["mixed"], content["not_in_manifest"], content["counts"]["failed"]) == (True, ["test.air.gone"], 1)


def test_without_results_there_is_nothing_to_take(folder: Path) -> None:
    result = typed("dbt", "--manifest", "manifest.json", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "give --results or --sources" in result.stderr


def test_results_without_a_manifest_are_bad_input(folder: Path) -> None:
    result = typed("dbt", "--results", "run_results.json", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "give --manifest too, or --target-path" in result.stderr


def in_target(folder: Path, target: str = "target") -> None:
    (folder / target / "steps").mkdir(parents=True)
    for name in ("manifest.json", "run_results.json"):
        shutil.move(folder / name, folder / target / name)
    earlier = json.dumps(RESULTS).replace("i-1", "i-0").replace('"fail"', '"pass"')
    (folder / target / "steps" / "test.run_results.json").write_text(earlier)


SOURCES = {
    "metadata": METADATA | {"invocation_id": "i-2"},
    "results": [{"unique_id": "source.air.lake.raw", "status": "pass", "max_loaded_at": "2026-01-01T00:00:00Z"}],
}


def counts(*options: str) -> dict[str, int]:
    result = typed("dbt", "--project", "air", "--dry-run", "--format", "json", *options)
    assert result.exit_code == 0, result.output
    content: dict[str, int] = json.loads(result.stdout)["counts"]
    return content


def test_a_target_folder_gives_its_files_under_the_names_of_dbt_and_no_others(folder: Path) -> None:
    in_target(folder, "elsewhere")

    assert (counts("--target-path", "elsewhere")["failed"], counts("--target-path", "elsewhere")["passed"]) == (1, 0)


def test_freshness_in_the_target_folder_goes_along(folder: Path) -> None:
    in_target(folder)
    (folder / "target" / "sources.json").write_text(json.dumps(SOURCES))

    assert counts()["passed"] == 1


def test_freshness_alone_is_enough(folder: Path) -> None:
    in_target(folder)
    (folder / "target" / "run_results.json").unlink()
    (folder / "target" / "sources.json").write_text(json.dumps(SOURCES))

    assert counts()["passed"] == 1


def test_a_named_file_is_taken_instead_of_the_one_in_the_target_folder(folder: Path) -> None:
    in_target(folder)

    found = counts("--target-path", "target", "--results", "target/steps/test.run_results.json")

    assert (found["failed"], found["passed"]) == (0, 1)


def test_without_any_file_those_in_target_are_taken(folder: Path) -> None:
    in_target(folder)

    assert counts()["failed"] == 1


def test_from_a_folder_of_the_project_its_target_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_target(folder, "built")
    (folder / "dbt_project.yml").write_text("name: air\ntarget-path: built\n")
    (folder / "models").mkdir()
    monkeypatch.chdir(folder / "models")

    assert counts()["failed"] == 1


def test_a_folder_without_results_is_one_line(folder: Path) -> None:
    (folder / "target").mkdir()

    result = typed("dbt", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "target: expected run_results.json or sources.json, found neither; run `dbt build` first" in result.stderr


def test_an_error_hides_what_the_environment_calls_a_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter22")

    result = typed("dbt", "--target-path", "hunter22", "--project", "air")

    assert "/***: expected run_results.json" in result.stderr.replace("qalita ingest: ***", "/***")
    assert "hunter22" not in result.output
