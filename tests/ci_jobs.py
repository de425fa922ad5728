"""Steps of example_ci/, run in a folder as a runner runs them, with the variables that its provider sets."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from server_process import free_port, server_process
from workspaces import BIN, TOP, Done

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EXAMPLES = TOP / "example_ci"
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


def github() -> dict[str, Any]:
    return yaml.safe_load(GITHUB.read_text(encoding="utf-8"))


def steps_of_github() -> list[dict[str, Any]]:
    return github()["jobs"]["build"]["steps"]


def job_of_gitlab() -> dict[str, Any]:
    return yaml.safe_load(GITLAB.read_text(encoding="utf-8"))["dbt"]
