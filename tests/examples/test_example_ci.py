"""The examples of example_ci/ are valid, and install what they call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci_jobs import EXAMPLES, GITHUB, GITLAB, GITLAB_VARIABLES, Job, github, job_of_gitlab, steps_of_github
from small_dbt import write_project
from workspaces import BIN, clone

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = sorted(EXAMPLES.glob("*/*.sh"))
# What proves this project, where it is hosted on GitHub.
OURS = EXAMPLES.parent / ".github" / "workflows" / "ci.yml"


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
