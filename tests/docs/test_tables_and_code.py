"""Tables that repeat what the code says, held against it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from docs.pages import TOP, cells, page, spans
from qalita_ingest import errors
from qalita_ingest.contract import ResultStatus
from qalita_ingest.contract.scores import VALUES
from qalita_ingest.mapping.dimension import BY_TEST_NAME, OF_OWN_RULES
from qalita_ingest.mapping.status import (
    COMMANDS_THAT_EXECUTE_NOTHING,
    OF_FRESHNESS,
    OF_TESTS,
    SKIPPED,
    Conditions,
    freshness_outcome,
    step_outcome,
)
from qalita_ingest.mapping.status import test_outcome as outcome_of_test
from qalita_ingest.sandbox.scoring import Seen, observe_result, observe_step

SCORING = page("docs/scoring.md")
UNHEARD_OF = "exploded"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SEEN = Seen(NOW, "i", 1, "dbt:air")

TESTS = SCORING.table("Data tests and unit tests")
FRESHNESS = SCORING.table("Source freshness")
STEPS = SCORING.table("Models, seeds, snapshots, functions, hooks")


def words(cell: str) -> list[str]:
    """dbt's words in a cell; `anything` and `any other word` stand for one each."""
    return spans(cell) or (["pass"] if cell == "anything" else [UNHEARD_OF])


def conditions(cell: str) -> list[Conditions]:
    if cell in {"always", "otherwise"}:
        return [Conditions("test")]
    named = spans(cell)
    if named[0].startswith("--"):
        return [Conditions("build", is_empty=True), Conditions("build", is_sample=True)]
    return [Conditions(command) for command in named]


def effect_of(status: ResultStatus) -> str:
    return effect(observe_result(status, None, SEEN))


def effect(seen: object, *, shows_kind: bool = True) -> str:
    if seen is None:
        return "leaves it as it is"
    if seen.outcome == "passing":
        return "resolves an open one"
    return f"opens, {seen.severity}" + (", kind execution" if shows_kind and seen.kind == "execution" else "")


def in_words(status: ResultStatus) -> list[str]:
    value = VALUES.get(status)
    return [status.replace("_", " "), "left out" if value is None else f"{value:g}", effect_of(status)]


@pytest.mark.parametrize("row", TESTS, ids=lambda row: f"{row[0]}, {row[1]}")
def test_what_becomes_of_a_test(row: list[str]) -> None:
    found = {outcome_of_test(word, when)[0] for word in words(row[0]) for when in conditions(row[1])}
    assert [in_words(status) for status in found] == [row[2:]]


@pytest.mark.parametrize("row", [row for row in FRESHNESS if "sources.json" not in row[0]], ids=lambda row: row[0])
def test_what_becomes_of_freshness(row: list[str]) -> None:
    found = {freshness_outcome(word)[0] for word in words(row[0])}
    assert [in_words(status) for status in found] == [row[1:]]


def test_what_becomes_of_a_source_that_was_not_measured() -> None:
    (row,) = [row for row in FRESHNESS if "sources.json" in row[0]]
    assert row[1:] == in_words(ResultStatus.NOT_MEASURED)


@pytest.mark.parametrize("row", STEPS, ids=lambda row: f"{row[0]}, {row[1]}")
def test_what_becomes_of_a_step(row: list[str]) -> None:
    found = {step_outcome(word, when) for word in words(row[0]) for when in conditions(row[1])}
    assert len(found) == 1
    status, finding = found.pop()
    seen = observe_step(status, finding, None, SEEN)
    assert [status.replace("_", " "), effect(seen, shows_kind=False)] == row[2:]


def test_every_word_that_the_code_knows_stands_in_the_tables() -> None:
    assert {word for row in TESTS for word in spans(row[0])} == OF_TESTS.keys() | SKIPPED | {"success"}
    assert {word for row in FRESHNESS for word in spans(row[0])} - {"sources.json"} == OF_FRESHNESS.keys() | SKIPPED
    of_steps = OF_TESTS.keys() | SKIPPED | {"success", "partial success"}
    assert {word for row in STEPS for word in spans(row[0])} == of_steps


def test_every_command_that_executes_nothing_stands_in_the_tables() -> None:
    for table in (TESTS, STEPS):
        (cell,) = [row[1] for row in table if row[1].startswith("the command")]
        assert set(spans(cell)) == COMMANDS_THAT_EXECUTE_NOTHING


def test_the_table_of_dimensions_is_that_of_the_code() -> None:
    rows = SCORING.table("Dimensions")
    listed = {name: dimension for tests, dimension in rows for name in spans(tests)}
    assert listed == {name: dimension.value for name, dimension in BY_TEST_NAME.items()}
    assert dict(rows)["any other test"] == OF_OWN_RULES


def exit_codes(name: str) -> set[int]:
    (table,) = [table for table in page(name).tables if table[0][0] in {"code", "exit code", "code de sortie"}]
    return {int(row[0]) for row in table[1:]}


@pytest.mark.parametrize("name", ["README.md", "README.fr.md", "docs/cli.md"])
def test_exit_codes_are_those_of_the_errors(name: str) -> None:
    of_errors = {getattr(errors, error).exit_code for error in dir(errors) if error.endswith("Error")}
    assert exit_codes(name) == of_errors | {0, 127}


def test_the_arrows_on_the_page_are_those_that_a_tool_proves() -> None:
    settings = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    drawn = page("docs/architecture.md").blocks[1][1].strip().split("\n\n")
    assert [block.splitlines() for block in drawn] == layers
    assert len(contracts) == 9, "docs/architecture.md speaks of nine contracts"


def test_cells_are_read_without_their_borders() -> None:
    assert cells("| a | `b` |") == ["a", "`b`"]
