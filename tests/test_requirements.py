"""What is installed: exact versions with hashes, no address of an index, and the lists agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
REQUIREMENTS = TOP / "requirements"
GROUPS = sorted(path.stem for path in REQUIREMENTS.glob("*.in"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def pins(path: Path) -> dict[str, set[str]]:
    """Name → versions; several where markers choose between them."""
    found: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(match[1].lower().replace("_", "-"), set()).add(match[2])
    return found


def names(lines: list[str]) -> set[str]:
    matches = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("#", "-")))
    return {match[0].lower().replace("_", "-") for match in matches if match}


def test_every_group_is_compiled() -> None:
    assert sorted(path.stem for path in REQUIREMENTS.glob("*.txt")) == GROUPS


@pytest.mark.parametrize("group", GROUPS)
def test_a_compiled_group_holds_what_it_was_compiled_from(group: str) -> None:
    compiled = pins(REQUIREMENTS / f"{group}.txt")

    assert names((REQUIREMENTS / f"{group}.in").read_text().splitlines()) <= set(compiled)
    for name, versions in pins(REQUIREMENTS / f"{group}.in").items():
        assert compiled[name] == versions


@pytest.mark.parametrize("group", GROUPS)
def test_every_version_is_hashed_and_no_index_is_named(group: str) -> None:
    text = (REQUIREMENTS / f"{group}.txt").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)

    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "index-url" not in text


def test_the_library_needs_nothing_that_the_workspace_does_not_pin() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]

    assert names(project["dependencies"]) <= set(pins(REQUIREMENTS / "workspace.in"))


def test_the_example_pins_the_versions_of_the_workspace() -> None:
    example = pins(TOP / "example_dbt" / "requirements.txt")
    workspace = pins(REQUIREMENTS / "workspace.in")

    assert example == {name: workspace[name] for name in example}
    assert set(example) == {"dbt-core", "dbt-duckdb", "duckdb"}


def test_tests_run_with_the_versions_of_the_workspace() -> None:
    workspace, tests = pins(REQUIREMENTS / "workspace.txt"), pins(REQUIREMENTS / "test.txt")

    for name in workspace.keys() & tests.keys():
        assert tests[name] <= workspace[name], name
