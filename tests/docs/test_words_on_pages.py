"""What no page, script or picture may name: hosts of registries, paths of somebody's machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.pages import PAGES, TOP, own_files

if TYPE_CHECKING:
    from pathlib import Path

REGISTRIES = re.compile(r"pypi\.org|pythonhosted|npmjs|ghcr\.io|hub\.docker", re.IGNORECASE)
MACHINES = re.compile(r"/(?:root|work|Users|home/\w+)/")
FILES = [
    *PAGES,
    *TOP.glob("docs/**/*.svg"),
    *TOP.glob("docs/**/*.json"),
    *TOP.glob("src/**/*.py"),
    *TOP.glob("scripts/*.*"),
    *TOP.glob("requirements/*"),
    *(
        path
        for name in ("ci", "dagster", "dbt", "pack")
        for path in own_files(TOP / f"example_{name}", ".sh", ".yml", ".yaml", ".py")
    ),
    TOP / "Makefile",
]


def found_in(path: Path, words: re.Pattern[str]) -> list[str]:
    return words.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", [REGISTRIES, MACHINES], ids=["registries", "machines"])
def test_no_file_names_a_registry_or_a_machine(words: re.Pattern[str]) -> None:
    assert {path.name: found for path in FILES if (found := found_in(path, words))} == {}
