"""How an ingest ends: 2 for bad input, 3 for what is kept, 4 for what is refused, 5 for a gate; the first that fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import stamina

from servers import serving
from small_ingests import UNREACHABLE, ingested, typed
from smallest_artifacts import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORES = ("sqlite", "postgresql")
pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(autouse=True)
def no_second_attempt() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


def test_endpoints_that_differ_are_one_line_and_exit_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("QALITA_API_URL", "http://127.0.0.1:10")

    result = ingested()

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("more", [(), ("--select", "orders+"), ("--target", "prod")])
def test_a_command_without_the_dashes_is_told_where_it_belongs(folder: Path, more: tuple[str, ...]) -> None:
    result = typed("dbt", "--project", "air", "dbt", "build", *more)

    command = " ".join(["dbt", "build", *more])
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: dbt: write the command after --, e.g. -- {command}\n")


def test_an_unreachable_server_keeps_the_run_and_exits_3(folder: Path) -> None:
    result = ingested("--endpoint", "http://127.0.0.1:9")

    assert result.exit_code == 3
    assert "could not be reached at http://127.0.0.1:9" in result.stderr
    assert "the run is kept and goes with the next ingest" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "failed 1" in result.stdout
    assert len(list((folder / ".qalita" / "outbox" / "127.0.0.1_9" / "pending").iterdir())) == 1


@pytest.mark.usefixtures("named_store")
def test_other_content_under_the_same_name_is_rejected_with_exit_4(folder: Path) -> None:
    ingested("--run-id", "nightly")
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    result = ingested("--run-id", "nightly")

    assert result.exit_code == 4
    assert "delivered before with other content" in result.stderr


def test_a_format_has_stdout_for_itself_when_qalita_is_not_reached(folder: Path) -> None:
    assert json.loads(ingested("--format", "json", "--endpoint", UNREACHABLE).stdout)["counts"]["failed"] == 1


def test_of_several_exit_codes_kept_in_the_outbox_comes_before_the_gate(folder: Path) -> None:
    result = ingested("--endpoint", UNREACHABLE, "--fail-on", "error")

    assert result.exit_code == 3
    assert "--fail-on error: " in result.stderr


@pytest.mark.usefixtures("named_store")
def test_of_several_exit_codes_rejected_comes_before_the_gate(folder: Path) -> None:
    ingested("--run-id", "nightly")
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    result = ingested("--run-id", "nightly", "--fail-on", "error")

    assert result.exit_code == 4
    assert "--fail-on error: " in result.stderr


def test_of_several_exit_codes_bad_input_comes_first(folder: Path) -> None:
    (folder / "run_results.json").write_text("{")

    assert ingested("--endpoint", UNREACHABLE, "--fail-on", "error").exit_code == 2


@pytest.mark.usefixtures("named_store")
def test_a_gate_that_is_reached_ends_with_5_after_the_run_was_taken_in(folder: Path) -> None:
    result = ingested("--fail-on", "error")

    assert result.exit_code == 5
    assert "opened    #1" in result.stdout
    assert result.stderr.startswith("qalita ingest: --fail-on error: ")
    assert (ingested().exit_code, ingested("--dry-run", "--fail-on", "error").exit_code) == (0, 5)


@pytest.mark.usefixtures("named_store")
def test_new_issues_reach_the_gate_once(folder: Path) -> None:
    assert ingested("--fail-on", "new").exit_code == 5
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    assert ingested("--fail-on", "new").exit_code == 0


def test_a_server_that_is_not_qalita_is_said_in_one_line(folder: Path) -> None:
    with serving(lambda _call: (200, b"<html>")) as server:
        result = typed("mute", "1", "--until", "2999-01-01", "--endpoint", server.url)

    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
    assert "not QALITA's" in result.stderr
