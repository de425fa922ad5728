"""What the pages tell people to type exists."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from docs.pages import ALL, ENGLISH, FRENCH, TOP, Page, page, spans
from qalita_ingest.cli.ingest import ingest

if TYPE_CHECKING:
    import click

PUBLIC_TARGET = re.compile(r"^([a-z-]+):.*?## ", re.MULTILINE)
TARGET = re.compile(r"[a-z][a-z-]*")
# Options of dbt, make and our scripts that the pages speak of on their own.
OF_OTHERS = {"--help", "--empty", "--sample", "--vars", "--check", "--texts", "--upgrade", "--archives"}


def public_targets(makefile: str) -> list[str]:
    return PUBLIC_TARGET.findall((TOP / makefile).read_text(encoding="utf-8"))


def targets_of(command: str) -> list[str]:
    """`make seed run PYTHON=…` → seed, run."""
    words = command.split()
    if words[:1] != ["make"]:
        return []
    named = []
    for word in words[1:]:
        if not TARGET.fullmatch(word):
            break
        named.append(word)
    return named


def makefiles_of(one: Page) -> list[str]:
    return ["example_dbt/Makefile"] if one.name.startswith("example_dbt") else ["Makefile"]


def command_in(typed: str) -> tuple[str, list[str]] | None:
    """Name and options of an ingest command; what follows ` -- ` is somebody else's."""
    found = re.search(r"\bqalita(?:-| )ingest ([a-z]+(?:-[a-z]+)*)(.*)", typed)
    return (found[1], re.findall(r"--[a-z][a-z-]*", found[2].split(" -- ")[0])) if found else None


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts} | {"--help"}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_make_targets_on_a_page_exist(one: Page) -> None:
    known = {target for makefile in makefiles_of(one) for target in public_targets(makefile)}
    named = {target for command in one.commands for target in targets_of(command)}
    assert named <= known


@pytest.mark.parametrize("readme", [ENGLISH, FRENCH], ids=lambda path: path.name)
def test_readme_lists_every_public_target_in_the_order_of_the_makefile(readme: str) -> None:
    (table,) = [table for table in page(readme).tables if table[1][0] == "`make help`"]
    assert [row[0] for row in table[1:]] == [f"`make {target}`" for target in public_targets("Makefile")]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_ingest_commands_and_their_options_on_a_page_exist(one: Page) -> None:
    for typed in one.commands:
        if command := command_in(typed):
            name, options = command
            assert name in ingest.commands, typed
            assert set(options) <= options_of(ingest.commands[name]), typed


def test_options_after_two_dashes_are_those_of_another_command() -> None:
    assert command_in("qalita ingest dbt --env ci -- dbt build --select orders") == ("dbt", ["--env"])


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_options_named_on_their_own_exist(one: Page) -> None:
    known = OF_OTHERS.union(*(options_of(command) for command in ingest.commands.values()))
    named = {option for span in one.spans if (option := re.match(r"--[a-z-]+", span))}
    assert {option[0] for option in named} <= known


@pytest.mark.parametrize("readme", [ENGLISH, FRENCH], ids=lambda path: path.name)
def test_readme_lists_every_ingest_command(readme: str) -> None:
    first_cells = [row[0] for table in page(readme).tables for row in table]
    listed = {span for cell in first_cells for span in spans(cell) if span.startswith("qalita ingest ")}
    assert listed == {f"qalita ingest {name}" for name in ingest.commands}


@pytest.mark.parametrize(
    ("name", "code"),
    [(one.name, code) for one in ALL for language, code in one.blocks if language == "sh"],
)
def test_shell_blocks_parse(name: str, code: str) -> None:
    done = subprocess.run(["bash", "-n"], input=code, text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"{name}: {done.stderr}"


@pytest.mark.parametrize("readme", [ENGLISH, FRENCH], ids=lambda path: path.name)
def test_paths_in_the_readme_exist(readme: str) -> None:
    made_by_the_first_run = {".qalita/"}
    table = next(table for table in page(readme).tables if table[1][0] == "`Makefile`")
    named = {span for row in table[1:] for span in spans(row[0])} - made_by_the_first_run
    assert [path for path in named if not (TOP / path).exists()] == []
