"""docs/failing-rows.md says what the code does."""

from __future__ import annotations

from docs.pages import TOP, page, spans
from qalita_ingest.samples.attach import MOST_ROWS, MOST_ROWS_IN_ALL, TIMEOUT_SECONDS
from qalita_ingest.samples.cells import LONGEST_CELL
from qalita_ingest.samples.reader import MOST_COLUMNS

PAGE = page("docs/failing-rows.md")


def test_limits_on_the_page_are_those_of_the_code() -> None:
    limits = dict(PAGE.table("What is read"))
    assert limits["rows of a test"].endswith(f"at most {MOST_ROWS:,}")
    assert limits["rows of a run"] == f"{MOST_ROWS_IN_ALL:,}"
    assert limits["columns"] == str(MOST_COLUMNS)
    assert limits["characters of a cell"].startswith(f"{LONGEST_CELL};")
    assert (TIMEOUT_SECONDS, "given up after two minutes" in PAGE.text) == (120, True)


def test_lines_on_the_page_are_those_that_the_code_says() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (TOP / "src/qalita_ingest/samples").glob("*.py"))
    said = [line for row in PAGE.table("When rows are missing") for line in spans(row[0])]
    assert said
    assert [line for line in said if line not in code] == []
