"""The examples on docs/formats.md are what the formats write; its tables are what the code knows."""

from __future__ import annotations

import re

import pytest

from docs.pages import page, spans
from factories import answer, change, report, summary, summary_result
from qalita_ingest.cli.report import print_delivery
from qalita_ingest.contract import RunScore
from qalita_ingest.formats import FORMATS, render
from qalita_ingest.formats.github import MOST_OF_A_TYPE
from qalita_ingest.formats.gitlab import WITHOUT_A_PATH
from qalita_ingest.formats.markdown import MOST_ROWS
from qalita_ingest.pipeline import Delivery

PAGE = page("docs/formats.md")
BLOCK = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = report(1, {}, git_sha="0123456789abcdef")
FAILED = summary_result(
    "not_null_stg_airquality_value",
    "failed",
    column="value",
    dimension="completeness",
    dbt_status="fail",
    failures=3,
    message="Got 3 results, configured to fail if != 0",
)
SUMMARY = summary(
    FAILED,
    counts={"passed": 0, "warning": 0, "failed": 1, "error": 0, "skipped": 0, "not_executed": 0},
    not_selected=2,
    steps={"model:success": 1},
)
ANSWER = answer(
    scores=(
        RunScore(perimeter="project", key="opendata_dbt", value=0.0, checks=1),
        RunScore(perimeter="dimension", key="completeness", value=0.0, checks=1),
    ),
    opened=(change(1, FAILED.name),),
    open_issues=1,
)
# The page shows json and junit as --dry-run prints them.
DELIVERED = {"json": None, "junit": None}
EXAMPLES = {name: render(name, SUMMARY, RUN, DELIVERED.get(name, ANSWER)).decode() for name in FORMATS[1:]}


def shown(name: str) -> str:
    """The first block below the heading."""
    return BLOCK.findall(PAGE.text.split(f"\n## {name}\n", 1)[1])[0].strip()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_what_the_format_writes(name: str) -> None:
    assert shown(name) == EXAMPLES[name].strip()


def test_the_example_of_text_is_what_a_terminal_shows(capsys: pytest.CaptureFixture[str]) -> None:
    print_delivery(RUN, SUMMARY, Delivery(ANSWER), ".qalita/qalita.db")

    printed = [line.rstrip() for line in capsys.readouterr().out.strip().splitlines()]

    # How `qalita` is called depends on the environment of the reader.
    assert shown("text").splitlines()[:-1] == printed[:-1]


def test_the_table_lists_every_format() -> None:
    assert [spans(row[0])[0] for row in PAGE.table("The formats")] == list(FORMATS)


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    assert f"GitHub shows {MOST_OF_A_TYPE} of a type" in PAGE.text
    assert f"at most {MOST_ROWS} rows" in PAGE.text
    assert f"`{WITHOUT_A_PATH}`" in PAGE.text
