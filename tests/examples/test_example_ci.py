"""The examples of example_ci/ are valid, and their shell steps run: here they do, on a real dbt project."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from cloud_stand_in import ACCOUNT, ERROR, PREPARING, TOKEN, Run, serving_cloud
from qalita_ingest.sandbox.access import Role, Tokens, signing_secret
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings
from server_process import free_port, server_process
from servers import Answer, Call, saying, serving
from small_dbt import BAD, UNPARSABLE, write_project
from workspaces import BIN, TOP, Done, clone

EXAMPLES = TOP / "example_ci"
SCRIPTS = sorted(EXAMPLES.glob("*/*.sh"))
# What proves this project, where it is hosted on GitHub.
OURS = EXAMPLES.parent / ".github" / "workflows" / "ci.yml"
GITHUB = EXAMPLES / "github-actions.yml"
GITLAB = EXAMPLES / "gitlab-ci.yml"
SHA = "0123456789abcdef0123456789abcdef01234567"
QALITA_TOKEN = "qalita-secret-of-the-test"
TIMEOUT_SECONDS = 180

# What the providers set: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
GITHUB_VARIABLES = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": SHA,
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REF_NAME": "main",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_RUN_ID": "9001",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_SERVER_URL": "https://github.example.org",
    "GITHUB_REPOSITORY": "shop/dbt",
    "GITHUB_ACTOR": "octocat",
}
# https://docs.gitlab.com/ci/variables/predefined_variables/
GITLAB_VARIABLES = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_BRANCH": "main",
    "CI_COMMIT_REF_NAME": "main",
    "CI_JOB_ID": "77",
    "CI_JOB_URL": "https://gitlab.example.org/shop/dbt/-/jobs/77",
    "GITLAB_USER_LOGIN": "tanuki",
}


@dataclass(frozen=True)
class Job:
    """A folder in which steps run, as a runner runs them."""

    folder: Path
    variables: Mapping[str, str]

    @property
    def summary(self) -> Path:
        return self.folder.parent / "summary.md"

    def bash(self, script: str, **more: str) -> Done:
        """As GitHub starts it: `bash --noprofile --norc -eo pipefail`; GitLab sets the same two options."""
        path = self.folder.parent / "step.sh"
        path.write_text(script)
        return self._done(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)], more)

    def script(self, *command: str | Path, **more: str) -> Done:
        return self._done([str(word) for word in command], more)

    def _done(self, command: list[str], more: dict[str, str]) -> Done:
        of_others = ("QALITA_", "DBT_", "MAKE", "GITHUB_", "GITLAB_", "CI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(of_others)}
        environment = kept | {
            "HOME": str(self.folder.parent),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "DO_NOT_TRACK": "1",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment | dict(self.variables) | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def runs(self, columns: str = "run_id", store: Path | None = None) -> list[tuple[Any, ...]]:
        table = "runs join environments on environments.id = runs.environment_id"
        return rows(f"select {columns} from {table} order by runs.id", store or self.folder / ".qalita")  # noqa: S608


def rows(query: str, store: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(store / "qalita.db")) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def served_sandbox(store: Path, port: int | None = None) -> Iterator[str]:
    """Served by uvicorn, as other web applications are; its address."""
    port = port or free_port()
    command = ("-m", "uvicorn", "qalita_ingest.sandbox.server:app", "--factory", "--port", str(port))
    with server_process(store, port, command) as server:
        yield server.url


# --- valid


@pytest.mark.parametrize(
    ("schema", "example"), [("github-workflows", GITHUB), ("github-workflows", OURS), ("gitlab-ci", GITLAB)], ids=str
)
def test_the_example_fits_the_schema_of_its_provider(schema: str, example: Path) -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", example]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def shell_code() -> dict[str, str]:
    """Name → code of everything in the examples that a shell runs."""
    github = {step["name"]: step["run"] for step in steps_of_github() if "run" in step}
    gitlab = {name: "\n".join(job_of_gitlab()[name]) for name in ("before_script", "script")}
    return {**github, **gitlab, **{path.name: path.read_text() for path in SCRIPTS}}


def test_shellcheck_finds_nothing_in_scripts_and_steps(tmp_path: Path) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed (apt install shellcheck)")
    for name, code in shell_code().items():
        path = tmp_path / f"{name.replace(' ', '_')}.sh"
        path.write_text(code if code.startswith("#!") else f"#!/bin/bash\n{code}")

    done = subprocess.run(["shellcheck", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False)

    assert len(list(tmp_path.iterdir())) == len(SCRIPTS) + 5
    assert done.returncode == 0, done.stdout


def test_no_step_of_github_puts_an_expression_into_its_shell_code() -> None:
    """What others may choose (a branch's name) must reach a shell as a variable, or it is run as code."""
    assert [step["name"] for step in steps_of_github() if "${{" in step.get("run", "")] == []


def test_only_the_step_that_sends_has_the_token() -> None:
    workflow = github()
    with_token = [step["name"] for step in steps_of_github() if "secrets." in str(step)]

    assert with_token == ["Take the results into QALITA"]
    assert "secrets." not in str({name: value for name, value in workflow.items() if name != "jobs"})


def test_both_install_the_same() -> None:
    (github_line,) = [step["run"] for step in steps_of_github() if step.get("name") == "Install"]

    assert github_line in job_of_gitlab()["before_script"]


@pytest.mark.network
@pytest.mark.slow
def test_the_install_steps_install_what_the_others_call(tmp_path: Path) -> None:
    """The repository is cloned from here; dbt comes from the package index."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    clone(tmp_path / "repository")
    job = Job(write_project(tmp_path / "project"), GITLAB_VARIABLES)
    path = f"{environment / 'bin'}:{os.environ['PATH']}"

    done = job.bash(
        "\n".join([*job_of_gitlab()["before_script"], "dbt build", "qalita ingest dbt --target-path target"]),
        PATH=path,
        QALITA_INGEST_REPOSITORY=(tmp_path / "repository").as_uri(),
        QALITA_PROJECT="shop",
    )

    assert done.status == 0, done.output
    assert job.runs("ci_provider") == [("GitLab CI",)]


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a real `dbt build` with a failed test leaves behind."""
    job = Job(write_project(tmp_path_factory.mktemp("dbt") / "project", BAD), {})
    assert job.bash("dbt build").status == 1
    return {path.name: path.read_bytes() for path in (job.folder / "target").glob("*.json")}


# --- GitHub Actions


def github() -> dict[str, Any]:
    return yaml.safe_load(GITHUB.read_text(encoding="utf-8"))


def steps_of_github() -> list[dict[str, Any]]:
    return github()["jobs"]["build"]["steps"]


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


def test_a_good_build_on_github_is_taken_with_the_words_of_github(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project"), GITHUB_VARIABLES)
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


def test_a_failed_build_on_github_is_taken_annotated_and_fails_the_job(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD), GITHUB_VARIABLES)
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


def test_a_project_that_dbt_can_not_parse_fails_the_job_with_one_line(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project", UNPARSABLE), GITHUB_VARIABLES)

    build, take = run_on_github(job).values()

    assert build.status == 2
    assert take.status == 2
    assert len(take.stderr.strip().splitlines()) <= 3, take.stderr


def test_an_unreachable_server_keeps_the_run_for_the_next_job(tmp_path: Path, artifacts: dict[str, bytes]) -> None:
    first = Job(write_project(tmp_path / "first" / "project"), GITHUB_VARIABLES)
    (first.folder / "target").mkdir()
    for name, content in artifacts.items():
        (first.folder / "target" / name).write_bytes(content)
    second = Job(write_project(tmp_path / "second" / "project"), GITHUB_VARIABLES | {"GITHUB_RUN_ID": "9002"})
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


# --- GitLab CI


def job_of_gitlab() -> dict[str, Any]:
    return yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["dbt"]


def run_on_gitlab(job: Job, **more: str) -> Done:
    """The script of the job; the installation has a test of its own."""
    variables = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["variables"]
    of_rule = job_of_gitlab()["rules"][1]["variables"]
    return job.bash("\n".join(job_of_gitlab()["script"]), **variables | of_rule | more)


def test_a_failed_build_on_gitlab_is_taken_and_ends_as_dbt_ended(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD), GITLAB_VARIABLES)

    done = run_on_gitlab(job)

    assert done.status == 1, done.output
    assert job.runs("environments.name, ci_provider, ci_url, job_id, git_sha, git_branch") == [
        ("prod", "GitLab CI", GITLAB_VARIABLES["CI_JOB_URL"], "77", SHA, "main")
    ]
    reports = job_of_gitlab()["artifacts"]["reports"]
    (finding,) = json.loads((job.folder / reports["codequality"]).read_text())
    assert "accepted_values_orders_status" in finding["description"]
    junit = ET.parse(job.folder / reports["junit"])  # noqa: S314 (our own)
    assert junit.find(".//failure") is not None


def test_the_gate_on_gitlab_fails_a_job_whose_dbt_only_warned(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project", BAD, severity="warn"), GITLAB_VARIABLES)

    assert run_on_gitlab(job).status == 5
    # The issue is known now.
    assert run_on_gitlab(job).status == 0


def test_a_run_that_gitlab_could_not_deliver_is_where_its_cache_takes_it(tmp_path: Path) -> None:
    job = Job(write_project(tmp_path / "project"), GITLAB_VARIABLES)

    done = run_on_gitlab(job, QALITA_AGENT_ENDPOINT=f"http://127.0.0.1:{free_port()}")

    assert done.status in job_of_gitlab()["allow_failure"]["exit_codes"], done.output
    (cached,) = job_of_gitlab()["cache"]["paths"]
    assert len(list((job.folder / cached).rglob("*.json.gz"))) == 1


# --- dbt Cloud


def cloud_variables(url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DBT_CLOUD_API_TOKEN": TOKEN,
        "DBT_CLOUD_HOST": url,
        "DBT_CLOUD_ACCOUNT_ID": ACCOUNT,
        "DBT_CLOUD_JOB": "7",
        "QALITA_PROJECT": "shop",
        "QALITA_STORE": str(tmp_path / "store"),
    }


def test_the_script_for_dbt_cloud_takes_failed_runs_and_counts_none_twice(
    tmp_path: Path, artifacts: dict[str, bytes]
) -> None:
    run = Run(5, ERROR, steps={name: {} for name in PREPARING} | {"dbt build": artifacts})
    script = EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh"
    (tmp_path / "anywhere").mkdir()
    with serving_cloud(run) as cloud:
        job = Job(tmp_path / "anywhere", cloud_variables(cloud.server.url, tmp_path))
        first, second = job.script(script), job.script(script)

    assert (first.status, second.status) == (0, 0), first.output
    assert "already delivered on " in second.stdout
    assert job.runs("run_id, environments.name, ci_provider, job_id", tmp_path / "store") == [
        ("dbt-cloud-5", "prod", "dbt Cloud", "5")
    ]
    assert rows("select count(*) from results where status = 'failed'", tmp_path / "store") == [(1,)]


def test_the_script_for_dbt_cloud_keeps_what_it_can_not_deliver(tmp_path: Path, artifacts: dict[str, bytes]) -> None:
    with serving_cloud(Run(5, ERROR, steps={"dbt build": artifacts})) as cloud:
        variables = cloud_variables(cloud.server.url, tmp_path)
        job = Job(tmp_path, variables | {"QALITA_AGENT_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
        done = job.script(EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh")

    assert done.status == 0, done.output
    assert "kept in the outbox" in done.stderr
    assert len(list((tmp_path / "store").rglob("*.json.gz"))) == 1


@pytest.mark.parametrize("missing", ["DBT_CLOUD_API_TOKEN", "DBT_CLOUD_HOST", "DBT_CLOUD_JOB", "QALITA_PROJECT"])
def test_the_script_for_dbt_cloud_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    variables = cloud_variables("ab123.us1.dbt.com", tmp_path)
    job = Job(tmp_path, {name: value for name, value in variables.items() if name != missing})

    done = job.script(EXAMPLES / "dbt-cloud" / "fetch_and_ingest.sh")

    assert done.status == 2
    assert f"{missing}: set it to" in done.stderr


# --- plain curl

CURL = EXAMPLES / "curl" / "send_run.sh"
ORDERS = "order_id,customer_id,amount\n1,7,10.5\n2,,3.0\n3,,8.2\n4,9,1.0\n"


def curl_job(folder: Path, endpoint: str, content: str = ORDERS, **more: str) -> Job:
    (folder / "orders.csv").write_text(content)
    variables = {"QALITA_AGENT_ENDPOINT": endpoint, "QALITA_PROJECT": "shop", "QALITA_ENV": "prod"}
    return Job(folder, variables | more)


def answers(done: Done) -> tuple[Any, Any]:
    """What the server said to the run, and its open issues."""
    run, issues = done.stdout.strip().splitlines()
    return json.loads(run), json.loads(issues)


def test_curl_sends_a_run_that_the_server_scores_and_opens_an_issue_for(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        done = curl_job(tmp_path, address, GIT_SHA=SHA).script(CURL, "orders.csv", "customer_id")

    run, issues = answers(done)
    assert done.status == 0, done.output
    assert (run["outcome"], run["new_results"]) == ("accepted", 1)
    assert [issue["title"] for issue in issues] == ["[QALITA] orders: not_null_orders_customer_id"]
    assert rows("select status, failures from results", tmp_path / "server") == [("failed", 2)]
    assert rows("select git_sha, tool from runs", tmp_path / "server") == [(SHA, "curl")]


def test_curl_sends_the_same_file_twice_and_it_counts_once(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        job = curl_job(tmp_path, address)
        first, second = (answers(job.script(CURL, "orders.csv", "customer_id"))[0] for _ in range(2))

    assert second["run"] == first["run"]
    assert rows("select count(*) from results", tmp_path / "server") == [(1,)]


def test_a_mended_file_resolves_the_issue_of_curl(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        curl_job(tmp_path, address).script(CURL, "orders.csv", "customer_id")
        time.sleep(1.1)  # the run's time has whole seconds
        done = curl_job(tmp_path, address, ORDERS.replace(",,", ",8,")).script(CURL, "orders.csv", "customer_id")

    run, issues = answers(done)
    assert [change["title"] for change in run["resolved"]] == ["[QALITA] orders: not_null_orders_customer_id"]
    assert issues == []


def test_the_token_of_curl_is_sent_and_in_no_process_list(tmp_path: Path) -> None:
    seen: list[str] = []

    def look_around(_call: Call) -> Answer:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                seen.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return 201, b"{}"

    with serving(look_around) as server:
        done = curl_job(tmp_path, server.url, QALITA_AGENT_TOKEN=QALITA_TOKEN).script(CURL, "orders.csv", "customer_id")

    assert done.status == 0, done.output
    assert [call.headers["authorization"] for call in server.calls] == [f"Bearer {QALITA_TOKEN}"] * 2
    assert any("curl --config -" in line for line in seen)
    assert [line for line in seen if QALITA_TOKEN in line] == []


def test_curl_tries_again_when_the_server_is_busy(tmp_path: Path) -> None:
    with serving(saying(503, 201)) as server:
        done = curl_job(tmp_path, server.url).script(CURL, "orders.csv", "customer_id")

    posts = [call for call in server.calls if call.method == "POST"]
    assert done.status == 0, done.output
    assert len(posts) == 2
    assert len({call.headers["idempotency-key"] for call in posts}) == 1


def test_a_refusal_is_printed_and_ends_with_an_error(tmp_path: Path) -> None:
    with serving(lambda _call: (401, b'{"detail": "token expired"}')) as server:
        done = curl_job(tmp_path, server.url).script(CURL, "orders.csv", "customer_id")

    assert done.status == 22
    assert "token expired" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        (("orders.csv", "nowhere"), {}, "orders.csv: has no column nowhere"),
        (("orders.csv", "customer_id"), {"QALITA_PROJECT": 'a"b'}, 'a"b: letters, digits'),
        (
            ("orders.csv", "customer_id"),
            {"QALITA_AGENT_TOKEN": 'x"\nurl = "http://other'},
            "characters that no token has",
        ),
        ((), {}, "usage: send_run.sh FILE.csv COLUMN"),
        (("orders.csv",), {}, "usage: send_run.sh FILE.csv COLUMN"),
        (("nowhere.csv", "customer_id"), {}, "send_run: nowhere.csv: no such file, or not readable; usage: "),
    ],
)
def test_what_curl_can_not_send_is_said_before_anything_is_sent(
    tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], message: str
) -> None:
    with serving(lambda _call: (201, b"{}")) as server:
        done = curl_job(tmp_path, server.url, **more).script(CURL, *arguments)

    assert done.status == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert server.calls == []
