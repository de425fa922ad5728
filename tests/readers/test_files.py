"""Bad artifacts: one clear line each. The good file is the smallest that dbt 1.11 could have written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalita_ingest.errors import ArtifactError
from qalita_ingest.readers.dbt import read_arguments, read_manifest, read_run_results, read_sources

SCHEMA = "https://schemas.getdbt.com/dbt/{}.json"
METADATA = {"invocation_id": "i-1", "generated_at": "2026-01-01T00:00:00Z", "dbt_version": "1.11.16"}
MANIFEST: dict[str, Any] = {"metadata": METADATA | {"dbt_schema_version": SCHEMA.format("manifest/v12")}, "nodes": {}}
RESULTS: dict[str, Any] = {
    "metadata": METADATA | {"dbt_schema_version": SCHEMA.format("run-results/v6")},
    "results": [{"unique_id": "test.a.b", "status": "pass"}],
}
SOURCES: dict[str, Any] = {"metadata": METADATA | {"dbt_schema_version": SCHEMA.format("sources/v3")}, "results": []}

Read = Callable[[Path], object]


def written(folder: Path, content: object) -> Path:
    path = folder / "artifact.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("read", "content"), [(read_manifest, MANIFEST), (read_run_results, RESULTS), (read_sources, SOURCES)]
)
def test_the_smallest_good_file_is_read(tmp_path: Path, read: Read, content: object) -> None:
    read(written(tmp_path, content))


@pytest.mark.parametrize(
    ("read", "content"), [(read_manifest, MANIFEST), (read_run_results, RESULTS), (read_sources, SOURCES)]
)
def test_every_truncation_is_refused(tmp_path: Path, read: Read, content: object) -> None:
    whole = json.dumps(content)
    for length in range(len(whole)):
        with pytest.raises(ArtifactError, match=r"artifact\.json: "):
            read(written(tmp_path, whole[:length]))


@pytest.mark.parametrize(
    ("read", "content", "expected"),
    [
        (read_manifest, "", "not complete JSON"),
        (read_manifest, "[]", "field the file: expected `object`, got `array`"),
        (read_manifest, "{}", "field nodes: expected the nodes of a dbt manifest, found none"),
        (read_manifest, {"nodes": []}, "field nodes: expected `object"),
        (read_manifest, RESULTS, "expected a dbt manifest file, found .*run-results/v6.*--manifest"),
        (read_run_results, MANIFEST, "expected a dbt run-results file, found .*manifest/v12.*--results"),
        (read_run_results, SOURCES, "expected a dbt run-results file, found .*sources/v3"),
        (read_sources, RESULTS, "expected a dbt sources file, found .*run-results/v6.*--sources"),
        (read_run_results, {"metadata": METADATA}, "field results: expected the results of dbt, found none"),
        (read_run_results, {"name": "package.json"}, "field results: expected the results of dbt, found none"),
        (
            read_run_results,
            {"metadata": METADATA, "results": [{"unique_id": "a"}]},
            r"field results\[0\].status: expected a text, found none",
        ),
        (
            read_run_results,
            {"results": [{"unique_id": 5, "status": "pass"}]},
            r"field results\[0\].unique_id: expected `str`, got `int`",
        ),
        (
            read_run_results,
            {"metadata": METADATA, "results": [{"unique_id": "a", "status": ["pass"]}]},
            r"field results\[0\].status: expected a text, found list",
        ),
        (read_run_results, {"results": []}, "field metadata.generated_at: expected the time of the dbt invocation"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, read: Read, content: object, expected: str) -> None:
    path = written(tmp_path, content)

    with pytest.raises(ArtifactError, match=expected) as caught:
        read(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no such file; .*dbt build"):
        read_run_results(tmp_path / "run_results.json")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="can't be read"):
        read_manifest(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "artifact.json"
    path.write_bytes(json.dumps(RESULTS).encode("utf-16"))

    with pytest.raises(ArtifactError, match="not complete JSON"):
        read_run_results(path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "artifact.json"
    path.write_bytes(json.dumps(RESULTS).encode("utf-8-sig"))

    assert read_run_results(path).rows[0].status == "pass"


def test_unknown_fields_and_newer_versions_are_tolerated(tmp_path: Path) -> None:
    newer = RESULTS | {
        "metadata": METADATA | {"dbt_schema_version": SCHEMA.format("run-results/v99")},
        "news": {"a": 1},
    }

    assert read_run_results(written(tmp_path, newer)).rows


def test_half_a_character_as_python_writes_it_stands_for_a_question_mark(tmp_path: Path) -> None:
    row = {
        "unique_id": "test.a.b",
        "status": "fail",
        "message": "got \ud800 and 😀 and NaN",
        "execution_time": float("nan"),
    }
    read = read_run_results(written(tmp_path, RESULTS | {"results": [row]}))
    assert (read.rows[0].message, read.rows[0].execution_time) == ("got ? and 😀 and NaN", None)


def test_half_a_character_in_a_node_is_read_too(tmp_path: Path) -> None:
    nodes = {"model.a.b": {"resource_type": "model", "name": "b", "description": "\udfff"}}
    ((_, node),) = read_manifest(written(tmp_path, MANIFEST | {"nodes": nodes})).tested_nodes()
    assert node.description == "?"


VARS = {"token": "planted"}


@pytest.mark.parametrize(
    "content",
    [
        RESULTS | {"elapsed_time": 1.5, "args": {"vars": VARS}},
        # Before the time, and in an order that no dbt writes.
        {"args": {"vars": VARS}, **RESULTS, "elapsed_time": 1.5},
        {"args": {"vars": VARS}, "elapsed_time": 1.5, **RESULTS},
        # The key once more, further inside.
        RESULTS | {"elapsed_time": 1.5, "args": {"vars": VARS, "elapsed_time": {"args": {"vars": {"token": "other"}}}}},
        {"args": {"vars": VARS}, **RESULTS, "metadata": METADATA | {"elapsed_time": 2, "args": {"vars": {}}}},
        {"args": {"vars": VARS}, "results": [{"unique_id": "test.a.b", "elapsed_time": 1, "args": {"vars": {}}}]},
        # More than the end of the file that is looked at.
        RESULTS | {"elapsed_time": 1.5, "args": {"macro": "m" * 100_000, "vars": VARS}},
        {"args": {"vars": VARS}, "results": [{"message": "elapsed_time"}, {"message": "m" * 100_000}]},
    ],
)
def test_how_the_command_was_called_is_found_wherever_it_stands(tmp_path: Path, content: object) -> None:
    assert read_arguments(written(tmp_path, content)).vars == VARS


def test_a_file_without_arguments_has_none(tmp_path: Path) -> None:
    assert read_arguments(written(tmp_path, RESULTS | {"elapsed_time": 1.5})).vars is None
