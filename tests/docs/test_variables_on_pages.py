"""Every QALITA_… variable that the code reads is documented, and the other way round."""

from __future__ import annotations

import re

from docs.pages import ALL, TOP, page, spans
from qalita_ingest.dbt_cloud.access import ACCOUNT_VARIABLES, HOST_VARIABLES, TOKEN_VARIABLES

VARIABLE = re.compile(r"\bQALITA_[A-Z]+(?:_[A-Z]+)*\b")
CODE = [
    *TOP.glob("src/**/*.py"),
    *TOP.glob("scripts/*"),
    *TOP.glob("example_dbt/scripts/*"),
    *TOP.glob("example_ci/**/*"),
    *TOP.glob("example_dagster/**/*.py"),
    *TOP.glob("example_pack/**/*"),
    *TOP.glob("tests/conftest.py"),
    TOP / "Makefile",
    TOP / "example_dbt" / "Makefile",
    TOP / ".ci" / "run",
]
# This one writes the page; what it names is not read.
GENERATOR = TOP / "scripts" / "generate_cli_docs.py"


def variables_of_the_code() -> set[str]:
    files = [path for path in CODE if path.is_file() and path.suffix not in {".md", ".whl"} and path != GENERATOR]
    return {name for path in files for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}


def test_every_variable_of_the_code_is_documented() -> None:
    documented = {name for one in ALL for name in VARIABLE.findall(one.text)}
    assert variables_of_the_code() - documented == set()


def test_every_documented_variable_is_read_by_the_code() -> None:
    documented = {name for one in ALL for name in VARIABLE.findall(one.text)}
    assert documented - variables_of_the_code() == set()


def test_the_page_of_the_command_line_lists_every_variable_of_the_library() -> None:
    in_library = {name for path in TOP.glob("src/**/*.py") for name in VARIABLE.findall(path.read_text("utf-8"))}
    of_dbt_cloud = {*HOST_VARIABLES, *ACCOUNT_VARIABLES, *TOKEN_VARIABLES}
    listed = {name for row in page("docs/cli.md").table("Environment variables") for name in spans(row[0])}
    assert listed == in_library | of_dbt_cloud
