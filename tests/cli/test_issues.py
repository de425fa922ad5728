"""`issues`, `issue` and what people do to one, as they type it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from small_ingests import ingested, typed

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def store(folder: Path, named_store: Settings) -> Settings:
    """With an issue in it."""
    ingested()
    return named_store


def test_issues_are_listed_and_muted(store: Settings) -> None:
    muted = typed("mute", "1", "--until", "2999-01-01", "--actor", "lead")

    assert muted.output == "muted until the end of 2999-01-01: #1 [QALITA] stg: not_null_stg_value\n"
    assert typed("issues").output == f"no open issues in {store.place}\n"
    asked = typed("issues", "--project", "air", "--env", "prod", "--status", "all").output
    assert asked.startswith("no issues of project air, environment prod in ")
    assert "not_null_stg_value" in typed("issues", "--status", "muted").output
    assert json.loads(typed("issues", "--status", "all", "--format", "json").output)[0]["status"] == "muted"


def test_one_issue_tells_what_was_found_and_its_story() -> None:
    text = typed("issue", "#1").output
    told = json.loads(typed("issue", "1", "--format", "json").output)

    assert text.startswith("#1 [QALITA] stg: not_null_stg_value")
    assert re.search(r"\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  opened: high \(by qalita, run 1\)\n", text)
    assert re.search(r"\nSeen +1 ×, last \d{4}-\d\d-\d\d\n", text)
    assert (told["status"], told["evidence"]["status"], [event["kind"] for event in told["events"]]) == (
        "open",
        "failed",
        ["opened"],
    )


def test_a_muted_issue_speaks_again_on_request() -> None:
    typed("mute", "1", "--until", "2999-01-01")

    assert typed("unmute", "#1").output == "speaks again: #1 [QALITA] stg: not_null_stg_value\n"
    assert "not_null_stg_value" in typed("issues").output
    assert typed("unmute", "1").stderr == "qalita ingest: issue 1 is not muted\n"
    assert typed("unmute", "one").exit_code == 2


def test_an_issue_is_commented_assigned_and_given_a_due_date() -> None:
    title = "#1 [QALITA] stg: not_null_stg_value\n"

    assert typed("comment", "1", "The supplier knows.", "--actor", "lead").output == f"commented: {title}"
    assert typed("assign", "#1", "Ada").output == f"assigned to Ada: {title}"
    assert typed("due", "1", "2999-01-01").output == f"due on 2999-01-01: {title}"
    told = typed("issue", "1").output
    assert re.search(r"\nAssigned +Ada\nDue +2999-01-01\n", told)
    assert "commented: The supplier knows. (by lead)" in told
    assert typed("assign", "1", "--nobody").output == f"assigned to nobody: {title}"
    assert typed("due", "1", "--none").output == f"due on no day: {title}"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("assign", "1"), "Error: give the name of who takes care of it, or --nobody\n"),
        (("assign", "1", "Ada", "--nobody"), "Error: give the name of who takes care of it, or --nobody\n"),
        (("assign", "1", "--nobody"), "qalita ingest: issue 1 is assigned to nobody\n"),
        (("due", "1"), "Error: give the last day in time as YYYY-MM-DD, or --none\n"),
        (("due", "1", "2999-01-01", "--none"), "Error: give the last day in time as YYYY-MM-DD, or --none\n"),
        (("due", "1", "--none"), "qalita ingest: issue 1 has no due date\n"),
        (
            ("due", "1", "soon"),
            "Error: Invalid value for '[YYYY-MM-DD]': 'soon' does not match the format '%Y-%m-%d'.\n",
        ),
        (("comment", "1", " "), "qalita ingest: text: expected at least 1 character(s)\n"),
        (("comment", "7", "text"), "qalita ingest: there is no issue 7\n"),
    ],
)
def test_a_wish_for_an_issue_that_makes_no_sense_is_one_line(command: tuple[str, ...], expected: str) -> None:
    result = typed(*command)

    assert (result.exit_code, result.stderr.endswith(expected)) == (2, True), result.stderr


def test_an_unknown_issue_is_bad_input() -> None:
    result = typed("mute", "7", "--until", "2999-01-01")

    assert (result.exit_code, result.stderr) == (2, "qalita ingest: there is no issue 7\n")


def test_a_day_in_the_past_is_bad_input() -> None:
    result = typed("mute", "1", "--until", "2001-01-01")

    assert result.exit_code == 2
    assert result.stderr.startswith("qalita ingest: until: expected today (UTC), a day or a time to come")
