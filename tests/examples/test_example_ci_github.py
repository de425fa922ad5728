"""The shell steps of the example for GitHub Actions run: here they do, on a real dbt project."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ci_jobs import GITHUB_VARIABLES, QALITA_TOKEN, SHA, Job, github, rows, served_sandbox, steps_of_github
from qalita_ingest.sandbox.access import Role, Tokens, signing_secret
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings
from server_process import free_port
from small_dbt import BAD, UNPARSABLE, write_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workspaces import Done


def expanded(values: Mapping[str, str], context: Mapping[str, str]) -> dict[str, str]:
    """What GitHub puts in the place of `${{ … }}`; an expression that the test does not know is an error."""
    return {
        name: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: context[found[1]], value) for name, value in values.items()
    }


def token_for(store: Path) -> str:
    """One that the server of this store knows."""
    database = open_database(Settings(store))
    issued = Tokens(database, signing_secret(store)[0]).issue("ci", Role.DATAENGINEER, now=datetime.now(UTC), days=1)
    database.close()
    return issued.token


def run_on_github(
    job: Job, endpoint: str = "", left_out: tuple[str, ...] = (), token: str = QALITA_TOKEN
) -> dict[str, Done]:
    """Every shell step but the installation, in turn, under its condition. Marketplace actions are left out."""
    context = {
        "vars.QALITA_AGENT_ENDPOINT": endpoint,
        "secrets.QALITA_AGENT_TOKEN": token,
        "github.event_name == 'pull_request' && 'ci' || 'prod'": "prod",
    }
    conditions = {None: False, "${{ always() && steps.dbt.outcome != 'skipped' }}": True}
    done: dict[str, Done] = {}
    for step in steps_of_github():
        if "run" not in step or step["name"] in {"Install", *left_out}:
            continue
        is_always = conditions[step.get("if")]
        if is_always or all(one.status == 0 for one in done.values()):
            variables = expanded(github()["env"] | step.get("env", {}), context)
            done[step["name"]] = job.bash(step["run"], **variables)
    return done


def test_a_good_build_on_github_is_taken_with_the_words_of_github(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", parsed=built_shop), GITHUB_VARIABLES)
    with served_sandbox(tmp_path / "server") as address:
        build, take = run_on_github(job, address, token=token_for(tmp_path / "server")).values()

    assert (build.status, take.status) == (0, 0), take.output
    columns = "environments.name, ci_provider, ci_url, job_id, git_sha, git_branch"
    page = "https://github.example.org/shop/dbt/actions/runs/9001"
    (row,) = job.runs(columns, tmp_path / "server")
    assert row[:2] == ("prod", "GitHub Actions")
    assert row[2].startswith(page)
    assert row[3:] == ("9001", SHA, "main")
    assert "passed" in job.summary.read_text().lower()


def test_a_failed_build_on_github_is_taken_annotated_and_fails_the_job(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD, parsed=built_shop), GITHUB_VARIABLES)
    with served_sandbox(tmp_path / "server") as address:
        token = token_for(tmp_path / "server")
        build, take = run_on_github(job, address, token=token).values()

    assert build.status == 1
    assert "::error " in take.stdout
    assert "accepted_values_orders_status" in job.summary.read_text()
    assert rows("select status, count(*) from results group by 1 order by 1", tmp_path / "server") == [
        ("failed", 1),
        ("passed", 2),
    ]
    # The gate: two of three is less than 95 %.
    assert take.status == 5, take.output
    assert token not in take.output + job.summary.read_text()


def test_a_project_that_dbt_can_not_parse_fails_the_job_with_one_line(tmp_path: Path, built_shop: Path) -> None:
    job = Job(write_project(tmp_path / "project", UNPARSABLE, parsed=built_shop), GITHUB_VARIABLES)

    build, take = run_on_github(job).values()

    assert build.status == 2
    assert take.status == 2
    assert len(take.stderr.strip().splitlines()) <= 3, take.stderr


def test_an_unreachable_server_keeps_the_run_for_the_next_job(tmp_path: Path, built_shop: Path) -> None:
    first = Job(write_project(tmp_path / "first" / "project"), GITHUB_VARIABLES)
    shutil.copytree(built_shop, first.folder / "target")
    second = Job(
        write_project(tmp_path / "second" / "project", parsed=built_shop), GITHUB_VARIABLES | {"GITHUB_RUN_ID": "9002"}
    )
    port = free_port()
    (take,) = run_on_github(first, f"http://127.0.0.1:{port}", left_out=("Build",)).values()
    assert take.status == 0, take.output
    assert "::warning title=QALITA::" in take.stdout

    # What actions/cache carries over: the path that both of its steps name.
    (carried,) = {step["with"]["path"] for step in steps_of_github() if "actions/cache" in step.get("uses", "")}
    shutil.copytree(first.folder / carried, second.folder / carried)
    with served_sandbox(tmp_path / "server", port) as address:
        _, take = run_on_github(second, address, token=token_for(tmp_path / "server")).values()

    assert take.status == 0, take.output
    assert second.runs("job_id", tmp_path / "server") == [("9001",), ("9002",)]
