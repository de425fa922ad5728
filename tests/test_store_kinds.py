"""A module of tests that opens a store runs on both kinds, `STORES`, or says why on SQLite alone, `SQLITE_ONLY`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
OPENS_A_STORE = re.compile(
    r"\b(open_sandbox|open_guarded|open_database|open_store|embedded_sandbox|server_process"
    r"|QALITA_STORE|new_store|store_of_module|empty_store|named_store|sandbox: Sandbox|shown: Sandbox)\b"
)
BOTH = {"sqlite", "postgresql"}
# Where the store is not what the tests are about: folder or module → what they are about, and where both are asked.
ABOUT_SOMETHING_ELSE = {
    "browser": "what a browser makes of the pages; sandbox/dashboard asks every page on both",
    "charts": "the words of a chart; nothing is stored",
    "dbt_cloud": "what is read of dbt Cloud; cli/test_ingest takes runs into both",
    "docs": "whether a page of the documentation is true; sandbox has the routes on both",
    "examples": "whole programs of the examples; journey has the main job on both",
    "journey/test_main_job.py": "the clone of a user; one test compares what both kinds keep and list",
    "notebooks": "the learner's own store, which is SQLite",
    "offline": "an installation without a network; its store is the default one",
    "sandbox/test_postgresql.py": "what is only PostgreSQL's: its address, its driver, its log",
    "sandbox/test_server.py": "settings and how the start fails; nothing is stored",
    "test_dagster_reports.py": "which runs hooks and sensors deliver; cli/test_ingest_dagster takes them into both",
    "test_store_kinds.py": "the names themselves",
}


def modules() -> list[str]:
    return sorted(str(path.relative_to(TESTS)) for path in TESTS.rglob("test_*.py"))


def is_about_something_else(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}/") for name in ABOUT_SOMETHING_ELSE)


OPENING = [
    module
    for module in modules()
    if not is_about_something_else(module) and OPENS_A_STORE.search((TESTS / module).read_text(encoding="utf-8"))
]


def said(module: str) -> dict[str, object]:
    """The module's own constants, of those two."""
    tree = ast.parse((TESTS / module).read_text(encoding="utf-8"))
    named = [(target, one.value) for one in tree.body if isinstance(one, ast.Assign) for target in one.targets]
    return {
        target.id: ast.literal_eval(value)
        for target, value in named
        if isinstance(target, ast.Name) and target.id in {"STORES", "SQLITE_ONLY"}
    }


@pytest.mark.parametrize("module", OPENING)
def test_a_module_that_opens_a_store_names_both_kinds_or_says_why_not(module: str) -> None:
    constants = said(module)

    assert len(constants) == 1, f'{module}: write STORES = ("sqlite", "postgresql"), or SQLITE_ONLY = "why"'
    assert set(constants.get("STORES", BOTH)) == BOTH  # type: ignore[call-overload]
    assert constants.get("SQLITE_ONLY", "a reason")


@pytest.mark.parametrize("name", ABOUT_SOMETHING_ELSE)
def test_what_is_excepted_is_there(name: str) -> None:
    assert (TESTS / name).exists()
