"""The command as users type it; real artifacts come from the example project, see tests/examples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from qalita_ingest.cli.ingest import ingest
from servers import serving

METADATA = {"invocation_id": "i-1", "generated_at": "2026-01-01T00:00:00Z", "dbt_version": "1.11.16"}
TEST = "test.air.not_null_stg_value"
MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "air", "adapter_type": "duckdb"},
    "nodes": {
        "model.air.stg": {"unique_id": "model.air.stg", "name": "stg", "resource_type": "model"},
        TEST: {
            "unique_id": TEST,
            "name": "not_null_stg_value",
            "resource_type": "test",
            "attached_node": "model.air.stg",
        },
    },
}
RESULTS: dict[str, Any] = {"metadata": METADATA, "results": [{"unique_id": TEST, "status": "fail", "failures": 3}]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("QALITA_STORE", "QALITA_AGENT_ENDPOINT", "QALITA_API_URL", "QALITA_PROJECT", "QALITA_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "run_results.json").write_text(json.dumps(RESULTS))
    return tmp_path


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(ingest, list(arguments))


def ingested(*more: str) -> Result:
    return typed(
        "dbt", "--manifest", "manifest.json", "--results", "run_results.json", "--project", "air", "--env", "dev", *more
    )


def test_a_run_is_kept_and_its_failure_shown_as_an_issue(folder: Path) -> None:
    result = ingested()

    assert result.exit_code == 0, result.output
    assert "passed 0 · warning 0 · failed 1" in result.output
    assert "opened    #1 [QALITA] stg: not_null_stg_value (high)" in result.output
    assert str(folder / ".qalita" / "qalita.db") in result.output
    assert "qalita ingest issues --project air --env dev" in result.output


def test_the_second_time_it_says_when_it_was_delivered(folder: Path) -> None:
    ingested()

    result = ingested()

    assert result.exit_code == 0
    assert "already delivered on " in result.output
    assert "opened" not in result.output


def test_json_is_alone_on_stdout_and_carries_the_answer(folder: Path) -> None:
    content = json.loads(ingested("--format", "json").stdout)

    assert content["counts"]["failed"] == 1
    assert content["delivery"]["opened"][0]["title"] == "[QALITA] stg: not_null_stg_value"


def test_a_dry_run_counts_and_writes_nothing(folder: Path) -> None:
    before = sorted(folder.rglob("*"))

    result = ingested("--dry-run", "--format", "json")

    assert json.loads(result.stdout)["counts"]["failed"] == 1
    assert "failed 1" in ingested("--dry-run").output
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("manifest.json", None, "manifest.json: no such file"),
        ("manifest.json", '{"nodes": {', "manifest.json: not complete JSON"),
        ("manifest.json", '{"name": "a-package"}', "manifest.json: field nodes: expected"),
        ("run_results.json", None, "run_results.json: no such file"),
        ("run_results.json", json.dumps(RESULTS)[:-20], "run_results.json: not complete JSON"),
        ("run_results.json", '[{"some": "export"}]', "run_results.json: field the file: expected `object`"),
        ("run_results.json", json.dumps(RESULTS).replace(TEST, "test.air.gone"), "do not belong together"),
    ],
)
def test_bad_artifacts_are_one_line_exit_2_and_nothing_written(
    folder: Path, name: str, content: str | None, expected: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    before = sorted(folder.rglob("*"))

    result = ingested()

    assert result.exit_code == 2
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert expected in result.stderr
    assert sorted(folder.rglob("*")) == before


def test_endpoints_that_differ_are_one_line_and_exit_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("QALITA_API_URL", "http://127.0.0.1:10")

    result = ingested()

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_an_unreachable_server_keeps_the_run_and_exits_3(folder: Path) -> None:
    result = ingested("--endpoint", "http://127.0.0.1:9")

    assert result.exit_code == 3
    assert "could not be reached at http://127.0.0.1:9" in result.stderr
    assert "the run is kept and goes with the next ingest" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "failed 1" in result.stdout
    assert len(list((folder / ".qalita" / "outbox" / "127.0.0.1_9" / "pending").iterdir())) == 1


def test_other_content_under_the_same_name_is_rejected_with_exit_4(folder: Path) -> None:
    ingested("--run-id", "nightly")
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    result = ingested("--run-id", "nightly")

    assert result.exit_code == 4
    assert "delivered before with other content" in result.stderr


def test_issues_are_listed_and_muted(folder: Path) -> None:
    ingested()

    muted = typed("mute", "1", "--until", "2999-01-01", "--actor", "lead")

    assert muted.output == "muted until 2999-01-01: #1 [QALITA] stg: not_null_stg_value\n"
    assert typed("issues").output == "no open issues\n"
    assert "not_null_stg_value" in typed("issues", "--status", "muted").output
    assert json.loads(typed("issues", "--status", "all", "--format", "json").output)[0]["status"] == "muted"


def test_a_muted_issue_speaks_again_on_request(folder: Path) -> None:
    ingested()
    typed("mute", "1", "--until", "2999-01-01")

    assert typed("unmute", "#1").output == "speaks again: #1 [QALITA] stg: not_null_stg_value\n"
    assert "not_null_stg_value" in typed("issues").output
    assert typed("unmute", "1").stderr == "qalita ingest: issue 1 is not muted\n"
    assert typed("unmute", "one").exit_code == 2


def test_a_check_that_two_files_hold_is_shown_once_with_its_last_outcome(folder: Path) -> None:
    again = json.dumps(RESULTS).replace("i-1", "i-2").replace('"fail"', '"warn"')
    (folder / "again.json").write_text(again)

    result = ingested("--results", "again.json")

    assert "warning 1 · failed 1" in result.output
    assert "1 of these are of checks that ran more than once" in result.output
    assert "\nfailed " not in result.output


def test_an_unknown_issue_is_bad_input(folder: Path) -> None:
    result = typed("mute", "7", "--until", "2999-01-01")

    assert (result.exit_code, result.stderr) == (2, "qalita ingest: there is no issue 7\n")


def test_a_day_in_the_past_is_bad_input(folder: Path) -> None:
    ingested()

    result = typed("mute", "1", "--until", "2001-01-01")

    assert result.exit_code == 2
    assert result.stderr.startswith("qalita ingest: until: expected a time to come")


def test_a_dry_run_on_files_that_do_not_belong_together_says_so(folder: Path) -> None:
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace(TEST, "test.air.gone"))

    content = json.loads(ingested("--dry-run", "--format", "json").stdout)

    assert (content["mixed"], content["not_in_manifest"], content["counts"]["failed"]) == (True, ["test.air.gone"], 1)


def test_without_results_there_is_nothing_to_take(folder: Path) -> None:
    result = typed("dbt", "--manifest", "manifest.json", "--project", "air")

    assert result.exit_code == 2
    assert "give --results or --sources" in result.stderr


@pytest.mark.parametrize("below", ["", "example_dbt", "notebooks", "a/b/c"])
def test_everywhere_in_a_workspace_it_is_the_same_store(
    folder: Path, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".qalita-workspace").touch()
    (folder / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder / below)

    result = typed(
        "dbt",
        "--manifest",
        str(folder / "manifest.json"),
        "--results",
        str(folder / "run_results.json"),
        "--project",
        "air",
    )

    assert f"Store   {folder / '.qalita' / 'qalita.db'}" in result.output


def test_qalita_store_names_another_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "elsewhere")

    ingested()

    assert (folder / "elsewhere" / "qalita.db").exists()


def test_help_imports_neither_server_nor_database(folder: Path) -> None:
    code = (
        "import sys, click.testing; from qalita_ingest.cli.ingest import ingest;"
        "click.testing.CliRunner().invoke(ingest, ['dbt', '--help']);"
        "print([name for name in ('fastapi', 'sqlalchemy', 'httpx2', 'rich', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_names_that_look_like_markup_are_printed_as_they_are(folder: Path) -> None:
    for name in ("manifest.json", "run_results.json"):
        (folder / name).write_text((folder / name).read_text().replace("not_null_stg_value", "[/red]uniq[critical]"))

    result = ingested()

    assert result.exit_code == 0, result.output
    assert "[/red]uniq[critical]" in result.output
    assert "[/red]uniq[critical]" in typed("issues").output


@pytest.mark.parametrize("blank", [("--project", ""), ("--env", " ")])
def test_a_blank_name_is_refused(folder: Path, blank: tuple[str, str]) -> None:
    result = ingested(*blank)

    assert result.exit_code == 2
    assert not (folder / ".qalita").exists()


def test_a_store_whose_name_is_odd_is_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "st?re #1 %d")

    assert ingested().exit_code == 0
    assert (folder / "st?re #1 %d" / "qalita.db").exists()


def test_a_home_folder_of_nobody_is_bad_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_STORE", "~nobody-of-that-name/store")

    result = ingested()

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_server_that_is_not_qalita_is_said_in_one_line(folder: Path) -> None:
    with serving(lambda _call: (200, b"<html>")) as server:
        result = typed("mute", "1", "--until", "2999-01-01", "--endpoint", server.url)

    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
    assert "not QALITA's" in result.stderr
