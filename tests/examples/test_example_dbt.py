"""The dbt example keeps what its files say: columns, checks, warnings, settings, README."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

DIMENSIONS = {
    "accuracy",
    "completeness",
    "consistency",
    "interoperability",
    "reasonability",
    "schema",
    "timeliness",
    "uniqueness",
    "validity",
}
DBT_KINDS = {"not_null", "unique", "accepted_values", "relationships"}


@pytest.fixture(scope="module")
def manifest(built: Any) -> dict[str, Any]:
    return built.artifact("manifest.json")


@pytest.fixture(scope="module")
def tables(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name → node of everything that is a table."""
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    return {node["name"]: node for node in nodes if node["resource_type"] in {"model", "seed", "source"}}


@pytest.fixture(scope="module")
def data_tests(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


@pytest.fixture(scope="module")
def readme(example: Path) -> str:
    return (example / "README.md").read_text(encoding="utf-8")


def kind_of(test: dict[str, Any]) -> str:
    """The generic test it is made from. Dbt leaves out of the manifest what a test doesn't have."""
    return test["test_metadata"]["name"] if "test_metadata" in test else "query"


# --- columns and models


def test_documented_columns_are_the_columns_of_the_table(built: Any, tables: dict[str, dict[str, Any]]) -> None:
    found = defaultdict(list)
    query = "select table_name, column_name from information_schema.columns where table_schema = 'main' order by all"
    for table, column in built.rows(query):
        found[table].append(column)

    assert dict(found) == {name: sorted(node["columns"]) for name, node in tables.items()}


def test_every_column_says_its_unit_or_that_it_is_text(tables: dict[str, dict[str, Any]]) -> None:
    descriptions = {
        f"{name}.{column['name']}": column["description"].strip()
        for name, node in tables.items()
        for column in node["columns"].values()
    }

    assert [key for key, text in descriptions.items() if not re.search(r"( Unit [^.]+|Text)\.$", text)] == []


def test_every_table_says_its_grain_and_its_owner(tables: dict[str, dict[str, Any]]) -> None:
    for name, node in tables.items():
        last_sentence = node["description"].strip().split(". ")[-1]
        assert last_sentence.startswith("One row per "), name
        assert node["config"]["meta"] == {"owner": "data-platform team"}, name


def test_every_model_has_a_primary_key(manifest: dict[str, Any], data_tests: list[dict[str, Any]]) -> None:
    kinds = defaultdict(set)
    for test in data_tests:
        kinds[test.get("attached_node"), test.get("column_name")].add(kind_of(test))

    for model in (node for node in manifest["nodes"].values() if node["resource_type"] == "model"):
        first_column = next(iter(model["columns"]))
        assert {"not_null", "unique"} <= kinds[model["unique_id"], first_column], model["name"]


def test_only_staging_touches_a_seed_or_a_source(manifest: dict[str, Any]) -> None:
    readers = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and any(parent.startswith(("seed.", "source.")) for parent in node["depends_on"]["nodes"])
    ]

    assert readers != []
    assert [name for name in readers if not name.startswith("stg_")] == []


def test_models_import_first_and_end_with_final(example: Path) -> None:
    for model in (example / "models").rglob("*.sql"):
        text = model.read_text(encoding="utf-8")
        first_cte, last_line = text.split("\n\n")[1], text.rstrip().splitlines()[-1]
        assert re.search(r"select \* from \{\{ ref\(", first_cte), model
        assert last_line == "select * from final", model


# --- checks


def test_checks_of_every_kind_are_there(manifest: dict[str, Any], data_tests: list[dict[str, Any]]) -> None:
    kinds = {kind_of(test) for test in data_tests}

    assert kinds >= DBT_KINDS | {"query", "non_negative", "in_range", "no_gap_longer_than", "typed_when_given"}
    assert {test["config"]["severity"].lower() for test in data_tests} == {"warn", "error"}
    assert all(test["config"]["store_failures"] for test in data_tests)
    assert manifest["unit_tests"]
    assert [source["name"] for source in manifest["sources"].values() if source["freshness"]["warn_after"]] == [
        "load_log"
    ]


def test_every_own_test_names_its_dimension(data_tests: list[dict[str, Any]]) -> None:
    own = [test for test in data_tests if kind_of(test) not in DBT_KINDS]

    assert own
    assert {test["config"]["meta"]["qalita"]["dimension"] for test in own} <= DIMENSIONS


def test_every_check_says_why_and_what_to_do(manifest: dict[str, Any], data_tests: list[dict[str, Any]]) -> None:
    checks = [*data_tests, *manifest["unit_tests"].values()]

    assert [check["name"] for check in checks if len(check["description"]) < 30] == []


def test_accepted_values_are_texts(data_tests: list[dict[str, Any]]) -> None:
    """In YAML a bare `no` is false; as a pollutant it is nitrogen monoxide."""
    for test in data_tests:
        if kind_of(test) == "accepted_values":
            assert all(isinstance(value, str) for value in test["test_metadata"]["kwargs"]["values"]), test["name"]


def lines_about_checks(manifest: dict[str, Any]) -> list[str]:
    """The README's table, as the manifest has it."""
    lines = [line_about(test, manifest) for test in manifest["nodes"].values() if test["resource_type"] == "test"]
    lines += [
        f"| `{test['name']}` | {test['model']} | unit test | failure |" for test in manifest["unit_tests"].values()
    ]
    for source in manifest["sources"].values():
        after = {key: source["freshness"][key] for key in ("warn_after", "error_after")}
        ages = {key: f"{limit['count']} {limit['period']}{'s' * (limit['count'] > 1)}" for key, limit in after.items()}
        fires = f"warning after {ages['warn_after']}, failure after {ages['error_after']}"
        lines.append(f"| freshness of {source['name']} | {source['name']}.loaded_at | freshness | {fires} |")
    ordered = sorted(lines, key=lambda line: [*line.split(" | ")[1:3], line])
    return ["| check | on | kind | fires as |", "|---|---|---|---|", *ordered]


def line_about(test: dict[str, Any], manifest: dict[str, Any]) -> str:
    parents = test["depends_on"]["nodes"]
    node = test.get("attached_node") or parents[0]
    table = (manifest["nodes"].get(node) or manifest["sources"][node])["name"]
    on = f"{table}.{test['column_name']}" if test.get("column_name") else table
    return f"| `{test['name']}` | {on} | {kind_of(test)} | {fires_as(test['config'])} |"


def fires_as(config: dict[str, Any]) -> str:
    if config["severity"].lower() == "warn":
        return "warning"
    if config["error_if"] != "!= 0":
        return f"warning, failure above {config['error_if'].lstrip('>')}"
    return "failure"


def test_the_readme_lists_every_check_and_no_other(manifest: dict[str, Any], readme: str) -> None:
    listed = readme.split("<!-- checks: begin -->\n", 1)[1].split("<!-- checks: end -->", 1)[0]
    expected = "\n".join(lines_about_checks(manifest))

    assert listed.strip() == expected, f"the table in example_dbt/README.md should read:\n{expected}"


def test_the_shipped_data_gives_the_warnings_of_the_readme_and_no_failure(built: Any, readme: str) -> None:
    results = built.artifact("steps/test.run_results.json")["results"]
    table = readme.split("## The warnings you will see, and why", 1)[1].split("\n## ", 1)[0]
    explained = {name: int(count) for name, count in re.findall(r"^\| `(\w+)` \| (\d+) \|", table, re.MULTILINE)}

    assert {result["status"] for result in results} == {"pass", "warn"}
    warned = {result["unique_id"].split(".")[2]: result["failures"] for result in results if result["status"] == "warn"}
    assert warned == explained
    assert [result["status"] for result in built.artifact("steps/sources.json")["results"]] == ["pass"]


def test_the_rows_a_check_found_stay_in_the_database(built: Any) -> None:
    assert len(built.rows("from main_dbt_test__audit.pm10_is_plausible")) == 17


# --- settings and files


def test_profile_and_project_name_no_absolute_path(example: Path) -> None:
    profile = yaml.safe_load((example / "profiles.yml").read_text(encoding="utf-8"))["opendata"]["outputs"]["dev"]
    project = yaml.safe_load((example / "dbt_project.yml").read_text(encoding="utf-8"))

    assert profile["path"] == "{{ var('opendata_duckdb', env_var('OPENDATA_DUCKDB', 'opendata.duckdb')) }}"
    assert project["seed-paths"] == ["{{ var('opendata_seed_path', env_var('OPENDATA_SEED_PATH', 'seeds')) }}"]


def test_nothing_is_sent_and_nothing_is_downloaded(example: Path) -> None:
    profile = yaml.safe_load((example / "profiles.yml").read_text(encoding="utf-8"))["opendata"]["outputs"]["dev"]
    project = yaml.safe_load((example / "dbt_project.yml").read_text(encoding="utf-8"))

    assert project["flags"]["send_anonymous_usage_stats"] is False
    assert profile["settings"] == {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    assert not (example / "packages.yml").exists()


def test_requirements_are_exact_and_end_with_the_library(example: Path) -> None:
    lines = (example / "requirements.txt").read_text(encoding="utf-8").splitlines()
    requirements = [line for line in lines if not line.startswith("#")]

    assert [line.split("==")[0] for line in requirements[:-1]] == ["dbt-core", "dbt-duckdb", "duckdb"]
    assert all("==" in line for line in requirements[:-1])
    assert requirements[-1] == "-e .."


def test_what_the_example_writes_is_ignored_by_git(example: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_bytes((example / ".gitignore").read_bytes())
    written = ["opendata.duckdb", "opendata.duckdb.wal", "target/x", "logs/x", ".venv/x", ".user.yml"]

    answer = subprocess.run(["git", "check-ignore", *written], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert answer.stdout.split() == written


# --- the README's code


def test_the_readme_s_way_to_look_at_the_tables_works(
    built: Any, readme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(built.folder)

    exec(code, {})  # noqa: S102 - the README's own block

    printed = capsys.readouterr().out
    assert "Albuquerque" in printed
    assert "Eisenstadt" in printed


def test_the_readme_names_files_that_exist(example: Path, readme: str) -> None:
    tree = readme.split("## What is where", 1)[1].split("\n## ", 1)[0]
    paths = re.findall(r"^    ([\w./]+)", tree, re.MULTILINE)

    assert [path for path in paths if path != "target/" and not (example / path).exists()] == []


def test_the_readme_names_targets_that_exist(example: Path, readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (example / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = re.findall(r"(?:`|^    )make ([a-z ]+?)(?:`|  |$)", readme, re.MULTILINE)

    assert commands
    assert {target for command in commands for target in command.split()} <= targets
