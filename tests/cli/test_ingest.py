"""`qalita ingest dbt` in this process; real artifacts come from the example project, see tests/examples."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from qalita_ingest.formats import FORMATS
from small_ingests import ingested, typed
from smallest_artifacts import RESULTS
from store_dump import rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def store(folder: Path, named_store: Settings) -> Settings:
    """Under the files that are taken in."""
    return named_store


def test_a_run_is_kept_and_its_failure_shown_as_an_issue(store: Settings) -> None:
    result = ingested()

    assert result.exit_code == 0, result.output
    assert "passed 0 · warning 0 · failed 1" in result.output
    assert "opened    #1 [QALITA] stg: not_null_stg_value (high)" in result.output
    assert store.place in result.output
    assert "qalita ingest issues --project air --env dev" in result.output


def test_the_second_time_it_says_when_it_was_delivered() -> None:
    ingested()

    result = ingested()

    assert result.exit_code == 0
    assert "already delivered on " in result.output
    assert "opened" not in result.output


def test_json_is_alone_on_stdout_and_carries_the_answer() -> None:
    content = json.loads(ingested("--format", "json").stdout)

    assert content["counts"]["failed"] == 1
    assert content["delivery"]["opened"][0]["title"] == "[QALITA] stg: not_null_stg_value"


def test_a_check_that_two_files_hold_is_shown_once_with_its_last_outcome(folder: Path) -> None:
    again = json.dumps(RESULTS).replace("i-1", "i-2").replace('"fail"', '"warn"')
    (folder / "again.json").write_text(again)

    result = ingested("--results", "again.json")

    assert "warning 1 · failed 1" in result.output
    assert "1 of these are of checks that ran more than once" in result.output
    assert "\nfailed " not in result.output


def test_names_that_look_like_markup_are_printed_as_they_are(folder: Path) -> None:
    for name in ("manifest.json", "run_results.json"):
        (folder / name).write_text((folder / name).read_text().replace("not_null_stg_value", "[/red]uniq[critical]"))

    result = ingested()

    assert result.exit_code == 0, result.output
    assert "[/red]uniq[critical]" in result.output
    assert "[/red]uniq[critical]" in typed("issues").output


WHOLE = {
    "json": json.loads,
    "junit": ET.fromstring,
    "github": re.compile(r"(::(error|warning|notice) .*\n)+").fullmatch,
    "gitlab": json.loads,
    "sarif": json.loads,
    "markdown": re.compile(r"#+ .*", re.DOTALL).fullmatch,
}


@pytest.mark.parametrize("output", FORMATS[1:])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_format_has_stdout_for_itself(output: str, options: tuple[str, ...]) -> None:
    result = ingested("--format", output, *options)

    assert WHOLE[output](result.stdout) is not None
    assert result.stderr == ""


CONTEXT = ("git_sha", "git_branch", "job_id", "ci_provider", "user", "ci_url", "target")


def stored_context(store: Settings) -> dict[str, Any]:
    columns = ", ".join(f'"{name}"' for name in CONTEXT)
    (row,) = rows_of(store.database_url, f"select {columns} from runs")  # noqa: S608 (the names above)
    return dict(zip(CONTEXT, row, strict=True))


def test_the_context_of_a_run_in_a_ci_is_kept(folder: Path, store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_HEAD_REF": "topic",
        "GITHUB_RUN_ID": "77",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "shop/data",
        "GITHUB_ACTOR": "octocat",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (folder / "event.json").write_text(json.dumps({"pull_request": {"head": {"sha": "a" * 40}}}))

    ingested("--job-id", "nightly")

    kept = stored_context(store)
    assert (kept["git_sha"], kept["git_branch"], kept["job_id"]) == ("a" * 40, "topic", "nightly")
    assert (kept["ci_provider"], kept["user"]) == ("GitHub Actions", "octocat")
    assert kept["ci_url"] == "https://github.com/shop/data/actions/runs/77"


def test_the_target_of_dbt_can_be_named(store: Settings) -> None:
    ingested("--target", "prod")

    assert stored_context(store)["target"] == "prod"
