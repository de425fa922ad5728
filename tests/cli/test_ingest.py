"""The command as users type it; real artifacts come from the example project, see tests/examples."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from qalita_ingest.cli.ingest import ingest
from qalita_ingest.formats import FORMATS
from servers import serving
from smallest_artifacts import METADATA, RESULTS, TEST, write_artifacts

UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_artifacts(tmp_path)
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


@pytest.mark.parametrize("more", [(), ("--select", "orders+"), ("--target", "prod")])
def test_a_command_without_the_dashes_is_told_where_it_belongs(folder: Path, more: tuple[str, ...]) -> None:
    result = typed("dbt", "--project", "air", "dbt", "build", *more)

    command = " ".join(["dbt", "build", *more])
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: dbt: write the command after --, e.g. -- {command}\n")


def test_other_content_under_the_same_name_is_rejected_with_exit_4(folder: Path) -> None:
    ingested("--run-id", "nightly")
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    result = ingested("--run-id", "nightly")

    assert result.exit_code == 4
    assert "delivered before with other content" in result.stderr


def test_issues_are_listed_and_muted(folder: Path) -> None:
    ingested()

    muted = typed("mute", "1", "--until", "2999-01-01", "--actor", "lead")

    assert muted.output == "muted until the end of 2999-01-01: #1 [QALITA] stg: not_null_stg_value\n"
    assert typed("issues").output == f"no open issues in {folder / '.qalita' / 'qalita.db'}\n"
    asked = typed("issues", "--project", "air", "--env", "prod", "--status", "all").output
    assert asked.startswith("no issues of project air, environment prod in ")
    assert "not_null_stg_value" in typed("issues", "--status", "muted").output
    assert json.loads(typed("issues", "--status", "all", "--format", "json").output)[0]["status"] == "muted"


def test_one_issue_tells_what_was_found_and_its_story(folder: Path) -> None:
    ingested()

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


def test_an_issue_is_commented_assigned_and_given_a_due_date(folder: Path) -> None:
    ingested()
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
def test_a_wish_for_an_issue_that_makes_no_sense_is_one_line(
    folder: Path, command: tuple[str, ...], expected: str
) -> None:
    ingested()

    result = typed(*command)

    assert (result.exit_code, result.stderr.endswith(expected)) == (2, True), result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("issues",),
        ("issue", "1"),
        ("comment", "1", "text"),
        ("assign", "1", "Ada"),
        ("due", "1", "2999-01-01"),
        ("mute", "1", "--until", "2999-01-01"),
        ("unmute", "1"),
    ],
)
def test_asking_for_issues_makes_no_store(folder: Path, command: tuple[str, ...]) -> None:
    result = typed(*command)

    database = folder / ".qalita" / "qalita.db"
    where = f"({database}): ingest a run first, or name the store with QALITA_STORE"
    assert (result.exit_code, result.stderr) == (2, f"qalita ingest: no QALITA store here yet {where}\n")
    assert not database.parent.exists()


def test_an_unknown_issue_is_bad_input(folder: Path) -> None:
    ingested()

    result = typed("mute", "7", "--until", "2999-01-01")

    assert (result.exit_code, result.stderr) == (2, "qalita ingest: there is no issue 7\n")


def test_a_day_in_the_past_is_bad_input(folder: Path) -> None:
    ingested()

    result = typed("mute", "1", "--until", "2001-01-01")

    assert result.exit_code == 2
    assert result.stderr.startswith("qalita ingest: until: expected today (UTC), a day or a time to come")


def test_a_dry_run_on_files_that_do_not_belong_together_says_so(folder: Path) -> None:
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace(TEST, "test.air.gone"))

    content = json.loads(ingested("--dry-run", "--format", "json").stdout)

    assert (content["mixed"], content["not_in_manifest"], content["counts"]["failed"]) == (True, ["test.air.gone"], 1)


def test_without_results_there_is_nothing_to_take(folder: Path) -> None:
    result = typed("dbt", "--manifest", "manifest.json", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "give --results or --sources" in result.stderr


def test_results_without_a_manifest_are_bad_input(folder: Path) -> None:
    result = typed("dbt", "--results", "run_results.json", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "give --manifest too, or --target-path" in result.stderr


def in_target(folder: Path, target: str = "target") -> None:
    (folder / target / "steps").mkdir(parents=True)
    for name in ("manifest.json", "run_results.json"):
        shutil.move(folder / name, folder / target / name)
    earlier = json.dumps(RESULTS).replace("i-1", "i-0").replace('"fail"', '"pass"')
    (folder / target / "steps" / "test.run_results.json").write_text(earlier)


SOURCES = {
    "metadata": METADATA | {"invocation_id": "i-2"},
    "results": [{"unique_id": "source.air.lake.raw", "status": "pass", "max_loaded_at": "2026-01-01T00:00:00Z"}],
}


def counts(*options: str) -> dict[str, int]:
    result = typed("dbt", "--project", "air", "--dry-run", "--format", "json", *options)
    assert result.exit_code == 0, result.output
    content: dict[str, int] = json.loads(result.stdout)["counts"]
    return content


def test_a_target_folder_gives_its_files_under_the_names_of_dbt_and_no_others(folder: Path) -> None:
    in_target(folder, "elsewhere")

    assert (counts("--target-path", "elsewhere")["failed"], counts("--target-path", "elsewhere")["passed"]) == (1, 0)


def test_freshness_in_the_target_folder_goes_along(folder: Path) -> None:
    in_target(folder)
    (folder / "target" / "sources.json").write_text(json.dumps(SOURCES))

    assert counts()["passed"] == 1


def test_freshness_alone_is_enough(folder: Path) -> None:
    in_target(folder)
    (folder / "target" / "run_results.json").unlink()
    (folder / "target" / "sources.json").write_text(json.dumps(SOURCES))

    assert counts()["passed"] == 1


def test_a_named_file_is_taken_instead_of_the_one_in_the_target_folder(folder: Path) -> None:
    in_target(folder)

    found = counts("--target-path", "target", "--results", "target/steps/test.run_results.json")

    assert (found["failed"], found["passed"]) == (0, 1)


def test_without_any_file_those_in_target_are_taken(folder: Path) -> None:
    in_target(folder)

    assert counts()["failed"] == 1


def test_from_a_folder_of_the_project_its_target_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_target(folder, "built")
    (folder / "dbt_project.yml").write_text("name: air\ntarget-path: built\n")
    (folder / "models").mkdir()
    monkeypatch.chdir(folder / "models")

    assert counts()["failed"] == 1


def test_a_folder_without_results_is_one_line(folder: Path) -> None:
    (folder / "target").mkdir()

    result = typed("dbt", "--project", "air")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "target: expected run_results.json or sources.json, found neither; run `dbt build` first" in result.stderr


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
def test_a_format_has_stdout_for_itself(folder: Path, output: str, options: tuple[str, ...]) -> None:
    result = ingested("--format", output, *options)

    assert WHOLE[output](result.stdout) is not None
    assert result.stderr == ""


def test_a_format_has_stdout_for_itself_when_qalita_is_not_reached(folder: Path) -> None:
    assert json.loads(ingested("--format", "json", "--endpoint", UNREACHABLE).stdout)["counts"]["failed"] == 1


def test_of_several_exit_codes_kept_in_the_outbox_comes_before_the_gate(folder: Path) -> None:
    result = ingested("--endpoint", UNREACHABLE, "--fail-on", "error")

    assert result.exit_code == 3
    assert "--fail-on error: " in result.stderr


def test_of_several_exit_codes_rejected_comes_before_the_gate(folder: Path) -> None:
    ingested("--run-id", "nightly")
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    result = ingested("--run-id", "nightly", "--fail-on", "error")

    assert result.exit_code == 4
    assert "--fail-on error: " in result.stderr


def test_of_several_exit_codes_bad_input_comes_first(folder: Path) -> None:
    (folder / "run_results.json").write_text("{")

    assert ingested("--endpoint", UNREACHABLE, "--fail-on", "error").exit_code == 2


def test_a_gate_that_is_reached_ends_with_5_after_the_run_was_taken_in(folder: Path) -> None:
    result = ingested("--fail-on", "error")

    assert result.exit_code == 5
    assert "opened    #1" in result.stdout
    assert result.stderr.startswith("qalita ingest: --fail-on error: ")
    assert (ingested().exit_code, ingested("--dry-run", "--fail-on", "error").exit_code) == (0, 5)


def test_new_issues_reach_the_gate_once(folder: Path) -> None:
    assert ingested("--fail-on", "new").exit_code == 5
    (folder / "run_results.json").write_text(json.dumps(RESULTS).replace("i-1", "i-2"))

    assert ingested("--fail-on", "new").exit_code == 0


def stored_context(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / ".qalita" / "qalita.db")) as store:
        store.row_factory = sqlite3.Row
        return dict(store.execute("select * from runs order by id desc limit 1").fetchone())


def test_the_context_of_a_run_in_a_ci_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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

    kept = stored_context(folder)
    assert (kept["git_sha"], kept["git_branch"], kept["job_id"]) == ("a" * 40, "topic", "nightly")
    assert (kept["ci_provider"], kept["user"]) == ("GitHub Actions", "octocat")
    assert kept["ci_url"] == "https://github.com/shop/data/actions/runs/77"


def test_the_target_of_dbt_can_be_named(folder: Path) -> None:
    ingested("--target", "prod")

    assert stored_context(folder)["target"] == "prod"


def test_an_error_hides_what_the_environment_calls_a_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter22")

    result = typed("dbt", "--target-path", "hunter22", "--project", "air")

    assert "/***: expected run_results.json" in result.stderr.replace("qalita ingest: ***", "/***")
    assert "hunter22" not in result.output


@pytest.mark.parametrize("command", [["qalita-ingest"], ["qalita", "ingest"]])
def test_the_installed_commands_answer(command: list[str]) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:], "--help"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: {' '.join(command)} ")


def test_a_python_of_the_environment_can_start_it_without_the_command() -> None:
    code = "import sys; from qalita_ingest.cli.qalita import main; sys.argv = ['qalita', 'ingest', '--help']; main()"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split(" [")[0]) == (0, "Usage: qalita ingest")


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
