"""What a learner does, in the order in which he does it, and what must be true afterwards.

The tests share one clone and run in this order: `make test` gives a file to one worker (--dist loadfile).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from qalita_ingest.sandbox.settings import Settings
from store_dump import full_dump, state_by_natural_keys
from workspaces import Done, Workspace, git

if TYPE_CHECKING:
    from postgresql_server import PostgresqlServer

pytestmark = pytest.mark.slow

# dbt's words → the summary's, for a run that executed everything: written down here, not taken from the library.
WORDS = {"pass": "passed", "warn": "warning", "fail": "failed", "error": "error", "skipped": "skipped"}
FRESHNESS_WORDS = {"pass": "passed", "warn": "warning", "error": "failed", "runtime error": "error"}
DBT_INGEST = (
    "qalita",
    "ingest",
    "dbt",
    "--manifest",
    "target/manifest.json",
    "--project",
    "opendata_dbt",
    "--env",
    "dev",
)
ONE_FILE = (*DBT_INGEST, "--results", "target/run_results.json")


def printed_counts(output: str) -> dict[str, int]:
    (line,) = re.findall(r"^Checks +(.*?) *$", output, re.MULTILINE)
    parts = (part.rsplit(" ", 1) for part in line.split(" · "))
    return {name: int(number) for name, number in parts}


def plain_count(workspace: Workspace) -> Counter[str]:
    """Over dbt's own files, with json and Counter alone."""
    counted: Counter[str] = Counter()
    for path in workspace.steps.glob("*.run_results.json"):
        for row in json.loads(path.read_bytes())["results"]:
            if row["unique_id"].startswith(("test.", "unit_test.")):
                counted[WORDS[row["status"]]] += 1
    for row in json.loads((workspace.steps / "sources.json").read_bytes())["results"]:
        counted[FRESHNESS_WORDS[row["status"]]] += 1
    return counted


def open_issues(workspace: Workspace, environment: str, status: str = "open") -> set[str]:
    done = workspace.run("qalita", "ingest", "issues", "--env", environment, "--status", status, "--format", "json")
    return {issue["title"] for issue in json.loads(done.stdout)}


def test_make_all_is_green_and_ends_with_a_summary(cloned: tuple[Workspace, Done]) -> None:
    workspace, done = cloned

    assert done.status == 0, done.output
    for word in ("Checks", "Steps", "Score by dimension", "completeness", "opened", "Issues", "Store", "Next"):
        assert word in done.stdout
    assert str(workspace.store) in done.stdout
    assert (workspace.folder / "example_dbt" / "opendata.duckdb").exists()


def test_nothing_is_written_into_the_home_folder(cloned: tuple[Workspace, Done]) -> None:
    assert list(cloned[0].home.rglob("*.yml")) == []


def test_git_sees_nothing_of_what_was_produced(workspace: Workspace) -> None:
    assert workspace.run("git", "status", "--short").stdout == ""


def test_the_summary_equals_a_plain_count_over_the_artifacts(cloned: tuple[Workspace, Done]) -> None:
    workspace, done = cloned

    printed = {name: number for name, number in printed_counts(done.stdout).items() if number}
    assert printed == dict(plain_count(workspace))
    assert printed["passed"] > 30
    assert printed["warning"] > 0


@pytest.mark.parametrize("readme", ["README.md", "README.fr.md"])
def test_the_readme_shows_what_is_printed(cloned: tuple[Workspace, Done], readme: str) -> None:
    workspace, done = cloned
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    shown = re.search(
        r"^QALITA  project.*?^Issues .*?$", (workspace.folder / readme).read_text(), re.MULTILINE | re.DOTALL
    )

    assert shown
    for line in shown[0].splitlines():
        # The commit and the time are the reader's own.
        if line and line != "…" and not line.startswith("Run "):
            assert line.rstrip() in printed


def test_every_finding_of_dbt_is_an_open_issue(workspace: Workspace) -> None:
    findings = {
        row["unique_id"].split(".")[2]
        for row in json.loads((workspace.steps / "test.run_results.json").read_bytes())["results"]
        if row["status"] in {"warn", "fail", "error"}
    }

    assert {title.rpartition(": ")[2] for title in open_issues(workspace, "dev")} == findings


def test_ingest_again_counts_nothing_twice(workspace: Workspace) -> None:
    before = full_dump(workspace.store)

    done = workspace.make("ingest")

    assert done.status == 0
    assert "already delivered on" in done.stdout
    assert full_dump(workspace.store) == before


def test_the_one_file_command_typed_in_example_dbt_counts_nothing_twice(workspace: Workspace) -> None:
    before = full_dump(workspace.store)

    done = workspace.run(*ONE_FILE, inside="example_dbt")

    assert (done.status, "already delivered on" in done.stdout) == (0, True)
    assert str(workspace.store) in done.stdout
    assert full_dump(workspace.store) == before


def test_the_same_files_after_a_new_commit_count_nothing_twice(workspace: Workspace) -> None:
    before = full_dump(workspace.store)
    git(workspace.folder, "commit", "--allow-empty", "-q", "-m", "a new commit")

    done = workspace.make("ingest", inside="example_dbt")

    assert (done.status, "already delivered on" in done.stdout) == (0, True), done.output
    assert full_dump(workspace.store) == before


@pytest.mark.parametrize("inside", [".", "example_dbt", "notebooks", "example_dbt/models"])
def test_everywhere_below_the_top_it_is_the_same_store(workspace: Workspace, inside: str) -> None:
    (workspace.folder / inside).mkdir(exist_ok=True)

    done = workspace.run("qalita", "ingest", "issues", "--format", "json", inside=inside)

    assert len(json.loads(done.stdout)) > 0
    assert list(workspace.folder.rglob(".qalita/qalita.db")) == [workspace.store]


def test_another_project_and_environment_can_be_named(workspace: Workspace) -> None:
    done = workspace.run("scripts/ingest_dbt.sh", QALITA_PROJECT="elsewhere", QALITA_ENV="prod")

    assert "project elsewhere, environment prod" in done.stdout


def test_a_secret_given_to_dbt_is_in_no_byte_of_the_store(workspace: Workspace) -> None:
    variables = {"DBT_PROFILES_DIR": ".", "QALITA_AGENT_TOKEN": "planted-token", "DB_PASSWORD": "planted-password"}
    # A target folder of its own: variables make dbt parse everything again, and so does their absence afterwards.
    typed = ("--select", "stg_stations", "--vars", '{"token": "planted-vars"}', "--target-path", "target/apart")
    workspace.run("dbt", "test", *typed, inside="example_dbt", **variables)
    # dbt itself writes it down: the trap is real.
    assert "planted-vars" in (workspace.folder / "example_dbt" / "target/apart/run_results.json").read_text()

    one_file = [word.replace("target/", "target/apart/") for word in ONE_FILE]
    done = workspace.run(*one_file, inside="example_dbt", **variables)

    assert done.status == 0, done.output
    assert "planted" not in done.output
    for path in (workspace.folder / ".qalita").rglob("*"):
        assert path.is_dir() or b"planted" not in path.read_bytes(), path


def test_postgresql_takes_the_same_files_and_tells_the_same(workspace: Workspace, postgresql: PostgresqlServer) -> None:
    listing = ("qalita", "ingest", "issues", "--format", "json")
    with postgresql.empty_database() as url:
        fresh = Settings(workspace.folder.parent / "fresh")
        ways = {
            url: {"QALITA_DATABASE_URL": url.render_as_string(hide_password=False)},
            fresh.database_url: {"QALITA_STORE": str(fresh.store)},
        }
        done = [workspace.make("ingest", **way) for way in ways.values()]
        assert [one.status for one in done] == [0, 0], done[0].output
        again = workspace.make("ingest", **ways[url])
        issues = [json.loads(workspace.run(*listing, **way).stdout) for way in ways.values()]
        results = [state_by_natural_keys(store)["results"] for store in ways]

    assert printed_counts(done[0].stdout) == printed_counts(done[1].stdout)
    assert "already delivered" in again.output
    assert results[0] == results[1]
    assert issues[0] == issues[1]
    assert len(issues[0]) > 0


def test_demo_opens_issues_and_resolves_the_same_ones_and_leaves_the_learners_alone(workspace: Workspace) -> None:
    database = workspace.folder / "example_dbt" / "opendata.duckdb"
    before = hashlib.sha256(database.read_bytes()).hexdigest(), open_issues(workspace, "dev")

    done = workspace.make("demo")

    assert done.status == 0, done.output
    opened = re.findall(r"^  opened +#(\d+)", done.stdout.split("2/3")[1], re.MULTILINE)
    resolved = re.findall(r"^  resolved +#(\d+)", done.stdout.split("3/3")[1], re.MULTILINE)
    assert len(opened) >= 4
    assert opened == resolved
    good, bad, again = (float(score) for score in re.findall(r"score +([\d.]+) %", done.stdout))
    assert bad < good == again
    assert (hashlib.sha256(database.read_bytes()).hexdigest(), open_issues(workspace, "dev")) == before
    assert workspace.run("git", "status", "--short").stdout == ""


def test_demo_can_be_repeated_and_reopens_the_same_issues(workspace: Workspace) -> None:
    issues = open_issues(workspace, "demo", "all")

    done = workspace.make("demo")

    assert done.status == 0, done.output
    assert "reopened" in done.stdout
    assert open_issues(workspace, "demo", "all") == issues


def test_targets_named_together_run_in_order_under_j4(workspace: Workspace) -> None:
    done = workspace.make("-j4", "ingest", "test-data", "run", "seed")

    assert done.status == 0, done.output
    order = [done.stdout.index(f"=== {step}") for step in ("seed", "run", "test", "freshness")]
    assert sorted(order) == order
    assert done.stdout.index("Score by dimension") > order[-1]


def test_failed_checks_are_ingested_and_end_make_with_an_error(workspace: Workspace) -> None:
    seed = workspace.folder / "example_dbt" / "seeds" / "opendata_airquality.csv"
    good = seed.read_text()
    lines = good.splitlines(keepends=True)
    seed.write_text("".join(lines[:1] + [line.replace(",kg/m3,", ",furlongs,") for line in lines[1:]]))
    try:
        done = workspace.make("all")
    finally:
        seed.write_text(good)

    assert done.status != 0
    assert "Some checks failed" in done.stdout
    assert printed_counts(done.stdout)["failed"] > 0
    assert re.search(r"^opened +#\d+ \[QALITA\] .* \(high\)", done.stdout, re.MULTILINE)


def test_the_good_data_again_resolves_them(workspace: Workspace) -> None:
    done = workspace.make("all")

    assert done.status == 0, done.output
    assert re.search(r"^resolved +#\d+ \[QALITA\]", done.stdout, re.MULTILINE)


def test_an_unreachable_server_keeps_the_run_and_make_all_goes_on(workspace: Workspace) -> None:
    done = workspace.make("ingest", QALITA_AGENT_ENDPOINT="http://127.0.0.1:9")

    assert done.status == 0
    assert "the run is kept" in done.stderr
    shutil.rmtree(workspace.folder / ".qalita" / "outbox" / "127.0.0.1_9")


def test_a_dbt_that_cannot_run_stops_make_all_before_ingest(workspace: Workspace) -> None:
    project = workspace.folder / "example_dbt" / "dbt_project.yml"
    good = project.read_text()
    before = full_dump(workspace.store)
    project.write_text("name: [")
    try:
        done = workspace.make("all")
    finally:
        project.write_text(good)

    assert done.status != 0
    assert "dbt_steps: " in done.stderr
    assert "Checks" not in done.stdout
    assert full_dump(workspace.store) == before


def test_a_bad_csv_stops_make_all_and_leaves_database_and_store(workspace: Workspace) -> None:
    seed = workspace.folder / "example_dbt" / "seeds" / "opendata_airquality.csv"
    good, database = seed.read_text(), workspace.folder / "example_dbt" / "opendata.duckdb"
    before = full_dump(workspace.store), hashlib.sha256(database.read_bytes()).hexdigest()
    seed.write_text(good.replace(",5.242e-08,", ",a lot,", 1))
    try:
        done = workspace.make("all")
    finally:
        seed.write_text(good)

    assert done.status != 0
    (line,) = [line for line in done.stderr.splitlines() if "a lot" in line]
    assert re.search(r"opendata_airquality\.csv, line \d+, column value", line)
    assert (full_dump(workspace.store), hashlib.sha256(database.read_bytes()).hexdigest()) == before


def test_clean_removes_what_was_produced_and_keeps_the_store(workspace: Workspace) -> None:
    done = workspace.make("clean")

    assert done.status == 0
    assert not (workspace.folder / "example_dbt" / "target").exists()
    assert not (workspace.folder / "example_dbt" / "opendata.duckdb").exists()
    assert workspace.store.exists()


def test_make_alone_prints_the_targets_in_the_order_of_use(workspace: Workspace) -> None:
    done = workspace.make()

    targets = re.findall(r"^  ([a-z-]+) ", done.stdout, re.MULTILINE)
    assert targets[:8] == ["help", "all", "env", "seed", "run", "test-data", "ingest", "issues"]
